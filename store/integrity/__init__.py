"""Whether what we rely on is as it was left: seals of index files, the guard of foreign libraries.
Files and errors only.
No table, no index, and no decision on what is to be rebuilt.
"""
