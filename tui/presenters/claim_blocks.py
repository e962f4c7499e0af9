"""Making a paragraph of each claim: its sign goes to the margin, where a glance finds it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markdown_it.token import Token

from assistant.checking.verdicts import SIGNS, Role

CLAIM = "claim"
"""The type of a token that says where a claim begins (`meta` has its `place`) or ends."""

SIGN = "sign:"
"""Begins the address of a link that stands for the sign of a claim; its role is the rest."""

_MAX_CLAIMS = 100
"""A paragraph of more claims stays one: each would be a widget."""
_BREAKS = ("softbreak", "hardbreak")


class Margin(NamedTuple):
    """What stands before the paragraph of a claim: its place among all, its sign, its role."""

    place: int
    symbol: str
    role: Role


def margin(token: Token) -> Margin | None:
    """The margin of a paragraph; None where it is that of no claim."""
    found = token.meta.get("margin")
    return found if isinstance(found, Margin) else None


def begins(place: int) -> Token:
    """A token where a claim begins."""
    return Token(CLAIM, "", 0, meta={"place": place})


def ends() -> Token:
    """A token where a claim ends."""
    return Token(CLAIM, "", 0, meta={"place": None})


def without_claims(children: Sequence[Token]) -> list[Token]:
    """Inline tokens without those that say where claims begin and end."""
    return [one for one in children if one.type != CLAIM]


def by_claim(tokens: Sequence[Token]) -> Iterator[Token]:
    """Tokens with a paragraph for each claim, and for what stands between claims."""
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.type == "paragraph_open" and tokens[at + 1].type == "inline":
            yield from _paragraphs(*tokens[at : at + 3])
            at += 3
            continue
        if token.type == "inline":
            token.children = without_claims(token.children or ())
        yield token
        at += 1


class _Part:
    """A run of inline tokens, of one claim or of none."""

    def __init__(self, place: int | None) -> None:
        self.place = place
        self.sign = ""
        self.children: list[Token] = []

    @property
    def margin(self) -> Margin | None:
        role = next((one.role for one in SIGNS.values() if one.symbol == self.sign), None)
        if self.place is None or role is None:
            return None
        return Margin(self.place, self.sign, role)

    @property
    def trimmed(self) -> list[Token]:
        """The tokens without blanks and breaks around them."""
        found = list(self.children)
        for end, strip in ((0, str.lstrip), (-1, str.rstrip)):
            while found and (found[end].type in _BREAKS or _is_blank(found[end])):
                del found[end]
            if found and found[end].type == "text":
                found[end].content = strip(found[end].content)
        return found


def _paragraphs(opening: Token, inline: Token, closing: Token) -> Iterator[Token]:
    children = inline.children or []
    parts = _parts(children)
    if not any(one.margin for one in parts) or len(parts) > 2 * _MAX_CLAIMS:
        inline.children = without_claims(children)
        yield from (opening, inline, closing)
        return
    for part in parts:
        if shown := part.trimmed:
            yield opening.copy(meta={"margin": part.margin})
            yield inline.copy(children=shown)
            yield closing.copy()


def _parts(children: Sequence[Token]) -> list[_Part]:
    """The children by claim; the sign of a claim is taken out of what stands in the open."""
    parts, depth, at = [_Part(None)], 0, 0
    while at < len(children):
        one, part = children[at], parts[-1]
        if one.type == CLAIM:
            if depth == 0 and one.meta["place"] != part.place:
                parts.append(_Part(one.meta["place"]))
        elif depth == 0 and not part.sign and part.place is not None and _is_sign(one):
            part.sign = children[at + 1].content
            at += 2
        else:
            depth += one.nesting
            part.children.append(one)
        at += 1
    # The sign of a claim that ends within emphasis stays where it is, and its margin empty.
    return parts


def _is_sign(one: Token) -> bool:
    return one.type == "link_open" and str(one.attrs.get("href", "")).startswith(SIGN)


def _is_blank(one: Token) -> bool:
    return one.type == "text" and not one.content.strip()
