"""The measurements that need a process of their own; each prints one JSON object.

python -m tests.bench.scale.steps search LIBRARY
python -m tests.bench.scale.steps bare LIBRARY FOLDER
python -m tests.bench.scale.steps rebuild LIBRARY [words] [chroma] [vectors]
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assistant.retrieval.retriever import Retriever
from assistant.retrieval.search import Searcher
from assistant.wiring.embedders import paper_reader
from store.ledger import outbox
from store.ledger.vectors import embedder_key, get_vectors
from store.library.library import Library
from store.types import Filter
from tests.bench.scale.generator import LAST_YEAR, TAGS, Generator
from tests.bench.scale.measure import memory_mb, percentile

_QUERIES, _WARM = 220, 20
_ROWS = 1000


def search(library: Path) -> dict[str, Any]:
    """Warm searches as `quire search` does them: all papers, half, and half with a tag."""
    queries = _queries()
    begun = time.perf_counter()
    with Library.open(library, reader=paper_reader) as opened:
        open_ms = 1000 * (time.perf_counter() - begun)
        searcher = Searcher(opened, Retriever(opened))
        opened.warm_up()
        searcher.search(queries[0], 10, Filter())
        first = time.perf_counter() - begun
        half = _half_year(opened)
        found = {
            "all": _timed(lambda text, _: searcher.search(text, 10, Filter()), queries),
            "half": _timed(lambda text, at: searcher.search(text, 10, half(at)), queries),
            "half and tag": _timed(
                lambda text, at: searcher.search(
                    text, 10, half(at).model_copy(update={"tags": (TAGS[at % len(TAGS)],)})
                ),
                queries,
            ),
        }
        shares = [opened.count(half(at)) / opened.count() for at in range(3)]
        memory = memory_mb(os.getpid())
        parts = {
            "words": _timed(lambda text, _: opened.lexical(text, 100), queries),
            "meaning": _timed(lambda text, _: opened.dense(text, 100), queries),
        }
    return {
        "open_ms": round(open_ms, 1),
        "first_search_s": round(first, 2),
        "warm": found,
        "lists": parts,
        "half_share": round(sum(shares) / len(shares), 3),
        "memory_mb": memory,
        "load": os.getloadavg()[0],
    }


def _queries() -> list[str]:
    """Made in a process of its own: the generator's vocabulary is no memory of a search."""
    made = subprocess.run(
        [sys.executable, "-m", "tests.bench.scale.steps", "queries"],
        capture_output=True,
        check=True,
        text=True,
    )
    found: list[str] = json.loads(made.stdout)
    return found


def _half_year(library: Library) -> Callable[[int], Filter]:
    """Year ranges that hold about half of the papers; another one each time."""
    total = library.count()
    low = LAST_YEAR
    while low > 0 and library.count(Filter(year_from=low)) < total / 2:
        low -= 1
    return lambda at: Filter(year_from=low, year_to=LAST_YEAR + at)


def _timed(ask: Callable[[str, int], object], queries: list[str]) -> dict[str, float]:
    seconds = []
    cpu = time.process_time()
    for at, text in enumerate(queries):
        begun = time.perf_counter()
        ask(text, at)
        seconds.append(time.perf_counter() - begun)
    cpu = (time.process_time() - cpu) / len(queries)
    seconds = seconds[_WARM:]
    return {
        "p50_ms": round(1000 * percentile(seconds, 0.5), 2),
        "p95_ms": round(1000 * percentile(seconds, 0.95), 2),
        "cpu_ms": round(1000 * cpu, 2),
    }


def bare(library: Path, folder: Path) -> dict[str, Any]:
    """`collection.upsert` alone, of the rows that a library holds, vectors read before."""
    import chromadb
    import numpy as np
    from chromadb.config import Settings

    from store.chroma.worker import COLLECTION, EF_CONSTRUCTION, EF_SEARCH, NEIGHBORS

    with Library.open(library) as opened:
        embedder = opened.embedder
        assert embedder is not None
        key = embedder_key(opened.ledger, embedder.fingerprint)
        assert key is not None
        rows = opened.ledger.rows("SELECT id, abstract, title, year FROM papers ORDER BY key")
        found = get_vectors(opened.ledger, key, [row[0] for row in rows])
        vectors = np.stack([np.frombuffer(found.pop(row[0]), np.float32) for row in rows])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    client = chromadb.PersistentClient(
        path=str(folder),
        settings=Settings(_env_file=None, anonymized_telemetry=False),  # type: ignore[call-arg]
    )
    shape = {
        "space": "cosine",
        "ef_construction": EF_CONSTRUCTION,
        "max_neighbors": NEIGHBORS,
        "ef_search": EF_SEARCH,
    }
    collection = client.create_collection(
        COLLECTION,
        embedding_function=None,
        configuration={"hnsw": shape},  # type: ignore[typeddict-item]
    )
    metadatas = [
        {"title": row[2][:500], **({} if row[3] is None else {"year": row[3]})} for row in rows
    ]
    begun, cpu = time.perf_counter(), time.process_time()
    for start in range(0, len(rows), _ROWS):
        part = slice(start, start + _ROWS)
        collection.upsert(
            ids=[row[0] for row in rows[part]],
            documents=[row[1] for row in rows[part]],
            metadatas=metadatas[part],  # type: ignore[arg-type]
            embeddings=vectors[part],
        )
    wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    shutil.rmtree(folder, ignore_errors=True)
    return {
        "papers_per_s": round(len(rows) / wall, 1),
        "cpu_ms_per_paper": round(1000 * cpu / len(rows), 3),
        "load": os.getloadavg()[0],
    }


def rebuild(library: Path, parts: list[str]) -> dict[str, Any]:
    """Seconds to build a projection anew from the ledger."""
    found: dict[str, Any] = {}
    with Library.open(library) as opened:
        steps: dict[str, Callable[[], object]] = {
            "words": lambda: opened.words.rebuild("a measurement"),
            "chroma": lambda: opened.chroma and opened.chroma.rebuild(),
            "vectors": lambda: _write_vectors(opened),
        }
        for name in parts:
            begun, cpu = time.perf_counter(), time.process_time()
            steps[name]()
            found[f"{name}_s"] = round(time.perf_counter() - begun, 1)
            found[f"{name}_cpu_s"] = round(time.process_time() - cpu, 1)
        kept = {
            "lexical": outbox.mark(opened.ledger, "lexical").generation,
            "chroma": outbox.mark(opened.ledger, "chroma").generation,
        }
    for name, generation in kept.items():
        for folder in (library / name).iterdir():
            if folder.name.isdigit() and int(folder.name) < generation:
                shutil.rmtree(folder)
    found["load"] = os.getloadavg()[0]
    return found


def _write_vectors(library: Library) -> None:
    shutil.rmtree(library.folder / "vectors", ignore_errors=True)
    assert library.chroma is not None
    library.chroma.bring_up_scan()


def main() -> None:
    """Run one step."""
    random.seed(1)
    name, *rest = sys.argv[1:]
    found: object
    if name == "queries":
        found = Generator().queries(_QUERIES)
    elif name == "search":
        found = search(Path(rest[0]))
    elif name == "bare":
        found = bare(Path(rest[0]), Path(rest[1]))
    else:
        found = rebuild(Path(rest[0]), rest[1:])
    print(json.dumps(found))


if __name__ == "__main__":
    main()
