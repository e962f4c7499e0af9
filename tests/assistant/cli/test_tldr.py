"""`quire tldr`: one sentence for each paper named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cli_fixture import Quire
from endpoint_fixture import ScriptedEndpoint

Endpoint = Callable[..., ScriptedEndpoint]


def ids(quire: Quire) -> dict[str, str]:
    return {one["title"]: one["id"] for one in quire("list", "--json").json["papers"]}


def test_one_sentence_of_the_abstract_for_each_paper(quire: Quire, stocked: Path) -> None:
    known = ids(quire)
    fox, bees = (known["FoxCodec: one quantizer is enough"], known["Bees and their dances"])
    ran = quire("tldr", bees, "10.1000/ice", fox, bees)
    assert ran.code == 0, ran.err
    blocks = ran.out.splitlines()
    assert [line for line in blocks if line in known] == [
        "Bees and their dances",
        "Counting glaciers from space",
        "FoxCodec: one quantizer is enough",
    ]
    assert ran.out.count(" ✓\n") == 3
    assert "FoxCodec needs a single quantizer and 40 tokens a second." in ran.out
    assert "3 matched" in blocks[-1]
    assert "extractive" in ran.err


def test_json_is_a_list_of_answers(quire: Quire, stocked: Path) -> None:
    known = ids(quire)
    fox = known["FoxCodec: one quantizer is enough"]
    shapes = quire("tldr", fox, "10.1000/ice", "--json").json
    assert [one["id"] for one in shapes] == [fox, known["Counting glaciers from space"]]
    first = shapes[0]
    assert first["title"].startswith("FoxCodec")
    (claim,) = first["claims"]
    assert (claim["verdict"], claim["citations"][0]["sentences"]) == ("matched", [2])
    assert claim["text"] == claim["citations"][0]["quote"]
    assert first["outcome"] == "answered"
    # All of one command are one conversation.
    assert len({one["session"] for one in shapes}) == 1
    assert first["session"]


def test_a_model_is_asked_once_for_each_paper(
    quire: Quire, stocked: Path, scripted_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = scripted_endpoint("It needs one quantizer for 40 tokens a second [1.2].")
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    fox = ids(quire)["FoxCodec: one quantizer is enough"]
    ran = quire("tldr", "-m", "scripted", fox, "10.1000/ice")
    assert ran.code == 0, ran.err
    assert len(endpoint.requests) == 2
    assert "one sentence" in endpoint.requests[0].prompt
    assert "glaciers" not in endpoint.requests[0].prompt
    # What the model wrote is checked, and what it rests on stands below.
    assert "It needs one quantizer for 40 tokens a second. ✓" in ran.out
    assert "“FoxCodec needs a single quantizer and 40 tokens a second.”" in ran.out
    assert "#!" in ran.out
    assert "2 calls" in ran.out


def test_refusals_and_wrong_names(
    quire: Quire, stocked: Path, scripted_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert quire("tldr", "10.1000/ice", "no-such-paper").code == 2
    assert quire("tldr").code == 2
    endpoint = scripted_endpoint("The collection does not answer this.")
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    assert quire("tldr", "-m", "scripted", "10.1000/ice").code == 5


def test_a_failing_endpoint_leaves_what_came(
    quire: Quire, stocked: Path, scripted_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = scripted_endpoint("FoxCodec needs a single quantizer [1.2].")

    def reply(_: object) -> object:
        bad = (401, {"error": {"message": "no"}})
        return "FoxCodec needs a single quantizer [1.2]." if len(endpoint.requests) == 1 else bad

    endpoint.reply = reply  # type: ignore[assignment]
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    fox = ids(quire)["FoxCodec: one quantizer is enough"]
    ran = quire("tldr", "-m", "scripted", fox, "10.1000/ice", "--json")
    assert ran.code == 4
    assert ran.json["error"]["code"]
    assert [one["id"] for one in ran.json["answers"]] == [fox]


def test_a_check_of_the_sentences(quire: Quire, stocked: Path) -> None:
    ran = quire("tldr", "10.1000/ice", "--check")
    assert ran.code == 1
    assert "not checked by a model" in ran.err
