"""The terminal app, and the entry point of the program."""
