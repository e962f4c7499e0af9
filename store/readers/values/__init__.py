"""What one field of a record means, a module a kind: names, dates, identifiers, lists and marks.
Each takes a value of any shape, and gives what is understood of it and what is to be said.
No reader of a format, no file, and nothing that decides whether a record is taken.
"""
