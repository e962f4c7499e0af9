"""Sentences, words and numbers: where they end, how they are spelt, in which language they are.
Text in, plain values out.
No paper, no library, and nothing that knows what a question is.
"""
