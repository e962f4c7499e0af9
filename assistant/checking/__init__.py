"""Whether a cited sentence says what a claim says: by words and numbers, by tokens, by a model.
Values in, verdicts out.
No call to a model, no prompt, and no reading of addresses.
"""
