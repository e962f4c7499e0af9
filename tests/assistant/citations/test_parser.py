"""Reading citations in the forms that models write, cut anywhere."""

from __future__ import annotations

import itertools

import pytest
from cited_text import NUMBERED, read
from hypothesis import given
from hypothesis import strategies as st
from made_sources import made_source, numbered_source

from assistant.citations.claims import DraftClaim
from assistant.citations.parser import CitationReader
from assistant.types.evidence import Evidence


def pointed(claim: DraftClaim) -> list[str]:
    return [
        f"{one.source}" if one.sentence is None else f"{one.source}.{one.sentence}"
        for one in claim.addresses
    ]


# What a model writes, what is shown, and what the one claim in it points at.
FORMS = [
    ("It works [1.2].", "It works [1].", ["1.2"]),
    ("It works [1.2, 3.1].", "It works [1][2].", ["1.2", "3.1"]),
    ("It works [3.2; 1.1].", "It works [1][2].", ["3.2", "1.1"]),
    ("It works [1.2 and 3.1].", "It works [1][2].", ["1.2", "3.1"]),
    ("It works [1][2].", "It works [1][2].", ["1", "2"]),
    ("It works [2][1].", "It works [1][2].", ["2", "1"]),
    ("It works [1.2][3.1].", "It works [1][2].", ["1.2", "3.1"]),
    ("It works [1.2], [3.1].", "It works [1][2].", ["1.2", "3.1"]),
    ("It works [1.2] [1.3].", "It works [1].", ["1.2", "1.3"]),
    ("It works [1.2-1.4].", "It works [1].", ["1.2", "1.3", "1.4"]),
    ("It works [1.2–1.4].", "It works [1].", ["1.2", "1.3", "1.4"]),
    ("It works [1.2-4].", "It works [1].", ["1.2", "1.3", "1.4"]),
    ("It works [1-3].", "It works [1][2][3].", ["1", "2", "3"]),
    ("It works (1.2).", "It works [1].", ["1.2"]),
    ("It works (1.2, 2.1), and so on.", "It works [1][2], and so on.", ["1.2", "2.1"]),
    ("It works (Source 1).", "It works [1].", ["1"]),
    ("It works 【1.2】.", "It works [1].", ["1.2"]),
    ("It works 【1.2†source】.", "It works [1].", ["1.2"]),
    ("It works 【1:2†L3-L5】.", "It works [1].", ["1.2"]),
    ("It works ［1.2］.", "It works [1].", ["1.2"]),
    ("It works [Source 1].", "It works [1].", ["1"]),
    ("It works [source 1.2].", "It works [1].", ["1.2"]),
    ("It works [Sources 1.2 and 3.1].", "It works [1][2].", ["1.2", "3.1"]),
    ("It works [Source: 1.2].", "It works [1].", ["1.2"]),
    ("It works [see 1.2].", "It works [1].", ["1.2"]),
    ("It works [^1].", "It works [1].", ["1"]),
    ("It works [1, sentence 2].", "It works [1].", ["1.2"]),
    ("It works [Source 1, sentences 2 and 3].", "It works [1].", ["1.2", "1.3"]),
    ("It works [1, title].", "It works [1].", ["1.0"]),
    ("It works [S1.2].", "It works [1].", ["1.2"]),
    ("It works [#1.2].", "It works [1].", ["1.2"]),
    ("It works **[1.2]**.", "It works [1].", ["1.2"]),
    ("It works *[1.2]*.", "It works [1].", ["1.2"]),
    ("It works [[1.2]].", "It works [1].", ["1.2"]),
    ("It works [ 1.2 ].", "It works [1].", ["1.2"]),
    ("It works [1.2.].", "It works [1].", ["1.2"]),
    ("It works[1.2].", "It works[1].", ["1.2"]),
    ("It works[1].", "It works[1].", ["1"]),
    ("It works. [1.2]", "It works. [1]", ["1.2"]),
    ("It works.[1.2]", "It works.[1]", ["1.2"]),
    ("It works.\n[1.2]", "It works.\n[1]", ["1.2"]),
    ("[1.2] shows that it works.", "[1] shows that it works.", ["1.2"]),
    ("As in [2], it works.", "As in [1], it works.", ["2"]),
    ("It is called Paper 1 [1.0].", "It is called Paper 1 [1].", ["1.0"]),
    ("It works (1.2, 3.1).", "It works [1][2].", ["1.2", "3.1"]),
    ("It works (1.2–1.4).", "It works [1].", ["1.2", "1.3", "1.4"]),
    ("It works (1.1) and well (1.2).", "It works [1] and well [1].", ["1.1", "1.2"]),
    ("It works ([1.2]).", "It works ([1]).", ["1.2"]),
    ("It works [citation: 1.2].", "It works [1].", ["1.2"]),
    ("It works [cited: 1.2, 3.1].", "It works [1][2].", ["1.2", "3.1"]),
    ("It works.[^1]\n\n[^1]: Source 1, sentence 2", "It works.[1]", ["1"]),
    ("It takes 9.1 s [1.2, 3.1].", "It takes 9.1 s [1][2].", ["1.2", "3.1"]),
    ("It reaches 9.1 [1.2, 3.1].", "It reaches 9.1 [1][2].", ["1.2", "3.1"]),
]


