"""Cases 51 to 72 of the fault matrix in the app: a real workspace, the fault server behind it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asked_app import copied
from endpoint_fixture import ScriptedEndpoint
from fault_fixture import FaultServer
from faults_in_turn import FaultsInTurn
from library_fixture import Shelf
from real_app import CODECS, app_over, records, said, shown
from tables import table
from textual.pilot import Pilot
from waiting import until
from walks import naming

from assistant.config.settings import Settings
from assistant.sessions import Conversations
from assistant.types.answers import Answer, Coverage
from store.library.library import Library
from tui.app import QuireApp
from tui.widgets.turn import TurnView

KEY = "sk-planted-0123456789abcdef"
QUESTION = "how many quantizers?"
HIDDEN = (KEY, "GHOST", "secret plan", "thinking...")
"""The key, what came after the end of an answer, and what a model thought."""
Over = Callable[..., QuireApp]


@pytest.fixture
def stocked(shelf: Shelf, tmp_path: Path) -> Path:
    """A library with two papers on codecs."""
    return shelf.library_of(records(CODECS), tmp_path / "quire-home")


@pytest.fixture
def faults(fault_server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> FaultsInTurn:
    """The server behind the app."""
    return FaultsInTurn(fault_server, monkeypatch)


@pytest.fixture
def over(stocked: Path, monkeypatch: pytest.MonkeyPatch) -> Over:
    """Makes the app over a library, that with two papers if no other, and a model's address."""
    monkeypatch.setenv("FAULTY_KEY", KEY)

    def make(base_url: str, folder: Path = stocked, **settings: Any) -> QuireApp:
        model = {"base_url": base_url, "model": "faulty", "key_variable": "FAULTY_KEY"}
        whole = Settings.model_validate({"models": {"faulty": model | settings}})
        return app_over(folder, "faulty", whole)

    return make


async def put(pilot: Pilot[Any], key: str = "enter", question: str = QUESTION) -> QuireApp:
    """Send a question in a new conversation, to every paper with F6."""
    app = pilot.app
    assert isinstance(app, QuireApp)
    await until(lambda: " papers" in shown(app))
    if app.query(TurnView):
        await pilot.press("ctrl+n")
        await until(lambda: not app.query(TurnView))
    app.main.box.load_text(question)
    await pilot.press(key)
    await until(lambda: app.query(TurnView))
    return app


async def answered(pilot: Pilot[Any], key: str = "enter", question: str = QUESTION) -> QuireApp:
    """Send a question, and wait until its answer has ended."""
    app = await put(pilot, key, question)
    await until(lambda: not app.main.busy)
    await pilot.pause()
    return app


def saved(folder: Path) -> dict[str, Answer]:
    """The saved answers by their questions."""
    with Library.open(folder) as library:
        conversations = Conversations(library)
        opened = [conversations.open(line.id) for line in conversations.lines()]
    return {turn.question: turn.answer for one in opened for turn in one.turns}


async def test_what_becomes_of_a_fault(over: Over, faults: FaultsInTurn, stocked: Path) -> None:
    """Cases 53 to 70: the mark under the answer, what stays, and the question given back."""
    rows = table(__file__, "faults.jsonl")
    app = over(faults.base_url)
    async with app.run_test(size=(120, 40)) as pilot:
        for row in rows:
            with naming(row["scenario"]):
                question = row["question"] = f"how many quantizers? ({row['line']})"
                faults.play(row["scenario"])
                await answered(pilot, question=question)
                ending, screen = said(app, "ending"), shown(app)
                assert row["says"].lower() in ending.lower()
                assert row["text"] in screen
                assert not [one for one in HIDDEN if one in screen + ending]
                assert app.main.box.text == (question if row["given_back"] else "")
                assert said(app, "thoughts") == ""
    assert app.return_code in (0, None)
    for path in filter(Path.is_file, stocked.parent.rglob("*")):
        assert not [one for one in HIDDEN if one.encode() in path.read_bytes()], path
    answers = saved(stocked)
    outcomes = {question: answer.outcome for question, answer in answers.items()}
    assert outcomes == {row["question"]: row["outcome"] for row in rows if row["outcome"]}
    for row in rows:
        if row["outcome"]:
            assert answers[row["question"]].text.startswith(row["text"])


async def test_a_fault_while_every_paper_is_asked(
    over: Over, faults: FaultsInTurn, stocked: Path
) -> None:
    """None could be asked: that is said and counted, and the question comes back."""
    app = over(faults.base_url)
    async with app.run_test(size=(80, 24)) as pilot:
        for scenario in ("drop_midstream", "http_401_echo"):
            with naming(scenario):
                faults.play(scenario)
                await answered(pilot, "f6", f"{scenario}?")
                assert said(app, "ending")
                assert said(app, "progress") == ""
                assert KEY not in shown(app)
                assert app.main.box.text == f"{scenario}?"
        faults.play("osc52_output")
        await answered(pilot, "f6")
        answer = app.query_one(TurnView).page.answer
        assert answer is not None
        assert answer.coverage is not None
        assert answer.coverage.yes == 0, "what is no list of verdicts is not taken for one"
        assert answer.text.startswith("0 of 2 papers, ")
        assert "\x1b" not in shown(app)
    assert app.return_code in (0, None)
    answers = saved(stocked)
    assert set(answers) == {"drop_midstream?", QUESTION}, "a reply that was cut is counted"
    assert answers["drop_midstream?"].coverage == Coverage(asked=2, failed=2)
    assert answers["drop_midstream?"].text == "0 of 2 papers, 0 unclear, 2 failed."


