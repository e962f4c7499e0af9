"""The exporters of formats, one module each behind one seam (`base`), found by `registry`.
Here stands how papers become text, escaped once, and how a name or type is written elsewhere.
Nothing that knows of the ledger, and no file: whoever calls chooses papers and writes the text.
"""
