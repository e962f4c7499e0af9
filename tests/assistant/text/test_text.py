"""A text is cut into sentences, and read as terms and as numbers with their units."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from corpus_statistics import CorpusStatistics, FlatStatistics
from growth import grows_in_proportion
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tables import Row, compare, table

from assistant.text.language import is_in_another_language
from assistant.text.numbers.compare import Number, is_unit, numbers, numbers_missing
from assistant.text.sentences import MAX_SENTENCE, source_sentences, split_sentences
from assistant.text.words import (
    beginnings,
    is_name,
    stem,
    term_words,
    terms,
    terms_beginning,
    word_of,
)


def text_of(row: Row) -> str:
    return row.get("text") or " ".join(row["right"])


TEXTS = [text_of(row) for row in table(__file__, "sentences.jsonl")]
MIXTURES = st.builds(
    str.join,
    st.sampled_from([" ", "  ", "\n", "\n\n", "\u00a0", ""]),
    st.lists(st.sampled_from(TEXTS), max_size=5),
)
ENGLISH = "FenTTS is a text-to-speech model. It was trained on 960 hours of the LibriSpeech corpus."
HUGE = "9" * 400
HOSTILE = ["10-", "1", "1,", "1.", "1-", "10^", "a-", "$", " 1x", "one "]


def cut(text: str) -> list[str]:
    """The sentences of a text as they stand in it."""
    return [text[start:end] for start, end in split_sentences(text)]


def reading(text: str) -> list[list[object]]:
    """Each number as it stands there, its value, its unit, and what else is known of it."""
    return [
        [text[one.start : one.end], float(f"{one.value:.9g}"), one.unit, *known(one)]
        for one in numbers(text)
    ]


def known(number: Number) -> list[str]:
    said = {"spelt": number.spelt, "share": number.share, "orders": number.orders}
    return [mark for mark in (number.hedge, *(one for one in said if said[one])) if mark]


def missing(claim: str, evidence: str) -> list[str]:
    """The numbers of a claim that its evidence does not have, as they are written."""
    return [claim[one.start : one.end] for one in numbers_missing(claim, evidence)]


def missing_quantity(row: Row) -> list[str]:
    assert numbers(row["written"])
    return missing(f"It has {row['written']} here.", f"They report {row['given']} there.")


def seen_as_english(row: Row) -> list[str]:
    together = " ".join(row["claims"])
    assert not any(is_in_another_language(claim, together) for claim in row["claims"])
    return [claim for claim in row["claims"] if not is_in_another_language(claim, ENGLISH)]


def missing_beginnings(row: Row) -> list[str]:
    asked = set(terms(row["asked"]))
    return sorted(asked - terms_beginning([row["text"]], beginnings(asked))[0])


@pytest.mark.parametrize(
    ("name", "read"),
    {
        "sentences": lambda row: cut(text_of(row)),
        "stems": lambda row: len({stem(form) for form in row["words"].split()}) == 1,
        "terms": lambda row: list(terms(row["text"])),
        "beginnings": missing_beginnings,
        "names": lambda row: is_name(row["word"]),
        "units": lambda row: is_unit(row["letters"]),
        "numbers": lambda row: reading(row["text"]),
        "quantities": missing_quantity,
        "missing": lambda row: missing(row["claim"], row["evidence"]),
        "languages": seen_as_english,
    }.items(),
)
def test_what_is_read_of_a_text_its_words_and_numbers(
    name: str, read: Callable[[Row], object]
) -> None:
    """As the first remark of each table says."""
    compare(table(__file__, f"{name}.jsonl"), read)


@pytest.mark.parametrize(
    ("read", "units"),
    [
        (split_sentences, [".", "(", "[", ". A", "e.g. ", "1. ", "\n- ", '"']),
        (terms, HOSTILE[1:]),
        (numbers, HOSTILE),
    ],
)
def test_hostile_texts_take_time_in_proportion(
    read: Callable[[str], object], units: list[str]
) -> None:
    grows_in_proportion(read, units)


def test_a_sentence_without_end_is_cut_at_a_semicolon_or_a_space() -> None:
    clauses = "; ".join(["a clause of seven words or so"] * 100)
    pieces = cut(clauses)
    assert " ".join(pieces) == clauses
    assert all(len(piece) <= MAX_SENTENCE for piece in pieces)
    assert all(piece.endswith(";") for piece in pieces[:-1])
    assert [len(piece) for piece in cut("x" * 3000)] == [1200, 1200, 600]
    assert "".join(cut("ab " * 1000)).replace(" ", "") == "ab" * 1000
    found = numbers(f"{HUGE} " + "10-" * 2_000 + "20%")
    assert [one.unit for one in found] == ["%"] * 2_001
    # The title is sentence 0, and the abstract follows.
    sentences = source_sentences(" A title. With a part ", "One is here. Two.")
    assert [(one.index, one.text, one.start, one.end) for one in sentences] == [
        (0, "A title. With a part", 1, 21),
        (1, "One is here.", 0, 12),
        (2, "Two.", 13, 17),
    ]
    assert [one.index for one in source_sentences("", "One.")] == [0, 1], "it keeps its place"
    abstract = "Half of 3 foxes. " * 1_200
    addressed = source_sentences("Foxes", abstract)
    assert [one.index for one in addressed] == list(range(1000))
    assert addressed[-1].end == len(abstract.rstrip())
    assert addressed[-1].text == abstract[addressed[-1].start : addressed[-1].end]


@settings(max_examples=200)
@given(st.text(alphabet='aAé .?!…;:()[]\n"“1*#-。', max_size=200) | st.text(max_size=80) | MIXTURES)
def test_nothing_but_white_space_lies_between_sentences(text: str) -> None:
    at = 0
    for one in source_sentences("", text)[1:]:
        assert at <= one.start < one.end
        assert not text[at : one.start].strip()
        assert text[one.start : one.end] == one.text == one.text.strip()
        assert one.end - one.start <= MAX_SENTENCE
        at = one.end
    assert not text[at:].strip()


def test_the_saved_pages_are_cut_into_whole_sentences(shared: Path) -> None:
    lines = [
        line
        for path in sorted((shared / "pages").glob("*.txt"))
        for line in path.read_text("utf-8").splitlines()
    ]
    abstracts = [line for line in lines if len(line) > 400]
    sentences = [sentence for abstract in abstracts for sentence in cut(abstract)]
    assert 8 < len(sentences) / len(abstracts) < 10
    odd = [one for one in sentences if not one[0].isupper() and not one[0].isdigit()]
    assert len(odd) < 0.01 * len(sentences)
    assert 20 < min(map(len, sentences)) <= max(map(len, sentences)) < 600


def test_a_term_knows_its_word_and_its_idf_is_that_of_bm25() -> None:
    statistics = CorpusStatistics.from_texts(["audio codec", "audio model", "audio audio"])
    odds = {"audio": 0.5 / 3.5, "codec": 2.5 / 1.5, "zebra": 3.5 / 0.5}
    for term, odd in odds.items():
        assert statistics.idf(term) == pytest.approx(math.log(1 + odd))
    assert CorpusStatistics.from_texts([]).idf("zebra") > 0
    assert FlatStatistics().idf("audio") == FlatStatistics().idf("zebra") == 1.0
    words = [("HiFi-Codec", "hifi"), ("HiFi-Codec", "codec"), ("runs", "run")]
    assert list(term_words("HiFi-Codec runs")) == words


@given(st.text(max_size=120))
def test_terms_of_any_text_are_lower_case(text: str) -> None:
    assert all(term and term == term.lower() for term in terms(text))


@given(
    st.text("abcdefiglnost-'5. ÉéU", max_size=60),
    st.text("abcdefiglnost5 ", min_size=2, max_size=12),
)
def test_terms_that_begin_alike_are_all_found(text: str, asked: str) -> None:
    starts = beginnings(terms(asked))
    expected = {term for term in terms(text) if term[:2] in starts}
    assert terms_beginning([text], starts) == [expected]


@given(st.text(max_size=120), st.text(max_size=60))
def test_a_text_holds_the_numbers_that_it_holds(one: str, other: str) -> None:
    for number in numbers(one):
        assert 0 <= number.start < number.end <= len(one)
    # A text with a letter that is two in lower case is read as it stands, capitals and all.
    assume(len(other.lower()) == len(other))
    # What follows must not go on with the number: "1" and "000", "1)" and a space.
    assert missing(one, f"{one}; {other}") == []


def test_the_first_word_with_a_term_is_told_as_it_was_written() -> None:
    text = "Haemoglobin and Networks: a network of CIFAR-100 for hemoglobin"
    for term in terms(text):
        assert word_of(text, term) == next(word for word, own in term_words(text) if own == term)
    assert word_of(text, "owl") is None
