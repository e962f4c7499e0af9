"""How good answers are, on one's own questions: asking them, measuring what came, comparing runs.
Here stand the questions of a file, the measures and the tables; a front end asks and shows.
Nothing asked here is saved as a conversation, and nothing is written into the library.
"""
