"""MiniLM on onnxruntime: where it comes from, the graph written for it, its weights, its batches.
What was fetched is known by its SHA-256 before it is used.
Nothing that another embedder needs: that is `base`.
"""
