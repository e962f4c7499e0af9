"""Mending a word that no paper has."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from library_fixture import Shelf
from tables import compare, table

from store.ledger.images import remove_paper
from store.ledger.write import write_record
from store.lexical.fuzzy import edits, near_beginnings
from store.library.library import Library
from store.types import Record


@pytest.fixture
def near(shelf: Shelf, tmp_path: Path) -> Path:
    """The folder of a closed library of papers on few things, most of them on learning."""
    rows = table(__file__, "near_papers.jsonl")
    records = [Record.model_validate(row["record"]) for row in rows]
    return shelf.library_of(records, tmp_path / "library")


def test_a_typing_mistake_finds_its_word_and_other_words_are_left_alone(near: Path) -> None:
    with Library.open(near) as library:
        rows = table(__file__, "near_words.jsonl")
        compare(rows, lambda row: list(library.near_words(row["word"])))
        assert library.document_frequency("leaning") == 1


def test_words_of_papers_that_came_and_left_meanwhile(near: Path) -> None:
    late = Record(title="Late", abstract="A diffsion model.", source="s", reader="jsonl")
    with Library.open(near) as library:
        ((name, _),) = library.lexical("leaning", 5)
        with library.ledger.write():
            write_record(library.ledger, late, ())
            remove_paper(library.ledger, name)
        assert library.near_words("diffsion") == (), "known, though not yet projected"
        assert library.near_words("attentoin") == ("attention",)
        library.words.catch_up()
        assert library.lexical("leaning", 5) == []


def test_without_a_whole_index_the_same_words_are_guessed_from_the_ledger(near: Path) -> None:
    for file in (near / "lexical" / "1").glob("*.json"):
        file.write_bytes(b"{}")
    with Library.open(near) as library:
        assert library.near_words("diffsion") == ("diffusion",)
        assert "meta.json" in library.trouble()


def test_edits() -> None:
    compare(table(__file__, "edits.jsonl"), lambda row: edits(row["one"], row["other"], 3))


@given(st.text("abc", max_size=8), st.text("abc", max_size=8), st.integers(0, 3))
def test_edits_are_symmetric_and_bounded(one: str, other: str, most: int) -> None:
    assert edits(one, other, 9) == edits(other, one, 9) <= max(len(one), len(other))
    assert (edits(one, other, 9) == 0) == (one == other)
    # Beyond the most they are not told apart.
    assert edits(one, other, most) == min(edits(one, other, 99), most + 1)


STEM = st.text("abcd", min_size=3, max_size=13)


@given(st.text("abcdefgh", min_size=8, max_size=11), st.dictionaries(STEM, st.integers(1, 9)))
def test_stems_near_to_a_beginning_of_a_word(word: str, counted: dict[str, int]) -> None:
    def far(stem: str) -> int:
        return min(edits(word[:at], stem, 2) for at in range(len(word) + 1))

    fit = [one for one in counted if 5 <= len(one) <= len(word) + 2 and len(one) >= len(word) - 7]
    near = [one for one in fit if far(one) <= 2 and len(set(word) ^ set(one)) <= 7]
    right = sorted(near, key=lambda one: (far(one), -counted[one], one))
    assert list(near_beginnings(word, counted)) == right


def test_a_form_of_a_frequent_word_is_one_that_papers_write(shelf: Shelf, tmp_path: Path) -> None:
    records = [
        Record(title=f"Owl {at}", abstract="It is a fast bird.", source="s", reader="t", record=at)
        for at in range(25)
    ]
    with Library.open(shelf.library_of(records, tmp_path / "library")) as library:
        assert library.near_words("fastest") == ("fast",)
