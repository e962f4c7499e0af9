"""Sentences that a model left uncited are shown with the sentence that holds their words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import Quire, Ran
from endpoint_fixture import ScriptedEndpoint

Endpoint = Callable[..., ScriptedEndpoint]
QUESTION = "How much water do glaciers lose?"


@pytest.fixture
def say(
    quire: Quire, scripted_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, stocked: Path
) -> Callable[..., Ran]:
    def ask(text: str, *options: str) -> Ran:
        monkeypatch.setenv("OPENAI_BASE_URL", scripted_endpoint(text).base_url)
        return quire("ask", "-m", "scripted", "--no-cache", QUESTION, *options)

    return ask


def nearest(document: Any) -> list[str | None]:
    return [one["nearest"] and one["nearest"]["quote"] for one in document["claims"]]


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Glaciers lose 0.74 m of water a year.", "The mean loss is 0.74 m of water a year."),
        (
            "They count 1200 glaciers in stereo images.",
            "We count 1,200 glaciers in stereo images of eighteen years.",
        ),
        # another number, too few words, an absence, something else, a citation
        ("Glaciers lose 0.47 m of water a year.", None),
        ("Glaciers shrink.", None),
        ("The mean loss of water is not given.", None),
        ("Whales sing below the ice of the southern ocean in winter.", None),
        ("The mean loss is 0.74 m of water a year [1.3].", None),
    ],
)
def test_what_is_found(say: Callable[..., Ran], text: str, quote: str | None) -> None:
    document = say(text, "--json").json
    assert nearest(document) == [quote]
    if "[1" not in text:
        assert [one["verdict"] for one in document["claims"]] == ["uncited"]
        assert document["references"] == [], "the model cited nothing"


def test_the_reader_is_told_who_found_it(say: Callable[..., Ran]) -> None:
    out = say("Glaciers lose 0.74 m of water a year. It is nice.").out
    assert "Not cited by the model; the same words stand in" in out
    assert "Counting glaciers from space" in out
    assert "“The mean loss is 0.74 m of water a year.”" in out
    assert "Sources" not in out.replace("sources considered", "")
    cited = say("The mean loss is 0.74 m of water a year [1.3].").out
    assert "Not cited" not in cited
