"""`quire ask` and `quire tldr`, in text and in JSON; what a terminal shows meanwhile and asks."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import Quire, Serving
from endpoint_fixture import ScriptedEndpoint
from terminal_fixture import Terminals, each_of, several

from assistant.prompting.prompts import REFUSAL

pytestmark = pytest.mark.usefixtures("stocked")

QUESTION = "How many quantizers do audio codecs need?"
FOX = "FoxCodec: one quantizer is enough"
ANSWER = "FoxCodec needs a single quantizer [1.2]. It reaches 4.1 on speech [1.3]."
ASK = ("ask", "-m", "scripted", "--no-cache", "How many quantizers does FoxCodec need?")
WAITING = re.compile("searching|reading|waiting")
WRITTEN = "It needs one quantizer for 40 tokens a second [1.2]."


def test_a_source_is_told_by_its_id_its_file_and_its_date(quire: Quire) -> None:
    """Case 99: a record that borrows a title is told from the other."""
    ran = quire("ask", "How many tokens does FoxCodec need?")
    line = r"^    p\w+ · from papers\.jsonl, \d{4}-\d\d-\d\d · https://example\.org/fox$"
    assert re.search(line, ran.out, re.MULTILINE), ran.out
    assert ran.err.count("\n") == 1


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
    assert "quantizer [1]·." in plain.out
    flags = plain.out.partition("\n\nCheck\n")[2].partition("\n\nSources")[0].splitlines()
    assert [line.split()[0] for line in flags[:3]] == ["#!", "?!", "○"]
    assert "55" in flags[0].rpartition(": ")[2]
    assert flags[3].startswith("    the same words stand in Fox")
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


def test_one_sentence_for_each_paper_is_one_conversation(quire: Quire, serving: Serving) -> None:
    known = {one["title"]: one["id"] for one in quire("list", "--json").json["papers"]}
    model, papers = serving(WRITTEN), ("tldr", FOX, "10.1000/ice")
    # What the model wrote is checked, and what it rests on stands below.
    ran = model.run(*papers)
    for part in (
        "It needs one quantizer for 40 tokens a second.·",
        "“FoxCodec needs a single quantizer and 40 tokens a second.”",
        "#!",
        "2 calls",
    ):
        assert part in ran.out
    asked, _ = model.endpoint.requests
    assert "one sentence" in asked.prompt
    assert "glaciers" not in asked.prompt
    first, second = model.json(*papers)
    assert (first["id"], second["id"]) == (known[FOX], known["Counting glaciers from space"])
    assert first["session"] == second["session"] != ""


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


Held = tuple[ScriptedEndpoint, threading.Event]


@pytest.fixture
def held(stocked: Path, serving: Serving) -> Held:
    """A model that writes once it may, and refuses what is spoken of as forbidden."""
    may = threading.Event()

    def reply(body: dict[str, Any]) -> Any:
        if "forbidden" in body["messages"][-1]["content"]:
            return 401, {"error": {"message": "no"}}
        assert may.wait(60)
        return ANSWER

    return serving(reply).endpoint, may


@pytest.mark.slow
def test_what_is_waited_for_is_in_sight_until_it_comes(held: Held, on_terminal: Terminals) -> None:
    """A line says what is read, and is gone when the text comes, or why none does."""
    forbidden = (*ASK[:-1], "Which quantizers are forbidden?")
    shown = several(on_terminal, ASK, (*ASK, "--check"), ("-q", *ASK), forbidden)
    shown.until("searching the library…")
    shown.until("reading ")
    assert re.search(r"\r\x1b\[Kreading \d papers?…", shown.output)
    assert "quantizer [1]" not in shown.output
    held[1].set()
    plain, checked, quiet, failed = each_of(shown)
    assert plain.code == 0
    assert plain.lines[0].startswith("FoxCodec needs a single quantizer [1]·. It reaches")
    assert checked.code in (0, 1)
    # The text does not wait for the check, whose verdicts stand below it.
    assert checked.lines[0].startswith("FoxCodec needs a single quantizer [1]·. It reaches")
    assert [line for line in checked.lines if "checks 2 statements" in line] == [checked.lines[1]]
    assert quiet.code == 0
    assert not WAITING.search(quiet.output)
    assert failed.code == 4
    assert failed.lines[0].startswith("error: ")
    for one in (plain, checked, failed):
        assert not [line for line in one.lines if WAITING.search(line)]


@pytest.mark.slow
def test_what_is_waited_for_goes_where_it_is_stopped_and_is_no_part_of_stdout(
    held: Held, on_terminal: Terminals, tmp_path: Path
) -> None:
    endpoint, may = held
    shown = on_terminal(*ASK)
    shown.until("reading ")
    while not endpoint.requests:
        assert shown.read(0.05)
    shown.type("\x03")
    assert shown.end() == 130
    assert [line for line in shown.lines if line.strip("^C")] == ["error: interrupted"]
    may.set()
    path = tmp_path / "out.json"
    with path.open("wb") as out:
        shown = on_terminal(*ASK, "--json", out=out.fileno())
        assert shown.end() == 0
    assert "reading " in shown.output
    assert "".join(shown.lines).strip() == ""
    assert json.loads(path.read_text())["outcome"] == "answered"


@pytest.mark.slow
def test_rm_asks_and_takes_a_no(quire: Quire, stocked: Path, on_terminal: Terminals) -> None:
    one, other, *_ = [paper["id"] for paper in quire("list", "--json").json["papers"]]
    shown = several(on_terminal, ("rm", one), ("rm", one), ("rm", one), ("rm", other))
    for at, typed in enumerate(("n\n", "\n", "y\n", "\x03")):
        while shown.output.count("remove 1 paper? [y/N]:") <= at:
            assert shown.read(0.1), shown.output
        # Between the question and the reading of its answer a key may go unheard.
        shown.read_for(0.5)
        shown.type(typed)
    shown.until("interrupted")
    no, nothing, yes, stopped = each_of(shown)
    for refused in (no, nothing):
        assert refused.code == 0
        assert "error" not in refused.output
        assert "nothing was removed" in refused.output
        assert "removed 1" not in refused.output
    assert (yes.code, "removed 1" in yes.output) == (0, True)
    assert "nothing was removed" not in yes.output
    assert (stopped.code, "error: interrupted" in stopped.output) == (130, True)
    left = [paper["id"] for paper in quire("list", "--json").json["papers"]]
    assert (len(left), one in left, other in left) == (3, False, True)
