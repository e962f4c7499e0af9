"""From the raw pieces of a model's reply to its clean text: fences, refusal, wrapping, repetition.
Pieces in, the text of an answer and its sentences out.
No address is read here (`citations` does), and nothing that calls a model.
"""
