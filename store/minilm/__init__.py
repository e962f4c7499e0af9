"""all-MiniLM-L6-v2: getting its weights, building its graph, and embedding with it."""
