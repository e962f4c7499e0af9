"""The sentences of an answer, each with its citations and without their marks."""

from __future__ import annotations

import itertools
import re

from growth import grows_in_proportion
from made_sources import numbered_source
from tables import Row, compare, table

from assistant.citations.parser import CitationReader
from assistant.replies.claim_text import without_marks
from assistant.replies.claims import draft_claims
from assistant.types.citations import DraftClaim
from assistant.types.evidence import Evidence

NUMBERED = Evidence(sources=tuple(numbered_source(number) for number in range(1, 6)))
MARK = re.compile(r"\[(?:\d+|\?)\](?:\[(?:\d+|\?)\])*")


def claims_of(written: str) -> tuple[str, tuple[DraftClaim, ...]]:
    """What is shown of a text, and its claims."""
    reader = CitationReader(NUMBERED)
    reader.feed(written)
    reader.finish()
    return reader.text, draft_claims(reader.text, reader.marks)


def test_the_claims_of_a_text() -> None:
    def came(row: Row) -> list[list[str]]:
        text, found = claims_of(row["written"])
        assert all(one.end <= following.start for one, following in itertools.pairwise(found))
        return [
            [
                one.text,
                " ".join(f"{source}.{sentence}" for source, sentence, _ in one.addresses),
                text[one.start : one.end],
            ]
            for one in found
        ]

    compare(table(__file__, "claims.jsonl"), came)


def bare(text: str) -> str:
    """A text without its marks."""
    return without_marks(text, 0, len(text), [match.span() for match in MARK.finditer(text)])


def test_the_text_of_a_claim_is_without_its_marks_and_what_held_them() -> None:
    compare(table(__file__, "claim_text.jsonl"), lambda row: bare(row["text"]))
    # A span is read by its own offsets.
    text = "First [1]. According to [2], it works [3]. Last."
    assert without_marks(text, 11, 42, [(24, 27), (38, 41)]) == "it works."
    grows_in_proportion(bare, ["according to [1], and "])
    grows_in_proportion(claims_of, ["[1.2] a. ", "a", "- [1.2]\n"])
    assert "[" not in bare("according to [1], and " * 1_000)
