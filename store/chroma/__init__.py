"""Chroma: the process that owns it, the pipe to that process, and the projection that follows.
The only room that imports chromadb, and only in the process of its own.
Nothing that is not in the ledger is kept here: all of it can be built anew.
"""