async def test_nothing_listens(over: Over) -> None:
    """Case 51: the address and what to do."""
    app = over("http://127.0.0.1:9/v1")
    async with app.run_test(size=(120, 40)) as pilot:
        await answered(pilot)
        ending = said(app, "ending")
        assert "127.0.0.1:9" in ending
        assert "base_url in [models.faulty]" in ending
        assert app.main.box.text == QUESTION


async def test_a_wait_is_in_sight_and_a_deadline_is_said(over: Over, faults: FaultsInTurn) -> None:
    """Cases 59 to 61."""
    app = over(faults.base_url, between_chunks_s=0.5)
    async with app.run_test(size=(120, 40)) as pilot:
        faults.play("http_503_loading")
        await put(pilot)
        await until(lambda: "Loading model" in said(app, "progress"))
        await until(lambda: not app.main.busy)
        await pilot.pause()
        assert "It is small." in copied(app.query_one(TurnView))
        faults.play("stall")
        await answered(pilot, question="and how many tokens?")
        assert "No further word in 0.5 s" in said(app, "ending")


WAITS = [  # the key that asks, what the server does, what is told meanwhile and at the end
    ("enter", "stall", "", "stopped by the reader"),
    ("enter", "slow_headers?delay=60", "", "Stopped."),
    ("enter", "http_429_100s", "retrying in 100 s", "Stopped."),
    ("f6", "stall", "Esc stops", "Stopped."),
    ("f6", "http_429_100s", "Esc stops", "Stopped."),
]


async def test_esc_leaves_every_wait_and_leaving_does_too(
    over: Over, faults: FaultsInTurn, stocked: Path
) -> None:
    """Cases 59, 60, 62, 71, 72: keys are answered, Esc closes the connection, so does Ctrl-Q."""
    app = over(faults.base_url)

    async with app.run_test(size=(120, 40)) as pilot:
        for key, scenario, says, ends in WAITS:
            with naming(f"{scenario} after {key}"):
                question = f"how many quantizers? ({scenario} {key})"
                faults.play(scenario)
                await put(pilot, key, question)
                await until(lambda: faults.asked)
                await until(lambda says=says: says in said(app, "progress"))
                if (key, scenario) == ("enter", "stall"):
                    await until(lambda: "method" in copied(app.query_one(TurnView)))
                await pilot.press(*"typed")
                assert app.main.box.text == "typed"
                await pilot.press("ctrl+u", "escape")
                await until(lambda: not app.main.busy, 10)
                assert said(app, "ending") == ends
                assert app.main.box.text == question
                ended = "sent all" if scenario.startswith("http") else "client closed"
                await until(lambda e=ended: all(x.get("ended") == e for x in faults.asked), 5)
                assert len(faults.asked) <= (1 if key == "enter" else 2), "nothing is asked again"
        faults.play("slow_between?delay=0.2&n=10")
        await put(pilot)
        await until(lambda: faults.asked)
        await pilot.press("ctrl+q")
    await until(lambda: faults.asked[0].get("ended") == "client closed", 10)
    assert app.return_code == 0
    stalled = saved(stocked)["how many quantizers? (stall enter)"]
    assert stalled.outcome == "interrupted"
    assert stalled.text.startswith("The method in")


async def test_thoughts_are_shown_apart_until_the_answer_comes(
    stocked: Path, scripted_endpoint: Callable[..., ScriptedEndpoint], over: Over
) -> None:
    """Case 68: dim, on one line, and gone with the first word; never in what is saved."""
    endpoint = scripted_endpoint(
        "FoxCodec needs a single quantizer [1.2]. " * 3,
        delay=0.1,
        thinks="the reader asks\nof\x1b[31m quantizers [@click=app.quit]and " * 30,
    )
    app = over(endpoint.base_url)
    async with app.run_test(size=(80, 24)) as pilot:
        await put(pilot)
        await until(lambda: "quantizers" in said(app, "thoughts"))
        line = said(app, "thoughts")
        assert line.startswith("thinking … ")
        assert "\n" not in line
        assert len(line) < 90
        await until(lambda: "single quantizer" in shown(app))
        await until(lambda: not app.main.busy)
        assert said(app, "thoughts") == ""
    assert "click" not in saved(stocked)[QUESTION].model_dump_json()


LONG = "The codec has quantizers and parts. " * 90
BIRDS = [
    (f"{name} codec", f"{name} has {number} quantizers. {LONG}{name} ends.")
    for number, name in enumerate(("Gull", "Heron", "Ibis"), 4)
]


async def test_a_cut_prompt_begins_the_answer_anew(
    shelf: Shelf, tmp_path: Path, scripted_endpoint: Callable[..., ScriptedEndpoint], over: Over
) -> None:
    """The text of the first try goes, the reason stands in the note of the second."""
    folder = shelf.library_of(records([*CODECS, *BIRDS]), tmp_path / "birds")
    replies = iter(["All of it is void.", *["Gull has 4 quantizers [1.1]."] * 9])
    endpoint = scripted_endpoint(
        lambda body: next(replies),
        counts=lambda body: min(700, sum(len(one["content"]) for one in body["messages"]) // 4),
    )
    app = over(endpoint.base_url, folder)
    async with app.run_test(size=(120, 50)) as pilot:
        await answered(pilot, question="which codecs have quantizers?")
        screen = shown(app)
        assert "Gull has 4 quantizers" in screen
        assert "void" not in screen
        assert "asking again with" in said(app, "ending")
    assert len(endpoint.requests) >= 2
