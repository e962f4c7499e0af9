"""Prompts from their files, and sources as a model is shown them: addresses, fences, budget.
Everything that a model reads is written here, and made harmless on the way.
No call to a model, and no knowledge of what becomes of its answer.
"""
