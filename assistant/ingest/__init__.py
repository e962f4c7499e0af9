"""Adding papers and changing the embedder beside a front end that must never wait.
Here stand the worker process and what is told of its work.
No reader of a format and no writing to the ledger: those are the store's.
"""
