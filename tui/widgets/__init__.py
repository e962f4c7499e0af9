"""Widgets: each shows what it is given and posts messages.
They may be replaced by one another where their messages are the same.
No call to the service, and no branch on what an answer means.
"""
