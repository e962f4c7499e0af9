"""Cases 51 to 72 of the fault matrix in the app: a real workspace, the fault server behind it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from asked_app import copied
from endpoint_fixture import ScriptedEndpoint
from real_app import CODECS, app_over, said, shown, stock
from textual.pilot import Pilot
from waiting import until

from assistant.config.settings import Settings
from assistant.sessions import Conversations
from assistant.types.answers import Answer, Coverage
from store.library.library import Library
from tui.app import QuireApp
from tui.widgets.turn import TurnView

KEY = "sk-planted-0123456789abcdef"
QUESTION = "how many quantizers?"
Play = Callable[..., QuireApp]


@pytest.fixture
def stocked(tmp_path: Path) -> Path:
    return stock(tmp_path / "quire-home", CODECS)


@pytest.fixture
def play(stocked: Path, fault_server: Any, monkeypatch: pytest.MonkeyPatch) -> Play:
    """The app over a library, its model one that plays a scenario."""
    monkeypatch.setenv("FAULTY_KEY", KEY)

    def make(scenario: str, base_url: str = "", **settings: Any) -> QuireApp:
        fault_server.module.COUNT.clear()
        table = {
            "base_url": base_url or fault_server.base_url,
            "model": f"fault:{scenario}",
            "key_variable": "FAULTY_KEY",
            **settings,
        }
        whole = Settings.model_validate({"models": {"faulty": table}})
        return app_over(stocked, "faulty", whole)

    return make


async def put(pilot: Pilot[Any], key: str = "enter") -> QuireApp:
    """Send the question once the library is open, to every paper with F6."""
    app = pilot.app
    assert isinstance(app, QuireApp)
    await until(lambda: "2 papers" in shown(app))
    app.main.box.load_text(QUESTION)
    await pilot.press(key)
    return app


async def answered(pilot: Pilot[Any], key: str = "enter") -> None:
    """Send the question, and wait until its answer has ended."""
    app = await put(pilot, key)
    await until(lambda: app.query(TurnView) and not app.main.busy)


def saved(folder: Path) -> list[Answer]:
    with Library.open(folder) as library:
        conversations = Conversations(library)
        lines = conversations.lines()
        return [turn.answer for turn in conversations.open(lines[0].id).turns] if lines else []


@dataclass(frozen=True)
class Case:
    """A scenario, the line under the answer, and whether the answer's text stays."""

    scenario: str
    ending: str
    text: str = ""
    kept: bool = True
    given_back: bool = True


THREE = "The method in"
CASES = [  # one of each kind of what becomes of an answer; the command line plays them all
    Case("drop_midstream", "The server closed the connection", THREE),
    Case("invalid_utf8", "2 characters of the answer", "The method bad \ufffd", given_back=False),
    Case("ok_split_utf8", "", "naïve – Ångström 深層 🧪", given_back=False),
    Case("error_event", "KV cache exhausted", THREE),
    Case("html_200", "Not an OpenAI-compatible answer (text/html)", kept=False),
    Case("http_429_quota", "The account is spent", kept=False),
    Case("http_401_echo", "Bearer [key]", kept=False),
    Case("finish_length", "cut at the token limit", "The answer is cut o", given_back=False),
    Case("refusal", "the model declined: I cannot help with that", given_back=False),
    Case("reasoning_only", "thought aloud up to the token limit", kept=False),
    Case("think_tags", "only thought aloud", kept=False),
    Case("done_then_more", "", THREE, given_back=False),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.scenario)
async def test_what_becomes_of_a_fault(case: Case, play: Play, stocked: Path) -> None:
    """Cases 53 to 70: the mark under the answer, what stays, and the question given back."""
    app = play(case.scenario)
    async with app.run_test(size=(120, 40)) as pilot:
        await answered(pilot)
        await pilot.pause()
        ending = said(app, "ending")
        screen = shown(app)
        assert case.ending.lower() in ending.lower()
        assert case.text in screen
        for hidden in (KEY, "GHOST", "secret plan", "thinking..."):
            assert hidden not in screen
            assert hidden not in ending
        assert (app.main.box.text == QUESTION) is case.given_back
        assert said(app, "thoughts") == ""
    assert app.return_code in (0, None)
    for path in stocked.parent.rglob("*"):
        if path.is_file():
            assert KEY.encode() not in path.read_bytes(), path
            assert b"secret plan" not in path.read_bytes(), path
    answers = saved(stocked)
    assert bool(answers) is case.kept
    if answers:
        outcome = "answered"
        if case.ending:
            outcome = "declined" if case.scenario == "refusal" else "interrupted"
        if case.scenario == "invalid_utf8":
            outcome = "answered"
        assert answers[0].outcome == outcome
        assert answers[0].text.startswith(case.text)


