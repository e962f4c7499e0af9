"""Finding the addresses in an abstract, with and without https://."""

from __future__ import annotations

import re
from dataclasses import dataclass

from store.pattern import pattern

MAX_ADDRESS = 2048
"""Longest address taken, in characters; what is longer is no link."""

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# RFC 3986, without the characters that texts put around addresses: < > " ` { } |
_PATH = r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%{}-]"
_PLAIN_TLD = (
    "com|org|net|edu|gov|io|ai|dev|app|info|xyz|page|site|online|tech|cloud|science|wiki|"
    "ac|ca|cc|ch|cn|co|cz|de|dk|es|eu|fi|fr|gg|gl|hk|il|ink|jp|kr|ly|nl|pl|pt|ru|se|sg|tv|tw|uk"
)
# These endings are English words: "shown.It/..." is no address, "www.x.it" is one.
_WORD_TLD = "at|be|br|in|is|it|me|my|no|so|to|us|am|au|nz|ie"
# What follows must not make the host another one: no user name before an @, no further label.
_HOST_ENDS = r"(?![\w@-]|\.[a-z0-9]|:[^\s/@]{0,64}@)"
_ADDRESS = pattern(
    rf"(?P<scheme>(?i:https?)://)(?P<host>(?:{_LABEL}\.)+(?:[a-z]{{2,24}}|[A-Z]{{2,24}})(?::\d{{1,5}})?)"
    rf"{_HOST_ENDS}(?P<tail>[/?#]{_PATH}{{0,{MAX_ADDRESS}}})?"
    rf"|(?<![\w@/.:-])(?P<bare>(?P<www>www\.)?(?P<labels>(?:{_LABEL}\.)+)"
    rf"(?:(?P<tld>{_PLAIN_TLD})|(?P<short>(?<=youtu\.)be|(?<=\bt\.)me)|(?:{_WORD_TLD})))"
    rf"{_HOST_ENDS}(?P<bare_tail>/{_PATH}{{0,{MAX_ADDRESS}}})?"
)
_CLOSES = {")": "(", "]": "[", "}": "{"}
_DEEPEST = 8
_TRAILING = ".,;:!?'*_~&"
_REST_OF_BROKEN = pattern(r" (?P<rest>[A-Za-z0-9][A-Za-z0-9._/-]*)")
_AFTER_ADDRESS = pattern(r"[\s)\]}\"'”’»>.,;]*\Z")
_LONGEST_END = MAX_ADDRESS + 256


@dataclass(frozen=True, slots=True)
class Link:
    """An address in a text: `text[start:end]` is how it stands there, `url` where it leads."""

    start: int
    end: int
    text: str
    url: str


def find_links(text: str) -> tuple[Link, ...]:
    """All http and https addresses of a text, in their order.

    An address without a scheme counts when it has a path, three labels or `www.`; it leads
    to https. Closing punctuation and unbalanced brackets are not part of it. One that a line
    break cut after a hyphen is joined again where the next word goes on like an address.
    """
    found: list[Link] = []
    at = 0
    while match := _ADDRESS.search(text, at):
        link = _link(text, match)
        at = max(match.start() + 1, link.end if link else match.end("bare"), at + 1)
        if link:
            found.append(link)
        elif match["scheme"]:
            at = match.end()
    return tuple(found)


def ends_in_link(text: str) -> bool:
    """True when a text ends in an address, brackets and punctuation aside."""
    tail = text[-_LONGEST_END:]
    links = find_links(tail)
    return bool(links) and _AFTER_ADDRESS.match(tail, links[-1].end) is not None


def _link(text: str, match: re.Match[str]) -> Link | None:
    tail_name = "tail" if match["scheme"] else "bare_tail"
    host_end = match.end("host") if match["scheme"] else match.end("bare")
    end = host_end
    if match[tail_name]:
        start = match.start(tail_name)
        end = max(host_end, start + len(_trimmed(match[tail_name])))
    if not match["scheme"] and not _is_address(match, has_path=end > host_end + 1):
        return None
    if match.end() - match.start() > MAX_ADDRESS:
        return None
    shown = text[match.start() : end]
    url = shown if match["scheme"] else f"https://{shown}"
    if rest := _rest_of_broken(text, end, shown):
        url += rest
        end += 1 + len(rest)
    return Link(match.start(), end, text[match.start() : end], url)


def _is_address(match: re.Match[str], *, has_path: bool) -> bool:
    """Tell an address without a scheme from a name such as Booking.com or a typing error."""
    if match["www"]:
        return True
    labels = match["labels"].count(".") + 1
    if match["tld"]:
        return has_path or labels >= 3
    return has_path and (labels >= 3 or match["short"] is not None)


def _trimmed(tail: str) -> str:
    """Cut a path at the first bracket that it did not open, and its closing punctuation."""
    opened: list[tuple[str, int]] = []
    end = len(tail)
    for at, character in enumerate(tail):
        if character in "([{":
            opened.append((character, at))
            if len(opened) > _DEEPEST:
                break
        elif character in _CLOSES:
            if not opened or opened[-1][0] != _CLOSES[character]:
                end = at
                break
            opened.pop()
    if opened:
        end = min(end, opened[0][1])
    # "address{address}" and "address{URL}" are left by LaTeX: the part in braces is not its path.
    brace = tail.find("{", 0, end)
    if brace >= 0:
        end = brace
    return tail[:end].rstrip(_TRAILING)


def _rest_of_broken(text: str, end: int, shown: str) -> str:
    if not shown.endswith("-"):
        return ""
    match = _REST_OF_BROKEN.match(text, end)
    if not match:
        return ""
    rest = match["rest"].rstrip(_TRAILING)
    is_last = not text[match.start("rest") + len(rest) :].strip(" .")
    return rest if is_last or any(mark in rest for mark in "-_/") else ""
