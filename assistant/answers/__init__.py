"""The pipeline: a question in, events and a checked answer out; summaries and whole collections.
Here stands what joins the rooms below: what is asked of a model, what it costs, what is kept.
No reading of addresses, no verdict, no ranking: those are of citations, checking, retrieval.
"""
