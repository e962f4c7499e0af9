"""Summaries of many papers: grouped, every group cited, within budgets."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import Quire, interrupted
from endpoint_fixture import ScriptedEndpoint

from assistant.prompting import REFUSAL

Endpoint = Callable[..., ScriptedEndpoint]
ADDRESS = re.compile(r"^\[(\d+)\.(\d+)\]", re.MULTILINE)
TOPICS = {
    "birds": ("owls and birds", "birds are counted at night by their calls in the forest"),
    "glaciers": ("ice and glaciers", "glaciers shrink in stereo images of mountain snow"),
    "codecs": ("audio codecs", "audio codecs quantize speech tokens of sound recordings"),
}


@pytest.fixture
def many(quire: Quire, tmp_path: Path) -> Path:
    """A library of 45 papers on three topics."""
    records = [
        {
            "title": f"Study {at} of {title}",
            "abstract": f"Much is unknown. In this paper, we propose method {at}{name[0]} by which"
            f" {text}. It reaches {60 + at} points on {name} benchmark {at}.",
            "tags": [name],
        }
        for name, (title, text) in TOPICS.items()
        for at in range(15)
    ]
    (tmp_path / "many.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records))
    assert quire("add", str(tmp_path / "many.jsonl")).code == 0
    return tmp_path / "quire-home"


def write(body: dict[str, Any]) -> str:
    """A model that cites the second sentence of the first source it is shown."""
    prompt = body["messages"][-1]["content"]
    if "opening" in prompt:
        mark = re.findall(r"\[\d+\.\d+\]", prompt)[0]
        return f"The papers propose many methods {mark}."
    number = ADDRESS.findall(prompt)[0][0]
    return f"A method is proposed in this paper [{number}.2]."


def headings(text: str) -> list[str]:
    return [line for line in text.splitlines() if re.match(r"\d+ papers? on .*:$", line)]


def test_everything_is_grouped_by_the_built_in_model(quire: Quire, many: Path) -> None:
    ran = quire("summarize", "--json")
    assert ran.code == 0, ran.err
    shape = ran.json
    found = headings(shape["text"])
    assert len(found) == 3
    assert sum(int(one.split()[0]) for one in found) == 45
    for part in re.split(r"\d+ papers? on .*:\n", shape["text"])[1:]:
        assert re.search(r"\[\d+\]", part), "every group is cited"
    assert {one["verdict"] for one in shape["claims"]} == {"matched"}
    cited = len(shape["references"])
    assert f"3 groups, {cited} of 45 papers cited, all 45 placed" in shape["note"]
    longer = quire("summarize", "--length", "long", "--json").json
    assert len(longer["references"]) > cited


def test_few_papers_are_summarized_as_one(quire: Quire, many: Path) -> None:
    shape = quire("summarize", "--tag", "birds", "--json").json
    assert headings(shape["text"]) == []
    assert "of 15 papers" in shape["note"]


def test_a_topic_takes_the_papers_that_speak_to_it(quire: Quire, many: Path) -> None:
    shape = quire("summarize", "--topic", "glaciers in stereo images", "--json").json
    assert len(shape["references"]) == 15
    assert all("glaciers" in one["title"] for one in shape["references"])
    none = quire("summarize", "--topic", "sourdough bread without yeast", "--json")
    assert none.code == 5


def test_a_model_writes_on_each_group_and_an_opening(
    quire: Quire, many: Path, scripted_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = scripted_endpoint(write)
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    dry = quire("summarize", "-m", "scripted", "--dry-run", "--json").json
    assert dry["calls"] == 4
    assert endpoint.requests == []
    ran = quire("summarize", "-m", "scripted", "--json")
    assert ran.code == 0, ran.err
    shape = ran.json
    assert len(endpoint.requests) == shape["usage"]["calls"] == 4
    assert shape["usage"]["input_tokens"] <= dry["input_tokens"]
    assert shape["text"].startswith("The papers propose many methods [1].")
    assert len(headings(shape["text"])) == 3
    assert len(shape["references"]) == 3
    assert "3 groups, 3 of 45 papers cited, all 45 placed" in shape["note"]
    asked = [one.prompt for one in endpoint.requests]
    assert all(len(prompt) / 3.6 < 4_500 for prompt in asked), "each within its budget"
    again = quire("summarize", "-m", "scripted", "--json").json
    assert again["cached"] is True
    assert again["text"] == shape["text"]
    assert len(endpoint.requests) == 4
    assert quire("summarize", "-m", "scripted", "--dry-run", "--json").json["calls"] == 0


def test_where_a_model_cites_nothing_sentences_stand_for_the_group(
    quire: Quire, many: Path, scripted_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reply(body: dict[str, Any]) -> str:
        prompt = body["messages"][-1]["content"]
        if "opening" in prompt:
            return REFUSAL
        if "glaciers" in prompt:
            return "They are all about ice [99.1]."
        return REFUSAL if "birds" in prompt else write(body)

    endpoint = scripted_endpoint(reply)
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    shape = quire("summarize", "-m", "scripted", "--json").json
    assert shape["outcome"] == "answered"
    assert len(headings(shape["text"])) == 3
    for part in re.split(r"\d+ papers? on .*:\n", shape["text"])[1:]:
        assert re.search(r"\[\d+\]", part), "every group is cited"
    assert "verbatim sentences stand for 2 groups" in shape["note"]
    assert REFUSAL not in shape["text"]


def test_a_group_that_fails_is_said(
    quire: Quire, many: Path, scripted_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reply(body: dict[str, Any]) -> str | tuple[int, Any]:
        if "glaciers" in body["messages"][-1]["content"]:
            return 400, {"error": {"message": "no such luck"}}
        return write(body)

    endpoint = scripted_endpoint(reply)
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    ran = quire("summarize", "-m", "scripted", "--json")
    assert ran.code == 4
    assert ran.json["outcome"] == "interrupted"
    assert len(headings(ran.json["text"])) == 3
    assert "1 group" in ran.json["note"]
    # What was written is kept: the rest is asked alone, and the whole is then an answer.
    before = len(endpoint.requests)
    endpoint.reply = write
    ran = quire("summarize", "-m", "scripted", "--json")
    assert ran.code == 0
    assert len(endpoint.requests) == before + 2
    endpoint.reply = (401, {"error": {"message": "wrong key"}})
    ran = quire("summarize", "-m", "scripted", "--no-cache")
    assert ran.code == 4
    assert ran.out == ""


def test_the_cost_is_capped(
    quire: Quire, many: Path, scripted_endpoint: Endpoint, tmp_path: Path
) -> None:
    endpoint = scripted_endpoint(write)
    config = tmp_path / "config.toml"
    config.write_text(
        f'[models.big]\nbase_url = "{endpoint.base_url}"\nmodel = "scripted"\n'
        "price_in = 100\nprice_out = 100\n"
    )
    asks = ("--config", str(config), "summarize", "-m", "big")
    assert quire(*asks, "--max-cost", "0.01").code == 2
    assert endpoint.requests == []
    assert quire(*asks, "--max-cost", "10").code == 0


def test_ctrl_c_keeps_the_groups_that_are_written(many: Path, scripted_endpoint: Endpoint) -> None:
    def reply(body: dict[str, Any]) -> str:
        if len(endpoint.requests) > 2:
            time.sleep(1.5)
        return write(body)

    endpoint = scripted_endpoint(reply)
    arguments = ("summarize", "-m", "scripted", "--json")
    come = lambda: len(endpoint.requests)  # noqa: E731
    environment = {"OPENAI_BASE_URL": endpoint.base_url}
    ran = interrupted(arguments, come, 3, pause=0.5, environment=environment)
    assert ran.code == 130, ran.err
    shape = ran.json
    assert shape["outcome"] == "interrupted"
    assert shape["references"]
