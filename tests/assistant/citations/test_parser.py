"""Citations in the forms that models write, cut anywhere, and what is left out around them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

import pytest
from growth import grows_in_proportion
from hypothesis import given
from hypothesis import strategies as st
from made_sources import made_source, numbered_source
from tables import Row, compare, for_each, table

from assistant.citations.claim_text import without_marks
from assistant.citations.claims import DraftClaim
from assistant.citations.parser import CitationReader
from assistant.types.evidence import Evidence

FORMS = table(__file__, "forms.jsonl")
LITERAL = table(__file__, "literal.jsonl")
CLAIMS = table(__file__, "claims.jsonl")
SHOWN = table(__file__, "shown.jsonl")
NUMBERED = Evidence(sources=tuple(numbered_source(number) for number in range(1, 6)))
FIGURES = made_source(2, "Paper 2", "It gains 1.2 points. It needs 11.3 and 1.35 s.")
NAMES = made_source(1, "Paper 1", "We call it BERT² here. The source 2 is brighter than a star.")
EVIDENCE = {
    "numbered": NUMBERED,
    "same": Evidence(sources=(numbered_source(1, "same"), numbered_source(2, "same"))),
    "figures": Evidence(sources=(numbered_source(1), FIGURES)),
    "names": Evidence(sources=(NAMES, *NUMBERED.sources[1:])),
}
MARK = re.compile(r"\[(?:\d+|\?)\](?:\[(?:\d+|\?)\])*")
HOSTILE = ["[", "(", "*", "`", "\\", "\\[", "[1.2]", "[1.2", "[1](", "<1.2>"]
HOSTILE += ["\n", " ", "[1.2] a. ", "[1]-[3] ", "works¹ "]
HOSTILE += ["Source 1: it. ", "Source 1.2, ", "sources "]


def read(*pieces: str, evidence: Evidence = NUMBERED) -> tuple[str, CitationReader]:
    """What is shown of a text that comes in pieces, and the reader that read it."""
    reader = CitationReader(evidence)
    shown = "".join([reader.feed(piece) for piece in pieces])
    return shown + reader.finish(), reader


def pointed(claim: DraftClaim) -> str:
    """The addresses of a claim; those that point at nothing have a question mark."""
    known = (
        f"{one.source}" if one.sentence is None else f"{one.source}.{one.sentence}"
        for one in claim.addresses
    )
    return " ".join([*known, *(f"?{one}" for one in claim.unknown)])


def test_the_forms_of_a_citation_are_read() -> None:
    def came(row: Row) -> list[str]:
        text, reader = read(row["written"])
        assert all(NUMBERED.source(number) for number in reader.order)
        return [text, *map(pointed, reader.claims())]

    compare(FORMS, came)


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


def test_an_address_is_shown_by_the_number_of_its_source() -> None:
    _, reader = read("A holds [4.1]. B holds [2.2, 4.3]. C holds [1].")
    assert [one.number for claim in reader.claims() for one in claim.addresses] == [1, 2, 1, 3]


def test_the_claims_of_a_text() -> None:
    def came(row: Row) -> list[list[str]]:
        text, reader = read(row["written"])
        found = reader.claims()
        assert all(one.end <= following.start for one, following in itertools.pairwise(found))
        return [[one.text, pointed(one), text[one.start : one.end]] for one in found]

    compare(CLAIMS, came)


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


PARTS = [row["written"] for row in (*FORMS, *LITERAL, *CLAIMS)]
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
    assert cut_reader.claims() == reader.claims()
    for mark in reader.marks:
        assert text[mark.start : mark.end].startswith("[")
        assert text[mark.start : mark.end].endswith("]")


def bare(text: str) -> str:
    """A text without its marks."""
    return without_marks(text, 0, len(text), [match.span() for match in MARK.finditer(text)])


@pytest.mark.parametrize(
    ("name", "read"),
    {
        "held_back": lambda row: CitationReader(NUMBERED).feed(row["written"]),
        "claim_text": lambda row: bare(row["text"]),
    }.items(),
)
def test_what_is_kept_of_a_text(name: str, read: Callable[[Row], str]) -> None:
    """As the first remark of each table says."""
    compare(table(__file__, f"{name}.jsonl"), read)


def test_a_span_is_read_by_its_own_offsets() -> None:
    text = "First [1]. According to [2], it works [3]. Last."
    assert without_marks(text, 11, 42, [(24, 27), (38, 41)]) == "it works."


@pytest.mark.slow
def test_a_hostile_text_takes_time_in_proportion_at_once_and_in_pieces() -> None:
    def at_once(text: str) -> None:
        _, reader = read(text)
        reader.claims()

    def in_pieces(text: str) -> None:
        read(*(text[at : at + 7] for at in range(0, len(text), 7)))

    grows_in_proportion(at_once, HOSTILE)
    grows_in_proportion(in_pieces, HOSTILE, 1000)


def test_a_long_text_of_marks_takes_time_in_proportion() -> None:
    grows_in_proportion(bare, ["according to [1], and "])
    assert "[" not in bare("according to [1], and " * 1_000)
