"""What stands beside a paper, and what is said of its sentences that saved answers cite."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import fake_service as fake
import pytest
from rich.cells import cell_len
from tables import Row, compare, table

from assistant.types.search import Found, SearchResult
from assistant.types.sessions import Citing
from store.types import Paper, Ranks
from tui.presenters import paper_side
from tui.presenters.passages import count_answers, cut, locate

ABSTRACT = "Gulls nest on roofs. They eat 12 kinds of fish. Chicks fledge in June. Roofs are warm."
NOW = datetime(2025, 12, 1, 12, tzinfo=UTC)


def similar(number: int) -> SearchResult:
    hit = Found(rank=1, paper=fake.TIDE_PAPER, score=1.0, ranks=Ranks(dense=1))
    return SearchResult(query="x", hits=(hit,) * number)


def citing(number: int) -> tuple[Citing, ...]:
    return tuple(
        Citing(session="s1", name="Kelp", turn=at, question="Why?", asked_at="2025-11-12T10:00:00Z")
        for at in range(1, number + 1)
    )


def side_of(row: Row) -> paper_side.Side:
    known = Paper.model_validate(fake.KELP_PAPER.model_dump() | row["changes"])
    found, cites = similar(row.get("similar", 0)), citing(row.get("citing", 0))
    return paper_side.side(known, found, cites, is_whole=row.get("is_whole", False), now=NOW)


def test_what_stands_beside_a_paper() -> None:
    def came(row: Row) -> object:
        side = side_of(row)
        told = {
            "facts": [f"{one.label} {one.text}" for one in side.facts],
            "similar": [paper_side.row(one, 24) for one in side.similar],
            "citing": [paper_side.row(one, 24) for one in side.citing],
            "numbers": [one.number for one in (*side.similar, *side.citing)],
        }
        shown = {name: told.get(name, getattr(side, name, None)) for name in row["shows"]}
        return json.loads(json.dumps(shown))

    compare(table(__file__, "sides.jsonl"), came, "shows")


@pytest.mark.parametrize(
    ("near", "cited", "pages", "told"),
    [
        (0, 0, 1, ""),
        (1, 0, 0, "1 similar"),
        (0, 1, 1, "1 chat cites it"),
        (5, 2, 3, "2 chats cite it · 5 similar · in 3 pages"),
    ],
)
def test_what_leads_on_is_told_in_a_line(near: int, cited: int, pages: int, told: str) -> None:
    """Two answers of one chat are one chat."""
    came = fake.KELP_PAPER.provenance[0]
    places = tuple(
        came.model_copy({"source": f"{at}.html", "reader": "page"}) for at in range(pages)
    )
    paper = fake.KELP_PAPER.model_copy({"provenance": places})
    chats = [one.model_copy({"session": f"s{at}"}) for at in range(cited) for one in citing(2)]
    assert paper_side.leads_on(paper, similar(near), chats) == told


def test_what_leads_on_fits_into_any_width() -> None:
    side = side_of({"changes": {}, "similar": 1, "citing": 1})
    for width in range(20, 60):
        for lead in (*side.similar, *side.citing):
            assert cell_len(paper_side.row(lead, width)) == width


def test_sentences_tell_how_many_saved_answers_cite_them() -> None:
    def passages(row: Row) -> list[list[object]]:
        abstract = row.get("abstract", ABSTRACT)
        answers = {text: frozenset(by) for text, by in row["answers"].items()}
        found = count_answers(cut(abstract, locate(abstract, row["quotes"])), answers)
        return [[one.text, one.cited, one.answers] for one in found]

    compare(table(__file__, "counted.jsonl"), passages)


def test_answers_are_told_by_the_sentences_that_they_cite() -> None:
    """The title, and a sentence that is not there, count for none."""
    one, two = (
        each.model_copy(update={"sentences": at})
        for each, at in zip(citing(2), [(0, 2), (2, 3, 9)], strict=True)
    )
    found = paper_side.answers_by_sentence(fake.TIDE_PAPER, [one, two])
    assert {text: len(by) for text, by in found.items()} == {fake.TIDES[1]: 2, fake.TIDES[2]: 1}
