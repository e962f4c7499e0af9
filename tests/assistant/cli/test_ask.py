"""`quire ask` and `quire tldr`: built in and by a model, in text and in JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cli_fixture import Quire, Serving

from assistant.prompting.prompts import REFUSAL

pytestmark = pytest.mark.usefixtures("stocked")

QUESTION = "How many quantizers do audio codecs need?"
FOX = "FoxCodec: one quantizer is enough"
WRITTEN = "It needs one quantizer for 40 tokens a second [1.2]."


def test_a_source_is_told_by_its_id_its_file_and_its_date(quire: Quire) -> None:
    """Case 99: a record that borrows a title is told from the other."""
    ran = quire("ask", "How many tokens does FoxCodec need?")
    line = r"^    p\w+ · from papers\.jsonl, \d{4}-\d\d-\d\d · https://example\.org/fox$"
    assert re.search(line, ran.out, re.MULTILINE), ran.out
    assert ran.err.count("\n") == 1


def test_a_refusal_comes_with_what_is_nearest(serving: Serving) -> None:
    shape = serving(REFUSAL).json("ask", "What colour are audio codecs?", code=5)
    assert (shape["outcome"], shape["usage"]["calls"]) == ("not_in_collection", 1)
    assert shape["near_misses"]


def test_events_come_as_lines_of_json(quire: Quire) -> None:
    ran = quire("ask", "How many tokens does FoxCodec need?", "--jsonl")
    events = [json.loads(line) for line in ran.out.splitlines()]
    assert [events[0]["event"], events[-1]["event"]] == ["evidence", "done"]
    assert {one["event"] for one in events[1:-1]} == {"delta"}
    text = "".join(one["text"] for one in events[1:-1])
    assert text == events[-1]["answer"]["text"]


def test_a_model_answers_and_is_checked(serving: Serving) -> None:
    model = serving(
        "It needs 55 tokens a second [1.2]. It reaches a quality score of 4.1 on clean speech."
        " All of it is proven [99.1]."
        " FoxCodec needs a single quantizer [1.2]."
    )
    asked = ("ask", "--paper", FOX, QUESTION)
    shape = model.json(*asked)
    verdicts = [one["verdict"] for one in shape["claims"]]
    assert verdicts == ["number_not_found", "uncited", "unknown_citation", "matched"]
    assert "second [1]" in shape["text"]
    assert "[?]" in shape["text"]
    assert [one["title"][:3] for one in shape["references"]] == ["Fox"]
    assert shape["usage"]["calls"] == 1
    assert shape["usage"]["input_tokens"] > 50
    assert shape["prompt"]["name"] == "answer"
    plain = model.run(*asked)
    assert "quantizer [1]. ✓" in plain.out
    assert "#!" in plain.out
    assert "Not cited by the model; the same words stand in" in plain.out
    assert plain.err == "", "a pipe is told of no waiting"


def test_conversations_go_on(quire: Quire) -> None:
    first = quire("ask", "How many tokens does FoxCodec need?", "--json").json
    assert first["session"]
    second = quire("ask", "-c", "And how many quantizers?", "--json").json
    assert second["session"] == first["session"]
    assert "FoxCodec" in second["standalone"]
    assert "single quantizer" in second["text"]
    third = quire("ask", "--session", first["session"], "And its quality?", "--json").json
    assert third["session"] == first["session"]
    assert quire("ask", "How do bees dance?", "--json").json["session"] != first["session"]


def test_one_sentence_for_each_paper_is_one_conversation(quire: Quire) -> None:
    known = {one["title"]: one["id"] for one in quire("list", "--json").json["papers"]}
    first, second = quire("tldr", FOX, "10.1000/ice", "--json").json
    assert (first["id"], second["id"]) == (known[FOX], known["Counting glaciers from space"])
    assert first["session"] == second["session"] != ""


def test_a_model_is_asked_once_for_each_paper(serving: Serving) -> None:
    model = serving(WRITTEN)
    ran = model.run("tldr", FOX, "10.1000/ice")
    first, _ = model.endpoint.requests
    assert "one sentence" in first.prompt
    assert "glaciers" not in first.prompt
    # What the model wrote is checked, and what it rests on stands below.
    assert "It needs one quantizer for 40 tokens a second. ✓" in ran.out
    assert "“FoxCodec needs a single quantizer and 40 tokens a second.”" in ran.out
    assert "#!" in ran.out
    assert "2 calls" in ran.out


def test_the_exit_code_tells_what_came(serving: Serving) -> None:
    """Refused 5; failed 4, with what came before."""
    model = serving(REFUSAL)
    model.run("tldr", "Bees and their dances", code=5)
    bad = (401, {"error": {"message": "no"}})
    begun = model.sent
    model.endpoint.reply = lambda _: WRITTEN if model.sent == begun + 1 else bad
    shape = model.json("tldr", FOX, "10.1000/ice", code=4)
    assert shape["error"]["code"]
    assert [one["title"] for one in shape["answers"]] == [FOX]


def test_minilm_tells_paraphrases_from_what_only_shares_words(
    quire: Quire, minilm_source: Path, serving: Serving
) -> None:
    """Its tokens check the claims of the library that it searches."""

    def verdicts() -> list[str]:
        shape = model.json("ask", "--no-cache", "How much water do glaciers lose?")
        return [one["verdict"] for one in shape["claims"]]

    model = serving(
        "Water is lost at 0.74 m annually [1]. The water of the glaciers is clean [1.1]. "
        "Water is lost at 0.47 m annually [1]."
    )
    assert verdicts() == ["weak", "matched", "number_not_found"]
    assert quire("models", "add", "minilm", "--from", str(minilm_source)).code == 0
    assert quire("models", "use", "minilm").code == 0
    assert verdicts() == ["matched", "weak", "number_not_found"]
