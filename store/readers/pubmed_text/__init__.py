"""PubMed's text formats for people: "Abstract", and those that hold no abstracts.
A record is paragraphs without names; what each of them is, its place and its shape tell.
Nothing of PubMed's tagged format, which is a dialect of `tagged`, and nothing of its XML.
"""
