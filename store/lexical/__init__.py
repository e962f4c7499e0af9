"""tantivy: the index of words, its files and its upkeep, near words, the projection that follows.
The only room that imports tantivy.
Nothing that is not in the ledger is kept here: all of it can be built anew.
"""
