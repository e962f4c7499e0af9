"""The model chosen from inside the app: over a real library and endpoints on loopback."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from desk import Desk, app_over
from endpoint_fixture import Endpoints
from textual.widgets import Input
from waiting import until

from assistant.config.file import ConfigFile
from assistant.generation.openai import local
from assistant.generation.openai.local import LocalServer
from tui.screens.connect import ChooseModel, NameModel
from tui.screens.dialogs import Confirm

pytestmark = pytest.mark.asyncio
QUESTION = "How many quantizers does FoxCodec need?"
SAYS = "FoxCodec needs a single quantizer [1.2]."
KEY = "sk-planted-0123456789abcdef"


@pytest.fixture
def config(tmp_path: Path) -> ConfigFile:
    """A configuration in which its reader wrote a comment."""
    path = tmp_path / "config.toml"
    path.write_text("# mine\n", "utf-8")
    return ConfigFile(path)


@pytest.fixture
def desk(codecs: Path, config: ConfigFile) -> Desk:
    """A reader before a library of two papers, without a model."""
    return Desk(app_over(codecs, config=config))


async def named(desk: Desk, address: str, key: str = "") -> None:
    """Open the dialog and its form, and have an address asked for its models."""
    await desk.press("f7")
    await desk.met(ChooseModel)
    await desk.press("n")
    await desk.met(NameModel)
    desk.app.screen.query_one("#model-address", Input).value = address
    desk.app.screen.query_one("#model-key", Input).value = key
    await desk.press("enter")


async def test_a_model_at_an_address_is_tested_kept_and_answers(
    desk: Desk, config: ConfigFile, scripted_endpoint: Endpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    endpoint = scripted_endpoint(SAYS, models=("fox-1", "fox-2:latest"))
    async with desk.opened(100, 40):
        await desk.sees("nothing leaves this machine")
        await named(desk, endpoint.base_url, "MY_KEY")
        await desk.sees("It has 2 models")
        await desk.press("down", "enter")
        await desk.told("fox-2 answers from the next question on: nothing leaves this machine.")
        assert desk.app.screen is desk.main
        desk.main.status.quieten()
        await desk.sees("fox-2 · nothing leaves this machine")
        await desk.ask(QUESTION)
        await desk.sees("needs a single quantizer")
    tried, asked = endpoint.requests[:2]
    assert "Corvid" in tried.prompt, "the test sends papers that are made up"
    assert (asked.body["model"], asked.headers["authorization"]) == (
        "fox-2:latest",
        f"Bearer {KEY}",
    )
    text = config.path.read_text("utf-8")
    assert "# mine\n" in text
    assert 'model = "fox-2"' in text
    assert KEY not in text


async def test_a_test_that_fails_is_told_and_once_more_keeps_it_all_the_same(
    desk: Desk, config: ConfigFile, scripted_endpoint: Endpoints
) -> None:
    endpoint = scripted_endpoint((500, {"error": {"message": "out of memory"}}))
    async with desk.opened(80, 24):
        await named(desk, "ftp://nowhere")
        await desk.sees("begins with ftp:")
        desk.app.screen.query_one("#model-address", Input).value = endpoint.base_url
        await desk.press("enter")
        await desk.sees("It has 1 model")
        await desk.press("enter")
        await desk.sees("Enter once more keeps it all the same")
        await desk.sees("out of memory")
        assert config.settings().model is None
        await desk.press("enter")
        await desk.told("scripted answers from the next question on")
    assert config.settings().model == "scripted"


async def test_servers_of_this_machine_are_looked_for_when_asked(
    desk: Desk,
    config: ConfigFile,
    scripted_endpoint: Endpoints,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endpoint = scripted_endpoint(SAYS, models=("fox-1",))
    port = urlsplit(endpoint.base_url).port
    assert port is not None
    monkeypatch.setattr(local, "LOCAL_SERVERS", (LocalServer("Ollama", port),))
    async with desk.opened(100, 30):
        await desk.press("f7")
        await desk.met(ChooseModel)
        assert "extractive · answers now" in desk.text
        assert "fox-1" not in desk.text
        await desk.press("enter")
        await desk.sees("extractive answers already.")
        await desk.press("l")
        await desk.sees(f"Ollama, 127.0.0.1:{port}: 1 model.")
        await desk.press("t")
        await desk.sees("fox-1 answers (")
        assert config.settings().model is None, "a test keeps nothing"
        await desk.press("enter")
        await desk.told("fox-1 answers from the next question on")
        await desk.press("f7")
        await desk.met(ChooseModel)
        await desk.sees("fox-1 · answers now")
        await desk.press("g", "enter")
        await desk.told("extractive answers from the next question on")
    assert config.settings().model == "extractive"


async def test_another_machine_is_named_and_asked_about_once(
    desk: Desk, config: ConfigFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    away = {"base_url": "https://models.invalid/v1", "key_variable": "MY_KEY"}
    config.set_model("away", away | {"model": "big"})
    config.set_model("wrong", {"base_url": "nonsense", "model": "big"})
    async with desk.opened(100, 30):
        await desk.press("f7")
        await desk.met(ChooseModel)
        await desk.press("j")
        await desk.sees("sends to models.invalid · big at https://models.invalid/v1")
        await desk.press("t")
        await desk.met(Confirm)
        assert "Send questions and abstracts to models.invalid?" in desk.text
        await desk.press("n")
        await desk.met(ChooseModel)
        await desk.press("enter")
        await desk.met(Confirm)
        await desk.press("y")
        await desk.told("away answers from the next question on: sends to models.invalid.")
        desk.main.status.quieten()
        await desk.sees("away · sends to models.invalid")
        await desk.press("f7")
        await desk.met(ChooseModel)
        await desk.press("t")
        await until(lambda: "models.invalid" in desk.text and "one short question" not in desk.text)
        assert isinstance(desk.app.screen, ChooseModel), "the host was agreed to"
        await desk.press("j", "enter")
        await desk.sees("wrong cannot be used")
        assert KEY not in desk.text
