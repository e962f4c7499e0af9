"""Questions to an endpoint: what is sent, what comes of the answer, what is said of a failure."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from endpoint_fixture import written
from fault_fixture import Endpoints, FaultServer, Heard
from tables import Row, compare_awaited, for_each, table

from assistant import errors
from assistant.generation.base import ChatModel, Finished, ModelTask, Piece, Waiting
from assistant.generation.openai.endpoint import EndpointModel
from assistant.generation.openai.limits import EndpointSettings
from assistant.types.message import Message

KEY = "sk-hidden-9"
TEXT = "Tides move water [1.2].\n\nThey follow the moon [2.1, 3.4].  "
MESSAGES = (Message("system", "s"), Message("user", "u \ud800 u"))
TASK = ModelTask("answer", "q", MESSAGES, max_output_tokens=77)


def reply(status: int, kind: str, body: str | bytes, *headers: str) -> bytes:
    """A response of HTTP."""
    data = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} So", f"Content-Type: {kind}", f"Content-Length: {len(data)}"]
    return "\r\n".join([*lines, *headers, "Connection: close", "", ""]).encode() + data


def fault(status: int, message: str, *headers: str) -> bytes:
    body = json.dumps({"error": {"message": message}})
    return reply(status, "application/json", body, *headers)


FINE = written({"content": "fine", "finish": "stop"})
GOOD = reply(200, "text/event-stream", f"data: {FINE}\n\ndata: [DONE]\n\n")


async def test_what_is_sent_and_an_answer_that_streams_as_it_is(endpoints: Endpoints) -> None:
    endpoint = endpoints.scripted(TEXT)
    settings = {"context_tokens": 9000, "temperature": 0.3}
    model: ChatModel = endpoints.model(endpoint.base_url, "tide-7b", **settings)
    assert (model.name, model.context_tokens, model.is_extractive) == ("tide-7b", 9000, False)
    *parts, end = [part async for part in model.stream(TASK)]
    assert "".join(part.text for part in parts if isinstance(part, Piece)) == TEXT
    assert isinstance(end, Finished)
    assert (end.reason, end.output_tokens) == ("stop", len(TEXT.split()) + 1)
    assert end.input_tokens is not None
    (asked,) = endpoint.requests
    assert [asked.path, asked.body] == table(__file__, "sent.jsonl")[0]["right"]


async def test_what_cannot_be_asked_is_refused_before_any_connection(
    monkeypatch: pytest.MonkeyPatch, endpoints: Endpoints
) -> None:
    def no_connection(*_: object, **__: object) -> None:
        raise AssertionError("a connection was begun")

    monkeypatch.setattr(socket, "getaddrinfo", no_connection)
    monkeypatch.setattr(socket.socket, "connect", no_connection)
    model = endpoints.model("https://api.example.com/v1")
    for failing in (anext(model.stream(TASK)), model.list_models()):
        with pytest.raises(errors.EndpointRefused, match="no key for the endpoint") as caught:
            await failing
        assert (caught.value.hint, caught.value.requests) == ("set OPENAI_API_KEY", 0)
    # So are settings that make no sense.
    for model, key in ((" ", None), ("m", "sk\n")):
        with pytest.raises(errors.WrongUse):
            EndpointModel(EndpointSettings("m", "http://localhost/v1", model, api_key=key))


async def test_a_parameter_that_is_refused_is_left_out(endpoints: Endpoints) -> None:
    async def came(row: Row) -> list[bool]:
        def script(body: dict[str, Any]) -> Any:
            refused = row["gone"] in body
            return (row["status"], {"error": {"message": row["complaint"]}}) if refused else "fine"

        endpoint = endpoints.scripted(script)
        model = endpoints.model(endpoint.base_url, **row.get("settings", {}))
        for _ in range(2):
            first, *_ = [part async for part in model.stream(TASK)]
            assert first == Piece("fine")
        bodies = [asked.body for asked in endpoint.requests]
        assert 77 in (bodies[-1].get("max_tokens"), bodies[-1].get("max_completion_tokens"))
        return [row["gone"] in body for body in bodies]

    await compare_awaited(table(__file__, "parameters.jsonl"), came)


async def test_what_one_answer_learns_serves_those_beside_it(endpoints: Endpoints) -> None:
    """Four are refused before any of them knows: each is asked once more, for that alone."""

    async def came(row: Row) -> list[object]:
        together = threading.Barrier(4)

        def script(body: dict[str, Any]) -> Any:
            if row["gone"] not in body:
                return "fine"
            together.wait(5)
            return row["status"], {"error": {"message": row["complaint"]}}

        endpoint = endpoints.scripted(script)
        model = endpoints.model(endpoint.base_url, temperature=0.0, **row.get("settings", {}))

        async def ask() -> object:
            first, *_ = [part async for part in model.stream(TASK)]
            return first

        assert await asyncio.gather(*(ask() for _ in range(4))) == [Piece("fine")] * 4
        first, later = (
            [body.body.keys() - {"max_tokens", "max_completion_tokens"} for body in part]
            for part in (endpoint.requests[:4], endpoint.requests[4:])
        )
        return [first[0] - one == {row["gone"]} - {"max_tokens"} for one in later]

    rows = table(__file__, "parameters.jsonl")
    await compare_awaited([{**row, "right": [True] * 4} for row in rows], came)


async def test_what_is_refused_is_told_with_what_to_do(endpoints: Endpoints) -> None:
    """Case 64: an unknown model names eight neighbours at most, the nearest first."""

    async def came(row: Row) -> list[object]:
        endpoint = endpoints.scripted(
            (row["status"], {"error": row["error"]}), models=row.get("models", ())
        )
        heard = await endpoints.ask(endpoint.base_url, "tide-7b", api_key=row.get("key"))
        assert heard.error is not None
        return [heard.error.code, heard.error.hint, len(endpoint.requests)]

    await compare_awaited(table(__file__, "refusals.jsonl"), came)


async def test_the_models_of_a_server_or_why_none_come(endpoints: Endpoints) -> None:
    endpoint = endpoints.scripted("", models=("tide-7b", "moon\x1b[31m", "", "sun-1b"))
    assert await endpoints.model(endpoint.base_url).list_models() == ("tide-7b", "sun-1b")

    async def came(row: Row) -> list[str]:
        raw = endpoints.raw(reply(*row["reply"]) if row["reply"] else b"")
        with pytest.raises(errors.EndpointError) as caught:
            await endpoints.model(raw.base_url, api_key=KEY).list_models()
        _, says = row["right"]
        message = caught.value.message
        return [type(caught.value).__name__, says if says in message else message]

    await compare_awaited(table(__file__, "model_lists.jsonl"), came)


async def test_an_address_that_lacks_v1_is_mended_in_words(endpoints: Endpoints) -> None:
    """Case 64: an answer with /v1 is said, and not promised where there is none."""

    async def came(row: Row) -> str:
        raw = endpoints.raw(reply(*row["without"]), reply(*row["at_v1"]))
        heard = await endpoints.ask(raw.base_url.removesuffix("/v1"))
        assert heard.error is not None
        assert [one.split()[1] for one in raw.requests] == [b"/chat/completions", b"/v1/models"]
        return heard.error.hint.replace(raw.base_url, "HERE")

    await compare_awaited(table(__file__, "without_v1.jsonl"), came)


async def test_how_long_what_passes_is_waited_for(endpoints: Endpoints) -> None:
    """Case 61: a model that loads is not given up at the fourth attempt.

    Case 62: a wait that would pass the deadline of the whole answer is said and not begun.
    """
    raw = endpoints.raw(*(fault(503, "Loading model"),) * 6, GOOD)
    heard = await endpoints.ask(raw.base_url)
    assert (heard.text, len(heard.waits), len(raw.requests)) == ("fine", 6, 7)
    raw = endpoints.raw(fault(429, "slow down", "Retry-After: 30"))
    heard = await endpoints.ask(raw.base_url, total_s=20)
    assert heard.error is not None
    assert "wait 30 s" in heard.error.message
    assert heard.waits == []
    # A long wait is shown, and left as soon as the reader does.
    raw = endpoints.raw(fault(429, "slow down", "Retry-After: 500"))
    parts = endpoints.model(raw.base_url, total_s=600).stream(TASK)
    said = await anext(parts)
    assert isinstance(said, Waiting)
    assert said.text.endswith("retrying in 500 s")
    going_on = asyncio.ensure_future(anext(parts))
    await asyncio.sleep(0.05)
    going_on.cancel()
    await asyncio.wait_for(asyncio.gather(going_on, return_exceptions=True), 0.5)
    assert len(raw.requests) == 1


async def test_what_gives_no_connection_is_said(self_signed: str, endpoints: Endpoints) -> None:
    """Cases 51 and 52: nothing listens, or TLS fails: plain http, a certificate nobody signed."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        free = f"127.0.0.1:{unused.getsockname()[1]}"
    plain = endpoints.raw(GOOD, listens=False).base_url.replace("http:", "https:")
    for base_url, words, hint in (
        (f"http://{free}/v1", f"nothing listens there ({free})", "ollama serve"),
        (plain, "the TLS handshake failed", "does it speak plain http?"),
        (self_signed, "certificate is refused: self", "SSL_CERT_FILE"),
    ):
        heard = await asyncio.wait_for(endpoints.ask(base_url), 5)
        assert type(heard.error) is errors.EndpointUnreachable
        assert words in heard.error.message
        assert hint in heard.error.hint
        assert heard.waits == []


