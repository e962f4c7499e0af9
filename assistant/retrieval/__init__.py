"""From a question to ranked evidence: lists, their fusion and calibration, versions, topics.
Here stands whether the collection speaks to a question, and what a summary is made from.
No prompt and no model beside the library's embedder.
"""
