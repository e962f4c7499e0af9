"""Terms of a text, forms of a word, and how rare a term is."""

from __future__ import annotations

import math

import pytest
from corpus_statistics import CorpusStatistics, FlatStatistics
from growth import grows_in_proportion
from hypothesis import given
from hypothesis import strategies as st
from tables import Row, compare, table

from assistant.text.words import beginnings, is_name, stem, term_words, terms, terms_beginning


def test_forms_of_a_word_are_one_term_and_other_words_stay_apart() -> None:
    def alike(row: Row) -> bool:
        return len({stem(form) for form in row["words"].split()}) == 1

    compare(table(__file__, "stems.jsonl"), alike)


def test_terms_of_a_text() -> None:
    compare(table(__file__, "terms.jsonl"), lambda row: list(terms(row["text"])))


def test_a_term_knows_the_word_it_came_from() -> None:
    assert term_words("HiFi-Codec runs") == (
        ("HiFi-Codec", "hifi"),
        ("HiFi-Codec", "codec"),
        ("runs", "run"),
    )


def test_a_name_has_capitals_or_digits_inside() -> None:
    named = {"GPT": True, "iGPT": True, "wav2vec": True, "Mongolia": False, "learning": False}
    assert {word: is_name(word) for word in named} == named


def test_idf_is_that_of_bm25_and_highest_for_the_unknown() -> None:
    statistics = CorpusStatistics.from_texts(["audio codec", "audio model", "audio audio"])
    assert statistics.idf("audio") == pytest.approx(math.log(1 + 0.5 / 3.5))
    assert statistics.idf("codec") == pytest.approx(math.log(1 + 2.5 / 1.5))
    assert statistics.idf("zebra") == pytest.approx(math.log(1 + 3.5 / 0.5))
    assert CorpusStatistics.from_texts([]).idf("zebra") > 0
    assert FlatStatistics().idf("audio") == FlatStatistics().idf("zebra") == 1.0


@given(st.text(max_size=120))
def test_terms_of_any_text_are_lower_case(text: str) -> None:
    assert all(term and term == term.lower() for term in terms(text))


def test_long_hostile_texts_are_read_in_time_in_proportion() -> None:
    grows_in_proportion(terms, ["1", "1,", "1.", "1-", "10^", "a-", "$", " 1x", "one "])


@given(
    st.text("abcdefiglnost-'5. ÉéU", max_size=60),
    st.text("abcdefiglnost5 ", min_size=2, max_size=12),
)
def test_terms_that_begin_alike_are_all_found(text: str, asked: str) -> None:
    starts = beginnings(terms(asked))
    expected = {term for term in terms(text) if term[:2] in starts}
    assert terms_beginning(text, starts) == expected


def test_terms_that_begin_alike_are_forms_of_what_is_asked() -> None:
    def missed(row: Row) -> list[str]:
        asked = set(terms(row["asked"]))
        return sorted(asked - terms_beginning(row["text"], beginnings(asked)))

    compare(table(__file__, "beginnings.jsonl"), missed)
