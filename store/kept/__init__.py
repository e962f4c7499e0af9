"""Files beside the ledger in which something is kept of each paper, so that it is made once.
Here stands how rows are found, kept and dropped, and what becomes of a damaged file.
What is in a row is known to who keeps it. No ranking.
"""
