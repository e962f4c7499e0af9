"""Valid texts of all formats, out of the tables of the readers' tests."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TABLES = Path(__file__).resolve().parents[2] / "store" / "readers"
_TOML = ("bibtex", "csv", "tagged", "texts", "xml", "html")


@dataclass(frozen=True)
class Seed:
    """A text, and the reader that takes it where the table says so."""

    data: bytes
    reader: str | None


def seeds() -> tuple[Seed, ...]:
    """Every text of the tables once."""
    return tuple(dict.fromkeys(_all()))


def _all() -> Iterator[Seed]:
    for name in _TOML:
        for rows in tomllib.loads((_TABLES / f"{name}.toml").read_text("utf-8")).values():
            for row in rows:
                own = row.get("reads", name if name in ("bibtex", "csv") else None)
                yield Seed(row["text"].encode(row.get("in", "utf-8"), "surrogatepass"), own)
    for name in ("documents", "markdown", "plaintext", "encodings", "bad_lines"):
        own = {"documents": "jsonl", "bad_lines": "jsonl", "plaintext": "text"}.get(name)
        for row in _rows(f"{name}.jsonl"):
            yield Seed(_spelled(row["text"]).encode("utf-8", "surrogatepass"), own)
    for name in ("json/services", "json/wrapped", "fields", "shapes"):
        for row in _rows(f"{name}.jsonl"):
            given = row["given"]
            if name in ("fields", "shapes"):
                given = {"title": "T", "abstract": "We weigh gravel."} | given
            text = given if isinstance(given, str) else json.dumps(given)
            yield Seed(text.encode("utf-8", "surrogatepass"), "jsonl")
    for row in _rows("markup/markup.jsonl"):
        paper = {"title": row["raw"], "abstract": row["raw"]}
        yield Seed(json.dumps(paper, ensure_ascii=False).encode("utf-8", "surrogatepass"), "jsonl")
    yield from _pages()


def _pages() -> Iterator[Seed]:
    papers = list(_rows("page_papers.jsonl"))
    for row in _rows("pages.jsonl"):
        between = "\n\n" if row["layout"] == "wide" else "\n"
        text = row["header"] + between.join(
            part for paper in papers for part in (paper["title"], paper["abstract"])
        )
        yield Seed(text.encode(), "hf-page")


def _rows(name: str) -> Iterator[dict[str, Any]]:
    for line in (_TABLES / name).read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield json.loads(line)


def _spelled(text: str | list[Any]) -> str:
    if isinstance(text, str):
        return text
    return "".join(one if isinstance(one, str) else one[0] * min(one[1], 1_000) for one in text)
