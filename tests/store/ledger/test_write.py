"""Who a record is, what it changes, how that is hashed, and what projections have to follow."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import astuple
from pathlib import Path

import pytest
from papers import made_up
from tables import Row, compare, for_each, table

from store.embedders.wordllama import built_in_embedder
from store.ledger import fuller, identity, likeness, outbox, preprints, text_language, titles
from store.ledger.database import Ledger
from store.ledger.identity import identity_key, row_digest, text_hash
from store.ledger.images import remove_paper
from store.ledger.outbox import Mark, Pending, pending
from store.ledger.papers import find_paper
from store.ledger.vectors import put_vectors, register_embedder
from store.ledger.write import Written, write_record
from store.library.library import Library
from store.types import Details, Notice, ReadItem, Record, Rejection

BASE = json.loads(Path(__file__).with_name("base_record.json").read_text("utf-8"))


def record(**fields: object) -> Record:
    return Record.model_validate({**BASE, **fields})


def write(ledger: Ledger, one: Record, *tags: str) -> Written:
    with ledger.write():
        return write_record(ledger, one, tags)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty one."""
    with closing(Ledger.open(tmp_path, create=True)) as opened:
        yield opened


def test_names_hashes_and_likeness() -> None:
    rows = table(__file__, "identity.jsonl")
    modules = (identity, titles, likeness, preprints, text_language, fuller)
    named = {name: of for module in modules for name, of in vars(module).items()}
    compare(rows, lambda row: named[row["of"]](*row["given"]))
    assert identity_key(record(title="?!")) == "title:?!", "a title without words is its own"
    assert identity_key(record(title="Über ALLES!")) == "title:über alles"
    assert identity_key(record(arxiv_id="2401.00001")) == "arxiv:2401.00001"
    assert identity_key(record(arxiv_id="2401.00001", doi="10.1000/a")) == "doi:10.1000/a"


def test_no_two_rows_have_one_digest() -> None:
    values = [
        *((b"ab", b"c"), (b"a", b"bc"), (b"abc", None), (None, b"abc"), (b"b", b"c"), (b"b1:c",)),
        *((b"1", None), (1, None), (b"", None), (None, None), (None,), (), (b"n",)),
        *((11, 1), (1, 11), (-1,)),
    ]
    digests = {row_digest(*row) for row in values}
    assert len(digests) == len(values)
    assert all(0 <= one < 2**63 for one in digests)
    # Libraries outlive interpreters: another number would call every row altered.
    assert row_digest(b"abc", None, 7, 2**40, -1, b"") == 2241319859428237482


def test_what_records_change() -> None:
    def check(row: Row) -> None:
        with closing(Ledger.in_memory()) as ledger:
            given = [record(**one) for one in row["records"]]
            written = [write(ledger, one) for one in given]
            assert [one.change for one in written] == row["changes"]
            ids, last = [one.id for one in written], written[-1]
            assert pending(ledger, 0) == [
                Pending(ids[of], seq, bool(deleted)) for of, seq, *deleted in row["outbox"]
            ]
            stored = find_paper(ledger, last.id)
            stands = row.get("stands", {})
            if "details" in stands:
                stands |= {"details": Details.model_validate(stands["details"]).model_dump()}
            assert stored.model_dump(include=stands) == stands
            assert (last.title, last.abstract) == (stored.title, stored.abstract)
            assert last.text_hash == text_hash(stored.title, stored.abstract)
            assert (last.key, last.text_hash) == ledger.rows(
                "SELECT key, text_hash FROM papers WHERE id = ?", (last.id,)
            )[0]
            older = [one for (one,) in ledger.rows("SELECT abstract FROM revisions")]
            assert older == row.get("older", older)
            places = [[one.source, one.record] for one in stored.provenance]
            assert sorted(places) == row.get("places", sorted(places))
            lines = [one.line for one in stored.provenance]
            assert lines == row.get("lines", lines)
            if ledger.value("SELECT count(*) FROM papers") == 1:
                names = {name for one in given for name in (one.doi, one.arxiv_id, one.source_id)}
                for name in filter(None, {*ids, *names}):
                    assert find_paper(ledger, name).id == stored.id, name

    for_each(table(__file__, "records.jsonl"), check)


def test_marks_of_both_papers_are_kept_in_a_merge(ledger: Ledger) -> None:
    for status, younger in (("unread", "read"), ("kept", "skipped")):
        write(ledger, record(title=status, doi=f"10.1000/{status}"))
        write(ledger, record(title=younger, arxiv_id="2401.00001"))
        with ledger.write():
            ledger.run("INSERT INTO notes SELECT NULL, key, title, '' FROM papers")
            ledger.run("UPDATE papers SET status = title")
        bridge = write(ledger, record(doi=f"10.1000/{status}", arxiv_id="2401.00001"))
        merged = find_paper(ledger, bridge.id)
        assert set(merged.notes) == {status, younger}
        assert merged.status == {"unread": "read", "kept": "kept"}[status]
        with ledger.write():
            remove_paper(ledger, merged.id)


