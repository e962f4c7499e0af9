"""Adding papers and changing the embedder from inside the app, by script and for real."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from archive_fixture import PointAt, Serve, nowhere
from desk import Desk, app_over, walks
from fake_service import whole_answer
from library_fixture import Shelf
from minilm_fixture import MadeUp
from papers import made_up
from tables import table
from vector_fixture import VectorEndpoint
from waiting import until

from assistant.config.settings import Settings, models_folder
from assistant.ingest.add import AddDone, AddProgress, AddReport
from assistant.ingest.embedder_change import ChangeDone, ChangeProgress, EmbedderChange
from assistant.retrieval.retriever import Retriever
from assistant.retrieval.search import Searcher
from assistant.wiring.embedders import AllEmbedders
from assistant.workspace.collection import Collection
from store.embedders.local import LocalEmbedders
from store.embedders.minilm.obtain import kept_bytes
from store.errors import EmbeddingFailed, LibraryReadOnly
from store.library.kept_tokens import TOKENS
from store.library.library import Library
from store.library.reembedding import ChangeReport
from store.library.upkeep import FEW_TOKENS
from store.types import Filter
from tui.screens.dialogs import ChooseEmbedder

WALKS = walks(__file__)
HALF = ChangeProgress(step="embedding", done=5000, total=10_000, begun=1000, seconds=10.0)
DONE = ChangeDone(
    report=ChangeReport(embedder="near", papers=150, embedded=140, done=True), vectors=150
)


async def choose(desk: Desk) -> None:
    """Open the dialog and choose the embedder that is two below the one in use."""
    desk.commands()["Change embedder"]()
    await desk.met(ChooseEmbedder)
    await desk.press("down", "down", "enter")


async def test_the_embedder_is_changed_stopped_and_changed_on(desk: Desk) -> None:
    service, before = desk.service, []

    def one_job() -> None:
        offered = desk.commands()
        assert "Add papers" in offered
        assert "Change embedder" not in offered

    def go_on() -> None:
        assert service.embedder_changes[0].is_closed
        before.append(service.catch_ups)
        service.embeds_at, service.change = "vectors.example", [HALF, DONE]

    async def caught_up() -> None:
        standing = "tiny-model · sends to vectors.example for vectors"
        await until(lambda: service.catch_ups > before[0])
        await until(lambda: desk.main.status.standing == standing)

    service.change = [HALF, asyncio.Event()]
    walk = WALKS["the embedder is changed"]
    await desk.walk(walk, one_job=one_job, go_on=go_on, caught_up=caught_up)


async def test_nothing_is_sent_away_without_consent_or_to_what_is_not_there(desk: Desk) -> None:
    desk.service.change = [DONE]
    await desk.walk(WALKS["texts are sent away after a yes"])


async def test_a_failure_is_one_line(desk: Desk) -> None:
    def unknown() -> None:
        desk.service.fails["embedders"] = EmbeddingFailed("nobody knows them")

    desk.service.change = [HALF, EmbeddingFailed("the endpoint is gone", "start it")]
    await desk.walk(WALKS["a change of embedder fails"], unknown=unknown)


async def test_vectors_that_a_new_library_waits_for_give_way_to_the_reader(
    desk: Desk, tmp_path: Path
) -> None:
    service = desk.service
    service.wants, service.offers = "near", True
    service.change, service.adds = [HALF, asyncio.Event()], [AddDone(report=ADDED)]

    async def type_the_path() -> None:
        service.change = [HALF, asyncio.Event()]
        await desk.press(*str(tmp_path))

    async def caught_up() -> None:
        await until(lambda: service.catch_ups >= 3)
        await desk.pilot.pause()

    walk = WALKS["a new library waits for vectors"]
    await desk.walk(walk, type_the_path=type_the_path, caught_up=caught_up)


async def test_a_real_new_library_uses_minilm_where_it_is(
    built_minilm: Path, tmp_path: Path
) -> None:
    """Papers are added with the built-in embedder in a process of their own, then made anew."""
    source = tmp_path / "many.jsonl"
    source.write_text(
        "".join(
            json.dumps({"title": f"Study {at}", "abstract": "Bees dance."}) + "\n"
            for at in range(5)
        )
    )
    new = tmp_path / "new"
    Library.open(new, create=True).close()
    desk = Desk(app_over(new))

    async def type_the_path() -> None:
        await desk.press(*str(source))

    await desk.walk(WALKS["a real new library"], type_the_path=type_the_path)
    assert embedder_of(new) == "minilm"


async def test_the_papers_of_an_older_library_are_read_beside_the_work(
    built_minilm: Path, shelf: Shelf, tmp_path: Path
) -> None:
    """It has the vectors of minilm, and no signs of tokens, as before they were kept."""
    papers = FEW_TOKENS + 6
    old = shelf.library_of(made_up(papers), tmp_path / "library")
    with Library.open(old, embedders=LocalEmbedders(models_folder())) as library:
        library.use_embedder("minilm")
    shutil.rmtree(old / TOKENS.folder)
    await Desk(app_over(old)).walk(WALKS["an older library is read"])
    with Library.open(old, embedders=LocalEmbedders(models_folder())) as library:
        assert len(library.token_signs(library.ids(Filter()))) == papers
        assert library.papers_unread() == 0


async def test_papers_that_cannot_be_read_are_not_read_again_and_again(
    built_minilm: Path, few: Path
) -> None:
    with Library.open(few, embedders=LocalEmbedders(models_folder())) as library:
        library.use_embedder("minilm")
        shutil.rmtree(few / TOKENS.folder)
        (few / TOKENS.folder).write_text("no folder can be made here")
        embedders = AllEmbedders(Settings())
        collection = Collection(library, Searcher(library, Retriever(library)), embedders)
        assert await collection.wanted_embedder() == "minilm"
        events = [one async for one in collection.use_embedder("minilm").events()]
        assert isinstance(events[-1], ChangeDone)
        assert await collection.wanted_embedder() == ""


@pytest.fixture
def few(shelf: Shelf, tmp_path: Path) -> Path:
    """A library with five papers and the built-in embedder's vectors."""
    return shelf.library_of(made_up(5), tmp_path / "library")


