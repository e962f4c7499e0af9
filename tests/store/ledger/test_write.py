"""Who a record is, and what it changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest
from papers import made_up
from tables import Row, for_each, table

from store.embedders.wordllama import built_in_embedder
from store.ledger.database import Ledger
from store.ledger.identity import text_hash
from store.ledger.outbox import Pending, pending
from store.ledger.papers import find_paper
from store.ledger.vectors import put_vectors, register_embedder
from store.ledger.write import Written, remove_paper, write_record
from store.library.library import Library
from store.types import Notice, ReadItem, Record, Rejection

BASE = Record(
    title="Glacier melt",
    abstract=(
        "We measure how glaciers melt in the eastern Alps with stereo images of eighteen years."
    ),
    source="a.jsonl",
    reader="jsonl",
    record=1,
)


def record(**fields: object) -> Record:
    return Record.model_validate({**BASE.model_dump(), **fields})


def write(ledger: Ledger, one: Record, *tags: str) -> Written:
    with ledger.write():
        return write_record(ledger, one, tags)


def papers(ledger: Ledger) -> int:
    return int(ledger.value("SELECT count(*) FROM papers"))


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """An empty one in memory."""
    with closing(Ledger.in_memory()) as opened:
        yield opened


def test_a_second_record() -> None:
    def check(row: Row) -> None:
        with closing(Ledger.in_memory()) as ledger:
            first = write(ledger, record(**row["first"]))
            given = record(**row["second"])
            second = write(ledger, given)
            assert (first.change, second.change) == ("new", row["change"])
            is_new = second.change == "new"
            assert (second.id != first.id, second.key != first.key) == (is_new, is_new)
            assert papers(ledger) == 1 + is_new
            waiting = {
                "new": [(first.id, 1), (second.id, 2)],
                "same": [(first.id, 1)],
                "changed": [(first.id, 2)],
            }
            assert [(one.id, one.seq) for one in pending(ledger, 0)] == waiting[second.change]
            assert write(ledger, given).change == row.get("again", "same")
            stored = find_paper(ledger, second.id)
            assert (second.title, second.abstract) == (stored.title, stored.abstract)
            hashed = ledger.value("SELECT text_hash FROM papers WHERE key = ?", (second.key,))
            assert second.text_hash == hashed == text_hash(stored.title, stored.abstract)
            stands = row.get("stands", {})
            assert stored.model_dump(include=stands) == stands
            for name in (given.doi, given.arxiv_id, row["first"].get("source_id")):
                assert name is None or find_paper(ledger, name).id == second.id

    for_each(table(__file__, "second_records.jsonl"), check)


def test_papers_bridged_by_a_record_merge_under_the_older_id(ledger: Ledger) -> None:
    """What the older one lacks comes from the younger, and both names stay."""
    one = record(doi="10.1000/a", year=2020, source_id="K1")
    other = record(
        title="Bees",
        abstract="Bees dance for flowers.",
        arxiv_id="2401.00001",
        source="b.jsonl",
        year=2021,
        date="2021-02-03",
        venue="V",
        url="https://a.org",
        authors=("Ada Lovelace",),
    )
    older, younger = write(ledger, one, "One"), write(ledger, other, "other")
    with ledger.write():
        ledger.run("UPDATE papers SET status = 'read' WHERE key = ?", (younger.key,))
        ledger.run("INSERT INTO notes(paper, text, written_at) VALUES (?, 'n', '')", (2,))
    bridge = record(doi="10.1000/a", arxiv_id="2401.00001", source="c.jsonl", record=None)
    merged = write(ledger, bridge)
    assert (merged.change, merged.id, merged.key) == ("changed", older.id, older.key)
    stored = find_paper(ledger, "2401.00001")
    assert find_paper(ledger, younger.id) == stored, "the old id still names the paper"
    assert (stored.id, stored.title, stored.year) == (older.id, "Glacier melt", 2020)
    assert (stored.date, stored.venue, stored.url) == ("2021-02-03", "V", "https://a.org")
    assert (stored.authors, stored.status) == (("Ada Lovelace",), "read")
    assert (stored.tags, stored.notes) == (("one", "other"), ("n",))
    places = [(place.source, place.record) for place in stored.provenance]
    assert sorted(places) == [("a.jsonl", 1), ("b.jsonl", 1), ("c.jsonl", 0)]
    assert papers(ledger) == 1
    assert pending(ledger, 2) == [
        Pending(younger.id, 3, deleted=True),
        Pending(older.id, 4, deleted=False),
    ]
    again = write(ledger, other)
    assert (again.change, again.id) == ("same", older.id), "its place and hash came along"


def test_marks_that_the_older_paper_has_are_kept_in_a_merge(ledger: Ledger) -> None:
    write(ledger, record(doi="10.1000/a", venue="Old", authors=("Ada Lovelace",)))
    write(ledger, record(title="Bees", arxiv_id="2401.00001", venue="New", authors=("B. C.",)))
    with ledger.write():
        ledger.run("UPDATE papers SET status = CASE key WHEN 1 THEN 'read' ELSE 'skipped' END")
    bridge = write(ledger, record(doi="10.1000/a", arxiv_id="2401.00001"))
    stored = find_paper(ledger, bridge.id)
    assert (stored.status, stored.venue, stored.authors) == ("read", "Old", ("Ada Lovelace",))


def test_a_removed_paper_leaves_a_tombstone_alone(ledger: Ledger) -> None:
    gone, kept = write(ledger, record(), "x"), write(ledger, record(title="Bees"), "x")
    with ledger.write():
        embedder = register_embedder(ledger, "made-up/4", 4)
        put_vectors(ledger, embedder, [(one.key, "h", bytes(16)) for one in (gone, kept)])
        assert remove_paper(ledger, gone.id)
        assert not remove_paper(ledger, gone.id)
    assert pending(ledger, 2) == [Pending(gone.id, 3, deleted=True)]
    for name in ("papers", "aliases", "provenance", "tags", "vectors"):
        assert ledger.value(f"SELECT count(*) FROM {name}") == 1, name


def test_two_versions_in_two_sources_do_not_take_turns(ledger: Ledger) -> None:
    """Adding the same files again changes nothing, though they disagree."""
    twenty = BASE.abstract.replace("eighteen", "twenty")
    versions = (record(line=1), record(abstract=twenty, source="b.jsonl", line=1))
    changes = [write(ledger, one).change for one in (*versions, *versions)]
    assert changes == ["new", "changed", "same", "same"]
    assert find_paper(ledger, "Glacier melt").abstract == twenty


def test_where_a_record_stands_follows_what_it_says(ledger: Ledger) -> None:
    """A line that moved is noted with new words alone: else every edit would touch all."""
    placed = (("first", 3, None), ("first", 4, None), ("second", 5, "2026-01-02"))
    lines = []
    for venue, line, page_date in placed:
        written = write(ledger, record(venue=venue, line=line, page_date=page_date))
        (place,) = find_paper(ledger, written.id).provenance
        lines.append((place.source, place.reader, place.record, place.line, place.page_date))
    base = ("a.jsonl", "jsonl", 1)
    assert lines == [(*base, 3, None), (*base, 3, None), (*base, 5, "2026-01-02")]


def test_every_record_is_accounted_for(library: Library) -> None:
    items: list[ReadItem] = [
        record(),
        record(),
        Rejection(source="a.jsonl", line=3, record=3, reason="no abstract"),
        Notice(source="a.jsonl", record=1, message="odd"),
        record(title="Bees", abstract="Bees dance for flowers."),
        record(year=2020),
    ]
    report = library.ingest(tags=["X"]).run(items)
    assert (report.read, report.new, report.same, report.changed, report.refused) == (5, 2, 1, 1, 1)
    assert len(report.papers) == 2
    assert report.notices[0].message == "odd"
    assert library.papers()[0].tags == ("x",)


def test_a_second_run_embeds_nothing(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.ingest().run(made_up(30))
    embedder = built_in_embedder()
    assert embedder is not None

    def refuse(self: object, texts: Sequence[str]) -> None:
        assert not any(texts), "embedded again"

    monkeypatch.setattr(type(embedder), "embed", refuse)
    report = library.ingest().run(made_up(30))
    assert (report.new, report.same) == (0, 30)


def test_a_dry_run_writes_nothing(library: Library) -> None:
    report = library.ingest(dry_run=True).run([record(), record(source="b.jsonl")])
    assert (report.new, report.same) == (1, 1)
    assert library.count() == 0
    assert library.ledger.value("SELECT count(*) FROM outbox") == 0
