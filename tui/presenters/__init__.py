"""Values in, rows and lines out: plain functions on what is shown.
Here stands the wording of the app.
No widget, no Textual, and nothing that waits.
"""
