"""Saved pages of the web, and the papers that they name for programs in tags and attributes.

Nothing here follows a link, runs a script, or reads how a page is laid out for people.
"""
