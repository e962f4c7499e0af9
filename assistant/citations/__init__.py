"""Reading the addresses that a model wrote, in whatever form, and the claims between them.
Text and evidence in, claims and a text for the reader out.
No verdict on a claim, and nothing that calls a model.
"""
