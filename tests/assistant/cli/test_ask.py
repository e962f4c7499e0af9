"""`quire ask` and `quire summarize`: built in and by a model, in text and in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_fixture import Quire
from endpoint_fixture import ScriptedEndpoint

from assistant.prompting.prompts import REFUSAL

pytestmark = pytest.mark.usefixtures("stocked")

Endpoint = Callable[..., ScriptedEndpoint]
QUESTION = "How many quantizers do audio codecs need?"


def test_without_a_model_sentences_of_the_abstracts_answer(quire: Quire) -> None:
    ran = quire("ask", "How many tokens does FoxCodec need?")
    # Case 99: a record that borrows a title is told from the other by id, file and date.
    line = r"^    p\w+ · from papers\.jsonl, \d{4}-\d\d-\d\d · https://example\.org/fox$"
    assert re.search(line, ran.out, re.MULTILINE), ran.out
    assert ran.err.count("\n") == 1
    shape = quire("ask", "How many tokens does FoxCodec need?", "--json").json
    assert (shape["outcome"], shape["model"]) == ("answered", "extractive")
    claim = shape["claims"][0]
    assert (claim["verdict"], claim["checked_by"]) == ("matched", "text")
    assert set(claim["citations"][0]) >= {"number", "id", "sentences", "quote", "verdict"}
    assert shape["references"][0]["number"] == 1
    assert set(shape["prompt"]) == {"name", "version", "digest"}
    assert set(shape["usage"]) >= {"calls", "input_tokens", "output_tokens", "cost"}
    assert set(shape["evidence"]) == {"considered", "used", "dropped"}
    assert shape["session"]


def test_a_question_may_come_from_stdin(quire: Quire) -> None:
    assert "0.74 m" in quire("ask", "-", stdin="What is the mean loss of glaciers?\n").out
    assert quire("ask", "-", stdin="  \n").code == 2


def test_a_refusal_comes_with_what_is_nearest(quire: Quire, answering: Endpoint) -> None:
    miss = quire("ask", "Who composed the opera Tosca?", "--json").json["near_misses"][0]
    assert {"id", "title", "score", "why"} <= set(miss)
    answering(REFUSAL)
    ran = quire("ask", "-m", "scripted", "What colour are audio codecs?", "--json")
    assert (ran.code, ran.json["outcome"]) == (5, "not_in_collection")
    assert ran.json["near_misses"]
    assert ran.json["usage"]["calls"] == 1


def test_events_come_as_lines_of_json(quire: Quire) -> None:
    ran = quire("ask", "How many tokens does FoxCodec need?", "--jsonl")
    events = [json.loads(line) for line in ran.out.splitlines()]
    assert [events[0]["event"], events[-1]["event"]] == ["evidence", "done"]
    assert {one["event"] for one in events[1:-1]} == {"delta"}
    text = "".join(one["text"] for one in events[1:-1])
    assert text == events[-1]["answer"]["text"]


def test_a_model_answers_and_is_checked(quire: Quire, answering: Endpoint) -> None:
    answering(
        "It needs 55 tokens a second [1.2]. It reaches a quality score of 4.1 on clean speech."
        " All of it is proven [99.1]."
        " FoxCodec needs a single quantizer [1.2]."
    )
    asked = ("ask", "-m", "scripted", "--paper", "FoxCodec: one quantizer is enough", QUESTION)
    ran = quire(*asked, "--json")
    assert ran.code == 0, ran.err
    shape = ran.json
    verdicts = [one["verdict"] for one in shape["claims"]]
    assert verdicts == ["number_not_found", "uncited", "unknown_citation", "matched"]
    assert "second [1]" in shape["text"]
    assert "[?]" in shape["text"]
    assert [one["title"][:3] for one in shape["references"]] == ["Fox"]
    assert shape["usage"]["calls"] == 1
    assert shape["usage"]["input_tokens"] > 50
    assert shape["prompt"]["name"] == "answer"
    plain = quire(*asked)
    assert "quantizer [1]. ✓" in plain.out
    assert "#!" in plain.out
    assert "Not cited by the model; the same words stand in" in plain.out
    assert plain.err == "", "a pipe is told of no waiting"


def test_a_model_that_is_not_known_sends_nothing(
    quire: Quire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    ran = quire("ask", "-m", "extractiv", "How many quantizers?")
    assert (ran.code, "extractive" in ran.err) == (2, True)
    assert quire("ask", QUESTION, "--json").json["model"] == "extractive"


def test_conversations_go_on(quire: Quire) -> None:
    first = quire("ask", "How many tokens does FoxCodec need?", "--json").json
    second = quire("ask", "-c", "And how many quantizers?", "--json").json
    assert second["session"] == first["session"]
    assert "FoxCodec" in second["standalone"]
    assert "single quantizer" in second["text"]
    third = quire("ask", "--session", first["session"], "And its quality?", "--json").json
    assert third["session"] == first["session"]
    assert quire("ask", "How do bees dance?", "--json").json["session"] != first["session"]


def test_a_summary_of_a_topic_cites_its_papers(quire: Quire) -> None:
    one = quire("summarize", "10.1000/ice", "--json").json
    assert (len(one["references"]), bool(one["claims"])) == (1, True)
    topic = quire("summarize", "--topic", "audio codecs", "--json").json
    assert {ref["title"][:8] for ref in topic["references"]} >= {"FoxCodec", "OwlCodec"}


def test_minilm_tells_paraphrases_from_what_only_shares_words(
    quire: Quire, minilm_source: Path, answering: Endpoint
) -> None:
    """Its tokens check the claims of the library that it searches."""

    def verdicts() -> list[str]:
        asked = ("ask", "-m", "scripted", "--no-cache", "How much water do glaciers lose?")
        ran = quire(*asked, "--json")
        assert ran.code == 0, ran.err
        return [one["verdict"] for one in ran.json["claims"]]

    answering(
        "Water is lost at 0.74 m annually [1]. The water of the glaciers is clean [1.1]. "
        "Water is lost at 0.47 m annually [1]."
    )
    assert verdicts() == ["weak", "matched", "number_not_found"]
    assert quire("models", "add", "minilm", "--from", str(minilm_source)).code == 0
    assert quire("models", "use", "minilm").code == 0
    assert verdicts() == ["matched", "weak", "number_not_found"]