async def test_minilm_is_fetched_from_inside_the_app(
    few: Path, archive_server: Serve, only_archive: PointAt, made_up_minilm: MadeUp
) -> None:
    data = made_up_minilm.archive
    server = archive_server(data)
    only_archive(server.address, data)
    await Desk(app_over(few)).walk(WALKS["minilm is fetched"])
    assert len(server.asked) == 1
    assert embedder_of(few) == "minilm"


async def test_fetching_is_stopped_and_fails_in_one_line(
    few: Path, archive_server: Serve, only_archive: PointAt, made_up_minilm: MadeUp
) -> None:
    only_archive(nowhere())
    await Desk(app_over(few)).walk(WALKS["minilm cannot be fetched"])
    assert embedder_of(few) == "wordllama"
    data = made_up_minilm.archive
    server = archive_server(data)
    only_archive(server.address, data)
    with Library.open(few, embedders=LocalEmbedders(models_folder())) as library:
        change = EmbedderChange(library, "minilm", AllEmbedders(Settings()).fetch)
        change.stop()
        events = [event async for event in change.events()]
    assert isinstance(end := events[-1], ChangeDone)
    assert (end.report.done, end.report.embedded, end.report.papers) == (False, 0, 5)
    assert kept_bytes(models_folder()) > 0, "what came is gone on from"


@pytest.fixture
def stocked(shelf: Shelf, tmp_path: Path) -> Path:
    """A library with 150 papers and the built-in embedder's vectors."""
    return shelf.library_of(made_up(150), tmp_path / "library")


@pytest.fixture
def real(stocked: Path, vector_endpoint: VectorEndpoint) -> Desk:
    """The app over that library, with an embedder on loopback in the configuration."""
    mine = {"base_url": vector_endpoint.base_url, "model": "my/model"}
    settings = Settings.model_validate({"embedders": {"mine": mine}})
    return Desk(app_over(stocked, settings=settings))


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


def embedder_of(folder: Path) -> str:
    with Library.open(folder) as library:
        return library.status().embedder


def is_changing() -> bool:
    return any(one.name == "embedder-change" for one in threading.enumerate())


