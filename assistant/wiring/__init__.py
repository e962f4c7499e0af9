"""The one place where concrete parts are made from settings: models and embedders.
Everything else is given its parts.
No logic of answers, and nothing that keeps what it made.
"""
