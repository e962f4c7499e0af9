"""What turns texts into vectors, behind one seam (`base`): built in, fetched, or given.
Here stands which one a library uses, and which of its papers lack vectors.
No search, and no call to a service: that is an adapter of the assistant.
"""
