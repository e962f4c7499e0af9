"""A key is taken out of whatever a server sends."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from fault_fixture import TIDES, Endpoints
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import compare, table

from assistant.errors import EndpointRefused
from assistant.generation.openai.error_text import server_words
from assistant.generation.openai.redaction import StreamRedactor, redact

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


async def test_an_answer_that_repeats_the_key(endpoints: Endpoints) -> None:
    endpoint = endpoints.scripted(f"Your key is {KEY} and s", thinks=f"the key is {KEY}")
    heard = await endpoints.ask(endpoint.base_url, api_key=KEY)
    assert (heard.text, heard.reasoning) == ("Your key is [key] and s", "the key is [key]")


@pytest.mark.parametrize("key", [KEY, None], ids=["a key", "no key"])
async def test_a_server_gets_its_own_key_alone_and_nothing_about_this_machine(
    key: str | None, endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cases 63, 76 and 77: the environment may hold the secrets of other servers."""
    monkeypatch.setenv(
        "OPENAI_CUSTOM_HEADERS",
        "X-Gateway-Token: gw-secret\nAuthorization: Bearer other-secret\nCookie: c-secret\n"
        "Accept: a-secret\nUser-Agent: u-secret\nAccept-Encoding: gzip",
    )
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "env-secret")

    def echo(body: dict[str, Any]) -> Any:
        return 400, {"error": {"message": f"you sent {endpoint.requests[-1].headers}"}}

    endpoint = endpoints.scripted(echo)
    heard = await endpoints.ask(endpoint.base_url, api_key=key)
    sent = endpoint.requests[0].headers
    assert "secret" not in str(sent)
    assert sent.get("authorization") == (None if key is None else f"Bearer {key}")
    assert sent["accept-encoding"] == "identity"
    assert sent["content-type"] == "application/json"
    assert sent["user-agent"] == "quire"
    told = {name for name in sent if name.startswith("x-stainless-")}
    assert told <= {"x-stainless-raw-response"}
    assert heard.error is not None
    both = heard.error.message + heard.error.hint
    assert "secret" not in both
    assert KEY not in both


async def test_the_key_and_the_question_are_nowhere(
    endpoints: Endpoints, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cases 63 and 77: not in the error or what caused it, not in a log with OPENAI_LOG=debug."""
    monkeypatch.setenv("OPENAI_LOG", "debug")
    logging.getLogger("openai").setLevel(logging.DEBUG)
    caplog.set_level(logging.DEBUG)
    refusal = {"error": {"message": f"you sent Authorization: Bearer {KEY}"}}
    endpoint = endpoints.scripted((401, refusal))
    heard = await endpoints.ask(endpoint.base_url, api_key=KEY)
    assert KEY in endpoint.requests[0].headers["authorization"], "the request itself has it"
    error: BaseException | None = heard.error
    assert error is not None
    while error is not None:
        assert KEY not in repr(error) + str(vars(error))
        assert isinstance(error, EndpointRefused), "no foreign exception is carried along"
        error = error.__cause__ or error.__context__
    assert KEY not in caplog.text
    assert TIDES.question not in caplog.text
    assert "authorization" not in caplog.text.lower()
