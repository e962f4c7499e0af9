"""From a question to a checked answer: retrieval, grounding, generation, checking; the commands.
Here stand rooms, and beside them the workspace of a front end, conversations and errors.
No widget, no SQL, and nothing that a front end alone needs to show.
"""
