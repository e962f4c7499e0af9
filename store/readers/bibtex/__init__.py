"""BibTeX and BibLaTeX: entries cut out of a stream, their fields, and what the fields mean.
A scanner of our own: the libraries lose fields, leave macros as they are, or end at a repeated one.
No cleaning of titles and abstracts, and nothing that decides whether a record is taken.
"""