@pytest.mark.parametrize(("written", "shown", "addresses"), FORMS, ids=[one[0] for one in FORMS])
def test_accepted_forms(written: str, shown: str, addresses: list[str]) -> None:
    text, reader = read(written)
    assert text == shown
    (claim,) = reader.claims()
    assert pointed(claim) == addresses
    assert claim.unknown == ()
    assert text[claim.start : claim.end] == shown


LITERAL = [
    "x in the interval [0, 1] and on",
    "values in [0.5, 1.5] only",
    "the range [1.2, 3.1] of scores",
    "with x ∈ [1, 2] and y",
    "clipped to [1, 5] and",
    "x[1] and A[i][j] and a_b[2]",
    "arr[0][1] = 2",
    "in the year [2020] it was",
    "see [the text](https://example.org/a) here",
    "see [1.2](https://example.org/a) here",
    "code `a[1]` and `b[2]`",
    "```\na[1] = b [2]\n```",
    "Eq. (1.2) and Fig. (1.1).",
    "a function f(1.2) of",
    "one of (1, 2) and (3)",
    "sizes [-1, 1] and [a, b] and [1, n]",
    "a list [1, two] and [p. 3]",
    "an open [1.2 and no end",
    "[ ] and [] and [x] to do",
    "1.2 without brackets",
    "a vector [1, 2, 3] of ones",
    "tensors of shape [3, 3] and [1 x 2]",
    "a slice a[1:2] and x[0:3]",
    "in the years [2019, 2020] and [1990–2000]",
    "with p = [1.2] and q",
    "a 95% CI [1.2, 3.1] and",
    "a ratio (95% CI: [1.1, 1.3])",
    "a ratio of 1.2 [1.1, 1.4] here",
    "a mean of 3.2 [2.1–4.3] points",
    "on a scale [1-5] of",
    # A number in round brackets that ends a clause, and what tells it from a citation.
    "it reaches a higher score (1.2).",
    "the best FID (1.4), they say",
    "a mean rating (1.2); more",
    "values in the interval (1.2, 3.1).",
    "a hazard ratio (1.2).",
]


@pytest.mark.parametrize("written", LITERAL)
def test_what_only_looks_like_a_citation_is_left_alone(written: str) -> None:
    text, reader = read(written)
    assert text == written
    assert reader.marks == ()


