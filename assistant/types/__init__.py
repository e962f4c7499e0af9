"""The values that travel between the rooms: frozen, without behaviour of their own.
Here stand questions, evidence, claims, answers, events, and messages to a model.
Nothing that computes, reads or writes.
"""
