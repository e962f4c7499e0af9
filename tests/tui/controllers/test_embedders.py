"""Changing the embedder from inside the app, over a scripted service and over a real library."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_service import FakeService
from papers import made_up
from real_app import app_over, flat
from textual.pilot import Pilot
from vector_fixture import VectorEndpoint
from waiting import Until

from assistant.config.settings import Settings
from assistant.ingest.embedder_change import ChangeDone, ChangeProgress
from store.errors import EmbeddingFailed
from store.library.library import Library
from store.library.reembedding import ChangeReport
from tui.app import QuireApp
from tui.screens.dialogs import AddPapers, ChooseEmbedder, Confirm, Palette

SIZES = [(80, 24), (120, 40), (60, 20)]
See = Callable[[QuireApp], str]

HALF = ChangeProgress(step="embedding", done=5000, total=10_000, begun=1000, seconds=10.0)
DONE = ChangeDone(
    report=ChangeReport(embedder="near", papers=150, embedded=140, done=True), vectors=150
)


def titles(app: QuireApp) -> set[str]:
    return {one.title for one in app.get_system_commands(app.screen)}


def command(app: QuireApp, title: str) -> None:
    """Choose a command of the palette."""
    next(one for one in app.get_system_commands(app.screen) if one.title == title).callback()


async def choose(app: QuireApp, pilot: Pilot[int], until: Until, downs: int) -> None:
    """Open the dialog and choose an embedder by its place below the one in use."""
    command(app, "Change embedder")
    await until(lambda: isinstance(app.screen, ChooseEmbedder) and app.screen._list.has_focus)
    await pilot.press(*["down"] * downs, "enter")
    await pilot.pause()


@pytest.mark.parametrize("size", SIZES)
async def test_the_embedder_changes_beside_a_question(
    app: QuireApp, service: FakeService, until: Until, screen_text: See, size: tuple[int, int]
) -> None:
    go_on = asyncio.Event()
    service.change = [HALF, go_on, DONE]
    async with app.run_test(size=size) as pilot:
        await until(lambda: app._library)
        await pilot.press("ctrl+p")
        await until(lambda: isinstance(app.screen, Palette))
        await pilot.press(*"change emb")
        await until(lambda: "what finds papers by meaning" in screen_text(app))
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, ChooseEmbedder))
        await until(lambda: "texts to vectors.example" in screen_text(app))
        text = flat(screen_text(app))
        assert "❯ wordllama · in use texts stay here · built in" in text
        assert "to fetch it, run: quire models add minilm" in text
        assert "Enter change Esc cancel" in text
        await pilot.press("down", "down", "enter")
        await until(lambda: "Embedding with near: 5,000 of" in screen_text(app))
        assert [one.wanted for one in service.embedder_changes] == ["near"]
        assert app.main.box.has_focus
        await pilot.press(*"What lives in kelp?", "enter")
        await until(lambda: service.questions and not app.main.busy)
        assert app.main.working
        before = service.catch_ups
        service.embeds_at = "vectors.example"
        go_on.set()
        await until(lambda: not app.main.working)
        await until(lambda: service.catch_ups > before)
        line = "The library uses near now: 140 vectors made, 10 were there."
        await until(lambda: line in flat(screen_text(app)))
        assert app.main.status._standing == "tiny-model · sends to vectors.example for vectors"


@pytest.mark.parametrize("way", ["escape", "command"])
async def test_a_change_is_stopped(
    app: QuireApp, service: FakeService, until: Until, screen_text: See, way: str
) -> None:
    service.change = [HALF, asyncio.Event()]
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app._library)
        await choose(app, pilot, until, 2)
        await until(lambda: app.main.working)
        assert "Change embedder" not in titles(app)
        assert "Add papers" in titles(app)
        await pilot.press("f5")
        await until(lambda: "The embedder is being changed" in app.main.status.notice)
        assert not isinstance(app.screen, AddPapers)
        assert app.main.working
        if way == "escape":
            await pilot.press("escape")
        else:
            command(app, "Stop changing the embedder")
        await until(lambda: not app.main.working)
        await pilot.pause()
        text = flat(screen_text(app))
        assert "Stopped. Vectors from near that were made are kept: 128 of 150 papers" in text
        assert "the same choice goes on from there." in text
        assert service.embedder_changes[0].is_closed
        assert "Change embedder" in titles(app)


@pytest.mark.parametrize("yes", [True, False])
async def test_nothing_is_sent_away_without_consent(
    app: QuireApp, service: FakeService, until: Until, screen_text: See, yes: bool
) -> None:
    service.change = [DONE]
    async with app.run_test(size=(60, 20)) as pilot:
        await until(lambda: app._library)
        await choose(app, pilot, until, 3)
        assert isinstance(app.screen, Confirm)
        text = flat(screen_text(app))
        assert "Send your papers and questions to vectors.example?" in text
        assert "far/1 at https://vectors.example/v1" in text
        await pilot.press("enter")
        await pilot.pause()
        assert service.embedder_changes == [], "Enter is no consent"
        await pilot.press("y" if yes else "n")
        await pilot.pause()
        assert [one.wanted for one in service.embedder_changes] == (["far"] if yes else [])


async def test_what_cannot_be_chosen_is_said_in_the_dialog(
    app: QuireApp, service: FakeService, until: Until, screen_text: See
) -> None:
    async with app.run_test(size=(60, 20)) as pilot:
        await until(lambda: app._library)
        await choose(app, pilot, until, 1)
        assert isinstance(app.screen, ChooseEmbedder)
        await until(lambda: "minilm cannot be used: to fetch it" in flat(screen_text(app)))
        await until(lambda: "Enter change Esc cancel" in flat(screen_text(app)))
        await pilot.press("escape")
        await pilot.pause()
        assert service.embedder_changes == []
        assert app.main.box.has_focus


async def test_a_failure_is_one_line(app: QuireApp, service: FakeService, until: Until) -> None:
    service.change = [HALF, EmbeddingFailed("the endpoint is gone", "start it")]
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app._library)
        await choose(app, pilot, until, 2)
        await until(lambda: app.main.status.notice == "The endpoint is gone. Start it.")
        assert not app.main.working
        service.fails["embedders"] = EmbeddingFailed("nobody knows them")
        command(app, "Change embedder")
        await until(lambda: app.main.status.notice == "Nobody knows them.")


async def test_one_long_job_at_a_time(app: QuireApp, service: FakeService, until: Until) -> None:
    service.adds = [asyncio.Event()]
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app._library)
        await pilot.press("f5", *"/tmp", "enter")
        await until(lambda: app.main.working)
        command(app, "Change embedder")
        await until(lambda: app.main.status.notice == "Papers are being added: F5 stops that.")


async def test_leaving_ends_the_change(app: QuireApp, service: FakeService, until: Until) -> None:
    service.change = [HALF, asyncio.Event()]
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app._library)
        await choose(app, pilot, until, 2)
        await until(lambda: app.main.working)
        await pilot.press("ctrl+q")
    assert service.embedder_changes[0].is_closed
    assert service.is_closed


@pytest.fixture
def stocked(tmp_path: Path) -> Path:
    """A library with 150 papers and the built-in embedder's vectors."""
    folder = tmp_path / "stocked"
    with Library.open(folder, create=True) as library:
        library.ingest().run(made_up(150))
        library.catch_up()
    return folder


