"""Mending a word that no paper has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.lexical.fuzzy import _may_be_near, edits
from store.library.library import Library
from store.types import Record

TEXTS = [
    "Diffusion transformers learn to denoise images.",
    "Diffusion and attention in convolutional networks.",
    "Learning to retrieve passages with attention.",
    "Learning from unlabelled speech with a reinforcement signal.",
    "Learning glacier melt from space; supervised by stereo images.",
    "Embeddings of proteins, and their retrieval by hyperparameters of a kernel.",
    *["Learning by leaning on others."],
    *[f"Learning number {at} of many." for at in range(12)],
]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with Library.open(tmp_path_factory.mktemp("near") / "library", create=True) as library:
        library.ingest().run(_records(TEXTS))
        library.catch_up()
        yield library


def _records(texts: list[str]) -> list[Record]:
    return [
        Record(
            title=f"Title {text[:9]} {at}",
            abstract=text,
            authors=("Björn Łukasiewicz",),
            source="s",
            reader="jsonl",
            record=at,
        )
        for at, text in enumerate(texts)
    ]


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("diffsion", ("diffusion",)),
        ("difusion", ("diffusion",)),
        ("iffusion", ("diffusion",)),
        ("Diffusoin", ("diffusion",)),
        ("transfomer", ("transformers",)),
        ("convlutionl", ("convolutional",)),
        ("reinforcemnet", ("reinforcement",)),
        ("glcaier", ("glacier",)),
        ("supervized", ("supervised",)),
        ("Lukasiewiz", ("lukasiewicz",)),
        ("hyperparmeter", ("hyperparameters",)),
    ],
)
def test_a_typing_mistake_finds_its_word(filled: Library, word: str, near: tuple[str, ...]) -> None:
    assert filled.near_words(word) == near


@pytest.mark.parametrize(
    "word",
    [
        "diffusion",  # known
        "diffusing",  # known by its stem
        "bjorn",  # known without its mark
        "wich",  # short
        "aboute",  # a function word mistyped
        "thhere",
        "2023",
        "gpt4x",
        "earning",  # the first letter of a short word is right
        "qwertyuiop",
        "学习学习学习",
        "",
        "   ",
    ],
)
def test_other_words_are_left_alone(filled: Library, word: str) -> None:
    assert filled.near_words(word) == ()


def test_a_rare_neighbour_does_not_outweigh_the_frequent_one(filled: Library) -> None:
    assert filled.document_frequency("leaning") == 1
    assert filled.near_words("lerning") == ("learning",), "leaning is one edit away too"


def test_a_word_of_a_paper_not_yet_projected_is_known(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library", create=True) as library:
        library.ingest().run(_records(TEXTS))
        library.catch_up()
        library.ingest().run(_records(["A diffsion model with this very name."]))
        assert library.near_words("diffsion") == ()
        assert library.near_words("attentoin") == ("attention",)


def test_without_a_whole_index_the_same_words_are_guessed_from_the_ledger(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library", create=True) as library:
        library.ingest().run(_records(TEXTS))
        library.catch_up()
    for file in (tmp_path / "library" / "lexical" / "1").glob("*.json"):
        file.write_bytes(b"{}")
    with Library.open(tmp_path / "library") as library:
        assert library.near_words("diffsion") == ("diffusion",)
        assert "meta.json" in library.trouble()


@pytest.mark.parametrize(
    ("one", "other", "number"),
    [
        ("", "", 0),
        ("abc", "abc", 0),
        ("abc", "acb", 1),
        ("abc", "abcd", 1),
        ("abc", "bc", 1),
        ("abc", "axc", 1),
        ("abcd", "badc", 2),
        ("kitten", "sitting", 3),
        ("kitten", "glacier", 4),
    ],
)
def test_edits(one: str, other: str, number: int) -> None:
    assert edits(one, other, 3) == edits(other, one, 3) == number


@given(st.text("ab", max_size=6), st.text("ab", max_size=6))
def test_edits_are_symmetric_and_bounded(one: str, other: str) -> None:
    assert edits(one, other, 9) == edits(other, one, 9) <= max(len(one), len(other))
    assert (edits(one, other, 9) == 0) == (one == other)


@given(st.text("abc", max_size=8), st.text("abc", max_size=8), st.integers(0, 3))
def test_edits_beyond_the_most_are_not_told_apart(one: str, other: str, most: int) -> None:
    assert edits(one, other, most) == min(edits(one, other, 99), most + 1)


@given(st.text("abcdefgh", min_size=8, max_size=11), st.text("abcdefgh", min_size=5, max_size=13))
def test_letters_rule_out_far_words_alone(word: str, stem: str) -> None:
    far = all(edits(word[:at], stem, 2) > 2 for at in range(len(word) + 1))
    few = len(set(word) ^ set(stem)) <= 7
    assert far or not few or _may_be_near(word, set(word), stem)