async def test_a_proxy_of_the_environment_sees_nothing_of_a_loopback_endpoint(
    monkeypatch: pytest.MonkeyPatch, endpoints: Endpoints
) -> None:
    """Case 66: HTTP_PROXY is set, the endpoint on this machine; one that is no proxy is said."""
    proxy = endpoints.raw(GOOD)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.base_url.removesuffix("/v1"))
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    endpoint = endpoints.scripted("yes")
    assert (await endpoints.ask(endpoint.base_url)).text == "yes"
    assert proxy.requests == []
    for name in ("HTTP_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.delenv(name)
    for kind in ("socks5", "nonsense"):
        monkeypatch.setenv("ALL_PROXY", f"{kind}://127.0.0.1:9")
        heard = await endpoints.ask("https://api.example.com/v1", api_key=KEY)
        assert heard.error is not None
        assert "proxy" in heard.error.message
        assert "ALL_PROXY" in heard.error.hint


async def test_a_consumer_may_take_its_time(endpoints: Endpoints) -> None:
    """Case 59: time that the consumer takes is no silence of the server."""
    endpoint = endpoints.scripted("one two")
    text = ""
    model = endpoints.model(endpoint.base_url, between_chunks_s=0.3)
    async for part in model.stream(TASK):
        if isinstance(part, Piece):
            text += part.text
            await asyncio.sleep(0.4)
    assert text == "one two"


def test_a_model_works_in_one_event_loop_after_another(endpoints: Endpoints) -> None:
    endpoint = endpoints.scripted("yes")
    model = EndpointModel(EndpointSettings(name="m", base_url=endpoint.base_url, model="m"))

    async def ask(*, to_the_end: bool = True) -> AsyncIterator[Any]:
        parts = model.stream(TASK)
        assert await anext(parts) == Piece("yes")
        if to_the_end:
            assert [type(part) async for part in parts] == [Finished]
        return parts

    asyncio.run(ask())
    asyncio.run(ask(to_the_end=False))
    asyncio.run(ask())
    asyncio.run(model.aclose())
    asyncio.run(ask())
    asyncio.run(model.aclose())


async def test_the_body_of_an_error_is_read_within_bounds(endpoints: Endpoints) -> None:
    """Case 69: the body of an error is not unpacked, and cut where it is long."""
    bomb = gzip.compress(b" " * 2_000_000)
    raw = endpoints.raw(reply(500, "text/plain", bomb, "Content-Encoding: gzip"), GOOD)
    heard = await endpoints.ask(raw.base_url)
    assert heard.text == "fine"
    assert "(500) (" in heard.waits[0]
    heard = await endpoints.ask(endpoints.raw(fault(400, "boom " * 600_000)).base_url)
    assert isinstance(heard.error, errors.EndpointRefused)
    assert len(heard.error.message) < 500


# The fault server of the shared material.


@pytest.mark.slow
async def test_what_becomes_of_every_fault(fault_server: FaultServer, endpoints: Endpoints) -> None:
    """Cases 53 to 70, as the remarks of the table say."""
    heard = {}
    faults = table(__file__, "faults.jsonl")
    for row in faults:
        fault_server.module.COUNT.clear()
        name = row["scenario"].partition("?")[0]
        before = len(fault_server.log(name))
        model, settings = f"fault:{row['scenario']}", row.get("settings", {})
        came = await endpoints.ask(fault_server.base_url, model, api_key=KEY, **settings)
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
    scenario: str, fault_server: FaultServer, endpoints: Endpoints
) -> None:
    """Cases 59 and 71: the server sees the close at once."""
    model = endpoints.model(fault_server.base_url, f"fault:{scenario}?delay=20")
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


LONG = ModelTask("answer", "q", (Message("user", "q" * 2000),))


async def test_a_model_on_this_machine_has_the_time_to_read_a_long_prompt(
    fault_server: FaultServer, endpoints: Endpoints
) -> None:
    """Case 59: 2 000 characters take a slow server longer than the first word may take."""
    settings = {"first_token_s": 0.3, "local_reading": 2000.0}
    model = endpoints.model(fault_server.base_url, "fault:slow_headers", **settings)
    with pytest.raises(errors.EndpointTimeout, match=r"no first word in 1\.3 s"):
        await anext(model.stream(LONG))