def test_a_removed_paper_leaves_a_tombstone_alone(ledger: Ledger) -> None:
    gone, kept = write(ledger, record(), "x"), write(ledger, record(title="Bees"), "x")
    with ledger.write():
        embedder = register_embedder(ledger, "made-up/4", 4)
        put_vectors(ledger, embedder, [(one.key, "h", bytes(16)) for one in (gone, kept)])
        ledger.run("INSERT INTO notes SELECT NULL, key, 'a note', '' FROM papers")
        assert remove_paper(ledger, gone.id)
        assert not remove_paper(ledger, gone.id)
    assert pending(ledger, 2) == [Pending(gone.id, 3, deleted=True)]
    for name in ("papers", "provenance", "tags", "notes", "vectors"):
        assert ledger.value(f"SELECT count(*) FROM {name}") == 1, name
    assert ledger.rows("SELECT DISTINCT paper FROM aliases") == [(kept.key,)]


def test_every_record_is_accounted_for_and_a_dry_run_writes_nothing(library: Library) -> None:
    report = library.ingest(dry_run=True).run([record(), record(source="b.jsonl")])
    assert (report.new, report.same) == (1, 1)
    assert library.count() == library.ledger.value("SELECT count(*) FROM outbox") == 0
    items: list[ReadItem] = [
        record(),
        record(),
        Rejection(source="a.jsonl", line=3, record=3, reason="no abstract"),
        Notice(source="a.jsonl", record=1, message="odd"),
        record(title="Bees", abstract="Bees dance for flowers.", doi="10.1000/a"),
        record(year=2020),
        record(title="Bees that dance", abstract="Bees dance", doi="10.1000/a"),
    ]
    report = library.ingest(tags=["X"]).run(items)
    assert (report.read, report.new, report.same, report.changed, report.refused) == (6, 2, 1, 2, 1)
    assert len(report.papers) == 2
    assert [one.message for one in report.notices] == ["odd"]
    glacier, bees = library.papers()
    assert (glacier.tags, bees.abstract) == (("x",), "Bees dance for flowers.")
    assert not library._may_lack_vectors(), "what no record says as a whole is embedded too"


def test_a_second_run_embeds_nothing(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.ingest().run(made_up(300))
    embedder = built_in_embedder()
    assert embedder is not None

    def refuse(self: object, texts: Sequence[str]) -> None:
        assert not any(texts), "embedded again"

    monkeypatch.setattr(type(embedder), "embed", refuse)
    report = library.ingest().run(made_up(300))
    assert (report.new, report.same) == (0, 300)


@pytest.fixture
def names(ledger: Ledger) -> list[str]:
    """The ids of three papers of changes 1 to 3 in that ledger."""
    return [write(ledger, one).id for one in made_up(3)]


def test_what_is_pending_after_a_watermark(ledger: Ledger, names: list[str]) -> None:
    every = [Pending(name, at, False) for at, name in enumerate(names, 1)]
    assert [pending(ledger, at) for at in range(4)] == [every[at:] for at in range(4)]
    assert pending(ledger, 0, limit=2) == every[:2]
    assert [outbox.pending_count(ledger, at) for at in range(4)] == [3, 2, 1, 0]
    assert outbox.last_seq(ledger) == outbox.distance(ledger, "lexical") == 3
    with ledger.write():
        remove_paper(ledger, names[0])
    outbox.advance(ledger, "lexical", 1, 4)
    outbox.advance(ledger, "chroma", 1, 3)
    assert pending(ledger, 3) == [Pending(names[0], 4, True)]
    outbox.advance(ledger, "chroma", 1, 4)
    assert [one.seq for one in pending(ledger, 0)] == [2, 3], "papers stay"


@pytest.mark.usefixtures("names")
def test_where_an_index_stands_after_each_step(ledger: Ledger) -> None:
    for folder in ("x", "7"):
        (ledger.path.parent / "lexical" / folder).mkdir(parents=True)

    def came(row: Row) -> object:
        with ledger.write() if row.get("inside") else nullcontext():
            gives = getattr(outbox, row["do"])(ledger, *row["given"])
        words, coming = outbox.mark(ledger, "lexical"), outbox.mark_in_progress(ledger)
        assert outbox.distance(ledger, "lexical") == 3 - words.watermark
        assert outbox.mark(ledger, "chroma") == Mark(1, 0, False)
        return [gives, list(astuple(words)), coming and list(astuple(coming))]

    compare(table(__file__, "outbox.jsonl"), came)


def test_how_many_papers_a_projection_can_hold(ledger: Ledger, names: list[str]) -> None:
    """Of what changed after its watermark it may hold none or all, and of the rest all."""
    with ledger.write():
        remove_paper(ledger, names[2])
    for watermark, counts in {0: [0, 1, 2, 3], 1: [1, 2, 3], 2: [2, 3], 4: [2]}.items():
        came = [at for at in range(6) if outbox.plausible_count(ledger, watermark, at)]
        assert came == counts, watermark
