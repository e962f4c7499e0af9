"""The text that a reply in JSON holds, with the addresses that stand beside it.

No schema was asked for, so none is known: strings of several words are text, short ones and
numbers under a name of citing are addresses; both are taken from objects and lists in order.
What was cut off at its end is closed first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from store.pattern import pattern

_SAYS = ("answer", "response", "text", "summary", "sentence", "statement", "claim", "content")
"""Names under which models put what they say, if an object has more than one text; best first."""
_CITES = pattern(
    r"cit|ref|sourc|address|evidence|support|paper|id\b",
)
_ADDRESS = pattern(r"(?<![\d.])\d{1,3}\.\d{1,3}(?![\d.])")
_NUMBER = pattern(r"\W*(?:source\W*)?(\d{1,3})[^\w.]*")
_HAS_ADDRESS = pattern(r"\[\d{1,3}(?:\.\d{1,3})?")
_END = pattern(r"[.!?]?\s*$")
_KEY = pattern(r"(?<!\w)[\"']?\w++[\"']?\s*+:")
_TRAILING_COMMA = pattern(r",(\s*[}\]])")
_BETWEEN = pattern(r"(?:[\s,]+|`{3,}|~{3,})*+")
_DEEPEST = 12
_SEVERAL = 2


def text_of_json(reply: str) -> str | None:
    """What a reply that begins as JSON says; None when it is JSON, and nothing can be had of it.

    Words after its end are kept; a reply that is no JSON after all comes back as it is.
    """
    said: list[str] = []
    at = _BETWEEN.match(reply).end()  # type: ignore[union-attr]  # it matches nothing too
    while reply[at : at + 1] in ("{", "["):
        value, end = decoded(reply, at)
        if end == at:
            break
        said.append(_text(value, 0))
        at = _BETWEEN.match(reply, end).end()  # type: ignore[union-attr]
    if not said:
        return None if _KEY.search(reply) else reply
    if not any(said):
        return None
    rest = reply[at:].rstrip()
    return "\n".join(filter(None, (*said, "" if rest[:1] in ("{", "[") else rest)))


def decoded(reply: str, at: int) -> tuple[Any, int]:
    """The value in JSON that begins at an offset, and where it ends; there again for none.

    One that is broken is mended, which takes it to the end of the reply.
    """
    decoder = json.JSONDecoder(strict=False, parse_float=str)
    with suppress(ValueError, RecursionError):
        value, end = decoder.raw_decode(reply, at)
        return value, end
    for mend in (partial(_TRAILING_COMMA.sub, r"\1"), _closed):
        with suppress(ValueError, RecursionError):
            value, _ = decoder.raw_decode(mend(reply[at:]))
            return value, len(reply)
    return None, at


def _closed(text: str) -> str:
    """JSON that was cut off, with what is open in it closed."""
    closers: list[str] = []
    in_string = escaped = False
    for char in text:
        if escaped:
            escaped = False
        elif in_string:
            escaped = char == "\\"
            in_string = char != '"'
        elif char == '"':
            in_string = True
        elif char in "{[":
            closers.append("}" if char == "{" else "]")
        elif char in "}]" and closers:
            closers.pop()
    cut = text[:-1] if escaped else text
    cut = f'{cut}"' if in_string else cut.rstrip().rstrip(",:")
    return cut + "".join(reversed(closers))


def _text(value: object, depth: int) -> str:
    """What a value says: its own words, each with the addresses beside it."""
    if isinstance(value, str):
        return value.strip()
    if depth > _DEEPEST:
        return ""
    if isinstance(value, list):
        parts = [_text(one, depth + 1) for one in value]
        return "\n".join(part for part in parts if _is_said(part))
    if not isinstance(value, dict):
        return ""
    texts = {
        str(name): text
        for name, one in value.items()
        if not _is_citing(name, one) and (text := _text(one, depth + 1))
    }
    if all(_ADDRESS.fullmatch(name) for name in texts):  # {"1.2": "…"}
        return "\n".join(_cited(text, [name]) for name, text in texts.items())
    said = _named(texts) or "\n".join(filter(_is_said, texts.values()))
    if not said:
        return ""
    cited = (one for name, one in value.items() if _CITES.search(str(name).lower()))
    return _cited(said, [address for one in cited for address in _addresses(one, depth)])


def _named(texts: Mapping[str, str]) -> str:
    """The text under the best of the names that models use for what they say; empty for none."""
    by_name = {name.lower().rstrip("s").rpartition("_")[2]: text for name, text in texts.items()}
    return next((by_name[name] for name in _SAYS if name in by_name), "")


def _is_said(text: str) -> bool:
    """True for words, and not a name, a number or an address."""
    return len(text.split()) >= _SEVERAL or bool(_HAS_ADDRESS.search(text))


def _is_citing(name: object, value: object) -> bool:
    return bool(_CITES.search(str(name).lower())) and any(_addresses(value, 0))


def _addresses(value: object, depth: int) -> Iterator[str]:
    """The addresses of a value under a name of citing."""
    if isinstance(value, bool) or depth > _DEEPEST:
        return
    if isinstance(value, int | str):
        found = _ADDRESS.findall(str(value))
        whole = _NUMBER.fullmatch(str(value))
        yield from found or ([whole[1]] if whole else [])
    elif isinstance(value, list):
        for one in value:
            yield from _addresses(one, depth + 1)
    elif isinstance(value, dict):
        numbers = (_NUMBER.fullmatch(str(one)) for one in value.values())
        pair = [number[1] for number in numbers if number]
        if len(pair) == _SEVERAL:  # {"source": 1, "sentence": 2}
            yield ".".join(pair)
            return
        for name, one in value.items():
            yield from _ADDRESS.findall(str(name))
            yield from _addresses(one, depth + 1)


def _cited(said: str, addresses: list[str]) -> str:
    """A text with its addresses before its last full stop, unless it has its own."""
    if not addresses or _HAS_ADDRESS.search(said):
        return said
    at = _END.search(said)
    end = at.start() if at else len(said)
    return f"{said[:end]} [{', '.join(dict.fromkeys(addresses))}]{said[end:]}"
