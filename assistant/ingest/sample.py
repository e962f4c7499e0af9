"""The sample that comes with quire: landmark papers, to look round with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store.types import ReadItem

SAMPLE_TAG = "sample"
"""The tag of its papers."""

SAMPLE_PAPERS = 72
"""How many there are."""

ABOUT_SAMPLE = "abstracts written for quire, not the published ones"
"""What is said wherever the sample is added."""


def sample_items() -> Iterator[ReadItem]:
    """The papers of the sample as any source gives them."""
    # Whoever only tells of the sample needs no reader of files.
    from importlib.resources import as_file, files

    from store.readers.options import ReadOptions
    from store.readers.registry import read_source
    from store.readers.source import Source

    with as_file(files("assistant") / "sample" / "landmarks.jsonl") as path:
        source = Source(name="sample:landmarks.jsonl", path=path)
        yield from read_source(source, ReadOptions(format="jsonl"))
