"""Answers and conversations written as documents: values in, text out, one module a format.
The library and the disk are met in `target` alone, pandoc in `docx` alone.
Nothing that asks a model, and nothing of the command line.
"""
