"""The adapter against the fault server of the shared material."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from fault_fixture import Ask, FaultServer, Heard, Make
from tables import Row, for_each, table

from assistant.errors import EndpointTimeout
from assistant.generation.base import ModelTask, Piece, Waiting
from assistant.types.message import Message

KEY = "sk-hidden-9"
THREE = "The method in [1] "
TASK = ModelTask("answer", "q", (Message("user", "q" * 2000),))


@pytest.mark.slow
async def test_what_becomes_of_every_fault(fault_server: FaultServer, ask_endpoint: Ask) -> None:
    """Cases 53 to 70, as the remarks of the table say."""
    heard = {}
    faults = table(__file__, "faults.jsonl")
    for row in faults:
        fault_server.module.COUNT.clear()
        name = row["scenario"].partition("?")[0]
        before = len(fault_server.log(name))
        model, settings = f"fault:{row['scenario']}", row.get("settings", {})
        came = await ask_endpoint(fault_server.base_url, model, api_key=KEY, **settings)
        heard[row["line"]] = came, len(fault_server.log(name)) - before
    for_each(faults, lambda row: check_outcome(row, *heard[row["line"]]))


def check_outcome(row: Row, heard: Heard, attempts: int) -> None:
    assert "sk-hidden" not in repr(heard)
    text = row.get("text", "")
    assert text is None or heard.text == text * row.get("times", 1)
    assert heard.reasoning == row.get("reasoning", "")
    assert attempts == row.get("attempts", 1)
    assert len(heard.waits) == attempts - 1
    assert all("retrying" in one and "(127.0.0.1:" in one for one in heard.waits)
    if "error" not in row:
        end = heard.finished
        assert heard.error is None
        assert end is not None
        assert end.reason == row.get("reason", "stop")
        assert row.get("detail", "") in end.detail
        assert "detail" in row or not end.detail
        assert [end.input_tokens, end.output_tokens] == row.get("usage", [None, None])
        return
    assert heard.finished is None
    assert heard.error is not None
    assert type(heard.error).__name__ == row["error"]
    message, hint = heard.error.message, heard.error.hint
    assert row["words"] in message
    assert hint
    assert row.get("hint", "") in hint
    assert "(127.0.0.1:" in message
    assert (message + hint).isprintable()
    assert len(message) < 500


async def test_a_long_wait_counts_down_and_can_be_left(
    fault_server: FaultServer, endpoint_model: Make
) -> None:
    """Case 62: Retry-After 100 is a count-down, and leaving it takes no time."""
    settings = {"total_s": 600}
    model = endpoint_model(fault_server.base_url, "fault:http_429_100s", **settings)
    parts = model.stream(TASK)
    first = await anext(parts)
    assert isinstance(first, Waiting)
    assert "retrying in 100 s" in first.text
    await asyncio.wait_for(parts.aclose(), 5)


@pytest.mark.parametrize("scenario", ["stall", "heartbeat_forever", "slow_headers", "endless"])
async def test_cancelling_closes_the_connection(
    scenario: str, fault_server: FaultServer, endpoint_model: Make
) -> None:
    """Cases 59 and 71: the server sees the close at once."""
    model = endpoint_model(fault_server.base_url, f"fault:{scenario}?delay=20")
    before = len(fault_server.log(scenario))

    async def listen() -> None:
        async for _ in model.stream(TASK):
            await asyncio.sleep(0)

    job = asyncio.create_task(listen())
    async with asyncio.timeout(5):
        while len(fault_server.log(scenario)) == before:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    await fault_server.left(fault_server.log(scenario)[-1])


async def test_closing_the_iterator_closes_the_connection(
    fault_server: FaultServer, endpoint_model: Make
) -> None:
    """Case 71: what came so far stays with the consumer."""
    parts = endpoint_model(fault_server.base_url, "fault:stall?delay=20").stream(TASK)
    text = ""
    while text != THREE:
        part = await anext(parts)
        assert isinstance(part, Piece)
        text += part.text
    await parts.aclose()
    await fault_server.left(fault_server.log("stall")[-1])


async def test_a_model_on_this_machine_has_the_time_to_read_a_long_prompt(
    fault_server: FaultServer, endpoint_model: Make
) -> None:
    """Case 59: 2 000 characters take a slow server longer than the first word may take."""
    settings = {"first_token_s": 0.3, "local_reading": 2000.0}
    model = endpoint_model(fault_server.base_url, "fault:slow_headers", **settings)
    with pytest.raises(EndpointTimeout, match=r"no first word in 1\.3 s"):
        await anext(model.stream(TASK))


async def test_two_streams_of_one_model_do_not_mix(
    fault_server: FaultServer, ask_endpoint: Ask
) -> None:
    """Case 72: questions in quick succession."""
    model = "fault:ok?n=3&delay=0.02"
    heard = await asyncio.gather(*(ask_endpoint(fault_server.base_url, model) for _ in range(5)))
    assert [one.text for one in heard] == [THREE] * 5


MEASURING = """
import asyncio, json, resource, sys
from assistant.errors import EndpointError
from assistant.generation.base import Message, ModelTask
from assistant.generation.openai.endpoint import EndpointModel
from assistant.generation.openai.limits import EndpointSettings

async def ask(model_name):
    model = EndpointModel(EndpointSettings("m", sys.argv[1], model_name))
    try:
        async for _ in model.stream(ModelTask("answer", "q", (Message("user", "q"),))):
            pass
    except EndpointError as caught:
        return caught.message
    finally:
        await model.aclose()

for name in sys.argv[2:]:
    error = asyncio.run(ask("fault:" + name))
    print(json.dumps([error, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024]))
"""
HUGE = ("huge_line?mb=80", "gzip_bomb?mb=80", "huge_delta", "endless", "header_flood")
ROOT = Path(__file__).resolve().parents[4]


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ru_maxrss is in KiB on Linux")
def test_memory_stays_bounded(fault_server: FaultServer) -> None:
    """Case 69: no body, however large, takes more than 60 MB over what a short answer takes."""
    command = [sys.executable, "-W", "error", "-c", MEASURING, fault_server.base_url, "ok", *HUGE]
    job = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert job.stderr == ""
    (refusal, usual), *others = (json.loads(line) for line in job.stdout.splitlines())
    assert refusal is None
    assert len(others) == len(HUGE)
    for name, (error, peak_mb) in zip(HUGE, others, strict=True):
        assert error is not None
        assert peak_mb < usual + 60, (name, others)
