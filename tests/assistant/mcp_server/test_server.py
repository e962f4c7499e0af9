"""`quire mcp`, asked by the SDK's own client over stdio."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest
from cli_fixture import Add, Quire
from endpoint_fixture import ScriptedEndpoint
from tables import Row, compare, table
from waiting import until

from assistant import open_library

pytest.importorskip("mcp", reason="the extra quire[mcp] is not installed")
if TYPE_CHECKING:
    from mcp import Client

ROOT = Path(__file__).resolve().parents[3]
COMMAND = (sys.executable, "-m", "tui", "mcp")
PASSED = ("QUIRE_HOME", "QUIRE_CONFIG", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "OPENAI_BASE_URL")


@asynccontextmanager
async def serving() -> AsyncIterator[Client]:
    """A client of the command in a process of its own."""
    from mcp import Client
    from mcp.client.stdio import StdioServerParameters

    passed = {name: os.environ[name] for name in PASSED if name in os.environ}
    started = StdioServerParameters(
        command=COMMAND[0],
        args=[*COMMAND[1:]],
        env={**passed, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
    )
    async with Client(started) as client:
        yield client


@asynccontextmanager
async def within(model: str | None = None, *, is_old: bool = False) -> AsyncIterator[Client]:
    """A client of the server in this process; one that is old speaks the protocol from before."""
    from mcp import Client

    from assistant.mcp_server.server import make_server
    from assistant.mcp_server.tools import Surroundings

    async with open_library(model=model, keep=False) as library:
        server = make_server(Surroundings(library), pytest.fail)
        async with Client(server, mode="legacy" if is_old else "auto") as client:
            yield client


def titles(name: str, given: dict[str, Any]) -> list[str]:
    if name == "get_paper":
        return [given["title"]]
    return [one["title"] for one in given["references" if name == "ask" else "hits"]]


async def test_tools_and_papers(stocked: Path) -> None:
    def whole() -> dict[str, int]:
        """The files of the library without those of indexes, which may follow."""
        return {one.name: one.stat().st_mtime_ns for one in stocked.iterdir() if one.is_file()}

    before = whole()
    async with serving() as client:
        tools = (await client.list_tools()).tools
        assert [one.name for one in tools] == ["search", "get_paper", "similar", "ask"]
        assert all(one.annotations and one.annotations.read_only_hint for one in tools)
        assert all(one.output_schema and one.description for one in tools)
        rows = table(__file__, "calls.jsonl")
        results = {row["line"]: await client.call_tool(row["tool"], row["given"]) for row in rows}

        def told(row: Row) -> object:
            result = results[row["line"]]
            if result.is_error:
                text = result.content[0].text
                assert result.structured_content["error"]["message"] in text
                right = row["right"]
                return right if isinstance(right, str) and right in text else text
            assert json.loads(result.content[0].text) == result.structured_content
            return titles(row["tool"], result.structured_content)

        compare(rows, told)
        lines: list[str | None] = []

        async def report(_done: float, _total: float | None, message: str | None) -> None:
            lines.append(message)

        question = {"question": "How many dances do we film?"}
        answer = await client.call_tool("ask", question, progress_callback=report)
        (claim,) = answer.structured_content["claims"]
        assert (
            claim["citations"][0]["quote"]
            == "We film 300 dances and decode the direction in 91% of them."
        )
        assert (claim["verdict"], claim["approved"]) == ("matched", True)
        assert "sources found" in str(lines[0])
        (template,) = (await client.list_resource_templates()).resource_templates
        assert template.uri_template == "quire://paper/{id}"
        papers = (await client.list_resources()).resources
        (contents,) = (await client.read_resource(papers[1].uri)).contents
        assert json.loads(contents.text)["title"] == papers[1].title
        for address in ("quire://paper/nope", "file:///etc/passwd"):
            with pytest.raises(Exception, match=r"no paper|papers are at"):
                await client.read_resource(address)
    assert whole() == before, "nothing is written"


async def test_an_older_client_pages_through_many_papers(added: Add) -> None:
    added({"title": f"Owl {number}", "abstract": f"Owl {number} sleeps."} for number in range(130))
    async with within(is_old=True) as client:
        first = await client.list_resources()
        assert len(first.resources) == 100
        rest = await client.list_resources(cursor=first.next_cursor)
        assert (len(rest.resources), rest.next_cursor) == (30, None)
        with pytest.raises(Exception, match="cursor"):
            await client.list_resources(cursor="x")


async def test_a_model_answers_is_left_and_fails(
    stocked: Path,
    scripted_endpoint: Callable[..., ScriptedEndpoint],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endpoint = scripted_endpoint("One quantizer [1.2]. " * 3 + "word " * 2000, delay=0.02)
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    async with within("scripted") as client:
        question = {"question": "How many quantizers do audio codecs need?", "check": False}
        asking = asyncio.create_task(client.call_tool("ask", question))
        await until(lambda: len(endpoint.requests) == 1)
        asking.cancel()
        await until(lambda: len(endpoint.closed_early) == 1)
        endpoint.delay, endpoint.reply = 0.0, (401, {"error": {"message": "no such key"}})
        failed = await client.call_tool("ask", question)
        assert failed.is_error
        assert "401" in failed.content[0].text or "key" in failed.content[0].text
        assert len((await client.list_tools()).tools) == 4, "it goes on"


def test_how_it_ends(quire: Quire, stocked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(stdout: int | IO[str] = subprocess.PIPE) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        return subprocess.Popen(
            COMMAND, cwd=ROOT, stdin=pipe, stdout=stdout, stderr=pipe, text=True
        )

    with start() as process:
        out, err = process.communicate("no JSON\n\n{}\n", timeout=30)
        assert process.returncode == 0, err
        assert all(json.loads(line)["jsonrpc"] == "2.0" for line in out.splitlines())
        assert "serving" in err
    with start() as process:
        assert process.stderr is not None
        assert "serving" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)  # while stdin stays open
        assert process.wait(10) == 143
    if Path("/dev/full").exists():
        with Path("/dev/full").open("w") as full, start(full) as process:
            assert process.stdin is not None
            assert process.stderr is not None
            process.stdin.write('{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
            process.stdin.flush()
            assert process.wait(20) == 3
            assert "error: No space left on device" in process.stderr.read()
    assert quire("mcp", "-m", "nonsense").code == 2
    monkeypatch.setenv("QUIRE_HOME", str(stocked / "nowhere"))
    ran = quire("mcp")
    assert (ran.code, ran.out) == (3, "")
    monkeypatch.setitem(sys.modules, "mcp", None)
    ran = quire("mcp")
    assert (ran.code, ran.out) == (2, "")
    assert "pip install 'quire[mcp]'" in ran.err
