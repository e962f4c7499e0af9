"""Screens: which widgets stand where, and how the focus goes between them.
They pass messages on.
No job, and no call to the service.
"""
