"""Summaries of one paper, a topic or a collection: the groups, their requests, the joined text.
Here stands all that only a summary needs.
No choice of papers or groups (that is retrieval) and no choice of sentences (that is generation).
"""
