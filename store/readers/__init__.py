"""The readers of formats, one module each behind one seam (`base`), found by `registry`.
Here stands how a source is opened, decoded and cut into lines, records and rejections.
Nothing that knows of the ledger's tables, and nothing fetched: a source is a file or a stream.
"""
