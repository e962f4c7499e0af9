"""PDF: title, authors, abstract and identifiers from the first two pages.
Lines are read with pypdfium2 (an extra); what they are is told by words, sizes and places.
Nothing behind the second page is read, and no picture of a page is.
"""
