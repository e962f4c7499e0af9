"""Any endpoint of the OpenAI protocol, for answers and for vectors: the only room of openai.
Here stand its limits, retries, failures in our words, and the reading of its streams.
No prompt, no retrieval, and no setting read from a file.
"""
