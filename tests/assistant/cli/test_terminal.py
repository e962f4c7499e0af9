"""One-shot commands on a terminal: what is waited for, what comes bit by bit, what is asked."""

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

pytestmark = pytest.mark.slow

QUESTION = "How many quantizers does FoxCodec need?"
ANSWER = "FoxCodec needs a single quantizer [1.2]. It reaches 4.1 on speech [1.3]."
ASK = ("ask", "-m", "scripted", "--no-cache", QUESTION)
WAITING = re.compile("searching|reading|waiting")


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


def test_what_is_waited_for_is_in_sight_until_it_comes(held: Held, on_terminal: Terminals) -> None:
    """A line says what is read, and is gone when the text comes, or why none does."""
    forbidden = (*ASK[:-1], "Which quantizers are forbidden?")
    shown = several(on_terminal, ASK, (*ASK, "--check"), ("-q", *ASK), forbidden)
    shown.until("searching the library…")
    shown.until("reading ")
    assert re.search(r"\r\x1b\[Kreading \d papers?…", shown.output)
    assert "quantizer [1]" not in shown.output
    held[1].set()
    shown.until("waiting for the model…")
    plain, checked, quiet, failed = each_of(shown)
    assert plain.code == 0
    assert plain.lines[0].startswith("FoxCodec needs a single quantizer [1]. ✓ It reaches")
    assert checked.code in (0, 1)
    assert any("checks 2 statements" in line for line in checked.lines)
    assert quiet.code == 0
    assert not WAITING.search(quiet.output)
    assert failed.code == 4
    assert failed.lines[0].startswith("error: ")
    for one in (plain, checked, failed):
        assert not [line for line in one.lines if WAITING.search(line)]


def test_what_is_waited_for_goes_where_it_is_stopped(held: Held, on_terminal: Terminals) -> None:
    endpoint, may = held
    shown = on_terminal(*ASK)
    shown.until("reading ")
    while not endpoint.requests:
        assert shown.read(0.05)
    shown.type("\x03")
    assert shown.end() == 130
    assert [line for line in shown.lines if line.strip("^C")] == ["error: interrupted"]
    may.set()


def test_a_redirected_answer_is_waited_for_on_the_terminal(
    held: Held, on_terminal: Terminals, tmp_path: Path
) -> None:
    """stdout is data alone, also while stderr shows what is waited for."""
    held[1].set()
    path = tmp_path / "out.json"
    with path.open("wb") as out:
        shown = on_terminal(*ASK, "--json", out=out.fileno())
        assert shown.end() == 0
    assert "reading " in shown.output
    assert "".join(shown.lines).strip() == ""
    assert json.loads(path.read_text())["outcome"] == "answered"


def test_rm_asks_and_takes_no_for_an_answer(
    quire: Quire, stocked: Path, on_terminal: Terminals
) -> None:
    one, other, *_ = [paper["id"] for paper in quire("list", "--json").json["papers"]]
    shown = several(on_terminal, ("rm", one), ("rm", one), ("rm", one), ("rm", other))
    for at, typed in enumerate(("n\n", "\n", "y\n", "\x03")):
        while shown.output.count("remove 1 paper? [y/N]:") <= at:
            assert shown.read(0.1), shown.output
        shown.type(typed)
    # Between the question and the reading of its answer a key may go unheard: one presses again.
    shown.read_for(1.0)
    while "interrupted" not in shown.output:
        shown.type("\x03")
        shown.read_for(1.0)
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
