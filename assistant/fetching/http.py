"""One request after another, politely: who asks, how often, how long, how much, and where to."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

from assistant.fetching.addresses import Base, Destination, Forbidden, destination
from assistant.generation.openai.client import exception_chain
from assistant.generation.openai.error_text import retry_after
from assistant.types.wire import WireRequest

if TYPE_CHECKING:
    from ssl import SSLContext

    import httpx2

MOST_BYTES = 64 * 2**20
"""Longest body taken."""
TOTAL_SECONDS = 180.0
"""How long one request may take, its repeats and waits included."""
_SILENT_SECONDS = 30.0
_CONNECT_SECONDS = 10.0
_TRIES = 3
_REDIRECTS = 5
_PASSING = frozenset((429, 500, 502, 503, 504))
_FOR_GOOD = (socket.gaierror, ConnectionRefusedError, ssl.SSLCertVerificationError)
"""What a second try does not mend."""
_MOVED = frozenset((301, 302, 303, 307, 308))


class Unanswered(Exception):
    """A request came to nothing.

    `reason` says why in words; `is_missing` that the service does not have what was asked for.
    """

    def __init__(self, reason: str, *, is_missing: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_missing = is_missing


class _Passing(Exception):
    """May go well the next time; `wait` seconds are asked for, or None."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait


@dataclass(frozen=True)
class Asking:
    """How a service is asked: its name for messages, its base, and the seconds between requests."""

    name: str
    base: Base
    interval: float


class Http:
    """Asks services, one request at a time.

    `narrate` is told of waits. `contact` is the reader's mail address, which some services ask
    for, or None. `sleep` and `clock` are those of the system.
    """

    def __init__(
        self,
        narrate: Callable[[str], None],
        contact: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._narrate = narrate
        self._agent = f"quire (mailto:{contact})" if contact else "quire"
        self._sleep = sleep
        self._clock = clock
        self._asked: dict[str, float] = {}
        self._certificates: SSLContext | None = None

    def get(self, asking: Asking, path: str, accept: str) -> bytes:
        """What a service answers for a path below its base; raises Unanswered."""
        until = self._clock() + TOTAL_SECONDS
        for attempt in range(1, _TRIES + 1):
            self._keep_distance(asking)
            try:
                return self._once(asking, asking.base.url + path, accept, until)
            except Forbidden as failure:
                raise Unanswered(f"{asking.name} leads to {failure}: not asked") from failure
            except _Passing as failure:
                wait = 2.0 ** (attempt - 1) if failure.wait is None else failure.wait
                late = self._clock() + wait > until
                if attempt == _TRIES or late:
                    more = f"; it asks to wait {wait:.0f} s" if failure.wait and late else ""
                    raise Unanswered(f"{failure.reason}{more}") from failure
                self._narrate(f"{failure.reason}; asked again in {wait:.0f} s")
                self._sleep(wait)
        raise AssertionError("the last try returns or raises")

    def _keep_distance(self, asking: Asking) -> None:
        last = self._asked.get(asking.name)
        if last is not None and not asking.base.is_own:
            self._sleep(max(0.0, last + asking.interval - self._clock()))
        self._asked[asking.name] = self._clock()

    def _once(self, asking: Asking, url: str, accept: str, until: float) -> bytes:
        import httpx2

        for _ in range(_REDIRECTS + 1):
            try:
                came = self._request(asking, url, accept, until)
            except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError) as failure:
                why = f"{asking.name}: {_why(failure)}"
                if any(isinstance(one, _FOR_GOOD) for one in exception_chain(failure)):
                    raise Unanswered(why) from failure
                raise _Passing(why) from failure
            if isinstance(came, bytes):
                return came
            url = urljoin(url, came)
        raise Unanswered(f"{asking.name} redirects in circles")

    def _request(self, asking: Asking, url: str, accept: str, until: float) -> bytes | str:
        """One request: the body, or where it is redirected to."""
        import httpx2

        scheme = urlsplit(url).scheme
        host = urlsplit(url).hostname or ""
        by_proxy = scheme in getproxies() and not proxy_bypass(host)
        to = destination(url, asking.base, by_proxy=by_proxy)
        is_own = asking.base.is_own and to.ip is None and not by_proxy
        # Reading the certificates takes longer than many a request.
        self._certificates = self._certificates or httpx2.create_ssl_context()
        limits = httpx2.Timeout(_SILENT_SECONDS, connect=_CONNECT_SECONDS)
        headers = self._headers(accept)
        with httpx2.Client(
            timeout=limits, verify=self._certificates, trust_env=by_proxy and not is_own
        ) as client:
            request = client.build_request("GET", _pinned(url, to), headers=headers)
            if to.ip is not None:
                request.headers["Host"] = host
                request.extensions["sni_hostname"] = host
            response = client.send(request, stream=True)
            try:
                return self._body(asking, response, until)
            finally:
                response.close()

    def _headers(self, accept: str) -> dict[str, str]:
        return {
            "Accept": accept,
            "Accept-Encoding": "identity",
            "User-Agent": self._agent,
        }

    def _body(self, asking: Asking, response: httpx2.Response, until: float) -> bytes | str:
        status, name = response.status_code, asking.name
        if status in _MOVED and (to := response.headers.get("location")):
            return str(to)
        if status in (404, 410):
            raise Unanswered(f"{name} does not have it", is_missing=True)
        if status in _PASSING:
            wait = retry_after(response.headers.get("retry-after", ""))
            raise _Passing(f"{name} cannot answer now ({status})", wait)
        if status != 200:
            raise Unanswered(f"{name} refused it ({status})")
        if response.headers.get("content-encoding", "identity").strip().lower() not in (
            "",
            "identity",
        ):
            raise Unanswered(f"{name} sent it compressed, though it was asked not to")
        data = bytearray()
        for piece in response.iter_raw():
            data += piece
            if len(data) > MOST_BYTES:
                raise Unanswered(f"{name} sent more than {MOST_BYTES // 2**20} MiB")
            if self._clock() > until:
                raise Unanswered(f"{name} took more than {TOTAL_SECONDS:.0f} s")
        return bytes(data)


class UnsentHttp(Http):
    """Makes the same requests, kept in `requests`, and sends none: nobody has what is asked for."""

    def __init__(self, contact: str | None = None) -> None:
        super().__init__(lambda line: None, contact)
        self.requests: list[WireRequest] = []

    def get(self, asking: Asking, path: str, accept: str) -> bytes:
        """Keep the request; raises Unanswered."""
        import httpx2

        with httpx2.Client(verify=False, trust_env=False) as client:
            url = asking.base.url + path
            made = client.build_request("GET", url, headers=self._headers(accept))
        headers = {name.lower(): value for name, value in made.headers.items()}
        self.requests.append(
            WireRequest(method=made.method, url=str(made.url), headers=headers, body="")
        )
        raise Unanswered("nothing was asked", is_missing=True)


def _pinned(url: str, to: Destination) -> str:
    """The address with the host as it was looked up: it is asked there and nowhere else."""
    if to.ip is None:
        return url
    parts = urlsplit(url)
    place = f"[{to.ip}]" if ":" in to.ip else to.ip
    return parts._replace(netloc=f"{place}:{to.port}").geturl()


def _why(failure: Exception) -> str:
    import httpx2

    for one in exception_chain(failure):
        if isinstance(one, httpx2.TimeoutException):
            return "no answer in time"
        if isinstance(one, httpx2.RemoteProtocolError):
            return "the answer was cut short"
        if isinstance(one, OSError) and one.strerror:
            return one.strerror.lower()
    return "no usable answer"