FIGURES = Evidence(
    sources=(
        numbered_source(1),
        made_source(2, "Paper 2", "It gains 1.2 points. It needs 11.3 and 1.35 s."),
    )
)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        # Where the text has cited in square brackets, round ones hold numbers.
        ("It works [1.1] and gains more (1.2).", "It works [1] and gains more (1.2)."),
        ("It gains more (1.3) [1.1].", "It gains more (1.3) [1]."),
        ("It gains more (1.3)[1.1].", "It gains more (1.3)[1]."),
        # A number that a source states is a number; its digits inside another one are not it.
        ("It gains more (1.2).", "It gains more (1.2)."),
        ("It gains more (1.3).", "It gains more [1]."),
        # Unless round brackets have been citations so far.
        ("It works (1.1). It gains more (1.2).", "It works [1]. It gains more [1]."),
        ("It works (Source 1) and gains (1.2).", "It works [1] and gains [1]."),
    ],
)
def test_a_number_in_round_brackets_at_the_end_of_a_clause(written: str, shown: str) -> None:
    assert read(written, evidence=FIGURES)[0] == shown
    assert read(*written, evidence=FIGURES)[0] == shown


@pytest.mark.parametrize(
    ("written", "shown", "unknown"),
    [
        ("It works [99].", "It works [?].", ("99",)),
        ("It works [0].", "It works [?].", ("0",)),
        ("It works [1.99].", "It works [?].", ("1.99",)),
        ("It works [9.9].", "It works [?].", ("9.9",)),
        ("It works [1.2, 9.9].", "It works [1][?].", ("9.9",)),
        ("It works [1.4-9].", "It works [1][?].", ("1.4-9",)),
        ("It works [7][8.1].", "It works [?].", ("7", "8.1")),
        ("It works 【12†source】.", "It works [?].", ("12",)),
    ],
)
def test_an_address_that_does_not_exist_is_marked(
    written: str, shown: str, unknown: tuple[str, ...]
) -> None:
    """Case 92."""
    text, reader = read(written)
    assert text == shown
    assert reader.claims()[0].unknown == unknown
    assert all(NUMBERED.source(number) for number in reader.order)


def test_odd_citations_of_a_bad_server() -> None:
    """Case 92."""
    text, reader = read("Shown in [1], [99], [0], [-1], [1][1], [2, 3], [a], (see [[1]]) and [1")
    assert text == "Shown in [1][?], [-1], [1][2][3], [a], (see [1]) and [1"
    assert reader.order == (1, 2, 3)


def test_a_backslash_makes_a_bracket_literal() -> None:
    text, reader = read(r"We cut \[1\] at \(1.2\). \【1.2\】 \x [2.1]")
    assert text == r"We cut [1] at (1.2). 【1.2】 \x [1]"
    assert reader.order == (2,)


def test_papers_are_numbered_in_the_order_in_which_they_appear() -> None:
    text, reader = read("A holds [4.1]. B holds [2.2, 4.3]. C holds [1].")
    assert text == "A holds [1]. B holds [2][1]. C holds [3]."
    assert reader.order == (4, 2, 1)
    assert [one.number for claim in reader.claims() for one in claim.addresses] == [1, 2, 1, 3]


def test_one_paper_in_two_sources_has_one_number() -> None:
    evidence = Evidence(sources=(numbered_source(1, "same"), numbered_source(2, "same")))
    text, reader = read("It works [1.1, 2.2].", evidence=evidence)
    assert text == "It works [1]."
    assert reader.order == (1,)


