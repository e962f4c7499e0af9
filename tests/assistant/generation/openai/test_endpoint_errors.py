"""Every exception of the foreign packages has a place in the project's own tree."""

from __future__ import annotations

import inspect
import socket
import ssl
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest
from tables import Row, compare, for_each, table

from assistant.config.endpoint_address import check_base_url
from assistant.errors import EndpointError, EndpointUnreachable
from assistant.generation.openai.client import failure_of
from assistant.generation.openai.failures import Failures

KEY = "sk-hidden-9"
REQUEST = httpx2.Request(
    "POST", "http://127.0.0.1:9/v1/chat/completions", headers={"Authorization": f"Bearer {KEY}"}
)
FAILURES = Failures(check_base_url("http://127.0.0.1:9/v1"), "tide-7b", KEY)


def subclasses(root: type[BaseException]) -> Iterator[type[BaseException]]:
    yield root
    for one in root.__subclasses__():
        yield from subclasses(one)


def an_instance(kind: type[BaseException], status: int = 418) -> BaseException:
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


def all_of(root: type[BaseException], package: str) -> list[type[BaseException]]:
    return sorted(
        {one for one in subclasses(root) if one.__module__.partition(".")[0] == package},
        key=lambda one: one.__qualname__,
    )


OPENAI = all_of(openai.OpenAIError, "openai")
HTTP = [*all_of(httpx2.HTTPError, "httpx2"), *all_of(httpx2.StreamError, "httpx2")]


def test_every_foreign_exception_is_mapped() -> None:
    def check(row: Row) -> None:
        error = an_instance(row["kind"])
        assert isinstance(error, Exception)
        mapped = failure_of(error, FAILURES).error
        assert isinstance(mapped, EndpointError)
        assert type(mapped).__name__ == expected.get(row["name"], type(mapped).__name__)
        assert mapped.message.endswith("(127.0.0.1:9)")
        assert mapped.hint
        assert KEY not in mapped.message + mapped.hint
        assert mapped.__cause__ is None
        assert mapped.__context__ is None

    expected = {row["exception"]: row["right"] for row in table(__file__, "exceptions.jsonl")}
    kinds = [*OPENAI, *HTTP, httpx2.InvalidURL, httpx2.CookieConflict]
    rows = [
        {"kind": one, "name": f"{one.__module__.partition('.')[0]}.{one.__name__}"} for one in kinds
    ]
    assert expected.keys() <= {row["name"] for row in rows}
    for_each(rows, check)


def test_the_walk_finds_what_it_should() -> None:
    found = {one.__name__ for one in OPENAI}
    assert {"RateLimitError", "APITimeoutError", "OAuthError", "InternalServerError"} <= found
    assert len(HTTP) > 20


def test_every_status_is_mapped() -> None:
    def came(row: Row) -> list[object]:
        error = an_instance(openai.APIStatusError, row["status"])
        assert isinstance(error, Exception)
        failure = failure_of(error, FAILURES)
        assert str(row["status"]) in failure.error.message
        return [type(failure.error).__name__, failure.passes]

    compare(table(__file__, "statuses.jsonl"), came)


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (socket.gaierror(-2, "no such name"), "does not resolve"),
        (ConnectionRefusedError(111, "refused"), "nothing listens"),
        (ssl.SSLError(1, "wrong version number"), "TLS"),
        (ssl.SSLCertVerificationError(1, "self-signed certificate"), "certificate"),
        (ConnectionResetError(104, "reset"), "no connection"),
        (OSError(101, "network is unreachable"), "no connection"),
    ],
)
def test_the_cause_of_a_lost_connection_is_found(cause: OSError, words: str) -> None:
    """Cases 51 and 52: openai calls all of them "Connection error."."""
    middle = httpx2.ConnectError("all attempts failed")
    middle.__cause__ = OSError("several")
    middle.__cause__.__cause__ = ExceptionGroup("attempts", [cause])
    outer = openai.APIConnectionError(request=REQUEST)
    outer.__cause__ = middle
    failure = failure_of(outer, FAILURES)
    assert type(failure.error) is EndpointUnreachable
    assert words in failure.error.message
    assert not failure.passes
