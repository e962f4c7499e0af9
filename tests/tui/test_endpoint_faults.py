"""Cases 52 to 72 of the fault matrix in the app: a real workspace, the fault server behind it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, app_over, conversations, copied
from endpoint_fixture import ScriptedEndpoint
from fault_fixture import FaultServer
from tables import naming, table
from waiting import until

from assistant.config.settings import Settings
from assistant.types.answers import Answer, Coverage

KEY = "sk-planted-0123456789abcdef"
QUESTION = "how many quantizers?"
HIDDEN = (KEY, "GHOST", "secret plan", "thinking...")
"""The key, what came after the end of an answer, and what a model thought."""
Over = Callable[..., Desk]
Scripted = Callable[..., ScriptedEndpoint]


class FaultsInTurn:
    """The server for one app: whatever model is asked for plays the scenario chosen last."""

    def __init__(self, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
        self.base_url = server.base_url
        self._server = server
        self._scenario = "ok"
        self._before = 0
        pick = server.module.pick

        def pick_chosen(body: Any, headers: Any, _: Any) -> Any:
            return pick(body, headers, self._scenario)

        monkeypatch.setattr(server.module, "pick", pick_chosen)

    def play(self, scenario: str) -> None:
        """Play this one from now on, as if it had never been asked."""
        self._scenario = scenario
        self._server.module.COUNT.clear()
        self._before = len(self._server.module.LOG)

    @property
    def asked(self) -> list[dict[str, Any]]:
        """What is noted of the requests since then: "ended" is there once one is over."""
        return list(self._server.module.LOG[self._before :])


@pytest.fixture
def over(codecs: Path, monkeypatch: pytest.MonkeyPatch) -> Over:
    """Makes a desk before the app over a library, with a model at an address."""
    monkeypatch.setenv("FAULTY_KEY", KEY)

    def make(base_url: str, folder: Path = codecs, **settings: Any) -> Desk:
        model = {"base_url": base_url, "model": "faulty", "key_variable": "FAULTY_KEY"}
        whole = Settings.model_validate({"models": {"faulty": model | settings}})
        return Desk(app_over(folder, "faulty", whole))

    return make


@pytest.fixture
def faults(fault_server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> FaultsInTurn:
    """The server behind the app."""
    return FaultsInTurn(fault_server, monkeypatch)


async def put(desk: Desk, question: str = QUESTION, key: str = "enter") -> None:
    """Send a question in a new conversation, to every paper with F6."""
    if desk.main.conversation.current:
        await desk.press("ctrl+n")
        await until(lambda: not desk.main.conversation.current)
    await desk.send(question, key)
    await until(lambda: desk.main.conversation.current)


async def answered(desk: Desk, question: str = QUESTION, key: str = "enter") -> None:
    """Send a question, and wait until its answer has ended."""
    await put(desk, question, key)
    await desk.idle()


def saved(folder: Path) -> dict[str, Answer]:
    """The saved answers by their questions."""
    turns = [turn for one in conversations(folder) for turn in one.turns]
    return {turn.question: turn.answer for turn in turns}


async def test_what_becomes_of_a_fault(over: Over, faults: FaultsInTurn, codecs: Path) -> None:
    """Cases 53 to 70: the mark under the answer, what stays, and the question given back."""
    rows = table(__file__, "faults.jsonl")
    desk = over(faults.base_url, between_chunks_s=2.0)
    async with desk.opened(120, 40):
        for row in rows:
            with naming(row["scenario"]):
                question = row["question"] = f"how many quantizers? ({row['line']})"
                faults.play(row["scenario"])
                await answered(desk, question)
                ending, screen = desk.says("ending"), desk.screen
                assert row["says"].lower() in ending.lower()
                assert row["text"] in screen
                assert not [one for one in HIDDEN if one in screen + ending]
                assert desk.main.box.text == (question if row["given_back"] else "")
                assert desk.says("thoughts") == ""
    assert desk.app.return_code in (0, None)
    for path in filter(Path.is_file, codecs.parent.rglob("*")):
        assert not [one for one in HIDDEN if one.encode() in path.read_bytes()], path
    answers = saved(codecs)
    outcomes = {question: answer.outcome for question, answer in answers.items()}
    assert outcomes == {row["question"]: row["outcome"] for row in rows if row["outcome"]}
    for row in rows:
        if row["outcome"]:
            assert answers[row["question"]].text.startswith(row["text"])


async def test_a_fault_while_all_are_asked(over: Over, faults: FaultsInTurn, codecs: Path) -> None:
    """None could be asked: that is said and counted, and the question comes back."""
    desk = over(faults.base_url)
    async with desk.opened():
        for scenario in ("drop_midstream", "http_401_echo"):
            with naming(scenario):
                faults.play(scenario)
                await answered(desk, f"{scenario}?", "f6")
                assert desk.says("ending")
                assert desk.says("progress") == ""
                assert KEY not in desk.screen
                assert desk.main.box.text == f"{scenario}?"
        faults.play("osc52_output")
        await answered(desk, key="f6")
        assert "\x1b" not in desk.screen
    assert desk.app.return_code in (0, None)
    answers = saved(codecs)
    assert set(answers) == {"drop_midstream?", QUESTION}, "a reply that was cut is counted"
    assert answers["drop_midstream?"].coverage == Coverage(asked=2, failed=2)
    assert answers["drop_midstream?"].text == "0 of 2 papers, 0 unclear, 2 failed."
    # What is no list of verdicts is not taken for one.
    assert answers[QUESTION].text.startswith("0 of 2 papers, ")


WAITS = [  # the key that asks, what the server does, what is told meanwhile and at the end
    ("enter", "stall", "", "stopped by the reader"),
    ("enter", "slow_headers?delay=60", "", "Stopped."),
    ("enter", "http_429_100s", "retrying in 100 s", "Stopped."),
    ("f6", "stall", "Esc stops", "Stopped."),
    ("f6", "http_429_100s", "Esc stops", "Stopped."),
]


async def test_esc_and_leaving_end_waits(over: Over, faults: FaultsInTurn, codecs: Path) -> None:
    """Cases 59, 60, 62, 71, 72: keys are answered, Esc closes the connection, so does Ctrl-Q."""
    desk = over(faults.base_url)
    async with desk.opened(120, 40):
        for key, scenario, says, ends in WAITS:
            with naming(f"{scenario} after {key}"):
                question = f"how many quantizers? ({scenario} {key})"
                faults.play(scenario)
                await put(desk, question, key)
                await until(lambda: faults.asked)
                await until(lambda says=says: says in desk.says("progress"))
                if (key, scenario) == ("enter", "stall"):
                    await until(lambda: "method" in copied(desk.turn))
                await desk.press(*"typed")
                assert desk.main.box.text == "typed"
                await desk.press("ctrl+u", "escape")
                await until(lambda: not desk.main.busy, 10)
                assert desk.says("ending") == ends
                assert desk.main.box.text == question
                ended = "sent all" if scenario.startswith("http") else "client closed"
                await until(lambda e=ended: all(x.get("ended") == e for x in faults.asked), 5)
                assert len(faults.asked) <= (1 if key == "enter" else 2), "nothing is asked again"
        faults.play("slow_between?delay=0.2&n=10")
        await put(desk)
        await until(lambda: faults.asked)
        await desk.pilot.press("ctrl+q")
    await until(lambda: faults.asked[0].get("ended") == "client closed", 10)
    assert desk.app.return_code == 0
    stalled = saved(codecs)["how many quantizers? (stall enter)"]
    assert stalled.outcome == "interrupted"
    assert stalled.text.startswith("The method in")


async def test_thoughts_are_shown_apart_until_the_answer_comes(
    codecs: Path, scripted_endpoint: Scripted, over: Over
) -> None:
    """Case 68: gone with the first word, and never in what is saved."""
    thought = "the reader asks\nof\x1b[31m quantizers [@click=app.quit]and " * 30
    reply = "FoxCodec needs a single quantizer [1.2]. " * 3
    desk = over(scripted_endpoint(reply, delay=0.1, thinks=thought).base_url)
    async with desk.opened():
        await put(desk)
        await until(lambda: "quantizers" in desk.says("thoughts"))
        assert "thinking … " in desk.screen
        await desk.sees("single quantizer")
        await desk.idle()
        assert desk.says("thoughts") == ""
    assert "click" not in saved(codecs)[QUESTION].model_dump_json()
