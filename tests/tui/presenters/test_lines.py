"""The lines that the app says, around an answer, of costs and jobs, and its lists."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable
from typing import Any, get_args

import pytest
from fake_service import EMBEDDERS, KELP_PAPER, TIDES, make_answer, make_paper, with_verdicts
from tables import Row, compare, table

from assistant.answers.preview import Sending
from assistant.config.settings import Settings
from assistant.errors import EndpointUnreachable
from assistant.ingest.add import AddProgress, AddReport
from assistant.ingest.embedder_change import ChangeDone, ChangeProgress
from assistant.types.answers import Answer
from assistant.types.events import Progress
from assistant.types.evidence import Sentence
from assistant.types.search import Found, SearchResult
from assistant.types.usage import Estimate
from assistant.wiring.embedders import AllEmbedders
from store.ledger.browse import Listing, Order, Told
from store.library.reembedding import ChangeReport
from store.types import LibraryStatus, Ranks
from tui.presenters import answer as lines
from tui.presenters import costs, embedders, jobs, papers, sources, status
from tui.presenters.help import LEGEND, commands
from tui.presenters.papers import PAGE, Pages
from tui.presenters.places import Scope
from tui.presenters.progress import Pace, parts, span
from tui.presenters.sources import Item


def sending(*, papers: int = 72, **estimate: float) -> Sending:
    return Sending(
        question="q",
        standalone="q",
        model="own",
        sends_to="models.example",
        considered=papers,
        estimate=Estimate.model_validate(estimate),
        note="72 papers in 6 requests",
    )


def changed(vectors: int = 150, **report: Any) -> str:
    of = ChangeReport(embedder="near", papers=150, **report)
    return jobs.changed(ChangeDone(report=of, vectors=vectors), "near")


def ranked(hits: int, notes: list[str]) -> str:
    found = Found(rank=1, paper=KELP_PAPER, score=1.0, ranks=Ranks(lexical=1))
    return papers.ranked_count(SearchResult(query="x", hits=(found,) * hits, notes=tuple(notes)))


def offered(**running: bool) -> dict[str, str]:
    found = commands(**running)
    actions: dict[str, str] = {one.title: one.action for one in found}
    assert len(actions) == len(found)
    return actions


LINES: dict[str, Callable[..., object]] = {
    "what asking takes": lambda **one: costs.takes(Estimate(**one)),
    "whether a yes is wanted": lambda cap=None, **one: costs.asks_first(Estimate(**one), cap),
    "asking every paper": lambda scope, **one: costs.ask_all(
        sending(**one), Scope(*scope).title if scope else ""
    ).splitlines(),
    "asking begins": lambda **one: costs.ask_all_begins(sending(**one)),
    "whom the question is put to": lambda text, scope: costs.ask_all_title(
        text, Scope(*scope).title if scope else ""
    ),
    "a check": lambda place, **one: costs.check(Estimate(**one), "tiny-model", place),
    "the palette": offered,
    "tags": jobs.tag_list,
    "adding so far": lambda **far: jobs.adding(AddProgress(**far)),
    "changing so far": lambda **far: jobs.changing(ChangeProgress(**far), "near"),
    "added": lambda path, **report: jobs.added(AddReport(**report), path),
    "changed": changed,
    "a time to wait": span,
    "a failure": lambda **one: status.failure(EndpointUnreachable(**one)),
    "where text goes": status.destination,
    "the library": lambda **one: status.standing(LibraryStatus(**one)),
    "what a search found": ranked,
    "a copied answer": lambda **changes: lines.copied(make_answer(**changes)).split("\n"),
    "a paper in the list": lambda **one: {
        name: getattr(papers.paper_item(make_paper("p", sentences=["x"], **one)), name)
        for name in ("title", "detail")
    },
    "no sources": sources.none_listed,
}


def test_what_is_said_of_costs_jobs_and_the_library() -> None:
    """A table; lines that are several stand as a list."""

    def said(row: Row) -> object:
        return json.loads(json.dumps(LINES[row["of"]](**row["given"])))

    rows = table(__file__, "lines.jsonl")
    assert {row["of"] for row in rows} == LINES.keys()
    compare(rows, said)
    assert costs.takes(None) == ""
    usual = [costs.usual(*tokens) for tokens in ((0, 0), (640, 800), (2600, 9100))]
    assert usual == ["", "about 1k tokens", "about 3k to 9k tokens"]
    assert [one.symbol for one in LEGEND] == ["✗", "#!", "?!", "–", "○", "~", "∅", "◐", "·", "✓"]


def test_what_is_left_is_told_once_the_pace_is_steady() -> None:
    def event(done: int) -> Progress:
        return Progress(text=f"asked {done} of 72", done=done, total=72, unit="papers asked")

    pace, rows = Pace(), table(__file__, "pace.jsonl")
    compare(rows, lambda row: pace.line(event(row["done"]), 100.0 + row["at"]))
    assert parts(event(36)) == "36 of 72 papers asked · Esc stops"


def test_the_account_of_an_answer_and_how_it_ended_what_is_contradicted_first() -> None:
    def answer_of(row: Row) -> Answer:
        answer = make_answer(**row["changes"])
        return with_verdicts(answer, *row["verdicts"]) if "verdicts" in row else answer

    rows = table(__file__, "answers.jsonl")
    told = [row for row in rows if "account" in row]
    compare(told, lambda row: lines.account(answer_of(row)), "account")
    ended = [row for row in rows if "ending" in row]
    compare(ended, lambda row: list(lines.ending(answer_of(row))), "ending")
    explained = [row for row in rows if "explained" in row]
    compare(explained, lambda row: lines.explanation(answer_of(row)), "explained")


def listing(row: Row) -> Listing:
    keys = array("q", row["keys"]) if "keys" in row else None
    order = Order.model_validate(row.get("order", {}))
    told, notes = row.get("told", get_args(Told)), tuple(row.get("notes", ()))
    return Listing(row["words"], row["total"], keys, order, frozenset(told), notes)


def test_how_many_papers_are_listed() -> None:
    rows = table(__file__, "listings.jsonl")
    compare(rows, lambda row: papers.count(listing(row), row.get("selected", 0)), "count")
    compare(rows, lambda row: papers.none_listed(listing(row)), "empty")

    def item(sentence: Sentence | None) -> Item:
        found = Found(rank=1, paper=KELP_PAPER, score=1.0, ranks=Ranks(), sentence=sentence)
        return papers.found_item(found)

    title, third = (Sentence(index=at, start=0, end=4, text=TIDES[2]) for at in (0, 3))
    items = [item(None), item(title), item(third)]
    assert [one.quotes for one in items] == [(), (), (TIDES[2],)]
    assert [one.title_cited for one in items] == [False, True, False]
    assert {(one.kind, one.is_known, one.is_looked_up) for one in items} == {("paper", True, False)}


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
    rows = table(__file__, "choices.jsonl")
    served = {row["name"]: row["served"] for row in rows if "served" in row}
    known = AllEmbedders(Settings.model_validate({"embedders": served}))
    found = {one.name: one for one in known.choices(known.fingerprint("openai:elsewhere"))}
    assert list(found) == [row["name"] for row in rows]
    told = {name: [one.here, one.in_use, one.sends_to] for name, one in found.items()}
    compare(rows, lambda row: told[row["name"]])
    assert "unencrypted" in (embedders.consent(found["away"]) or ("", ""))[1]
    assert "secret" not in str(found["wrong"])
