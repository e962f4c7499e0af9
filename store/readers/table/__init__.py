"""Tables with a row a paper: how cells are cut, which column holds what, and what a cell says.
Cut by our own code: the csv module takes an open quotation for the rest of a file.
No cleaning of titles and abstracts, and nothing that decides whether a record is taken.
"""
