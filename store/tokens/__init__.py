"""What is kept of the tokens of papers: a sign along each of some axes, for late interaction.
Here stands how vectors become signs, and how near tokens come to them.
No model, which is an embedder's, and no ranking, which is `assistant/retrieval`'s.
"""
