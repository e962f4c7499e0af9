"""What a small model repeats of its prompt is no part of its answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from cli_fixture import Quire
from endpoint_fixture import ScriptedEndpoint
from hypothesis import given
from hypothesis import strategies as st

from assistant.citations.fence_echo import FenceFilter, without_echo

Endpoint = Callable[..., ScriptedEndpoint]
TOKEN = "3633cb698c2b"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("", ""),
        ("No fence here.", "No fence here."),
        (f"{TOKEN} end of source 4", ""),
        (f"{TOKEN}", ""),
        (f"{TOKEN} end of source 1\nThe answer.", "The answer."),
        (f"The answer.\n{TOKEN} end of source 1\nMore.", "The answer.\nMore."),
        (f"The answer. {TOKEN} source 2\nMore.", "The answer. \nMore."),
        (f"{TOKEN} a\n{TOKEN} b\n\nThe answer.\n", "\nThe answer.\n"),
        (f"  {TOKEN} end\nThe answer.", "  The answer."),
        (f"[1.1] One.\n\n{TOKEN} source 2\n[2.1] Two.", "[1.1] One.\n\n[2.1] Two."),
        (TOKEN[:-1], TOKEN[:-1]),
        (f"{TOKEN[:6]}\n{TOKEN[6:]}", f"{TOKEN[:6]}\n{TOKEN[6:]}"),
    ],
)
def test_lines_of_fences_are_left_out(text: str, left: str) -> None:
    assert without_echo(text, TOKEN) == left
    letter_by_letter = FenceFilter(TOKEN)
    shown = "".join(letter_by_letter.feed(one) for one in text) + letter_by_letter.finish()
    assert shown == left


def test_without_a_token_everything_passes() -> None:
    assert without_echo(f"{TOKEN} end of source 1", "") == f"{TOKEN} end of source 1"


@given(
    st.lists(st.sampled_from([TOKEN, TOKEN[:5], "3", "a", " ", "\n", "word.", "[1.1]"])),
    st.lists(st.integers(0, 80)),
)
def test_any_cut_gives_the_same(parts: list[str], cuts: list[int]) -> None:
    text = "".join(parts)
    echo, shown, at = FenceFilter(TOKEN), [], 0
    for cut in sorted(cuts):
        shown.append(echo.feed(text[at:cut]))
        at = max(at, cut)
    shown += [echo.feed(text[at:]), echo.finish()]
    assert "".join(shown) == without_echo(text, TOKEN)
    assert TOKEN not in "".join(shown)


def fence(body: dict[str, Any]) -> str:
    found = re.search(r"^([0-9a-f]{12}) source 1$", body["messages"][1]["content"], re.MULTILINE)
    assert found
    return found.group(1)


@pytest.mark.usefixtures("stocked")
def test_the_reader_does_not_see_it(
    quire: Quire, scripted_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = scripted_endpoint(
        lambda body: f"{fence(body)} end of source 1\nThe mean loss is 0.74 m of water [1.3]."
    )
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    document = quire("ask", "-m", "scripted", "How much do glaciers lose?", "--json").json
    assert document["text"] == "The mean loss is 0.74 m of water [1]."
    assert [one["verdict"] for one in document["claims"]] == ["matched"]


@pytest.mark.usefixtures("stocked")
def test_an_answer_of_nothing_else_is_none(
    quire: Quire, scripted_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = scripted_endpoint(lambda body: f"{fence(body)} end of source 1")
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    ran = quire("ask", "-m", "scripted", "How much do glaciers lose?")
    assert ran.code == 4
    assert ran.out.strip() == ""
    assert "repeated its prompt" in ran.err