@pytest.mark.parametrize(
    "scenario",
    ["drop_midstream", "rst_midstream", "http_401_echo", "html_200", "redirect_loop"],
)
async def test_a_fault_while_every_paper_is_asked(scenario: str, play: Play, stocked: Path) -> None:
    """None could be asked: that is said and counted, and the question comes back."""
    app = play(scenario)
    async with app.run_test(size=(80, 24)) as pilot:
        await answered(pilot, "f6")
        await pilot.pause()
        assert said(app, "ending")
        assert said(app, "progress") == ""
        assert KEY not in shown(app)
        assert app.main.box.text == QUESTION
    assert app.return_code in (0, None)
    answers = saved(stocked)
    # A reset may take away what came before it: then nothing was heard, and nothing is kept.
    if scenario != "rst_midstream":
        assert bool(answers) is (scenario == "drop_midstream"), "a reply that was cut is counted"
    for answer in answers:
        assert answer.coverage == Coverage(asked=2, failed=2)
        assert answer.text == "0 of 2 papers, 0 unclear, 2 failed."


@pytest.mark.parametrize("scenario", ["stall", "heartbeat_forever", "http_429_100s"])
async def test_esc_leaves_a_wait_while_every_paper_is_asked(
    scenario: str, play: Play, fault_server: Any
) -> None:
    app = play(scenario)
    async with app.run_test(size=(80, 24)) as pilot:
        await put(pilot, "f6")
        await until(lambda: app.query(TurnView) and app.main.busy)
        await until(lambda: fault_server.log(scenario) and "Esc stops" in said(app, "progress"))
        await pilot.press("escape")
        await until(lambda: not app.main.busy, 5)
        assert said(app, "ending") == "Stopped."
        assert app.main.box.text == QUESTION


@pytest.mark.parametrize(
    "scenario", ["osc52_output", "markup_output", "repeat_loop", "huge_table_output"]
)
async def test_what_is_no_list_of_verdicts_is_not_taken_for_one(scenario: str, play: Play) -> None:
    app = play(scenario)
    async with app.run_test(size=(80, 24)) as pilot:
        await answered(pilot, "f6")
        answer = app.query_one(TurnView).page.answer
        assert answer is not None
        assert answer.coverage is not None
        assert answer.coverage.yes == 0
        assert answer.text.startswith("0 of 2 papers, ")
        assert "\x1b" not in shown(app)


async def test_nothing_listens(play: Play) -> None:
    """Case 51: the address and what to do."""
    app = play("ok", base_url="http://127.0.0.1:9/v1")
    async with app.run_test(size=(120, 40)) as pilot:
        await answered(pilot)
        ending = said(app, "ending")
        assert "127.0.0.1:9" in ending
        assert "base_url in [models.faulty]" in ending


async def failing(app: QuireApp) -> str:
    """What the app says of a question to an endpoint that cannot be reached."""
    async with app.run_test(size=(120, 40)) as pilot:
        await answered(pilot)
        assert app.main.box.text == QUESTION
        return said(app, "ending")


