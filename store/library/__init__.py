"""The facade of the store: open, add, search, follow, re-embed, examine and mend.
Here the rooms below are joined, and threads are started and ended.
No SQL, no vector arithmetic, and no reading of formats.
"""