@pytest.fixture
def real_app(stocked: Path, vector_endpoint: VectorEndpoint) -> QuireApp:
    """The app over that library, with an embedder on loopback in the configuration."""
    mine = {"base_url": vector_endpoint.base_url, "model": "my/model"}
    settings = Settings.model_validate({"embedders": {"mine": mine}})
    return app_over(stocked, settings=settings)


def embedder_of(folder: Path) -> str:
    with Library.open(folder) as library:
        return library.status().embedder


@pytest.fixture
def held(vector_endpoint: VectorEndpoint) -> Iterator[threading.Event]:
    """Keeps the second batch of texts waiting until it is set."""
    gate = threading.Event()

    def hold(entries: list[Any]) -> list[Any]:
        if len(vector_endpoint.texts) > 64:
            gate.wait(30)
        return entries

    vector_endpoint.change = hold
    yield gate
    gate.set()


def is_changing() -> bool:
    return any(one.name == "embedder-change" for one in threading.enumerate())


async def test_a_real_library_is_stopped_and_gone_on_with(
    real_app: QuireApp,
    stocked: Path,
    vector_endpoint: VectorEndpoint,
    held: threading.Event,
    until: Until,
    screen_text: See,
) -> None:
    app = real_app
    async with app.run_test(size=(120, 40)) as pilot:
        await until(lambda: "150 papers" in screen_text(app))
        await choose(app, pilot, until, 2)
        await until(lambda: "Embedding with mine: 64 of 150" in screen_text(app))
        await pilot.press(*"what do we study?", "enter")
        await until(lambda: app.main.conversation.session and not app.main.busy)
        assert "[1]" in screen_text(app), "answered with the old vectors"
        await pilot.press("escape")
        await until(lambda: "Stopping after the papers under way" in screen_text(app))
        held.set()
        await until(lambda: not app.main.working)
        await pilot.pause()
        assert "128 of 150 papers have theirs" in flat(screen_text(app))
        assert len(vector_endpoint.texts) == 128, "the question was not sent"
        await choose(app, pilot, until, 2)
        await until(
            lambda: (
                "The library uses mine now: 22 vectors made, 128 were there."
                in flat(screen_text(app))
            )
        )
        await until(lambda: not app.main.working)
        assert len(vector_endpoint.texts) == 150
        await pilot.press(*"what is a study?", "enter")
        await until(lambda: len(vector_endpoint.texts) > 150)
        assert "study" in vector_endpoint.texts[150]
        await until(lambda: not app.main.busy)
    assert app.return_code in (0, None)
    assert embedder_of(stocked) == "openai:my/model"


@pytest.mark.parametrize("hangs", [False, True])
async def test_leaving_a_real_change_in_the_middle(
    real_app: QuireApp, stocked: Path, held: threading.Event, until: Until, hangs: bool
) -> None:
    """Also while the endpoint does not answer: the app waits some seconds for it, no more."""
    app = real_app
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app._library)
        await choose(app, pilot, until, 2)
        await until(lambda: "64 of 150" in app.main.status._job)
        if not hangs:
            threading.Timer(0.5, held.set).start()
        await pilot.press("ctrl+q")
    assert app.return_code == 0
    assert is_changing() == hangs
    held.set()
    await until(lambda: not is_changing())
    assert embedder_of(stocked) == "wordllama"


async def test_a_real_endpoint_that_is_gone(
    real_app: QuireApp, vector_endpoint: VectorEndpoint, until: Until
) -> None:
    app = real_app
    vector_endpoint.refusals = [(401, "no such key", "")] * 9
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app._library)
        await choose(app, pilot, until, 2)
        await until(lambda: "no such key" in app.main.status.notice)
        assert not app.main.working
