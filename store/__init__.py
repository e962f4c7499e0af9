"""Papers at rest: readers, ledger, Chroma, word index, embedders."""
