"""Puts the failures of an endpoint into words, and says which of them may pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from assistant.config.endpoint_address import CheckedAddress
from assistant.errors import (
    CONTEXT_TOO_LONG,
    EMPTY_STREAM,
    LONGER_CONTEXT,
    AnswerCut,
    EndpointError,
    EndpointGarbled,
    EndpointRefused,
    EndpointTimeout,
    EndpointUnreachable,
)
from assistant.generation.openai.error_text import (
    ServerError,
    is_object,
    nearest,
    parse_error,
    plain_words,
    retry_after,
    server_words,
)
from assistant.generation.openai.fields import NO_COUNTS, Counts
from assistant.generation.openai.reading import Trouble

MODELS_SHOWN = 8
_AGAIN = "ask again; if it stays, look at the server's log"
_PASSING = (429, 500, 502, 503, 504, 529)

Unreachable = Literal[
    "refused",
    "no_name",
    "no_connection_in_time",
    "certificate",
    "tls",
    "proxy",
    "dropped",
    "not_http",
    "compressed",
    "slow",
    "lost",
    "unusable_answer",
]
"""What may happen to a connection, whichever library reports it."""


@dataclass(frozen=True)
class Failure:
    """A failure as data, so that the caller decides whether it is the end.

    `passes` says that the same request may succeed later, `loading` that the server said
    so itself; `wait_s` is the wait it asked for. `lacks_version` says that the address may lack
    its `/v1`. `words` and `status` are the server's own. `no_room` says that all the tokens
    allowed went into thinking, and `counts` what the request took.
    """

    error: EndpointError
    passes: bool = False
    loading: bool = False
    wait_s: float | None = None
    unknown_model: bool = False
    lacks_version: bool = False
    status: int | None = None
    words: str = ""
    no_room: bool = False
    counts: Counts = NO_COUNTS


class Failures:
    """The failures of one endpoint: every message names its host, none holds its key."""

    def __init__(
        self,
        address: CheckedAddress,
        model: str,
        key: str | None,
        address_name: str = "OPENAI_BASE_URL",
        key_name: str = "OPENAI_API_KEY",
    ) -> None:
        self._address = address
        self._model = server_words(model, key)
        self._key = key
        self._address_name = address_name
        self._key_name = key_name

    def status(self, status: int, headers: Mapping[str, str], body: bytes) -> Failure:
        """The failure behind an HTTP status that is no success."""
        found = parse_error(body)
        error = found or ServerError(message=plain_words(body))
        failure = self._of_status(status, headers, error, told=found is not None)
        told_why = error.is_spent or failure.error.code == CONTEXT_TOO_LONG
        passes = status in _PASSING and not told_why
        return replace(
            failure,
            status=status,
            words=self._words(f"{error.parameter} {error.message}"),
            passes=passes,
            loading=passes and status == 503 and error.is_loading,
            wait_s=retry_after(headers.get("retry-after", "")) if passes else None,
        )

    def server(self, error: ServerError) -> Failure:
        """The failure behind an error that the server reported with status 200."""
        if error.is_context_too_long:
            return self._too_long(error)
        words = self._words(error.message) or "no reason given"
        hint = "ask again or use another model"
        failure = EndpointError(self._at(f"the server failed: {words}"), hint)
        told = error.code if error.code.isdigit() else "0"
        passes = int(told[:4]) in _PASSING and not error.is_spent
        return Failure(failure, passes, words=self._words(f"{error.parameter} {error.message}"))

    def trouble(self, trouble: Trouble) -> Failure:
        """The failure behind a stream that is no whole answer."""
        if trouble.error:
            return self.server(trouble.error)
        match trouble.kind:
            case "garbled":
                return self._garbled(f"the server {self._words(trouble.words)}")
            case "nothing":
                failure = self._garbled("not an OpenAI-compatible answer (nothing came)")
                failure.error.hint += ", and that its context is as long as context_tokens"
                failure.error.code = EMPTY_STREAM
                return failure
            case "too_long":
                error = EndpointError(self._at("the answer goes on past its cap"), _AGAIN)
            case "wordless":
                what = f"{self._model} {self._words(trouble.words)}"
                error = EndpointError(self._at(what), trouble.hint)
                return Failure(error, no_room=trouble.no_room, counts=trouble.counts)
            case _:
                error = EndpointError(self._at("the stream ended before the answer did"), _AGAIN)
        return Failure(error)

    def document(
        self,
        body: bytes,
        content_type: str,
        wanted: Literal["answer", "list of models", "list of vectors"] = "answer",
    ) -> Failure:
        """The failure behind a body that is not what was asked for though its status is 200."""
        kind = self._words(content_type.partition(";")[0]) or "no content type"
        error = None if "html" in kind.lower() else parse_error(body)
        if error:
            return self.server(error)
        what = f"not an OpenAI-compatible {wanted} ({kind})"
        if wanted == "answer" and is_object(body):
            what += ": one document where a stream was asked for"
        elif body.lstrip().startswith((b"{", b"[")):
            what += ": its JSON breaks off, or is none"
        return replace(self._garbled(what), lacks_version=wanted == "answer" and self._is_bare)

    def deadline(self, which: Literal["first", "between", "total"], seconds: float) -> Failure:
        """The failure behind a deadline that passed."""
        what = {
            "first": f"no first word in {seconds:g} s",
            "between": f"no further word in {seconds:g} s",
            "total": f"not done in {seconds:g} s",
        }[which]
        name = {"first": "first_token_s", "between": "between_chunks_s", "total": "total_s"}[which]
        hint = f"ask again, or raise {name} of the model in the configuration"
        return Failure(EndpointTimeout(self._at(what), hint))

    def too_many_bytes(self) -> Failure:
        """The failure behind an answer, or a line of it, that is larger than its cap."""
        return self._garbled("the answer is larger than its cap")

    def unreachable(self, kind: Unreachable, detail: str = "") -> Failure:
        """The failure behind a connection that did not come about or did not last."""
        address = f"check {self._address_name}"
        match kind:
            case "refused":
                hint = address
                if self._address.is_loopback:
                    hint = (
                        "start the server there (for Ollama: ollama serve)"
                        f" or set {self._address_name}"
                    )
                return self._away("nothing listens there", hint)
            case "no_name":
                return self._away("the name does not resolve (DNS)", f"{address} and the network")
            case "no_connection_in_time":
                return self._away("no connection in time", f"{address} and the network")
            case "certificate":
                reason = self._words(detail) or "not trusted"
                hint = "check the address; for an authority of your own set SSL_CERT_FILE"
                return self._away(f"its certificate is refused: {reason}", hint)
            case "tls":
                hint = f"does it speak plain http? then write http:// in {self._address_name}"
                return self._away("the TLS handshake failed", hint)
            case "proxy":
                hint = "check HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY"
                return self._away("the proxy does not let the request through", hint)
            case "dropped":
                failure = self._away("the server closed the connection", _AGAIN)
                return replace(failure, passes=True)
            case "not_http":
                return self._garbled("what answers does not speak HTTP as it should")
            case "compressed":
                return self._garbled("the answer is compressed, though plain text was asked for")
            case "slow":
                hint = f"{address} and the server"
                return Failure(EndpointTimeout(self._at("the server takes no request"), hint))
            case "unusable_answer":
                return self._garbled("the answer cannot be read")
            case "lost":
                return self._away("no connection", f"{address} and the network")

    def cut(self, failure: Failure) -> AnswerCut:
        """What to say when words of the answer had come before the failure."""
        hint = failure.error.hint
        if isinstance(failure.error, EndpointGarbled):
            hint = _AGAIN
        return AnswerCut(failure.error.message, hint)

    def waits_too_long(self, failure: Failure) -> EndpointError:
        """What to say when a server asks for a longer wait than there is time for."""
        seconds = failure.wait_s or 0.0
        until = datetime.now().astimezone() + timedelta(seconds=seconds)
        when = until.strftime("%H:%M" if seconds < 43_200 else "%Y-%m-%d %H:%M")
        what = f"{self._bare(failure)}; the server asks to wait {seconds:.0f} s"
        return EndpointRefused(self._at(what), f"try again after {when}, or use another model")

    def thought_twice(self, failure: Failure, first: int, second: int) -> EndpointError:
        """What to say when a model thought all its tokens away, and those of a second try."""
        what = f"{self._bare(failure)}, with {first} tokens and again with {second}"
        return EndpointError(self._at(what), failure.error.hint)

    def given_up(self, failure: Failure, attempts: int) -> EndpointError:
        """What to say when the last of several attempts failed too."""
        if attempts < 2:
            return failure.error
        what = f"{self._bare(failure)}, {attempts} times in a row"
        return type(failure.error)(self._at(what), failure.error.hint)

    def unknown_model(self, failure: Failure, models: Sequence[str]) -> EndpointError:
        """What to say when the server does not have the model but has others."""
        if not models:
            return failure.error
        shown = [self._words(name) for name in nearest(self._model, models)[:MODELS_SHOWN]]
        more = len(models) - len(shown)
        hint = f"it has {', '.join(shown)}" + (f" and {more} more" if more > 0 else "")
        return EndpointRefused(failure.error.message, hint)

    def without_version(self, failure: Failure) -> EndpointError:
        """What to say when the address does not answer but the one with `/v1` does."""
        hint = f"set {self._address_name} to {self.versioned}, which answers"
        return type(failure.error)(failure.error.message, hint)

    @property
    def versioned(self) -> str:
        """The address with `/v1` behind it."""
        return f"{self._address.url}/v1"

    @property
    def _is_bare(self) -> bool:
        return "/v1" not in urlsplit(self._address.url).path

    def no_key(self) -> EndpointError:
        """What to say when an address beyond this network has no key."""
        error = EndpointRefused(self._at("no key for the endpoint"), f"set {self._key_name}")
        error.requests = 0
        return error

    def _of_status(
        self, status: int, headers: Mapping[str, str], error: ServerError, *, told: bool
    ) -> Failure:
        words = self._words(error.message)
        because = f": {words}" if words else ""
        if 300 <= status < 400:
            return self._redirected(status, headers)
        if status in (400, 413, 422, 500) and (status == 413 or error.is_context_too_long):
            return self._too_long(error)
        if error.is_spent:
            return self._refused(f"the account is spent ({status}){because}", "check the account")
        if status == 401:
            what, do = "the key is refused", "check"
            if self._key is None:
                what, do = "a key is needed", "set"
            return self._refused(f"{what} (401){because}", f"{do} {self._key_name}")
        if status == 403:
            return self._refused(
                f"access is denied (403){because}", f"check that the key may use {self._model}"
            )
        if status in (400, 404, 422) and error.is_unknown_model:
            failure = self._refused(
                f"no model {self._model} ({status}){because}", "check the model's name"
            )
            return replace(failure, unknown_model=True)
        if status == 404:
            return self._not_found(because, told=told)
        if status == 429:
            return self._refused(f"too many requests (429){because}", "try again later")
        if status >= 500:
            hint = "ask again later, or look at the server's log"
            return Failure(EndpointError(self._at(f"the server failed ({status}){because}"), hint))
        return self._refused(
            f"the request is refused ({status}){because}", "check the model and its settings"
        )

    def _not_found(self, because: str, *, told: bool) -> Failure:
        if not told and self._is_bare:
            hint = f"set {self._address_name} to {self.versioned}, if that is how it is served"
            failure = self._refused("nothing is served at this path (404)", hint)
            return replace(failure, lacks_version=True)
        failure = self._refused(
            f"the server does not have {self._model} (404){because}",
            f"check the model's name and {self._address_name}",
        )
        return replace(failure, unknown_model=True)

    def _redirected(self, status: int, headers: Mapping[str, str]) -> Failure:
        target = self._words(headers.get("location", "").partition("?")[0]) or "nowhere"
        what = f"the server points to another address ({status}), which is not followed: {target}"
        return self._refused(what, f"set {self._address_name} to the final address")

    def _too_long(self, error: ServerError) -> Failure:
        words = self._words(error.message)
        failure = self._refused(
            "question and sources do not fit into the model's context"
            + (f": {words}" if words else ""),
            LONGER_CONTEXT,
        )
        failure.error.code = CONTEXT_TOO_LONG
        failure.error.window, failure.error.prompt = error.window, error.prompt
        return failure

    def _refused(self, what: str, hint: str) -> Failure:
        return Failure(EndpointRefused(self._at(what), hint))

    def _garbled(self, what: str) -> Failure:
        hint = f"check that {self._address_name} is the address of an OpenAI-compatible server"
        return Failure(EndpointGarbled(self._at(what), hint))

    def _away(self, what: str, hint: str) -> Failure:
        return Failure(EndpointUnreachable(self._at(what), hint))

    def _bare(self, failure: Failure) -> str:
        return failure.error.message.removesuffix(f" ({self._address.host})")

    def _at(self, what: str) -> str:
        return f"{what} ({self._address.host})"

    def _words(self, text: str) -> str:
        return server_words(text, self._key)
