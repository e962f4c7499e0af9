"""Reading a search query."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.errors import QuerySyntaxError
from assistant.query.syntax import EXAMPLE, Query, parse_query, year_range
from store.types import Filter, Words

PLAIN = [
    "sparse retrieval",
    "BERT: pre-training of deep transformers",
    "vision:language models",
    "at 10:30 or 3:1",
    "https://arxiv.org/abs/2101.00001",
    "doi:10.1000/xyz",
    "state-of-the-art methods",
    "codec - a survey",
    "a -3 dB filter",
    "—dashes – and − signs",
    "-- two dashes",
    'a 5" disk',
    "e.g. what?! (really)",
    "the author of it",
    "C++ & C#",
    "-",
    'he said:"so',
]


@pytest.mark.parametrize("text", PLAIN)
def test_ordinary_text_is_searched_as_it_is(text: str) -> None:
    assert parse_query(text) == Query(text=text)


def words(text: str, *, in_title: bool = False) -> Words:
    return Words(text=text, in_title=in_title)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        (
            '"diffusion models" fast',
            Query("diffusion models fast", required=(words("diffusion models"),)),
        ),
        (
            "“diffusion models” fast",
            Query("diffusion models fast", required=(words("diffusion models"),)),
        ),
        ('("to be" or)', Query("to be or)", required=(words("to be"),))),
        ("codec -music", Query("codec", excluded=(words("music"),))),
        ('codec -"phone line"', Query("codec", excluded=(words("phone line"),))),
        ("codec -“phone line”", Query("codec", excluded=(words("phone line"),))),
        ("x -BERT-like", Query("x", excluded=(words("BERT-like"),))),
        ("title:survey x", Query("survey x", required=(words("survey", in_title=True),))),
        ('Title:"a survey"', Query("a survey", required=(words("a survey", in_title=True),))),
        ("x -title:survey", Query("x", excluded=(words("survey", in_title=True),))),
        ('author:"Le Cun" x', Query("x", authors=("Le Cun",))),
        ("authors:cun author:ng", Query("", authors=("cun", "ng"))),
        ("tag:A tags:b x", Query("x", tags=("A", "b"))),
        ("venue:acl x", Query("x", venues=("acl",))),
        ("status:Kept x", Query("x", statuses=("kept",))),
        ("source:https://example.org/a x", Query("x", sources=("https://example.org/a",))),
        ("year:2020 x", Query("x", year_from=2020, year_to=2020)),
        ("year:2020..2023 x", Query("x", year_from=2020, year_to=2023)),
        ("year:2020.. x", Query("x", year_from=2020)),
        ("year:..2019 x", Query("x", year_to=2019)),
        ("year:2018.. year:..2020 x", Query("x", year_from=2018, year_to=2020)),
        ("author:cun -music", Query("", authors=("cun",), excluded=(words("music"),))),
        ("", Query()),
        ("  \t ", Query()),
    ],
)
def test_syntax(text: str, query: Query) -> None:
    assert parse_query(text) == query


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            'fast "diffusion mod',
            "the quote before “diffusion mod” is not closed",
            '"diffusion mod"',
        ),
        ('fast "', "a quote is opened", "or no quote"),
        ('("fast', "the quote before “fast”", "with a quote"),
        ('x ""', "no word stands between the quotes", "no quotes"),
        ('x "…"', "no word stands between the quotes", "no quotes"),
        ("title: survey", "nothing stands behind title:", "without a space"),
        ('title:""', "nothing stands behind title:", 'title:"several words"'),
        ("year:", "nothing stands behind year:", "year:2020..2023"),
        ("year:soon", "“soon” is no year", "2020..2023"),
        ("year:2023..2020", "run backwards", "write 2020..2023"),
        ("year:2020 year:2022", "exclude each other", "one range"),
        ("status:liked", "“liked” is no status", "unread, read, later, kept, skipped"),
        ("-music", "only excludes", "diffusion -medical"),
        ('-music -"phone line"', "only excludes", "say what to look for"),
        ("x -author:cun", "author: cannot be excluded", "title: alone"),
        ("x author:-cun", "author: cannot be excluded", "title: alone"),
        ("x title:-survey", "stands in the wrong place", "-title:survey"),
    ],
)
def test_mistakes_are_explained(text: str, message: str, hint: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse_query(text)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert "\n" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(
    ("text", "searched", "meant"),
    [
        ("autor:cun", "autor:cun", "author:"),
        ('titel:"low rank" x', 'titel:"low rank" x', "title:"),
        ("Venu:acl", "Venu:acl", "venue:"),
    ],
)
def test_a_field_mistyped_is_words_and_pointed_out(text: str, searched: str, meant: str) -> None:
    query = parse_query(text)
    assert query.text == searched
    assert meant in query.notes[0]
    assert query.narrowed(Filter()) == Filter()


def test_the_example_uses_everything() -> None:
    query = parse_query(EXAMPLE)
    assert query.text == "diffusion models survey"
    narrowed = query.narrowed(Filter(year_from=2021, authors=("Ng",), undated=True))
    assert narrowed == Filter(
        year_from=2021, year_to=2023, undated=True, authors=("Ng", "Le Cun"), tags=("audio",)
    )


def test_years_of_query_and_flags_must_both_hold() -> None:
    with pytest.raises(QuerySyntaxError, match="exclude each other"):
        parse_query("year:2020 x").narrowed(Filter(year_from=2022))


@pytest.mark.parametrize("text", ["20", "2020..2021..2022", "..", "x", "", "2020...2021"])
def test_no_years(text: str) -> None:
    with pytest.raises(QuerySyntaxError):
        year_range(text)


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
