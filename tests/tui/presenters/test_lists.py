"""The lists of papers, conversations and embedders."""

from __future__ import annotations

from array import array

import pytest
from fake_service import EMBEDDERS, KELP_PAPER, TIDES, make_paper
from tables import Row, compare, table

from assistant.config.settings import Settings
from assistant.types.evidence import Sentence
from assistant.types.search import Found
from assistant.types.sessions import SessionLine
from assistant.wiring.embedders import AllEmbedders
from store.ledger.browse import Listing
from store.types import Ranks
from tui.presenters import embedders, papers, sessions
from tui.presenters.papers import PAGE, Pages
from tui.presenters.sources import Item


def listing(row: Row) -> Listing:
    keys = array("q", row["keys"]) if "keys" in row else None
    return Listing(row["words"], row["total"], keys)


def test_how_many_papers_are_listed() -> None:
    rows = table(__file__, "listings.jsonl")
    keys = " · Enter reads, s summarizes, / filters, a adds"
    compare(rows, lambda row: papers.count(listing(row)).removesuffix(keys), "count")
    compare(rows, lambda row: papers.none_listed(listing(row)), "empty")
    assert papers.count(Listing("", 0)).endswith(keys)


def test_a_found_paper_points_at_its_best_sentence() -> None:
    def item(sentence: Sentence | None) -> Item:
        found = Found(rank=1, paper=KELP_PAPER, score=1.0, ranks=Ranks(), sentence=sentence)
        return papers.found_item(found)

    title, third = (Sentence(index=at, start=0, end=4, text=TIDES[2]) for at in (0, 3))
    items = [item(None), item(title), item(third)]
    assert [one.quotes for one in items] == [(), (), (TIDES[2],)]
    assert [one.title_cited for one in items] == [False, True, False]
    assert {(one.kind, one.is_known, one.is_looked_up) for one in items} == {("paper", True, False)}


def test_a_paper_with_a_mark_shows_it() -> None:
    paper = make_paper("p", "T\x1b[2J", ["x"], status="later")
    assert papers.paper_item(paper).detail == "no authors · no year · later"
    assert papers.paper_item(paper).title == "T"


def test_only_the_pages_used_last_are_in_memory() -> None:
    rows = Pages[int](100 * PAGE)
    assert rows.lacks(0)
    for number in range(31):
        rows.put(number, [number * PAGE + at for at in range(PAGE)])
        assert rows[0] == 0, "a page that is used stays"
    assert rows.lacks(PAGE)
    assert (rows[PAGE], rows[30 * PAGE + 7], rows[-1:]) == (None, 30 * PAGE + 7, [None])
    assert len(rows) == 100 * PAGE
    with pytest.raises(IndexError):
        rows[100 * PAGE]


def test_conversations_stand_in_the_order_of_their_last_use() -> None:
    lines = [
        SessionLine(id=at, title=title, updated_at=f"2025-02-0{at}T04:05:06Z", turns=int(at))
        for at, title in (("1", "Kelp"), ("3", "\x1b[2J"), ("2", "Spits"))
    ]
    assert [sessions.row(one) for one in sessions.latest_first(lines)] == [
        ("(no title)", "2025-02-03 04:05 UTC · 3 questions"),
        ("Spits", "2025-02-02 04:05 UTC · 2 questions"),
        ("Kelp", "2025-02-01 04:05 UTC · 1 question"),
    ]


def test_the_embedders_say_where_they_work_why_not_and_where_texts_would_go() -> None:
    choices = {one.name: one for one in EMBEDDERS}
    rows = table(__file__, "embedders.jsonl")
    assert [row["name"] for row in rows] == list(choices)
    compare(rows, lambda row: list(embedders.row(choices[row["name"]])), "shown")
    compare(rows, lambda row: embedders.refusal(choices[row["name"]]), "refusal")
    compare(rows, lambda row: list(embedders.consent(choices[row["name"]]) or ()), "consent")
    orders = (EMBEDDERS, EMBEDDERS[::-1], EMBEDDERS[1:])
    assert [embedders.place_in_use(one) for one in orders] == [0, 3, 0]


def test_the_choices_say_where_texts_really_go() -> None:
    """Two names with one model are served at one place; a wrong address is no choice."""
    served = {
        "first": {"base_url": "http://127.0.0.1:9/v1", "model": "m"},
        "second": {"base_url": "https://vectors.example/v1", "model": "m"},
        "away": {"base_url": "http://192.168.0.7:8080/v1", "model": "n"},
        "wrong": {"base_url": "https://me:secret@vectors.example/v1", "model": "o"},
    }
    known = AllEmbedders(Settings.model_validate({"embedders": served}))
    used = known.fingerprint("openai:elsewhere")
    found = {one.name: one for one in known.choices(used)}
    names = ["wordllama", "minilm", "first", "second", "away", "wrong", "openai:elsewhere"]
    assert list(found) == names
    assert (found["first"].sends_to, found["second"].sends_to) == (None, None)
    assert found["away"].sends_to == "192.168.0.7:8080"
    consent = embedders.consent(found["away"])
    assert consent is not None
    assert "unencrypted" in consent[1]
    assert not found["wrong"].here
    assert "secret" not in str(found["wrong"])
    assert not found["minilm"].here
    assert [one.name for one in found.values() if one.in_use] == ["openai:elsewhere"]
