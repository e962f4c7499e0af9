"""BibTeX and BibLaTeX: entries that styles typeset and other programs read.
What no field can say stands in the field "quire", so that nothing is lost on the way back.
No reading, and no citation keys: these are given.
"""
