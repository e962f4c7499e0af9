"""Citations in the forms that models write, cut anywhere, and what is left out around them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from growth import grows_in_proportion
from hypothesis import given
from hypothesis import strategies as st
from made_sources import made_source, numbered_source, sentence_source
from tables import Row, compare, for_each, table

from assistant.citations.parser import CitationReader
from assistant.replies.claims import draft_claims
from assistant.types.citations import Address, DraftClaim
from assistant.types.evidence import Evidence

FORMS = table(__file__, "forms.jsonl")
LITERAL = table(__file__, "literal.jsonl")
SHOWN = table(__file__, "shown.jsonl")
NUMBERED = Evidence(sources=tuple(numbered_source(number) for number in range(1, 6)))
FIGURES = made_source(2, "Paper 2", "It gains 1.2 points. It needs 11.3 and 1.35 s.")
NAMES = made_source(1, "Paper 1", "We call it BERT² here. The source 2 is brighter than a star.")
BRACKETED = made_source(
    1,
    "Paper 1",
    "It works. It runs. Arrays of shape [1, 3] are fed. We made [1.3]phane. The interval in hours"
    " after surgery had a CI [1.1, 1.4].",
)
EVIDENCE = {
    "numbered": NUMBERED,
    "same": Evidence(sources=(numbered_source(1, "same"), numbered_source(2, "same"))),
    "figures": Evidence(sources=(numbered_source(1), FIGURES)),
    "names": Evidence(sources=(NAMES, *NUMBERED.sources[1:])),
    "brackets": Evidence(sources=(BRACKETED, *NUMBERED.sources[1:])),
}
HANDED = Path(__file__).parents[4] / "shared/cases/citations.txt"
HOSTILE = [row["unit"] for row in table(__file__, "hostile.jsonl")]


def read(*pieces: str, evidence: Evidence = NUMBERED) -> tuple[str, CitationReader]:
    """What is shown of a text that comes in pieces, and the reader that read it."""
    reader = CitationReader(evidence)
    shown = "".join([reader.feed(piece) for piece in pieces])
    return shown + reader.finish(), reader


def addresses(found: Iterable[Address]) -> str:
    """Addresses as they are written."""
    return " ".join(
        f"{one.source}" if one.sentence is None else f"{one.source}.{one.sentence}" for one in found
    )


def pointed(claim: DraftClaim) -> str:
    """The addresses of a claim; those that point at nothing have a question mark."""
    return " ".join([addresses(claim.addresses), *(f"?{one}" for one in claim.unknown)]).strip()


def test_the_forms_of_a_citation_are_read() -> None:
    def came(row: Row) -> list[str]:
        text, reader = read(row["written"])
        assert all(NUMBERED.source(number) for number in reader.order)
        return [text, *map(pointed, draft_claims(reader.text, reader.marks))]

    compare(FORMS, came)


WRITTEN = [table(__file__, f"written_{part}.jsonl") for part in ("one", "two")]


@pytest.mark.parametrize("rows", WRITTEN)
def test_no_citation_of_a_sentence_is_lost_and_no_bracket_of_its_own(rows: list[Row]) -> None:
    """280 sentences, written without sight of the reader; cut into pieces of 1 to 7 as well."""
    sources, *sentences = rows
    numbered = enumerate(sources["sources"], start=1)
    evidence = Evidence(sources=tuple(sentence_source(at, texts) for at, texts in numbered))

    def came(row: Row) -> list[str]:
        text, reader = read(row["written"], evidence=evidence)
        for size in range(1, 8):
            cut = (row["written"][at : at + size] for at in range(0, len(row["written"]), size))
            assert read(*cut, evidence=evidence)[0] == text, f"in pieces of {size}"
        assert [one for mark in reader.marks for one in mark.unknown] == row.get("unknown", [])
        shown, end = "", 0
        for number, mark in enumerate(reader.marks):
            shown += f"{text[end : mark.start]}⟦{number}⟧"
            end = mark.end
        return [shown + text[end:], *(addresses(mark.addresses) for mark in reader.marks)]

    compare(sentences, came)


@pytest.mark.skipif(not HANDED.exists(), reason="no ../shared/cases/citations.txt here")
def test_the_handed_citations_are_read() -> None:
    letters = " ".join(f"Sentence {letter} says so." for letter in "abcdefghijkl")
    sources = tuple(made_source(number, f"Paper {number}", letters) for number in range(1, 7))

    def cites(row: Row) -> None:
        text, reader = read(row["written"], evidence=Evidence(sources=sources))
        assert reader.marks
        assert not re.search(r"[\[(]\d\.", text)

    for_each([{"written": line} for line in HANDED.read_text().splitlines()], cites)


def test_what_only_looks_like_a_citation_is_left_alone() -> None:
    def left_alone(row: Row) -> None:
        text, reader = read(row["written"])
        assert text == row["written"]
        assert reader.marks == ()

    for_each(LITERAL, left_alone)


def test_what_is_shown_of_a_text_and_in_which_order_sources_are_numbered() -> None:
    def came(row: Row) -> list[object]:
        evidence = EVIDENCE[row.get("sources", "numbered")]
        text, reader = read(row["written"], evidence=evidence)
        assert read(*row["written"], evidence=evidence)[0] == text, "letter by letter"
        return [text, list(reader.order)]

    compare(SHOWN, came)
    _, reader = read("A holds [4.1]. B holds [2.2, 4.3]. C holds [1].")
    assert [one.number for mark in reader.marks for one in mark.addresses] == [1, 2, 1, 3]


def test_every_cut_gives_the_same() -> None:
    def same(row: Row) -> None:
        written = row["written"]
        for text in (written, f"{written} And it goes on for a while.", f"{written}\nSo it goes."):
            whole, reader = read(text)
            assert read(*text)[0] == whole, "letter by letter"
            for at in range(1, len(text)):
                cut, cut_reader = read(text[:at], text[at:])
                assert (cut, cut_reader.marks) == (whole, reader.marks), text[:at]

    for_each([*FORMS, *LITERAL], same)


PARTS = [row["written"] for row in (*FORMS, *LITERAL, *SHOWN)]
PARTS += ["Sources:\n", "[1]: Paper\n", "\n\n", "**", "`", "\\", "[", "(", "- "]


@given(
    st.lists(
        st.sampled_from(PARTS) | st.text(alphabet="[]().,12 \n*`\\S:", max_size=6), max_size=5
    ),
    st.data(),
)
def test_cuts_make_no_difference(parts: list[str], data: st.DataObject) -> None:
    whole = " ".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    pieces = [whole[one:other] for one, other in itertools.pairwise([0, *cuts, len(whole)])]
    text, reader = read(whole)
    again, cut_reader = read(*pieces)
    letters, _ = read(*whole)
    assert again == letters == text == reader.text
    assert cut_reader.marks == reader.marks
    for mark in reader.marks:
        assert text[mark.start : mark.end].startswith("[")
        assert text[mark.start : mark.end].endswith("]")


def test_what_can_be_shown_before_more_has_come() -> None:
    held_back = table(__file__, "held_back.jsonl")
    compare(held_back, lambda row: CitationReader(NUMBERED).feed(row["written"]))


@pytest.mark.slow
def test_a_hostile_text_takes_time_in_proportion_at_once_and_in_pieces() -> None:
    def in_pieces(text: str) -> None:
        read(*(text[at : at + 7] for at in range(0, len(text), 7)))

    grows_in_proportion(read, HOSTILE)
    grows_in_proportion(in_pieces, HOSTILE, 1000)
