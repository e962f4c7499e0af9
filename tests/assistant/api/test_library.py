"""What Python programs import: the library, its streams, and the bridge to code without a loop."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import signal
import threading
import time
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import PAPERS
from endpoint_fixture import ScriptedEndpoint

import assistant
from assistant import Answer, EndpointError, Filter, TextDelta, WrongUse, open_library
from assistant.api.bridge import Bridge
from assistant.config.libraries import registry

ROOT = Path(__file__).resolve().parents[3]
PAGES = ("README.md", "assistant/README.md")
BLOCKS = [
    pytest.param(block, id=f"{page}-{number}")
    for page in PAGES
    for number, block in enumerate(
        re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text("utf-8"), re.M | re.S)
    )
]
QUESTION = "How many quantizers do audio codecs need?"


@pytest.mark.parametrize("block", BLOCKS)
def test_the_examples_of_pages_run(
    block: str, stocked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    code = compile(block, "example", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    ran = eval(code, {"__name__": "__main__"})
    if inspect.iscoroutine(ran):
        asyncio.run(ran)
    assert "quantizer" in capsys.readouterr().out


def test_every_name_is_there_with_its_documentation() -> None:
    assert len(assistant.__all__) == len(set(assistant.__all__))
    for name in assistant.__all__:
        found = getattr(assistant, name)
        assert found.__doc__, name
    assert set(assistant.__all__) <= set(dir(assistant))
    public = (getattr(assistant.Library, name) for name in dir(assistant.Library) if name[0] != "_")
    assert all(inspect.getdoc(one) for one in public)
    with pytest.raises(AttributeError, match="no attribute 'open_librarian'"):
        assistant.open_librarian  # noqa: B018


async def test_a_library_in_a_loop(stocked: Path) -> None:
    async with open_library() as library, open_library(stocked, keep=False) as other:
        answer, second = await asyncio.gather(library.ask(QUESTION), other.ask(QUESTION))
        assert answer.text == second.text
        assert answer.session is not None
        assert second.session is None, "without `keep` nothing is written"
        hits = (await library.search("audio codec", 2)).hits
        assert [one.rank for one in hits] == [1, 2]
        near = await library.similar(hits[0].paper.id, 1)
        assert near.paper == await library.paper(hits[0].paper.title)
        kept = await library.papers(Filter(papers=(hits[0].paper.title,)))
        assert [one.id for one in kept] == [hits[0].paper.id]
        assert len(await library.papers(limit=3)) == 3
        assert (await library.status()).papers == 4
        short = await library.summarize(hits[0].paper.id, length="sentence")
        assert [one.id for one in short.references] == [hits[0].paper.id]
        begun = await library.ask(QUESTION, session="codecs")
        going = await library.ask("And how many tokens?", session="codecs")
        assert going.session == begun.session != answer.session
        assert going.standalone
        files = await library.write(going, stocked / "answer.md")
        assert [one.name for one in files] == ["answer.md", "answer.bib"]
        cited = Filter(papers=tuple(one.id for one in answer.references))
        await library.export_file(stocked / "cited.ris", where=cited)
        assert (stocked / "cited.ris").read_text("utf-8").count("TY  - ") == len(cited.papers)
        assert "night recordings" in await library.export("bibtex", where=cited)
        for wrong in (library.export("nonsense"), library.export_file("x.nonsense")):
            with pytest.raises(assistant.InputError, match="nonsense"):
                await wrong
        stream = library.ask(QUESTION)
        async with aclosing(aiter(stream)) as events:
            pieces = [one.text async for one in events if isinstance(one, TextDelta)]
        assert "".join(pieces) == answer.text
        for wrong in (
            stream,
            library.ask(" "),
            library.search("x", 0),
            library.summarize("a", topic="b"),
        ):
            with pytest.raises(WrongUse):
                await wrong
    with pytest.raises(WrongUse, match="closed"):
        await library.status()


def test_a_library_without_a_loop_from_two_threads(stocked: Path) -> None:
    with open_library() as library, open_library() as other, ThreadPoolExecutor(2) as pool:
        one, two = pool.map(lambda of: of.wait(of.ask(QUESTION)), (library, other))
        assert isinstance(one, Answer)
        assert one.text == two.text
        for event in (events := library.each(library.ask(QUESTION))):
            if isinstance(event, TextDelta):
                break  # left midway
        events.close()
        texts = [
            one.text for one in library.each(library.ask(QUESTION)) if isinstance(one, TextDelta)
        ]
        assert "".join(texts) == one.text
        coroutine = library.status()
        with pytest.raises(WrongUse, match="another event loop"):
            asyncio.run(coroutine)
    with pytest.raises(WrongUse, match="closed"):
        library.wait(library.status())
    library.close()  # a second time is nothing


def test_a_failure_is_raised_and_what_came_is_walked_through(
    stocked: Path,
    scripted_endpoint: Callable[..., ScriptedEndpoint],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(assistant.LibraryMissing) as caught, open_library("nowhere"):
        pass
    assert str(caught.value) == f"{caught.value.message}. {caught.value.hint}"
    assert "quire add SOURCE" in str(caught.value)
    assert str(WrongUse("which one?", "name it")) == "which one? name it"
    assert str(WrongUse("nothing to do")) == "nothing to do"
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    with open_library(model="m") as library, pytest.raises(EndpointError):
        library.wait(library.ask(QUESTION))
    endpoint = scripted_endpoint("One quantizer, by pruning [1.1].")
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    with open_library(model="m", keep=False) as library:
        for _ in range(2):
            assert "pruning" in library.wait(library.ask(QUESTION, check=False)).text
    assert len(endpoint.requests) == 2, "without `keep` the same question is asked again"


def test_a_text_may_name_a_library_and_a_path_is_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    registry().add("owls", tmp_path / "elsewhere")
    assert open_library("owls").folder == tmp_path / "elsewhere"
    assert open_library(Path("owls")).folder == tmp_path / "owls"
    (tmp_path / "owls").mkdir()
    assert open_library(Path("owls")).folder == tmp_path / "owls"
    with pytest.raises(WrongUse, match="by name and a path"):
        open_library("owls")


def test_papers_are_added_in_a_process(tmp_path: Path) -> None:
    file = tmp_path / "papers.jsonl"
    file.write_text(PAPERS, "utf-8")
    with open_library(create=True) as library:
        report = library.wait(library.add(file, tags=["owls"]))
        assert (report.new, len(report.papers)) == (4, 4)
        assert {one.tags for one in library.wait(library.papers())} == {
            ("owls",),
            ("audio", "owls"),
        }
        with pytest.raises(assistant.StoreError):
            library.wait(library.add(tmp_path / "no such file"))


# The bridge by itself.


async def _numbers(closed: list[str]) -> AsyncGenerator[int, None]:
    try:
        async with asyncio.timeout(60):  # belongs to one task
            for number in range(3):
                yield number
                await asyncio.sleep(0)
    finally:
        await asyncio.sleep(0)
        closed.append(threading.current_thread().name)


def test_streams_are_lazy_close_in_order_and_fail_where_they_are_read() -> None:
    bridge, closed = Bridge(), list[str]()
    assert list(bridge.each(_numbers(closed))) == [0, 1, 2]
    stream = bridge.each(_numbers(closed))
    assert next(stream) == 0
    del stream  # abandoned
    assert closed == ["quire", "quire"]

    async def failing() -> AsyncGenerator[int, None]:
        yield 1
        raise KeyError("two")

    stream = bridge.each(failing())
    assert next(stream) == 1
    with pytest.raises(KeyError, match="two"):
        next(stream)

    async def waits_for_itself() -> None:
        bridge.wait(asyncio.sleep(0))

    with pytest.raises(WrongUse, match="itself"):
        bridge.wait(waits_for_itself())
    left = bridge.each(_numbers(closed))
    next(left)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(bridge.wait, asyncio.sleep(60))
        time.sleep(0.05)
        bridge.close()
        with pytest.raises(WrongUse, match="closed while it ran"):
            waiting.result(5)
    with pytest.raises(WrongUse, match="closed while it ran"):
        next(left)
    with pytest.raises(WrongUse, match="closed"):
        bridge.wait(asyncio.sleep(0))


@pytest.mark.parametrize("waits", [True, False])
def test_ctrl_c_cancels_and_waits_until_it_has_ended(waits: bool) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    main, ended = threading.main_thread().ident or 0, list[bool]()
    bridge = Bridge()

    async def long() -> AsyncGenerator[int, None]:
        try:
            threading.Timer(0.05, signal.pthread_kill, (main, signal.SIGINT)).start()
            await asyncio.sleep(60)
            yield 1
        finally:
            await asyncio.sleep(0.05)
            ended.append(True)

    try:
        with pytest.raises(KeyboardInterrupt):
            bridge.wait(anext(long())) if waits else next(bridge.each(long()))
        assert ended
    finally:
        signal.signal(signal.SIGINT, before)
        bridge.close()
