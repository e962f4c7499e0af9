"""The adapter against the fault server of the shared material."""

from __future__ import annotations

import asyncio

import pytest
from fault_fixture import Ask, FaultServer, Heard, Make
from tables import Row, for_each, table

from assistant.errors import EndpointTimeout
from assistant.generation.base import ModelTask
from assistant.types.message import Message

KEY = "sk-hidden-9"
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


async def test_a_model_on_this_machine_has_the_time_to_read_a_long_prompt(
    fault_server: FaultServer, endpoint_model: Make
) -> None:
    """Case 59: 2 000 characters take a slow server longer than the first word may take."""
    settings = {"first_token_s": 0.3, "local_reading": 2000.0}
    model = endpoint_model(fault_server.base_url, "fault:slow_headers", **settings)
    with pytest.raises(EndpointTimeout, match=r"no first word in 1\.3 s"):
        await anext(model.stream(TASK))
