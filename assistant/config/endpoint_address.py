"""Checks an endpoint's address and key before anything is sent, without a look-up of names."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from assistant.errors import WrongUse
from store.clean import clean_line, shorten
from store.pattern import pattern

Reach = Literal["loopback", "private", "public"]
"""How far a request travels: this machine, the network around it, or beyond."""

EXAMPLE = "write it like http://127.0.0.1:11434/v1"
_NOT_PRINTABLE = pattern(r"[^\x21-\x7e]")
_SCHEME = pattern(r"([a-z][a-z0-9+.-]*):(?![0-9])", re.I)
_HOST_NAME = pattern(r"(?!-)[a-z0-9_-]{1,63}(?:\.(?!-)[a-z0-9_-]{1,63})*")
_NUMERIC = pattern(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_ENDINGS = ("/chat/completions", "/completions", "/responses", "/embeddings", "/models")
# Names that never resolve in the public tree: RFC 6762, RFC 8375, RFC 9476, and habits of old.
_PRIVATE_NAMES = (".local", ".lan", ".internal", ".home.arpa", ".intranet", ".corp", ".alt")


@dataclass(frozen=True)
class CheckedAddress:
    """An endpoint's address that may be used.

    `url` is normalised and has no slash at its end; `host` names it in messages, with its
    port; `warning` is one line for the reader, or empty.
    """

    url: str
    host: str
    reach: Reach
    warning: str = ""

    @property
    def is_loopback(self) -> bool:
        """True when nothing leaves this machine."""
        return self.reach == "loopback"


def check_base_url(text: str) -> CheckedAddress:
    """Check and normalise the address of an endpoint.

    Raises WrongUse with the reason and what to write instead.
    """
    text = text.strip()
    if not text:
        raise WrongUse("the address of the endpoint is blank", EXAMPLE)
    if _NOT_PRINTABLE.search(text) or "\\" in text:
        raise _refuse("holds a space, a backslash or a character outside ASCII", text, EXAMPLE)
    scheme, separator, _ = text.partition("://")
    if not separator:
        raise _without_scheme(text)
    if scheme.lower() not in ("http", "https"):
        raise _refuse(f"begins with {scheme.lower()}:, not with http: or https:", text, EXAMPLE)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _refuse("has a port or a bracket that makes no sense", text, EXAMPLE) from None
    if port == 0:
        raise _refuse("has port 0", text, EXAMPLE)
    if not parts.hostname:
        raise _refuse("has no host", text, EXAMPLE)
    host, reach = _check_host(parts.hostname, text)
    place = host if port is None else f"{host}:{port}"
    path = parts.path.rstrip("/")
    url = f"{scheme.lower()}://{place}{path}"
    if "@" in parts.netloc:
        hint = f"write {url} and give the key by OPENAI_API_KEY or key_variable"
        raise _refuse("holds a user name or a password", text, hint)
    if parts.query or parts.fragment or text[-1] in "?#":
        raise _refuse("has a query or a fragment", text, f"write {url}")
    for ending in _ENDINGS:
        if path.lower().endswith(ending):
            better = url[: -len(ending)]
            raise _refuse(f"ends in {ending}, which quire adds itself", text, f"write {better}")
    if scheme.lower() == "http" and reach == "public":
        what = "is plain http to a public address: key and question would travel unencrypted"
        raise _refuse(what, text, f"write https://{place}{path}")
    warning = ""
    if scheme.lower() == "http" and reach == "private":
        warning = f"plain http: questions and abstracts travel unencrypted to {place}"
    return CheckedAddress(url=url, host=place, reach=reach, warning=warning)


def check_key(key: str | None, name: str = "OPENAI_API_KEY") -> str | None:
    """Return a key fit for a header, or None for none; `name` is what a reader sets it by.

    Raises WrongUse, without the key in it.
    """
    if key is None or not key.strip():
        return None
    if _NOT_PRINTABLE.search(key):
        raise WrongUse(
            "the key of the endpoint holds a space, a line break or a character outside ASCII",
            f"set {name} to the key alone",
        )
    return key


def _refuse(what: str, text: str, hint: str) -> WrongUse:
    return WrongUse(f"the address of the endpoint {what} ({_shown(text)})", hint)


def _shown(text: str) -> str:
    """The address without what may be a secret: user name, password and query."""
    before, at, after = text.rpartition("@")
    if at:
        scheme, separator, _ = before.partition("://")
        text = f"{scheme}://…@{after}" if separator else f"…@{after}"
    return shorten(clean_line(re.split(r"[?#]", text)[0]), 80)


def _without_scheme(text: str) -> WrongUse:
    named = _SCHEME.match(text)
    if named and named[1].lower() in ("http", "https"):
        return _refuse("has no host", text, EXAMPLE)
    if named and named[1].lower() in ("file", "ftp", "ssh", "ws", "wss", "data", "unix"):
        return _refuse(f"begins with {named[1].lower()}:, not with http: or https:", text, EXAMPLE)
    for scheme in ("http", "https"):
        try:
            better = check_base_url(f"{scheme}://{text}").url
        except WrongUse:
            continue
        return _refuse("has no scheme", text, f"write {better}")
    return _refuse("has no scheme", text, EXAMPLE)


def _check_host(host: str, text: str) -> tuple[str, Reach]:
    """The host as it is written in an address, and how far it is."""
    host = host.lower().removesuffix(".")
    literal = _literal(host)
    if literal is None:
        if _NUMERIC.fullmatch(host) or not _HOST_NAME.fullmatch(host) or len(host) > 253:
            raise _refuse("has a host that is neither a name nor an address", text, EXAMPLE)
        return host, _reach_of_name(host)
    shown = f"[{literal}]" if literal.version == 6 else str(literal)
    seen = literal
    if isinstance(seen, ipaddress.IPv6Address) and seen.ipv4_mapped:
        seen = seen.ipv4_mapped
    if seen.is_loopback:
        return shown, "loopback"
    if seen.is_link_local:
        raise _refuse("is link-local, where clouds keep their credentials", text, EXAMPLE)
    if seen.is_unspecified:
        hint = "a server that listens there is reached at 127.0.0.1"
        raise _refuse("means every address of a machine", text, hint)
    if seen.is_multicast or seen.is_reserved:
        raise _refuse("is no address of one machine", text, EXAMPLE)
    return shown, "public" if seen.is_global else "private"


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    if not _NUMERIC.fullmatch(host):
        return None
    try:
        # 127.1, 0x7f000001 and 2130706433 are addresses to the system's resolver.
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _reach_of_name(host: str) -> Reach:
    if host == "localhost" or host.endswith(".localhost"):
        return "loopback"
    if "." not in host or host.endswith(_PRIVATE_NAMES):
        return "private"
    return "public"
