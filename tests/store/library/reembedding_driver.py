"""Changes a library's embedder until it is killed at a named place; run by test_reembedding.py.

Arguments: library folder, place, how often the place is passed before.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))

folder, place, passes = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])

from kill_points import kill_at  # noqa: E402

kill_at(place, passes)

from hashed_embedder import Hashed, TestEmbedders  # noqa: E402

from store.library.library import Library  # noqa: E402

with Library.open(folder, embedders=TestEmbedders(Hashed())) as opened:
    opened.use_embedder("hashed")
print("done", flush=True)
