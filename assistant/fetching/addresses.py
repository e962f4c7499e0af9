"""Where a request may go: to public addresses, and to the one that the reader configured."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from assistant.config.endpoint_address import check_base_url
from assistant.errors import WrongUse


class Forbidden(Exception):
    """A request would go where none may go; says why."""


@dataclass(frozen=True)
class Destination:
    """A host that may be asked, and the address it is asked at.

    `ip` is None where a proxy of the environment looks names up.
    """

    host: str
    port: int
    ip: str | None


@dataclass(frozen=True)
class Base:
    """The base address of a service: `is_own` where the reader configured it.

    What the reader configured may be anywhere, also on this machine; what a service redirects
    to may not.
    """

    url: str
    is_own: bool

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port."""
        return origin_of(self.url)


def checked_base(text: str, name: str) -> Base:
    """A base address of the configuration; raises WrongUse."""
    try:
        return Base(check_base_url(text).url, is_own=True)
    except WrongUse as failure:
        raise WrongUse(f"services.{name}: {failure.message}", failure.hint) from failure


def origin_of(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address; raises Forbidden."""
    try:
        parts = urlsplit(url)
        scheme, host = parts.scheme.lower(), (parts.hostname or "").lower().rstrip(".")
        port = parts.port or (443 if scheme == "https" else 80)
    except ValueError as failure:
        raise Forbidden("an address that makes no sense") from failure
    if scheme not in ("http", "https") or not host:
        raise Forbidden("an address that is neither http nor https")
    if "@" in parts.netloc:
        raise Forbidden("an address with a user name")
    return scheme, host, port


def destination(url: str, base: Base, *, by_proxy: bool) -> Destination:
    """Where a request for an address goes, looked up once so that it cannot change meanwhile.

    Raises Forbidden for what is not public, unless it is the base that the reader configured;
    OSError where the name is unknown.
    """
    scheme, host, port = origin = origin_of(url)
    if base.is_own and origin == base.origin:
        return Destination(host, port, None)
    if scheme != "https":
        raise Forbidden(f"{host} by plain http")
    if by_proxy:
        _refuse_literal(host)
        return Destination(host, port, None)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]) for one in found]
    if not addresses or not all(map(_is_public, addresses)):
        raise Forbidden(f"{host}, which is no public address")
    return Destination(host, port, addresses[0])


def _refuse_literal(host: str) -> None:
    try:
        checked = check_base_url(f"https://{host}")
    except WrongUse as failure:
        raise Forbidden(f"{host}, which is no public address") from failure
    if checked.reach != "public":
        raise Forbidden(f"{host}, which is no public address")


def _is_public(address: str) -> bool:
    one = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(one, ipaddress.IPv6Address):
        inner = one.ipv4_mapped or one.sixtofour or (one.teredo or (None, None))[1]
        if inner is not None and not inner.is_global:
            return False
    return one.is_global and not one.is_multicast
