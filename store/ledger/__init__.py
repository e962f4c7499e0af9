"""SQLite, where a paper is committed: papers, vectors, outbox, marks, sessions, answers given.
Every table and every statement of SQL stands here.
No index, no embedder, and no thread.
"""
