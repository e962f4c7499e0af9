"""What a reader typed: syntax, spelling, the kind of a question, the names in it, follow-ups.
Words in, values out.
No library, no ranking, and no sentence chosen for an answer.
"""
