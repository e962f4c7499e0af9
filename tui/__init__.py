"""The terminal app, and the entry point of the program.
Here stands what a reader sees and does: controllers, screens, widgets, presenters.
No logic of answers: all that is known comes through `service` from the assistant.
"""