async def test_a_real_library_is_stopped_and_gone_on_with(
    real: Desk, stocked: Path, vector_endpoint: VectorEndpoint, held: threading.Event
) -> None:
    """A question asked meanwhile is answered with the old vectors, one asked later is sent."""

    def embedded(number: int) -> Callable[[], None]:
        def check() -> None:
            assert len(vector_endpoint.texts) == number

        return check

    async def sent() -> None:
        await until(lambda: len(vector_endpoint.texts) > 150)
        assert "study" in vector_endpoint.texts[150]

    acts = {"stays": embedded(128), "let_go": held.set, "all_made": embedded(150), "sent": sent}
    await real.walk(WALKS["a real library changes"], **acts)
    assert real.app.return_code in (0, None)
    assert embedder_of(stocked) == "openai:my/model"


@pytest.mark.parametrize("hangs", [False, True])
async def test_leaving_in_mid_change(
    real: Desk, stocked: Path, held: threading.Event, hangs: bool
) -> None:
    """Also while the endpoint does not answer: the app waits some seconds for it, no more."""
    async with real.opened():
        await choose(real)
        await until(lambda: "64 of 150" in real.main.status._job)
        if not hangs:
            threading.Timer(0.5, held.set).start()
        await real.pilot.press("ctrl+q")
    assert real.app.return_code == 0
    assert is_changing() == hangs
    held.set()
    await until(lambda: not is_changing())
    assert embedder_of(stocked) == "wordllama"


async def test_a_real_endpoint_that_is_gone(real: Desk, vector_endpoint: VectorEndpoint) -> None:
    vector_endpoint.refusals = [(401, "no such key", "")] * 9
    await real.walk(WALKS["a real endpoint is gone"])


# Adding.


READ = AddProgress(records=5000, seconds=10.0, share=0.5)
ADDED = AddReport(**table(__file__, "reports.jsonl")[0]["added"])


async def test_papers_are_added_beside_a_question(desk: Desk) -> None:
    added, answered = asyncio.Event(), asyncio.Event()
    desk.service.adds = [READ, added, AddDone(report=ADDED)]
    begin, *rest = whole_answer()
    desk.service.scripts = [[begin, answered, *rest]]
    walk = WALKS["papers are added beside a question"]
    await desk.walk(walk, added=added.set, answered=answered.set)
    (adding,) = desk.service.additions
    assert adding.wanted.sources == ("/tmp",)
    assert adding.wanted.tags == ("audio", "speech")


async def test_adding_is_stopped_by_its_key_or_by_esc_once_no_other_is_left(desk: Desk) -> None:
    def more() -> None:
        desk.service.adds = [READ, asyncio.Event()]

    more()
    await desk.walk(WALKS["adding is stopped"], more=more)
    assert [one.is_closed for one in desk.service.additions] == [True, True]


async def test_what_goes_wrong_is_said_and_the_path_is_kept(desk: Desk) -> None:
    desk.service.adds = [LibraryReadOnly("The library cannot be written", "change its permissions")]
    await desk.walk(WALKS["adding goes wrong"])


async def test_leaving_ends_the_adding(desk: Desk) -> None:
    desk.service.adds = [READ, asyncio.Event()]
    walk = WALKS["leaving while papers are added"]
    await desk.walk(walk, quit=lambda: desk.pilot.press("ctrl+q"))
    assert desk.service.additions[0].is_closed
    assert desk.service.is_closed


async def test_papers_are_added_from_inside(codecs: Path, tmp_path: Path) -> None:
    lines = [{"title": f"Gull {n}", "abstract": f"Gull {n} eats fish."} for n in range(300)]
    source = tmp_path / "gulls.jsonl"
    source.write_text("".join(json.dumps(one) + "\n" for one in [*lines, {"title": "Bare"}]))
    desk = Desk(app_over(codecs))

    async def type_the_path() -> None:
        await desk.press(*str(source))

    def reported() -> None:
        told = "".join(str(one.render()) for one in desk.main.conversation.query(".noted"))
        assert "read 301, new 300, same 0, changed 0, refused 1." in told
        assert f"Refused: {source}, line 301: no abstract." in told

    walk = WALKS["papers are added"]
    await desk.walk(walk, type_the_path=type_the_path, reported=reported)
    assert desk.app.return_code in (0, None)
