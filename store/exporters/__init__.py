"""Papers written for other programs: one module a format.

An exporter gets papers and yields text; it knows no library and no file. Reading papers belongs to
`store/readers`, choosing them to whoever calls.
"""
