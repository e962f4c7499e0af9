"""From the raw pieces of a reply to its clean text."""

from __future__ import annotations

import re
from typing import Any

import pytest
from cli_fixture import Serving
from hypothesis import given
from hypothesis import strategies as st
from tables import Row, compare, table

from assistant.replies.fence_echo import FenceFilter, without_echo

TOKEN = "3633cb698c2b"


def without_fences(row: Row) -> str:
    """A text without the lines of fences, the same at once and letter by letter."""
    text = row["text"].replace("FENCE", TOKEN)
    letters = FenceFilter(TOKEN)
    shown = "".join(letters.feed(one) for one in text) + letters.finish()
    assert without_echo(text, TOKEN) == shown
    return shown


def test_the_lines_of_fences_are_left_out() -> None:
    compare(table(__file__, "fence_echo.jsonl"), without_fences)


def test_without_a_token_everything_passes() -> None:
    assert without_echo(f"{TOKEN} end of source 1", "") == f"{TOKEN} end of source 1"


@given(
    st.lists(st.sampled_from([TOKEN, TOKEN[:5], "3", "a", " ", "\n", "word.", "[1.1]"])),
    st.lists(st.integers(0, 80)),
)
def test_fences_are_left_out_however_the_text_is_cut(parts: list[str], cuts: list[int]) -> None:
    text = "".join(parts)
    echo, shown, at = FenceFilter(TOKEN), [], 0
    for cut in sorted(cuts):
        shown.append(echo.feed(text[at:cut]))
        at = max(at, cut)
    shown += [echo.feed(text[at:]), echo.finish()]
    assert "".join(shown) == without_echo(text, TOKEN)
    assert TOKEN not in "".join(shown)


@pytest.mark.usefixtures("stocked")
def test_the_reader_sees_no_fence_and_an_answer_of_nothing_else_is_none(serving: Serving) -> None:
    said = "\nThe mean loss is 0.74 m of water [1.3]."

    def echo(body: dict[str, Any]) -> str:
        prompt = body["messages"][1]["content"]
        fence = re.search(r"^([0-9a-f]{12}) source 1$", prompt, re.MULTILINE)
        assert fence
        return f"{fence[1]} end of source 1{said}"

    model = serving(echo)
    asked = ("--no-cache", "How much do glaciers lose?")
    document = model.json("ask", *asked)
    assert document["text"] == "The mean loss is 0.74 m of water [1]."
    assert [one["verdict"] for one in document["claims"]] == ["matched"]
    said = ""
    ran = model.run("ask", *asked, code=4)
    assert ran.out.strip() == ""
    assert "repeated its prompt" in ran.err
