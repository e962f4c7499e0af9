"""The built-in model, which answers with sentences of the sources as they stand.
Here stands the choice of sentences for each kind of question.
No network, no prompt, and no verdict.
"""
