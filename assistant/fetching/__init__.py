"""Papers that the reader asks services for: what names them, whom to ask, and the asking.
Everything that comes is handed to the readers of the store as the source it is.
Nothing is asked that the reader did not name, and no model is asked here.
"""
