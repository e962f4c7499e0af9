"""Reading a search query, and mending words of it that no paper holds."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tables import Row, compare, for_each, table

from assistant.errors import QuerySyntaxError
from assistant.query.length import QUERY_LIMIT
from assistant.query.spelling import respelled
from assistant.query.syntax import EXAMPLE, Query, parse_query, year_range
from store.types import Filter, Words


def parsed(query: Query) -> dict[str, object]:
    """What is read of a query, where it differs from an empty one."""
    read = {one.name: getattr(query, one.name) for one in fields(query)}
    return {
        name: [written(one) for one in value] if isinstance(value, tuple) else value
        for name, value in read.items()
        if value != getattr(Query(), name)
    }


def written(one: Words | str | Query) -> object:
    if isinstance(one, str | Query):
        return one if isinstance(one, str) else parsed(one)
    return f"title:{one.text}" if one.in_title else one.text


def test_what_is_read_of_a_query() -> None:
    compare(table(__file__, "syntax.jsonl"), lambda row: parsed(parse_query(row["text"])))


def test_mistakes_are_explained() -> None:
    def explained(row: Row) -> None:
        with pytest.raises(QuerySyntaxError) as caught:
            parse_query(row["text"])
        assert row["message"] in caught.value.message
        assert row["hint"] in caught.value.hint
        assert "\n" not in caught.value.message + caught.value.hint

    for_each(table(__file__, "mistakes.jsonl"), explained)
    for text in ("", ".."):
        with pytest.raises(QuerySyntaxError, match="no year"):
            year_range(text)


def test_the_example_uses_everything() -> None:
    query = parse_query(EXAMPLE)
    assert query.text == "diffusion models survey"
    narrowed = query.narrowed(Filter(year_from=2021, authors=("Ng",), undated=True))
    assert narrowed == Filter(
        year_from=2021, year_to=2023, undated=True, authors=("Ng", "Le Cun"), tags=("audio",)
    )
    # Years of query and flags must both hold.
    with pytest.raises(QuerySyntaxError, match="exclude each other"):
        parse_query("year:2020 x").narrowed(Filter(year_from=2022))


_PIECES = st.sampled_from(
    ['"', "“", "”", "-", "title:", "year:", "author:", "autor:", "2020..", "(", ":", "a", "codec",
     " ", "\t", "\n", "://", "\\", "é", "中", "\x00", "''"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(_PIECES, max_size=12).map("".join)))
@example('-"')
@example('title:"')
@example("-title:")
@example('(("a')
def test_any_text_is_read_or_explained(text: str) -> None:
    try:
        query = parse_query(text)
    except QuerySyntaxError as failure:
        said = bool(failure.message and failure.hint)
    else:
        said = True
        query.narrowed(Filter())
        kept = [letter for letter in query.text if letter.isalnum()]
        assert set(kept) <= set(text), "nothing is made up"
    assert said, "an error says what happened and what to type instead"


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=8), min_size=1))
def test_plain_words_stay_plain(parts: list[str]) -> None:
    text = " ".join(parts)
    assert parse_query(text) == Query(text=text)


NEAR = {
    "diffsion": ("diffusion",),
    "modles": ("models", "modules"),
    "GPTX": ("gpt",),
    "LoRAX": ("lora",),
    "Mistrall": ("mistral",),
}


def near(word: str) -> tuple[str, ...]:
    return NEAR.get(word) or NEAR.get(word.lower()) or ()


def test_words_are_mended_in_place_and_that_is_said() -> None:
    rows = table(__file__, "spelling.jsonl")
    compare(rows, lambda row: respelled(row["text"], near).text)
    spelt = respelled("diffsion modles", near)
    assert spelt.notes == (
        "no paper has “diffsion”: searched “diffusion” instead",
        "no paper has “modles”: searched “models” and “modules” instead",
    )
    assert spelt.guesses[1] == "no paper has “modles”: did you mean “models” or “modules”?"
    assert respelled("fast", near).notes == ()
    asked: list[str] = []

    def unknown(word: str) -> tuple[str, ...]:
        asked.append(word)
        return (f"{word}s",)

    text = " ".join(f"word{at} word{at}" for at in range(50))
    assert len(respelled(text, unknown).notes) == len(asked) == 8


def test_a_query_as_long_as_two_abstracts_is_read_and_a_longer_one_refused() -> None:
    longest = ("owls sleep " * QUERY_LIMIT)[:QUERY_LIMIT]
    assert parse_query(longest).text == longest.strip()
    for text in (f"{longest}x", "(" * 100_000, '"' * 100_001):
        with pytest.raises(QuerySyntaxError, match=f"has {len(text)} characters"):
            parse_query(text)
