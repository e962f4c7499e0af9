"""Markup of titles and abstracts as readable text."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import Row, for_each, table

from assistant.text.numbers.compare import numbers
from store.clean import clean_text
from store.lexical.index import LexicalIndex
from store.lexical.question import query_words
from store.readers.fields import items_of
from store.readers.markup.readable import readable
from store.readers.records import ABSTRACT_LIMIT, Place, make_record
from store.types import Record

CASES = Path(__file__).parents[5] / "shared" / "cases" / "markup" / "markup.jsonl"
PLACE = Place(source="a.jsonl", reader="jsonl", line=1, record=1)
SIGNS = """
{ } $ \\ < & amp; lt; ~ ^ _ `` '' -- --- 10 ² ⁻ x AB sub> i> </ p> \\alpha \\textbf{ \\frac \\sqrt
^{ _{ 1 5 . % \\% \\" \\' u times pm leq math mathcal{ °C math> mi> \\cite{ ( ) [ ] é CO_2
# #38; gt; ; http://a.b/ 10.1000/ \\( \\) \\c \\i \\item \\\\ C:\\ title> <!-- \\href{
"""
PIECES = [*SIGNS.split(), " ", "word ", "\n", "\n\n", "\u00a0", "\u2009"]


def made(title: str, abstract: str) -> Record:
    record = make_record(PLACE, title, abstract)
    assert isinstance(record, Record)
    return record


def test_table() -> None:
    def check(row: Row) -> None:
        came = readable(row["raw"], title=row.get("title", False))
        assert came == row.get("right", row["raw"])
        assert readable(came, title=row.get("title", False)) == came

    for_each(table(__file__, "markup.jsonl"), check)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), st.booleans())
def test_what_is_clean_stays_and_no_word_is_lost(text: str, title: bool) -> None:
    once = clean_text(readable(clean_text(f"kelp {text} otter"), title=title))
    assert clean_text(readable(once, title=title)) == once
    if "<" not in text and "{" not in text:
        assert "kelp" in once
        assert "tter" in once  # its first letter may get an accent


@pytest.mark.parametrize("sign", ["{", "$", "\\", "<", "&", "$x{", '<a "', "<math><mi>", "a <"])
def test_nonsense_takes_no_time(sign: str) -> None:
    text = sign * (ABSTRACT_LIMIT // len(sign))
    begun = time.process_time()
    readable(text)
    assert time.process_time() - begun < 1  # 0.03 s alone on a quiet machine


def test_the_text_as_it_came_is_kept_where_it_changed() -> None:
    record = made("A &amp; B\u00a0C", "<p>CO<sub>2</sub> &#27;[31mfell.</p>\r\n")
    assert (record.title, record.raw_title) == ("A & B C", "A &amp; B\u00a0C")
    assert record.abstract == "CO2 [31mfell."
    assert record.raw_abstract == "<p>CO<sub>2</sub> &#27;[31mfell.</p>"
    plain = made("Kelp\u00a0and\notters", " One  line\n\n\nand\u200b another. ")
    assert (plain.abstract, plain.raw_title, plain.raw_abstract) == (
        "One  line\n\nand another.",
        None,
        None,
    )


def test_names_venues_and_keywords_lose_it_too() -> None:
    values = {
        "title": "Kelp",
        "abstract": "Kelp grows.",
        "authors": "J. M\\\"uller and \\'E. Lef\\`evre and Tom O&#39;Hara",
        "venue": "{J}. Kelp \\& Tides &amp; <i>Waves</i>",
        "keywords": ["$\\beta$-carotene", "CO<sub>2</sub>"],
    }
    [record] = items_of(PLACE, values)
    assert isinstance(record, Record)
    assert record.authors == ("J. Müller", "É. Lefèvre", "Tom O'Hara")
    assert record.venue == "J. Kelp & Tides & Waves"
    assert record.details.keywords == ("β-carotene", "CO2")


def test_a_number_is_the_same_in_every_writing() -> None:
    powers = ["10^3", "10³", "10<sup>3</sup>", "$10^{3}$", "10$^3$", "10^{3}", "10&sup3;"]
    powers.append("<math><msup><mn>10</mn><mn>3</mn></msup></math>")
    read = {readable(f"of {one} cells") for one in powers}
    assert read == {"of 10^3 cells"}
    [number] = numbers(read.pop())
    assert number.value == 1000
    shares = ["23&#xA0;%", "23\\%", "$23\\%$", "23 %"]
    assert {(one.value, one.unit) for text in shares for one in numbers(readable(text))} == {
        (23, "%")
    }


def test_what_is_typed_finds_it() -> None:
    index = LexicalIndex(None, create=True)
    text = '<p>CO<sub>2</sub> at 10<sup>&#8722;3</sup> mol m<sup>-2</sup>, na\\"ive</p>'
    in_text = set(index.stems(made("Kelp", text).abstract))
    for typed in ("CO2", "CO₂", "10^-3", "10⁻³", "m⁻²", "m^-2", "naïve", "Naive"):
        assert in_text.issuperset(index.stems(typed)), typed
        assert in_text.issuperset(term for word in query_words(typed) for term in index.stems(word))


def test_without_rare_commands_the_library_is_not_loaded() -> None:
    code = (
        "import sys; from store.readers.markup.readable import readable\n"
        "assert readable('$\\\\alpha$ <i>x</i> \\\\emph{y}') == 'α x y'; "
        "assert 'pylatexenc' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.skipif(not CASES.exists(), reason="no ../shared")
def test_shared_cases() -> None:
    lines = CASES.read_text("utf-8").splitlines()
    records = [made(one["title"], one["abstract"]) for one in map(json.loads, lines)]
    text = "\n".join(f"{one.title}\n{one.abstract}" for one in records)
    for word in (
        "CO2",
        "23 %",
        "3 °C",
        "10^3",
        "m⁻²",
        "√s=3",
        "4.7 ± 0.2",
        "$120",
        "10^-3",
        "O(n^2)",
    ):
        assert word in text
    assert "Naïve methods of Müller" in text
    assert "x < y and n_e > 5" in text
    assert "Background: Kelp" in text
    assert not any(sign in text for sign in ("jats", "mml", "\\", "&a", "&#", "{"))
    assert all(one.raw_title and one.raw_abstract for one in records)
