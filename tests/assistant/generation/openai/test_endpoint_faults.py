"""The adapter against the fault server of the shared material."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from assistant.errors import (
    AnswerCut,
    EndpointError,
    EndpointGarbled,
    EndpointRefused,
    EndpointTimeout,
    EndpointUnreachable,
)
from assistant.generation.base import ModelTask, Piece, Waiting
from assistant.types.message import Message

WORDS = "The method in [1] improves recall by 4.2 points over [2]. It is small."
THREE = "The method in [1] "
Ask = Callable[..., Awaitable[Any]]


@dataclass(frozen=True)
class Case:
    """A scenario and what the adapter makes of it; None stands for "not looked at"."""

    scenario: str
    text: str | None = ""
    error: type[EndpointError] | None = None
    words: str = ""
    hint: str = ""
    reason: str = "stop"
    detail: str = ""
    attempts: int = 1
    reasoning: str = ""
    settings: dict[str, Any] = field(default_factory=dict)


QUICKLY = {"first_token_s": 0.6, "between_chunks_s": 0.6}

CASES = [
    # 53: the connection breaks in the middle
    Case("drop_midstream", THREE, AnswerCut, "closed the connection"),
    Case("rst_midstream", THREE, AnswerCut, "closed the connection"),
    Case("bad_chunk", "The method ", AnswerCut, "HTTP"),
    # 54: a clean end that is none
    Case("drop_close_delimited", THREE, AnswerCut, "ended before the answer did"),
    Case("end_no_finish", THREE, AnswerCut, "ended before the answer did"),
    Case("drop_in_event", THREE, AnswerCut, "ended before the answer did"),
    # 55: healthy streams, byte-exact
    Case("ok", WORDS),
    Case("ok_no_done", WORDS),
    Case("ok_usage", WORDS),
    Case("ok_crlf", WORDS),
    Case("ok_split_utf8", "naïve – Ångström 深層 🧪"),
    Case("done_no_finish", THREE),
    Case("bom", THREE),
    Case("wrong_ctype", WORDS),
    Case("hang_after_done", THREE),
    # 56: malformed events
    Case("malformed_json", THREE, AnswerCut, "not JSON"),
    Case("malformed_sse", "The method after"),
    Case("data_null", "The method after"),
    Case("data_array", "The method after"),
    Case("data_string", "The method after"),
    Case("missing_choices", "The method after"),
    Case("choices_null", "The method after"),
    Case("delta_missing", "The method after"),
    Case("delta_null", "The method after"),
    Case("content_number", "The method ", AnswerCut, "not text"),
    Case("invalid_utf8", "The method bad \ufffd\ufffd hereafter"),
    Case("surrogate_escape", "The method lone \ud800 end"),
    Case("nul_bytes", "The method a\x00bafter"),
    # 57: the server's own words
    Case("error_event", THREE, AnswerCut, "KV cache exhausted"),
    Case("error_event_string", THREE, AnswerCut, "llama runner process has terminated"),
    Case("error_field_other", THREE, AnswerCut, "slot unavailable"),
    # 58: a body that is no stream
    Case("html_200", "", EndpointGarbled, "not an OpenAI-compatible answer (text/html)"),
    Case("empty_200", "", EndpointGarbled, "not an OpenAI-compatible answer"),
    Case("json_for_stream", "", EndpointGarbled, "answer (application/json)"),
    Case("nonjson_200", "", EndpointGarbled, "answer (application/json)"),
    Case("json_error_200", "", EndpointError, "model crashed"),
    Case("bad_gzip", "", EndpointGarbled, "compressed"),
    # 59 and 60: deadlines
    Case("slow_headers", "", EndpointTimeout, "no first word in 0.6 s", settings=QUICKLY),
    Case("slow_between", "The ", AnswerCut, "no further word in 0.6 s", settings=QUICKLY),
    Case("stall", THREE, AnswerCut, "no further word in 0.6 s", settings=QUICKLY),
    Case("heartbeat_forever", "", EndpointTimeout, "no first word", settings=QUICKLY),
    Case("slow_drip", "", EndpointTimeout, "not done in 0.4 s", settings={"total_s": 0.4}),
    Case(
        "slow_between?delay=0.1&n=10",
        None,
        AnswerCut,
        "not done in 0.5 s",
        settings={"total_s": 0.5},
    ),
    # 61: failures that pass
    Case("drop_once_before_headers", WORDS, attempts=2),
    Case("http_429_once", WORDS, attempts=2),
    Case("http_500_once", WORDS, attempts=2),
    Case("http_503_loading", WORDS, attempts=3),
    Case("drop_before_headers", "", EndpointUnreachable, "4 times", attempts=4),
    Case("drop_after_headers", "", EndpointUnreachable, "4 times", attempts=4),
    Case("http_500", "", EndpointError, "boom, 4 times in a row", attempts=4),
    Case("http_503_html", "", EndpointError, "an HTML page", attempts=4),
    Case("http_429", "", EndpointRefused, "2 times", attempts=2, settings={"max_attempts": 2}),
    # 62: waits that do not help
    Case("http_429_3600", "", EndpointRefused, "wait 3600 s", "try again after"),
    Case("http_429_quota", "", EndpointRefused, "account is spent", "check the account"),
    # 63 and 64: refusals
    Case("http_401_echo", "", EndpointRefused, "Bearer [key]", "check OPENAI_API_KEY"),
    Case("http_403", "", EndpointRefused, "no access"),
    Case("http_404_model", "", EndpointRefused, "fault:http_404_model", "fault:http_404_model, "),
    Case("http_400_context", "", EndpointRefused, "4096 tokens", "fewer sources"),
    Case("http_413", "", EndpointRefused, "too large", "fewer sources"),
    # 65: redirects
    Case("redirect_other_origin", "", EndpointRefused, "not followed"),
    Case("redirect_other_host", "", EndpointRefused, "http://localhost:"),
    Case("redirect_loop", "", EndpointRefused, "not followed"),
    # 67: ways of ending
    Case("finish_length", "The answer is cut o", reason="length", detail="cut at the token limit"),
    Case("finish_content_filter", "Partial ", reason="refused", detail="content filter"),
    Case("finish_unknown", "hm", detail="flux_capacitor"),
    Case("refusal", "", reason="refused", detail="I cannot help with that."),
    Case("tool_calls_only", "", EndpointError, "asked for a tool"),
    Case("empty_answer", "", EndpointError, "empty answer"),
    Case("whitespace_answer", " \n\n ", EndpointError, "empty answer"),
    Case(
        "reasoning_only",
        "",
        EndpointError,
        "thought aloud up to the token limit",
        reasoning="thinking...more thinking",
    ),
    # 68: thoughts in the text
    Case("think_tags", "", EndpointError, "thought", reasoning="secret plan still thinking"),
    # 69: too much
    Case("repeat_loop", "and the result is shown in [1]. " * 500, reason="length"),
    Case("long_line_output", "x" * 200_000, AnswerCut, "past its cap"),
    Case("endless", "more [1] " * 500, AnswerCut, "cap", settings={"max_characters": 4500}),
    Case("huge_delta", "", EndpointGarbled, "larger than its cap"),
    Case("huge_line", "", EndpointGarbled, "larger than its cap"),
    Case("many_tiny?n=3000", "t" * 3000),
    Case("many_tiny", None, AnswerCut, "larger than its cap", settings={"max_bytes": 100_000}),
    Case("header_flood", "", EndpointGarbled, "HTTP"),
    # 70: after the end, and beside it
    Case("done_then_more", THREE),
    Case("finish_then_content", THREE),
    Case("multi_choice", "one two"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.scenario)
async def test_a_fault_and_what_becomes_of_it(
    case: Case, fault_server: Any, ask_endpoint: Ask
) -> None:
    """Cases 53-70, as the comments of the table say."""
    before = len(fault_server.log(case.scenario.partition("?")[0]))
    heard = await ask_endpoint(
        fault_server.base_url, f"fault:{case.scenario}", api_key="sk-hidden-9", **case.settings
    )
    attempts = len(fault_server.log(case.scenario.partition("?")[0])) - before
    assert "sk-hidden" not in repr(heard)
    assert case.text is None or heard.text == case.text
    assert heard.reasoning == case.reasoning
    assert attempts == case.attempts
    assert len(heard.waits) == attempts - 1
    if case.error is None:
        assert heard.error is None
        assert heard.finished.reason == case.reason
        assert case.detail in heard.finished.detail
        assert bool(case.detail) == bool(heard.finished.detail) or case.reason == "length"
        return
    assert heard.finished is None
    assert type(heard.error) is case.error
    assert case.words in heard.error.message
    assert case.hint in heard.error.hint
    assert heard.error.hint
    assert "(127.0.0.1:" in heard.error.message
    assert (heard.error.message + heard.error.hint).isprintable()
    assert len(heard.error.message) < 500


async def test_usage_that_comes_after_the_end_is_read(fault_server: Any, ask_endpoint: Ask) -> None:
    """Case 55: the usage chunk has no choices."""
    finished = (await ask_endpoint(fault_server.base_url, "fault:ok_usage")).finished
    assert (finished.input_tokens, finished.output_tokens) == (9, 10)


async def test_a_long_wait_counts_down_and_can_be_left(
    fault_server: Any, endpoint_model: Callable[..., Any]
) -> None:
    """Case 62: Retry-After 100 is a count-down, and leaving it takes no time."""
    model = endpoint_model(
        fault_server.base_url, "fault:http_429_100s", max_wait_s=120, total_s=600
    )
    parts = model.stream(ModelTask("answer", "q", (Message("user", "q"),)))
    first = await anext(parts)
    assert isinstance(first, Waiting)
    assert "retrying in 100 s" in first.text
    await asyncio.wait_for(parts.aclose(), 5)


@pytest.mark.parametrize("scenario", ["stall", "heartbeat_forever", "slow_headers", "endless"])
async def test_cancelling_closes_the_connection(
    scenario: str, fault_server: Any, endpoint_model: Callable[..., Any]
) -> None:
    """Cases 59 and 71: the server sees the close at once."""
    model = endpoint_model(fault_server.base_url, f"fault:{scenario}?delay=20")
    before = len(fault_server.log(scenario))

    async def listen() -> None:
        async for _ in model.stream(ModelTask("answer", "q", (Message("user", "q"),))):
            await asyncio.sleep(0)

    job = asyncio.create_task(listen())
    await _until(lambda: len(fault_server.log(scenario)) > before)
    await asyncio.sleep(0.05)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    entry = fault_server.log(scenario)[-1]
    await _until(lambda: entry.get("ended") == "client closed")


async def test_closing_the_iterator_closes_the_connection(
    fault_server: Any, endpoint_model: Callable[..., Any]
) -> None:
    """Case 71: what came so far stays with the consumer."""
    model = endpoint_model(fault_server.base_url, "fault:stall?delay=20")
    parts = model.stream(ModelTask("answer", "q", (Message("user", "q"),)))
    text = ""
    while text != THREE:
        part = await anext(parts)
        assert isinstance(part, Piece)
        text += part.text
    entry = fault_server.log("stall")[-1]
    await parts.aclose()
    await _until(lambda: entry.get("ended") == "client closed")


@pytest.mark.parametrize(
    ("reading", "error"), [(None, "no first word in 0.3 s"), (50.0, None), (2000.0, "in 1.3 s")]
)
async def test_a_model_on_this_machine_has_the_time_to_read_a_long_prompt(
    fault_server: Any,
    endpoint_model: Callable[..., Any],
    reading: float | None,
    error: str | None,
) -> None:
    """Case 59: 2 000 characters take a slow server longer than the first word may take."""
    delay = 3 if error else 1
    model = endpoint_model(
        fault_server.base_url,
        f"fault:slow_headers?delay={delay}",
        first_token_s=0.3,
        local_reading=reading,
    )
    task = ModelTask("answer", "q", (Message("user", "q" * 2000),))
    if error is None:
        parts = [part async for part in model.stream(task)]
        assert any(isinstance(part, Piece) for part in parts)
        return
    with pytest.raises(EndpointTimeout, match=error):
        async for _ in model.stream(task):
            pass


async def test_two_streams_of_one_model_do_not_mix(fault_server: Any, ask_endpoint: Ask) -> None:
    """Case 72: questions in quick succession."""
    heard = await asyncio.gather(
        *(ask_endpoint(fault_server.base_url, "fault:ok?n=10&delay=0.02") for _ in range(5))
    )
    assert [one.text for one in heard] == [WORDS] * 5


async def test_a_redirect_gets_one_request(fault_server: Any, ask_endpoint: Ask) -> None:
    """Case 65: the second origin gets neither key nor question."""
    requests = len(fault_server.module.LOG)
    await ask_endpoint(fault_server.base_url, "fault:redirect_other_host", api_key="sk-hidden-9")
    assert len(fault_server.module.LOG) == requests + 1


async def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < end
        await asyncio.sleep(0.01)
