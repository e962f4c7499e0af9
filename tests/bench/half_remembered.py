"""The half-remembered questions and what makes one fair: no words of its paper given away.

Run from the project's folder: python -m tests.bench.half_remembered [--shared ../shared]
It prints what is wrong with each question, and the counts. Without ../shared only the
questions on the bundled sample are checked.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from store.lexical.fields import analyzer
from store.lexical.stopwords import STOP_WORDS
from tests.bench.calibration_data import read_lines, read_pages

HALF_REMEMBERED = Path(__file__).parent / "half_remembered.jsonl"
SAMPLE = Path(__file__).parents[2] / "assistant" / "sample" / "landmarks.jsonl"

SHORTEST, LONGEST = 8, 30
"""Words of a question, counted between spaces."""

RUN = 3
"""So many consecutive words shared with the title or the abstract are a quotation."""

_STEM_PREFIX = 5
"""A stem of so many letters that begins another one counts as the same word."""


class HalfRemembered(BaseModel):
    """A question on one paper in other words than the paper's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    collection: Literal["pages", "sample"]
    title: str
    text: str
    split: Literal["dev", "held"]


def read_half_remembered(path: Path = HALF_REMEMBERED) -> list[HalfRemembered]:
    """The questions, in the order of the file; in the file a collection is named `from`."""
    return [
        HalfRemembered(collection=record.pop("from"), **record)
        for record in map(json.loads, path.read_text("utf-8").splitlines())
    ]


def read_sample() -> list[tuple[str, str]]:
    """Titles and abstracts of the bundled sample."""
    return [(one["title"], one["abstract"]) for one in read_lines(SAMPLE)]


def problems(text: str, title: str, abstract: str) -> list[str]:
    """What a question gives away of its paper, or how its length is wrong; empty when fair."""
    found = []
    length = len(text.split())
    if not SHORTEST <= length <= LONGEST:
        found.append(f"{length} words")
    found += [f"word of the title: {word}" for word in _title_words(text, title)]
    found += [f"acronym: {word}" for word in _acronyms(text, title)]
    for name, source in (("title", title), ("abstract", abstract)):
        shared = _runs(text) & _runs(source)
        found += [f"run shared with the {name}: {' '.join(run)}" for run in sorted(shared)]
    return found


def _title_words(text: str, title: str) -> Iterator[str]:
    stems = {stem for word in _parts(title) if _is_content(word) for stem in _stems(word)}
    for word in _parts(text):
        if _is_content(word) and any(
            _related(one, other) for one in _stems(word) for other in stems
        ):
            yield word


def _acronyms(text: str, title: str) -> Iterator[str]:
    """Words of the text that initials of the title spell, and the other way round."""
    spelled = _initials(_words(title)) | _initials([w for w in _words(title) if _is_content(w)])
    yield from (word for word in _words(text) if _is_content(word) and word in spelled)
    capitals = {name.lower() for name in re.findall(r"[A-Z]{3,}", title)}
    yield from sorted(capitals & _initials(_words(text)))


def _initials(words: Sequence[str]) -> set[str]:
    firsts = "".join(word[0] for word in words)
    return {
        firsts[start:end]
        for start in range(len(firsts))
        for end in range(start + 2, min(start + 7, len(firsts) + 1))
    }


def _related(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return one == other or (len(shorter) >= _STEM_PREFIX and longer.startswith(shorter))


def _is_content(word: str) -> bool:
    return len(word) > 1 and word.lower() not in STOP_WORDS


def _parts(text: str) -> set[str]:
    """The words, and the parts of names in mixed case: SoundCTM gives soundctm, Sound, CTM."""
    humps = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", text)
    return {*_words(text), *(hump for hump in humps if len(hump) > 2)}


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def _stems(word: str) -> list[str]:
    return list(analyzer().analyze(word))


def _runs(text: str) -> set[tuple[str, ...]]:
    words = _words(text)
    return {tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what is wrong; exit code 1 when anything is."""
    parser = argparse.ArgumentParser(description="Check the half-remembered questions.")
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    shared = parser.parse_args(arguments).shared
    papers = {"sample": dict(read_sample())}
    if (shared / "pages").is_dir():
        papers["pages"] = dict(read_pages(shared / "pages"))
    else:
        sys.stderr.write(f"no {shared}: the questions on the pages are not checked\n")
    wrong = 0
    questions = read_half_remembered()
    for one in questions:
        if one.collection in papers:
            abstract = papers[one.collection].get(one.title)
            found = (
                ["no such paper"] if abstract is None else problems(one.text, one.title, abstract)
            )
            wrong += bool(found)
            for problem in found:
                sys.stdout.write(f"{one.id} {problem}: {one.text}\n")
    for (collection, split), number in sorted(
        Counter((one.collection, one.split) for one in questions).items()
    ):
        sys.stdout.write(f"{collection} {split}: {number}\n")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
