"""`quire tldr`: one sentence for each paper named."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cli_fixture import Quire
from endpoint_fixture import ScriptedEndpoint

pytestmark = pytest.mark.usefixtures("stocked")

Endpoint = Callable[..., ScriptedEndpoint]
FOX = "FoxCodec: one quantizer is enough"
ICE = "Counting glaciers from space"
BEES = "Bees and their dances"
WRITTEN = "It needs one quantizer for 40 tokens a second [1.2]."


def test_one_sentence_of_the_abstract_for_each_paper(quire: Quire) -> None:
    ran = quire("tldr", BEES, "10.1000/ice", FOX, BEES)
    assert ran.code == 0, ran.err
    blocks = ran.out.splitlines()
    assert [line for line in blocks if line in (FOX, ICE, BEES)] == [BEES, ICE, FOX]
    assert ran.out.count(" ✓\n") == 3
    assert "FoxCodec needs a single quantizer and 40 tokens a second." in ran.out
    assert "3 matched" in blocks[-1]
    assert "extractive" in ran.err


def test_json_is_a_list_of_answers_in_one_conversation(quire: Quire) -> None:
    known = {one["title"]: one["id"] for one in quire("list", "--json").json["papers"]}
    first, second = quire("tldr", FOX, "10.1000/ice", "--json").json
    assert (first["id"], second["id"]) == (known[FOX], known[ICE])
    assert (first["title"], first["outcome"]) == (FOX, "answered")
    (claim,) = first["claims"]
    assert (claim["verdict"], claim["citations"][0]["sentences"]) == ("matched", [2])
    assert claim["text"] == claim["citations"][0]["quote"]
    assert first["session"] == second["session"] != ""


def test_a_model_is_asked_once_for_each_paper(quire: Quire, answering: Endpoint) -> None:
    endpoint = answering(WRITTEN)
    ran = quire("tldr", "-m", "scripted", FOX, "10.1000/ice")
    assert ran.code == 0, ran.err
    assert len(endpoint.requests) == 2
    assert "one sentence" in endpoint.requests[0].prompt
    assert "glaciers" not in endpoint.requests[0].prompt
    # What the model wrote is checked, and what it rests on stands below.
    assert "It needs one quantizer for 40 tokens a second. ✓" in ran.out
    assert "“FoxCodec needs a single quantizer and 40 tokens a second.”" in ran.out
    assert "#!" in ran.out
    assert "2 calls" in ran.out


def test_the_exit_code_tells_what_came(quire: Quire, answering: Endpoint) -> None:
    """Refused 5; failed 4, with what came before; not checked by a model 1."""
    endpoint = answering("The collection does not answer this.")
    assert quire("tldr", "-m", "scripted", BEES).code == 5
    bad = (401, {"error": {"message": "no"}})
    begun = len(endpoint.requests)
    endpoint.reply = lambda _: WRITTEN if len(endpoint.requests) == begun + 1 else bad
    ran = quire("tldr", "-m", "scripted", FOX, "10.1000/ice", "--json")
    assert ran.code == 4
    assert ran.json["error"]["code"]
    assert [one["title"] for one in ran.json["answers"]] == [FOX]
    ran = quire("tldr", "10.1000/ice", "--check")
    assert (ran.code, "not checked by a model" in ran.err) == (1, True)
