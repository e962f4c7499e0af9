"""The terminal under the app: what Textual reads from it and writes to it, and what may not.
Here stands what corrects Textual's own driver and tables of keys.
No widget, no screen, and no word of the domain.
"""
