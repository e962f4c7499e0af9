"""Papers at rest: readers, ledger, Chroma, word index, embedders, behind `library`.
The ledger is the truth; all else follows it and can be built anew.
No question, no prompt, no model that writes: the store does not know what is asked of it.
"""
