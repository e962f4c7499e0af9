"""The exact scan of vectors: from a mapped file, from memory, beside papers changed since.
Vectors and keys in, keys and cosines out.
No embedder and no Chroma.
"""
