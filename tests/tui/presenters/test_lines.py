"""The lines that the app says: around an answer, of costs and jobs, on the status line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fake_service import KELP_PAPER, make_answer, with_verdicts
from tables import Row, compare, table

from assistant.answers.preview import Sending
from assistant.checking.verdicts import SIGNS
from assistant.errors import EndpointUnreachable
from assistant.ingest.add import AddProgress, AddReport
from assistant.ingest.embedder_change import ChangeDone, ChangeProgress
from assistant.types.answers import Answer
from assistant.types.events import Progress
from assistant.types.search import Found, SearchResult
from assistant.types.usage import Estimate
from store.library.reembedding import ChangeReport
from store.types import LibraryStatus, Ranks
from tui.presenters import answer as lines
from tui.presenters import costs, jobs, papers, sessions, sources, status
from tui.presenters.help import LEGEND, commands
from tui.presenters.progress import Pace, parts, span


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
    "asking every paper": lambda among, ranked, **one: costs.ask_all(
        sending(**one), among, ranked=ranked
    ).splitlines(),
    "asking begins": lambda **one: costs.ask_all_begins(sending(**one)),
    "whom the question is put to": costs.ask_all_title,
    "a check": lambda place, **one: costs.check(Estimate(**one), "tiny-model", place),
    "a check begins": lambda **one: costs.check_begins(Estimate(**one)),
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
    "how many conversations": sessions.count,
    "no sources": sources.none_listed,
}


PACE = [(12, 0), (24, 2), (36, 3), (36, 4), (72, 10)]
"""Papers asked after so many seconds; after two it is too early to tell what is left."""


def test_what_is_said_of_costs_jobs_and_the_library() -> None:
    """A table; lines that are several stand as a list."""

    def said(row: Row) -> object:
        return json.loads(json.dumps(LINES[row["of"]](**row["given"])))

    rows = table(__file__, "lines.jsonl")
    assert {row["of"] for row in rows} == LINES.keys()
    compare(rows, said)
    assert costs.takes(None) == ""


def test_every_symbol_has_its_meaning() -> None:
    assert [symbol for symbol, _ in LEGEND] == ["✓", "~", "#!", "○", "?!", "✔", "✗", "–"]
    assert [meaning for _, meaning in LEGEND] == [sign.words for sign in SIGNS.values()]


def test_what_is_left_is_told_once_the_pace_is_steady() -> None:
    def event(done: int) -> Progress:
        return Progress(text=f"asked {done} of 72", done=done, total=72, unit="papers asked")

    pace = Pace()
    assert [pace.line(event(done), 100.0 + at) for done, at in PACE] == [
        "asked 12 of 72 · Esc stops",
        "asked 24 of 72 · Esc stops",
        "asked 36 of 72 · 4 s left · Esc stops",
        "asked 36 of 72 · 6 s left · Esc stops",
        "asked 72 of 72 · Esc stops",
    ]
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


def test_a_copied_answer_carries_its_references() -> None:
    assert lines.copied(make_answer()) == (
        "Rockfish were counted on eight reefs [1]. Surges reshape the spit [2]. Nobody asked why.\n"
        "\n"
        "References\n"
        "[1] Rockfish in kelp forests. Ada Moreno, Jon Blum, Kim Ito and 1 more · 2021. "
        "https://reef.example/papers/1\n"
        "[2] Surges on a sandy spit. no authors · no year.\n"
    )
    assert "References" not in lines.copied(make_answer(references=()))