CLAIMS = [
    (
        "A is so. [1.1] B is so [2.1]. C is so.",
        [("A is so.", ["1.1"]), ("B is so.", ["2.1"]), ("C is so.", [])],
    ),
    ("- A is so [1.1]\n- B is so [2.1]\n", [("A is so", ["1.1"]), ("B is so", ["2.1"])]),
    ("1. A is so [1.1]\n2. B is so [2.1]", [("A is so", ["1.1"]), ("B is so", ["2.1"])]),
    ("## Speed\nA is so [1.1].", [("A is so.", ["1.1"])]),
    ("**Speed**\n\nA is so [1.1].", [("A is so.", ["1.1"])]),
    ("Two papers say so:\n- A [1.1]\n- B [2.1]", [("A", ["1.1"]), ("B", ["2.1"])]),
    ("A is so [1.1], but B is not [2.1].", [("A is so, but B is not.", ["1.1", "2.1"])]),
    ("A is so.\n\n[1.1]\n\nB is so.", [("A is so.", ["1.1"]), ("B is so.", [])]),
    ("Is it so? A says yes [1.1].", [("Is it so?", []), ("A says yes.", ["1.1"])]),
    ("| M | S |\n|---|---|\n| A | 2 [1.1] |", [("| A | 2 |", ["1.1"])]),
    ("A is so [1.1].\n\nSources: [1.1], [2.1]", [("A is so.", ["1.1"])]),
    ("[1.1]", []),
    ("", []),
]


@pytest.mark.parametrize(("written", "claims"), CLAIMS, ids=[one[0][:30] for one in CLAIMS])
def test_claims(written: str, claims: list[tuple[str, list[str]]]) -> None:
    text, reader = read(written)
    found = reader.claims()
    assert [(one.text, pointed(one)) for one in found] == claims
    for one, following in itertools.pairwise(found):
        assert one.end <= following.start
    assert all(0 <= one.start < one.end <= len(text) for one in found)


@pytest.mark.parametrize(
    "listed",
    [
        "\n\n[1]: Paper 1\n[2]: Paper 2\n",
        "\n\n[^1]: Paper 1, p. 3",
        "\n\nSources:\n[1] Paper 1\n[2] Paper 2",
        "\n\n**Sources**\n- [1.1] Paper 1\n- [2.2] Paper 2\n",
        "\n\n## References\n1. Paper 1\n2. Paper 2\n",
        "\nReferences\n\n- Paper 1\n",
    ],
)
def test_a_list_of_sources_at_the_end_is_left_out(listed: str) -> None:
    text, reader = read(f"A is so [1.1].{listed}")
    assert text == "A is so [1]."
    assert reader.order == (1,)
    assert len(reader.claims()) == 1


def test_text_after_a_list_of_sources_is_shown() -> None:
    text, _ = read("A is so [1.1].\n\nSources:\n- Paper 1\nB is so [2.1].")
    assert text == "A is so [1].\n\nB is so [2]."


def test_a_line_that_begins_like_a_heading_of_sources_is_shown() -> None:
    text, _ = read("A is so [1.1].\n\nSources differ: B is not so [2.1].")
    assert text == "A is so [1].\n\nSources differ: B is not so [2]."


PARTS = [
    *(one[0] for one in FORMS),
    *LITERAL,
    *(one[0] for one in CLAIMS),
    "Sources:\n",
    "[1]: Paper\n",
    "\n\n",
    "**",
    "`",
    "\\",
    "[",
    "(",
    "- ",
]


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


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("It works (and well", "It works (and well"),
        ("It works [a", "It works"),
        ("It works [as we", "It works [as we"),
        ("It works [1.2", "It works"),
        ("It works [1.2]", "It works"),
        ("It works [1.2].", "It works [1]."),
        ("It works [1.2] and", "It works [1] and"),
        ("It works (1.5 times", "It works (1.5 times"),
        ("It **works", "It **works"),
    ],
)
def test_only_what_may_be_a_citation_is_held_back(written: str, shown: str) -> None:
    assert CitationReader(NUMBERED).feed(written) == shown


@pytest.mark.parametrize(
    "unit", ["[", "(", "[1.2]", "[1.2", "*", "`", "\\", "\n", " ", "[1.2] a. "]
)
def test_long_hostile_texts_are_read_in_time(unit: str) -> None:
    whole = unit * (40_000 // len(unit))
    reader = CitationReader(NUMBERED)
    shown = [reader.feed(whole[at : at + 7]) for at in range(0, len(whole), 7)]
    shown.append(reader.finish())
    assert "".join(shown) == reader.text
    once, _ = read(whole)
    assert once == reader.text