async def test_a_name_that_does_not_resolve(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """Case 52: DNS."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    ending = await failing(play("ok", base_url="https://no-such.example/v1"))
    assert "does not resolve (DNS)" in ending
    assert "no-such.example" in ending


async def test_tls_that_is_none(play: Play, fault_server: Any) -> None:
    """Case 52: TLS."""
    ending = await failing(play("ok", base_url=fault_server.base_url.replace("http:", "https:")))
    assert "TLS handshake failed" in ending


async def test_a_certificate_that_nobody_signed(play: Play, self_signed: str) -> None:
    """Case 52: certificates."""
    assert "certificate is refused" in await failing(play("ok", base_url=self_signed))


@pytest.mark.parametrize(
    ("scenario", "says"),
    [
        ("http_429_once", "retrying in 1 s"),
        ("http_503_loading", "Loading model"),
    ],
)
async def test_a_wait_is_in_sight_and_ends(scenario: str, says: str, play: Play) -> None:
    """Case 61."""
    app = play(scenario)
    async with app.run_test(size=(120, 40)) as pilot:
        await put(pilot)
        await until(lambda: app.query(TurnView) and says in said(app, "progress"))
        await until(lambda: not app.main.busy)
        await pilot.pause()
        assert "It is small." in copied(app.query_one(TurnView))


async def test_a_long_wait_counts_down_and_esc_leaves_it(play: Play, fault_server: Any) -> None:
    """Case 62."""
    app = play("http_429_100s")
    async with app.run_test(size=(120, 40)) as pilot:
        await put(pilot)
        await until(lambda: app.query(TurnView) and "retrying in 100 s" in said(app, "progress"))
        await pilot.press("escape")
        await until(lambda: not app.main.busy, 5)
        assert app.main.box.text == QUESTION
    assert fault_server.module.COUNT["http_429_100s"] == 1


@pytest.mark.parametrize("scenario", ["stall", "heartbeat_forever", "slow_headers", "endless"])
async def test_esc_closes_the_connection(
    scenario: str, play: Play, fault_server: Any, stocked: Path
) -> None:
    """Cases 59, 60, 69 and 71: whatever the server does, keys are answered and Esc stops it."""
    app = play(f"{scenario}?delay=60")
    before = len(fault_server.log(scenario))
    async with app.run_test(size=(120, 40)) as pilot:
        await put(pilot)
        await until(lambda: len(fault_server.log(scenario)) > before)
        entry = fault_server.log(scenario)[-1]
        if scenario in ("stall", "endless"):
            word = {"stall": "method", "endless": "more"}[scenario]
            await until(lambda: not app.main.busy or word in copied(app.query_one(TurnView)))
        await pilot.press(*"typed")
        assert "typed" in app.main.box.text
        await pilot.press("escape")
        await until(lambda: not app.main.busy, 10)
        await until(lambda: entry.get("ended") == "client closed", 5)
    if scenario == "stall":
        assert [one.outcome for one in saved(stocked)] == ["interrupted"]


@pytest.mark.parametrize(
    ("scenario", "settings", "says"),
    [
        ("stall", {"between_chunks_s": 0.5}, "No further word in 0.5 s"),
        ("heartbeat_forever", {"first_token_s": 0.5}, "No first word in 0.5 s"),
        ("slow_drip", {"total_s": 0.5}, "Not done in 0.5 s"),
    ],
)
async def test_a_deadline_is_said(
    scenario: str, settings: dict[str, float], says: str, play: Play
) -> None:
    """Cases 59 and 60."""
    app = play(scenario, **settings)
    async with app.run_test(size=(120, 40)) as pilot:
        await answered(pilot)
        assert says in said(app, "ending")


@pytest.mark.parametrize("scenario", ["huge_delta", "gzip_bomb?mb=50", "many_tiny?n=3000"])
async def test_too_much_is_taken_within_bounds(scenario: str, play: Play) -> None:
    """Case 69."""
    app = play(scenario)
    async with app.run_test(size=(120, 40)) as pilot:
        await answered(pilot)
        if not scenario.startswith("many"):
            assert said(app, "ending")


async def test_leaving_in_mid_stream_closes_the_connection(play: Play, fault_server: Any) -> None:
    """Case 72."""
    app = play("slow_between?delay=0.2&n=10")
    before = len(fault_server.log("slow_between"))
    async with app.run_test(size=(120, 40)) as pilot:
        await put(pilot)
        await until(lambda: len(fault_server.log("slow_between")) > before)
        entry = fault_server.log("slow_between")[-1]
        await pilot.press("ctrl+q")
    await until(lambda: entry.get("ended") == "client closed", 10)
    assert app.return_code == 0


async def test_thoughts_are_shown_apart_until_the_answer_comes(
    stocked: Path, scripted_endpoint: Callable[..., ScriptedEndpoint], play: Play
) -> None:
    """Case 68: dim, on one line, and gone with the first word; never in what is saved."""
    endpoint = scripted_endpoint(
        "FoxCodec needs a single quantizer [1.2]. " * 3,
        delay=0.1,
        thinks="the reader asks\nof\x1b[31m quantizers [@click=app.quit]and " * 30,
    )
    app = play("ok", base_url=endpoint.base_url)
    async with app.run_test(size=(80, 24)) as pilot:
        await put(pilot)
        await until(lambda: app.query(TurnView) and "quantizers" in said(app, "thoughts"))
        line = said(app, "thoughts")
        assert line.startswith("thinking … ")
        assert "\n" not in line
        assert len(line) < 90
        await until(lambda: "single quantizer" in shown(app))
        await until(lambda: not app.main.busy)
        assert said(app, "thoughts") == ""
    (answer,) = saved(stocked)
    assert "click" not in answer.model_dump_json()


async def test_a_cut_prompt_begins_the_answer_anew(
    stocked: Path, scripted_endpoint: Callable[..., ScriptedEndpoint], play: Play
) -> None:
    """The text of the first try goes, the reason stands in the note of the second."""
    long = "The codec has quantizers and parts. " * 90
    stock(
        stocked,
        [
            (f"{name} codec", f"{name} has {number} quantizers. {long}{name} ends.")
            for number, name in enumerate(("Gull", "Heron", "Ibis"), 4)
        ],
    )
    replies = iter(["All of it is void.", *["Gull has 4 quantizers [1.1]."] * 9])
    endpoint = scripted_endpoint(
        lambda body: next(replies),
        counts=lambda body: min(700, sum(len(one["content"]) for one in body["messages"]) // 4),
    )
    app = play("ok", base_url=endpoint.base_url)
    async with app.run_test(size=(120, 50)) as pilot:
        await until(lambda: "5 papers" in shown(app))
        app.main.box.load_text("which codecs have quantizers?")
        await pilot.press("enter")
        await until(lambda: app.query(TurnView) and not app.main.busy)
        await pilot.pause()
        screen = shown(app)
        assert "Gull has 4 quantizers" in screen
        assert "void" not in screen
        assert "asking again with" in said(app, "ending")
    assert len(endpoint.requests) >= 2
