"""What the status line says: how things stand, what went wrong, how far long jobs have come."""

from __future__ import annotations

from assistant.errors import EndpointUnreachable
from assistant.ingest.add import AddProgress, AddReport
from assistant.ingest.embedder_change import ChangeDone, ChangeProgress
from assistant.types.events import Progress
from store.library.reembedding import ChangeReport
from store.types import LibraryStatus
from tui.presenters import jobs, status
from tui.presenters.progress import Pace, parts, span

REPORT = AddReport(
    read=341,
    new=299,
    same=40,
    refused=2,
    refusals=("/p/a.jsonl, line 5: no abstract\x1b]52;c;eA==\x07",),
    more_refusals=1000,
    notes=("/p/page.txt, record 3: the abstract\nseems cut",),
    more_notes=2,
    skipped=1,
)


def test_tags_are_typed_with_commas_between() -> None:
    typed = ("", "audio", " audio, speech ,,")
    assert [jobs.tag_list(one) for one in typed] == [(), ("audio",), ("audio", "speech")]


def test_how_far_an_adding_has_come() -> None:
    assert jobs.adding(AddProgress()) == "Adding: 0 read · F5 stops"
    assert jobs.adding(AddProgress(records=5000, seconds=10.0, share=0.5)) == (
        "Adding: 5,000 read · 500 a second · 10 s left · F5 stops"
    )


def test_how_far_a_change_of_embedder_has_come() -> None:
    progress = ChangeProgress(step="embedding", done=5000, total=10_000, begun=1000, seconds=10.0)
    far = "with near: 5,000 of 10,000 · 400 a second · 12 s left · Esc stops"
    assert jobs.changing(progress, "near") == f"Embedding {far}"
    indexing = progress.model_copy(update={"step": "indexing"})
    assert jobs.changing(indexing, "near") == f"Indexing {far}"


def test_what_was_added_is_told_with_what_was_not() -> None:
    assert jobs.added(REPORT, "~/papers") == (
        "Added ~/papers: read 341, new 299, same 40, changed 0, refused 2.",
        "Refused: /p/a.jsonl, line 5: no abstract.",
        "… and 1,000 more; quire add --json lists them all.",
        "Note: /p/page.txt, record 3: the abstract seems cut.",
        "… and 2 more notes.",
        "1 file of no known kind passed over.",
    )
    stopped = AddReport(read=256, new=256, stopped=True, skipped=2000)
    assert jobs.added(stopped, "/tmp") == (
        "Stopped adding /tmp. Kept: read 256, new 256, same 0, changed 0, refused 0. "
        "The same again goes on from there.",
        "2,000 files of no known kind passed over.",
    )


def test_what_a_change_of_embedder_did() -> None:
    def line(embedded: int) -> str:
        report = ChangeReport(embedder="near", papers=150, embedded=embedded, done=True)
        return jobs.changed(ChangeDone(report=report, vectors=150), "near")

    assert [line(embedded) for embedded in (140, 150, 1)] == [
        "The library uses near now: 140 vectors made, 10 were there.",
        "The library uses near now: 150 vectors made.",
        "The library uses near now: 1 vector made, 149 were there.",
    ]


def test_a_change_that_was_stopped_says_what_is_kept() -> None:
    report = ChangeReport(embedder="near", papers=150, embedded=64, done=False)
    line = jobs.changed(ChangeDone(report=report, vectors=128), "near")
    assert "Vectors from near that were made are kept: 128 of 150 papers have theirs." in line


def test_a_time_to_wait_in_words() -> None:
    seconds = (0.1, 89.4, 90, 5300, 5400)
    assert [span(one) for one in seconds] == ["1 s", "89 s", "2 min", "88 min", "1.5 h"]


def test_what_is_left_is_told_once_the_pace_is_steady() -> None:
    def event(done: int) -> Progress:
        return Progress(text=f"asked {done} of 72", done=done, total=72, unit="papers asked")

    pace = Pace()
    assert pace.line(event(12), 100.0) == "asked 12 of 72 · Esc stops"
    assert pace.line(event(24), 102.0) == "asked 24 of 72 · Esc stops", "too early to tell"
    assert pace.line(event(36), 103.0) == "asked 36 of 72 · 4 s left · Esc stops"
    assert pace.line(event(36), 104.0) == "asked 36 of 72 · 6 s left · Esc stops"
    assert pace.line(event(72), 110.0) == "asked 72 of 72 · Esc stops"
    assert parts(event(36)) == "36 of 72 papers asked · Esc stops"


def test_a_failure_is_one_line_of_sentences_with_the_next_step() -> None:
    error = EndpointUnreachable("Nobody answers at\nlocalhost:1", "Start the server.\x1b[2J")
    assert status.failure(error) == "Nobody answers at localhost:1. Start the server."
    in_pieces = EndpointUnreachable("the key is refused", "check it")
    assert status.failure(in_pieces) == "The key is refused. Check it."


def test_where_text_goes_is_said() -> None:
    assert status.destination("extractive", None) == "extractive · nothing leaves this machine"
    assert status.destination("m", "api.example.org") == "m · sends to api.example.org"
    assert status.destination("m", "a", "a") == "m · sends to a"
    assert status.destination("m", "a", "b") == "m · sends to a · sends to b for vectors"
    assert status.destination("m", None, "b") == "m · sends to b for vectors"


def test_how_the_library_stands() -> None:
    one = LibraryStatus(
        library="/x",
        papers=1,
        indexed=0,
        pending=0,
        embedder="none",
        chroma="ready",
        lexical="ready",
        disk_bytes=1,
    )
    assert status.standing(one) == "1 paper"
    many = one.model_copy(update={"papers": 30_000, "pending": 1200})
    assert status.standing(many) == "30,000 papers, 1,200 to index"
