"""What is kept of papers' texts, so that no question reads them again: borders, terms, vectors.
Here stands what a reading holds and where it is kept; how a text is read is `assistant/text`'s.
No ranking.
"""
