"""Plain text as LaTeX that BibTeX takes, and exactly that LaTeX as plain text again.
Exporters write with it, and the reader of BibTeX undoes it.
Nothing that guesses: what other programs write of LaTeX is read in `store/readers/markup`.
"""
