"""Words that mean the same are one: in phrases, fields and plain words, projected or not."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from library_fixture import Shelf
from tables import Row, compare, for_each, table

from store.ledger.write import write_record
from store.lexical.index import LexicalIndex
from store.lexical.segment_files import ANALYZER
from store.lexical.spelling import american, spellings
from store.library.library import Library
from store.types import Paper, Record, Words

ROWS = table(__file__, "same_words.jsonl")
FILLERS = ("Gravel on nine shores", "A train of thought", "We count only once by day")


def paper(name: str, title: str) -> Paper:
    return Paper(id=name, title=title, abstract="We count.", content_hash=name, added_at="2026")


def filled(papers: Iterable[Paper]) -> LexicalIndex:
    index = LexicalIndex(None, create=True)
    writer = index.writer()
    for one in papers:
        writer.put(one)
    writer.commit()
    writer.close()
    index.refresh()
    return index


@pytest.fixture(scope="module")
def fillers() -> LexicalIndex:
    return filled(paper(f"f{at}", title) for at, title in enumerate(FILLERS))


@pytest.fixture(scope="module")
def projected() -> LexicalIndex:
    titles = [*FILLERS, *(row["text"] for row in ROWS)]
    return filled(paper(f"p{at}", title) for at, title in enumerate(titles, -len(FILLERS)))


def test_words_together_and_fields_find_the_paper_and_no_other(projected: LexicalIndex) -> None:
    def check(row: Row) -> None:
        name = f"p{ROWS.index(row)}"
        for asked in row["asked"]:
            found = projected.matching([Words(text=asked)], [])
            assert name in found, asked
            assert name in projected.matching([Words(text=asked, in_title=True)], []), asked
            everything = Words(text="we count")
            assert name not in projected.matching([everything], [Words(text=asked)]), asked
        for asked in row["not"]:
            assert name not in projected.matching([Words(text=asked)], []), asked

    for_each(ROWS, check)


def test_a_paper_outside_the_index_holds_the_same(fillers: LexicalIndex) -> None:
    def check(row: Row) -> None:
        there = paper("p", row["text"])
        for asked in row["asked"]:
            assert fillers.holds(there, [Words(text=asked)], []), asked
            assert fillers.holds(there, [Words(text=asked, in_title=True)], []), asked
            assert not fillers.holds(there, [], [Words(text=asked)]), asked
        for asked in row["not"]:
            assert not fillers.holds(there, [Words(text=asked)], []), asked

    for_each(ROWS, check)


def test_plain_words_rank_the_paper_first_whether_it_is_in_the_index_or_not(
    fillers: LexicalIndex, projected: LexicalIndex
) -> None:
    def check(row: Row) -> None:
        there = paper("p", row["text"])
        for asked in row["asked"]:
            assert projected.search(asked, 1)[0][0] == f"p{ROWS.index(row)}", asked
            assert fillers.score(asked, [there]), asked
            matched = projected.matches(asked, there)
            assert any(one.title for one in matched), asked

    for_each(ROWS, check)


def test_a_compound_is_told_among_the_words_that_a_paper_has(projected: LexicalIndex) -> None:
    there = paper("p", "an All-in-One for all of us, all in one")
    found = {one.word: one.title for one in projected.matches("all in one", there)}
    assert found["allinone"] == 2


COMPOUNDS = [
    *["Only-Train-Once by day", "Only-Train-Once by night", "We only train once", "Text-to-Image"],
    *["a clear-cut case", "a clear cut", "clear cut woods", "OpenTheGate", "may be", "maybe so"],
    *[
        "a non-linear fit",
        "a non-linear map",
        "nonlinear waves",
        "one vitamin-D",
        "vitamin-D twice",
    ],
]


@pytest.mark.parametrize(
    ("asked", "right"),
    [
        ("how does only train once work", "how does only-train-once work"),
        ("Only-Train once", "Only-Train-once"),
        ("only, train once", "only, train-once"),  # a comma parts words
        ("a clear cut case", "a clear cut case"),  # two of three write none
        ("text to image", "text-to-image"),
        ("from text to speech", "from text to speech"),  # no compound ends with "to"
        ("open the gate", "open-the-gate"),  # as one word without hyphens
        ("it may be so", "it may be so"),
        ("nonlinear vitamin d", "non-linear vitamin-d"),
        ("the β of vitamin d", "the beta of vitamin-d"),
        ("β and γ", "β and γ"),  # as it was typed where there is no compound
    ],
)
def test_compounds_are_written_as_most_papers_write_them(asked: str, right: str) -> None:
    index = filled(paper(f"p{at}", title) for at, title in enumerate(COMPOUNDS))
    assert index.hyphenated(asked) == right


def test_spellings() -> None:
    rows = table(__file__, "spellings.jsonl")
    compare(rows, lambda row: american(row["one"]) == american(row["other"]))
    compare(rows, lambda row: row["other"] in spellings(row["one"]))
    compare(rows, lambda row: row["one"] in spellings(row["other"]))


def records(rows: Iterable[Row]) -> list[Record]:
    return [
        Record(
            title=f"Paper {row['line']}", abstract=f"We see {row['text']}.", source="s", reader="r"
        )
        for row in rows
    ]


def test_no_word_that_papers_write_otherwise_is_respelt(shelf: Shelf, tmp_path: Path) -> None:
    with Library.open(shelf.library_of(records(ROWS), tmp_path / "library")) as library:
        for word in ("behavior", "hemoglobin", "waveform", "database", "followup", "betacatenin"):
            assert library.near_words(word) == (), word
        assert library.near_words("behavoir") == ("behaviour",)


def test_an_index_by_other_rules_is_not_read_and_is_made_anew(shelf: Shelf, tmp_path: Path) -> None:
    folder = shelf.library_of(records(ROWS), tmp_path / "library")
    for path in (folder / "lexical" / "1").glob("meta.json"):
        path.write_text(path.read_text("utf-8").replace(ANALYZER, "quire_english"), "utf-8")
    for seal in (folder / "lexical").glob("*.seal"):
        seal.unlink()
    with Library.open(folder) as library:
        assert library.status().lexical == "behind"
        before = library.lexical("noncoding", 3)
        assert before
        assert "another version" in library.trouble()
        with library.ledger.write():
            write_record(library.ledger, records([{"line": 0, "text": "a new moon"}])[0], ())
        library.catch_up()
        assert library.trouble() == ""
        assert library.status().lexical == "ready"
        assert [name for name, _ in library.lexical("noncoding", 3)] == [name for name, _ in before]


@pytest.mark.parametrize(
    "word",
    ["Gravel", "SHORE", "thoughts", "by", "counting", "zebra", "x" * 99, "nine's"],
)
def test_a_word_is_counted_in_the_papers_that_a_search_for_it_finds(
    fillers: LexicalIndex, word: str
) -> None:
    assert fillers.document_frequency(word) == len(fillers.search(word, 9))
