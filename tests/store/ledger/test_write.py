"""Who a record is, and what it changes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from store.embedders.wordllama import built_in_embedder
from store.ledger.identity import (
    normal_arxiv,
    normal_doi,
    normal_title,
    paper_id,
    similar_abstracts,
)
from store.library.library import Library
from store.types import Notice, ReadItem, Record, Rejection

ABSTRACT = "We measure how glaciers melt in the eastern Alps with stereo images of eighteen years."


def record(title: str = "Glacier melt", abstract: str = ABSTRACT, **fields: object) -> Record:
    given = {"source": "a.jsonl", "reader": "jsonl", "record": 1}
    return Record.model_validate({"title": title, "abstract": abstract, **given, **fields})


def counts(library: Library, items: Sequence[ReadItem]) -> tuple[int, int, int, int, int]:
    report = library.ingest().run(items)
    assert report.read == report.new + report.same + report.changed + report.refused
    return report.read, report.new, report.same, report.changed, report.refused


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        pytest.param(record(), (0, 1, 0), id="the same again"),
        pytest.param(record(source="b.jsonl"), (0, 1, 0), id="another source"),
        pytest.param(record(title="GLACIER  melt!"), (0, 1, 0), id="case and marks of the title"),
        pytest.param(record(abstract=ABSTRACT[:60]), (0, 1, 0), id="the abstract cut"),
        pytest.param(record(year=2020), (0, 0, 1), id="a year more"),
        pytest.param(
            record(abstract=ABSTRACT + " The loss is 0.7 m a year."),
            (0, 0, 1),
            id="a longer abstract",
        ),
        pytest.param(
            record(abstract="Bees dance to tell their sisters of flowers."),
            (1, 0, 0),
            id="the title of another paper",
        ),
        pytest.param(record(title="Bees"), (1, 0, 0), id="another title"),
    ],
)
def test_a_second_record(library: Library, second: Record, expected: tuple[int, int, int]) -> None:
    assert counts(library, [record()])[:2] == (1, 1)
    new, same, changed = expected
    assert counts(library, [second]) == (1, new, same, changed, 0)
    assert counts(library, [second]) == (1, 0, 1, 0, 0)
    assert library.count() == 1 + new


def test_authors_that_do_not_agree_make_two_papers(library: Library) -> None:
    assert counts(library, [record(authors=("Ada Lovelace",))])[1] == 1
    assert counts(library, [record(authors=("Lovelace, A.", "B. Someone"))])[1] == 0
    assert counts(library, [record(authors=("Alan Turing",))])[1] == 1


def test_an_identifier_wins_over_the_title(library: Library) -> None:
    first = record(doi="10.1000/a")
    assert counts(library, [first])[1] == 1
    assert counts(library, [record(title="Renamed", doi="10.1000/a", record=2)])[3] == 1
    assert library.paper("10.1000/a").title == "Renamed"
    assert counts(library, [record(doi="10.1000/other", record=3)])[1] == 1


def test_papers_bridged_by_a_record_merge_under_the_older_id(library: Library) -> None:
    one = record(doi="10.1000/a")
    other = record(
        title="Bees", abstract="Bees dance for flowers.", arxiv_id="2401.00001", record=2
    )
    assert counts(library, [one, other])[1] == 2
    older, younger = library.paper("10.1000/a"), library.paper("2401.00001")
    bridge = record(doi="10.1000/a", arxiv_id="2401.00001", source="b.jsonl")
    assert counts(library, [bridge])[3] == 1
    assert library.count() == 1
    merged = library.paper("10.1000/a")
    assert merged.id == older.id
    assert library.paper(younger.id).id == older.id, "the old id still names the paper"
    assert {place.source for place in merged.provenance} == {"a.jsonl", "b.jsonl"}
    library.catch_up()
    assert [name for name, _ in library.dense("glaciers", 5)] == [older.id]


def test_two_versions_in_two_sources_do_not_take_turns(library: Library) -> None:
    """Adding the same files again changes nothing, though they disagree."""
    first = record()
    second = record(abstract=ABSTRACT.replace("eighteen", "twenty"), source="b.jsonl")
    assert counts(library, [first, second]) == (2, 1, 0, 1, 0)
    assert counts(library, [first, second]) == (2, 0, 2, 0, 0)
    assert "twenty" in library.paper("Glacier melt").abstract


def test_every_record_is_accounted_for(library: Library) -> None:
    items: list[ReadItem] = [
        record(),
        record(),
        Rejection(source="a.jsonl", line=3, record=3, reason="no abstract"),
        Notice(source="a.jsonl", record=1, message="odd"),
        record("Bees", "Bees dance for flowers."),
    ]
    report = library.ingest(tags=["x"]).run(items)
    assert (report.read, report.new, report.same, report.refused) == (4, 2, 1, 1)
    assert len(report.papers) == 2
    assert report.notices[0].message == "odd"
    assert library.papers()[0].tags == ("x",)


def test_a_second_run_embeds_nothing(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    from papers import made_up

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


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("10.1000/ABC", "10.1000/abc"),
        ("https://doi.org/10.1000/x.y", "10.1000/x.y"),
        ("doi: 10.1000/x,", "10.1000/x"),
        ("11.1000/x", None),
        ("glaciers", None),
    ],
)
def test_dois(text: str, doi: str | None) -> None:
    assert normal_doi(text) == doi


@pytest.mark.parametrize(
    ("text", "arxiv"),
    [
        ("1706.03762", "1706.03762"),
        ("arXiv:1706.03762v5", "1706.03762"),
        ("https://arxiv.org/pdf/1706.03762v2.pdf", "1706.03762"),
        ("hep-th/9901001", "hep-th/9901001"),
        ("2020", None),
        ("attention", None),
    ],
)
def test_arxiv_ids(text: str, arxiv: str | None) -> None:
    assert normal_arxiv(text) == arxiv


def test_names() -> None:
    assert normal_title("  Über-Cool: A *Survey*? ") == "über cool a survey"
    assert paper_id("title:x") == paper_id("title:x")
    assert paper_id("title:x") != paper_id("title:x", 1)
    assert paper_id("title:x")[0].isalpha()
    assert not similar_abstracts("bees dance", "glaciers melt")
