"""Numbers as quantities: digits, words, fractions, units, and whether two are the same.
Text in, numbers out.
No verdict on a claim: that is checking.
"""
