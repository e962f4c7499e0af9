"""A question put to every paper: batches, what a model says of each, the counts of the answer.
Here stands all that only such an answer needs.
Nothing that asks for one answer from few sources, and no text for a terminal.
"""
