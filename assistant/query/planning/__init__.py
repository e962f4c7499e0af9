"""Reading a question without a model: its parts, the records it names, what it asks of papers.
Here stands what turns words into a `QuestionPlan`.
No search and no answer.
"""
