"""The sources beside an answer."""

from __future__ import annotations

from dataclasses import replace

from fake_service import (
    KELP,
    KELP_PAPER,
    TIDE_PAPER,
    make_answer,
    make_claim,
    make_evidence,
    make_reference,
)
from tables import Row, compare, table

from assistant.types.claims import Citation
from tui.presenters import answer as lines
from tui.presenters import reader, sources
from tui.presenters.papers import paper_item
from tui.presenters.passages import Passage
from tui.presenters.sources import Item

ROWS = table(__file__, "sources.jsonl")


def of(row: Row) -> tuple[Item, ...]:
    evidence = make_evidence() if "evidence" in row else None
    return sources.of_answer(make_answer(**row["changes"]), evidence)


def told(item: Item) -> dict[str, object]:
    names = ("kind", "id", "title", "number", "title_cited", "detail")
    return {
        **{name: getattr(item, name) for name in names},
        "paper": item.paper.id if item.paper else None,
        "quotes": list(item.quotes),
        "held": list(item.held),
    }


def test_the_sources_of_an_answer_are_listed_those_cited_first() -> None:
    compare(ROWS, lambda row: [told(item) for item in of(row)], "items")
    compare(ROWS, lambda row: sources.heading(of(row)), "heading")


def test_what_is_cited_so_far_comes_first_and_candidates_have_no_number() -> None:
    """A number of the evidence would not be that of the answer."""
    found = sources.candidates(make_evidence())
    assert [(one.number, one.id) for one in found] == [(None, "ptide"), (None, "pkelp")]
    assert sources.heading(found) == "Sources: 2 found, not cited yet"
    first = make_answer().claims[0]
    listed = sources.so_far([first], make_evidence())
    assert [(one.kind, one.number, one.id) for one in listed] == [
        ("cited", 1, "pkelp"),
        ("candidate", None, "ptide"),
    ]
    assert listed[0].quotes == (KELP[1],)


def test_one_claim_points_at_its_own_sentences() -> None:
    claims = tuple(
        make_claim(
            "xy",
            part,
            "matched",
            Citation(number=1, id="pkelp", sentences=(at,), quote=KELP[at - 1], verdict="weak"),
        )
        for part, at in (("x", 1), ("y", 4))
    )
    answer = make_answer(claims=claims, references=(make_reference(1, KELP_PAPER, (1, 4)),))
    item = sources.of_answer(answer)[0]
    assert item.quotes == (KELP[0], KELP[3])
    assert sources.for_claim(item, claims[1]).quotes == (KELP[3],)


def test_what_holds_uncited_words_is_marked_in_the_abstract_not_for_another_claim() -> None:
    row = next(row for row in ROWS if row["items"][0]["held"] == [KELP[2]])
    kelp = of(row)[0]
    assert reader.page(kelp, KELP_PAPER).passages == (
        Passage(KELP[0], False),
        Passage(KELP[1], True),
        Passage(KELP[2], False, held=True),
        Passage(KELP[3], False),
    )
    assert sources.for_claim(kelp, make_answer().claims[0]).held == ()


def test_papers_that_were_asked_are_copied_with_what_they_say() -> None:
    row = next(row for row in ROWS if "coverage" in row["changes"])
    answer = make_answer(**row["changes"])
    assert "F6 with the same question asks those that failed once more." in lines.ending(answer)
    copied = lines.copied(answer)
    assert "\nMore papers that say yes\nOn pmore: More of it.\n" in copied
    assert "\nUnclear\nOn phalf: (no sentence)\n" in copied
    assert "plost" not in copied


def test_an_empty_list_of_sources_says_why() -> None:
    assert sources.heading(()) == "Sources"
    assert [
        sources.none_listed(has_turn=has_turn, is_busy=is_busy)
        for has_turn, is_busy in ((False, True), (True, True), (True, False))
    ] == ["No sources yet.", "Searching…", "No sources."]


def test_a_source_is_a_row_and_has_a_place() -> None:
    listed = sources.of_answer(make_answer())
    assert sources.row(listed[1]) == ("[2] Surges on a sandy spit", "no authors · no year")
    assert sources.row(replace(listed[1], number=None, title=""))[0] == "(no title)"
    assert [sources.place(listed, one) for one in listed] == [0, 1]
    assert sources.place(listed, None) is None
    assert sources.place(listed[:1], listed[1]) is None


def test_what_the_library_is_asked_of() -> None:
    """A paper of the list is shown once it is there; a source is shown at once, then anew."""
    listed, whole = paper_item(TIDE_PAPER), sources.of_answer(make_answer())[0]
    bare = replace(listed, paper=None)
    asked = [(one.is_known, one.is_looked_up) for one in (listed, bare, whole)]
    assert asked == [(True, False), (False, True), (True, True)]
