"""Sentences and words of English abstracts: where they end, how rare they are, what they signal.
Text in, plain values out.
No paper, no library, and nothing that knows what a question is.
"""
