"""A key is taken out of whatever a server sends."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fault_fixture import Heard
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import compare, table

from assistant.generation.openai.error_text import server_words
from assistant.generation.openai.redaction import StreamRedactor, redact

Ask = Callable[..., Awaitable[Heard]]
KEY = "sk-hidden-0123456789"


def test_a_key_is_taken_out_however_short() -> None:
    """Case 63: keys of one to three letters are taken out as words of their own."""
    compare(table(__file__, "redactions.jsonl"), lambda row: redact(row["text"], row["secret"]))


def test_a_key_at_the_cut_of_a_long_text_leaves_nothing() -> None:
    text = " " * 19_990 + KEY
    assert "sk-hid" not in server_words(text, KEY)


@settings(max_examples=50, deadline=None)
@given(st.text("sk-hiden 0123456789", max_size=60), st.integers(1, 7), st.integers(0, 60))
def test_a_stream_never_passes_the_key(text: str, size: int, at: int) -> None:
    """Case 63: an answer cut anywhere, with the key anywhere in it."""
    full = text[:at] + KEY + text[at:]
    for whole in (text, full):
        redactor = StreamRedactor(KEY)
        pieces = [redactor.feed(whole[i : i + size]) for i in range(0, len(whole), size)]
        shown = "".join([*pieces, redactor.finish()])
        assert KEY not in shown
        assert shown == whole.replace(KEY, "[key]")


async def test_an_answer_that_repeats_the_key(scripted_endpoint: Any, ask_endpoint: Ask) -> None:
    endpoint = scripted_endpoint(f"Your key is {KEY} and s", thinks=f"the key is {KEY}")
    heard = await ask_endpoint(endpoint.base_url, api_key=KEY)
    assert heard.text == "Your key is [key] and s"
    assert heard.reasoning == "the key is [key]"


async def test_headers_of_other_servers_are_not_passed_on(
    scripted_endpoint: Any, ask_endpoint: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cases 63 and 77: OPENAI_CUSTOM_HEADERS may hold the secrets of other servers."""
    headers = "X-Gateway-Token: gw-secret\nAuthorization: Bearer other-secret\nCookie: c-secret"
    headers += "\nAccept: a-secret\nUser-Agent: u-secret\nAccept-Encoding: gzip"
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", headers)

    def echo(body: dict[str, Any]) -> Any:
        return 400, {"error": {"message": f"you sent {endpoint.requests[-1].headers}"}}

    endpoint = scripted_endpoint(echo)
    heard = await ask_endpoint(endpoint.base_url, api_key=KEY)
    sent = endpoint.requests[0].headers
    assert "secret" not in str(sent)
    assert sent["authorization"] == f"Bearer {KEY}"
    assert sent["accept-encoding"] == "identity"
    assert sent["content-type"] == "application/json"
    assert sent["user-agent"] == "quire"
    assert heard.error is not None
    both = heard.error.message + heard.error.hint
    assert "secret" not in both
    assert KEY not in both


async def test_openai_log_does_not_log_what_is_asked(
    scripted_endpoint: Any,
    ask_endpoint: Ask,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Case 77: OPENAI_LOG=debug in a reader's profile."""
    monkeypatch.setenv("OPENAI_LOG", "debug")
    logging.getLogger("openai").setLevel(logging.DEBUG)
    caplog.set_level(logging.DEBUG)
    await ask_endpoint(scripted_endpoint("yes").base_url, api_key=KEY)
    assert "What do tides move?" not in caplog.text
    assert KEY not in caplog.text
