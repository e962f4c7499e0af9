"""What goes wrong at an endpoint: foreign exceptions, a server's words, waits, keys in either."""

from __future__ import annotations

import asyncio
import inspect
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import openai
import pytest
from fault_fixture import Endpoints
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import Row, compare, for_each, table

from assistant.config.endpoint_address import check_base_url
from assistant.errors import EndpointError, EndpointRefused, EndpointUnreachable
from assistant.generation.openai.client import failure_of
from assistant.generation.openai.error_text import nearest, retry_after, server_error, server_words
from assistant.generation.openai.failures import Failures
from assistant.generation.openai.redaction import StreamRedactor, redact
from assistant.generation.openai.retry import count_down

KEY = "sk-hidden-0123456789"
REQUEST = httpx2.Request(
    "POST", "http://127.0.0.1:9/v1/chat/completions", headers={"Authorization": f"Bearer {KEY}"}
)
FAILURES = Failures(check_base_url("http://127.0.0.1:9/v1"), "tide-7b", KEY)


def subclasses(root: type[Exception]) -> Iterator[type[Exception]]:
    yield root
    for one in root.__subclasses__():
        yield from subclasses(one)


def an_instance(kind: type[Exception], status: int = 418) -> Exception:
    """An exception of this class, its arguments filled in by name."""
    response = httpx2.Response(status, request=REQUEST, content=b'{"error": {"message": "no"}}')
    known: dict[str, Any] = {
        "message": f"no, {KEY}",
        "request": REQUEST,
        "response": response,
        "body": {"message": f"no, {KEY}"},
        "completion": openai.types.chat.ChatCompletion.construct(),
        "unsent_messages": ["u"],
        "symbol": "s",
    }
    try:
        wanted = inspect.signature(kind).parameters
    except ValueError:
        return kind("no")
    return kind(**{name: known[name] for name in wanted if name in known})


def all_of(root: type[Exception], package: str) -> set[type[Exception]]:
    return {one for one in subclasses(root) if one.__module__.partition(".")[0] == package}


OPENAI = all_of(openai.OpenAIError, "openai")
HTTP = all_of(httpx2.HTTPError, "httpx2") | all_of(httpx2.StreamError, "httpx2")


def test_every_foreign_exception_is_mapped() -> None:
    def check(row: Row) -> None:
        mapped = failure_of(an_instance(row["kind"]), FAILURES).error
        assert isinstance(mapped, EndpointError)
        assert type(mapped).__name__ == expected.get(row["name"], type(mapped).__name__)
        assert mapped.message.endswith("(127.0.0.1:9)")
        assert mapped.hint
        assert KEY not in mapped.message + mapped.hint
        assert mapped.__cause__ is None
        assert mapped.__context__ is None

    expected = {row["exception"]: row["right"] for row in table(__file__, "exceptions.jsonl")}
    kinds = OPENAI | HTTP | {httpx2.InvalidURL, httpx2.CookieConflict}
    names = {f"{one.__module__.partition('.')[0]}.{one.__name__}": one for one in kinds}
    assert expected.keys() <= names.keys(), "the walk finds what it should"
    assert len(HTTP) > 20
    for_each([{"kind": one, "name": name} for name, one in sorted(names.items())], check)


def failure_of_status(row: Row) -> list[object]:
    failure = failure_of(an_instance(openai.APIStatusError, row["status"]), FAILURES)
    assert str(row["status"]) in failure.error.message
    return [type(failure.error).__name__, failure.passes]


def words_found(row: Row) -> str | None:
    """The server's own words, whatever shape they come in (case 57)."""
    found = server_error(row["value"], bare=True)
    return found and found.message


@pytest.mark.parametrize(
    ("name", "read"),
    {
        "statuses": failure_of_status,
        "server_errors": words_found,
        "retry_after": lambda row: retry_after(row["header"]),
        "redactions": lambda row: redact(row["text"], row["secret"]),
    }.items(),
)
def test_what_is_read_of_a_failure(name: str, read: Callable[[Row], object]) -> None:
    """As the first remark of each table says."""
    compare(table(__file__, f"{name}.jsonl"), read)


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("does not resolve", socket.gaierror(-2, "no such name")),
        ("nothing listens", ConnectionRefusedError(111, "refused")),
        ("TLS", ssl.SSLError(1, "wrong version number")),
        ("certificate", ssl.SSLCertVerificationError(1, "self-signed certificate")),
        ("no connection", ConnectionResetError(104, "reset")),
        ("no connection", OSError(101, "network is unreachable")),
    ],
)
def test_the_cause_of_a_lost_connection_is_found(words: str, cause: OSError) -> None:
    """Cases 51 and 52: openai calls all of them "Connection error."."""
    outer = openai.APIConnectionError(request=REQUEST)
    middle = httpx2.ConnectError("all attempts failed")
    outer.__cause__ = middle
    middle.__cause__ = OSError("several")
    middle.__cause__.__cause__ = ExceptionGroup("attempts", [cause])
    failure = failure_of(outer, FAILURES)
    assert type(failure.error) is EndpointUnreachable
    assert words in failure.error.message
    assert not failure.passes


def test_words_are_cleaned_before_the_key_is_looked_for() -> None:
    """Case 63: a key that is echoed with characters between is still found."""
    echoed = "no\x1b[31m Bearer sk-1\u200b23456\nuse another"
    assert server_words(echoed, "sk-123456") == "no Bearer [key] use another"
    assert len(server_words("x" * 10_000)) == 300
    assert "sk-hid" not in server_words(" " * 19_990 + KEY, KEY), "a cut key leaves nothing"
    names = ["gpt-x", "llama3.2:1b", "llama3.1:8b", "mistral"]
    assert nearest("llama3.1", names)[0] == "llama3.1:8b"


async def test_a_wait_is_counted_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """Case 62: a long wait says every ten seconds how long it still takes."""
    slept: list[float] = []

    async def sleep(step: float) -> None:
        slept.append(step)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    for seconds, told in (
        (0.05, [""]),
        (4.0, [" in 4 s"]),
        (10.0, [" in 10 s"]),
        (24.7, [" in 25 s", " in 20 s", " in 10 s"]),
        (100.0, [f" in {left} s" for left in range(100, 0, -10)]),
    ):
        slept.clear()
        shown = [waiting.text async for waiting in count_down("busy", seconds)]
        assert shown == [f"busy; retrying{one}" for one in told]
        assert seconds <= sum(slept) < seconds + 1


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
    error: BaseException | None = heard.error
    assert error is not None
    while error is not None:
        assert isinstance(error, EndpointRefused), "no foreign exception is carried along"
        told = repr(error) + str(vars(error))
        assert not [one for one in ("secret", KEY) if one in told]
        error = error.__cause__ or error.__context__
