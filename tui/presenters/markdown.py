"""Reading the Markdown of an answer, in a way that keeps untrusted text harmless and fast.

What a model wrote is read with a small part of Markdown: paragraphs, headings, lists,
quotes, code, emphasis, tables. HTML, entities, images and link definitions stay visible as
they were written. Citation marks `[1]` become links with the address `cite:1`, or `cite:1:k`
where the mark belongs to claim k; a claim becomes a paragraph with its sign before it, or, where
that cannot be, the sign a link behind it with the address `sign:role`. A web address
becomes a link (`web:n`) only when a source of the answer has it; any other one is plain text with
a mark behind it. A table becomes one paragraph, a row to a line: cells that are widgets freeze
the screen when there are many.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal, get_args

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from assistant.answers.doubts import ADDRESS_ENDS
from assistant.checking.verdicts import SIGNS, UNKNOWN_ADDRESS, Role, sign_of, sign_place
from store.clean import clean_text
from tui.presenters.claim_blocks import SIGN, begins, by_claim, ends, margin

if TYPE_CHECKING:
    from assistant.types.claims import Claim

MAX_NESTING = 4
"""Quotes and lists are shown no deeper than this."""

MAX_MARKDOWN = 12_000
"""Characters of an answer that are shown as Markdown; what follows is plain text."""

MAX_LINES = 100
"""Lines of an answer that are shown as Markdown; a line may become four widgets. What stands in
lists in lists counts a line for each level: to lay it out takes the longer the deeper it is."""

MAX_PLAIN = 12_000
"""Characters shown as plain text after that; the rest is counted and can be copied."""

MAX_PLAIN_LINES = 400
"""Lines shown as plain text."""

SIGN_ROLES = get_args(Role)
"""What such a role may be."""

_MAX_INDENT = 8
_MAX_RUN = 200
_MAX_PIPES = 60

# Letters from the private use area tell our own marks from what a model wrote.
_CLAIM_OPEN, _CLAIM_CLOSE = "\ue000", "\ue001"
# Marks that may stand beside an asterisk are punctuation, of a script that nobody types: by the
# rules of Markdown another letter there would make it no emphasis.
_VERDICT, _BEGINS, _BEGUN, _ENDS = "\U0001da87", "\U0001da88", "\U0001da89", "\U0001da8a"
_RESERVED = re.compile("[\ue000-\ue002\U0001da87-\U0001da8a]")
_OWN = re.compile(
    f"[{_CLAIM_OPEN}{_BEGINS}][0-9]*[{_CLAIM_CLOSE}{_BEGUN}]|{_VERDICT}.|{_RESERVED.pattern}"
)
_LEAD = re.compile(r"(?:[ \t]*(?:>|#{1,6}(?=[ \t])|(?:[-+*]|\d{1,9}[.)])(?=[ \t])))*[ \t]*")
_LETTERS = {sign: chr(ord("a") + index) for index, sign in enumerate(SIGNS.values())}
_SIGNS = {letter: sign for sign, letter in _LETTERS.items()}

_MARK = re.compile(r"\[(\d{1,3})\]")
_INLINE = re.compile(
    rf"\[(?P<number>\d{{1,3}})\](?:{_CLAIM_OPEN}(?P<claim>\d{{1,4}}){_CLAIM_CLOSE})?"
    rf"|{_VERDICT}(?P<verdict>[a-z])|{_BEGINS}(?P<begins>\d{{1,4}}){_BEGUN}|(?P<ends>{_ENDS})"
    r"|\[(?P<label>[^\[\]\n]{1,200})\]\((?P<target>https?://[^\s()<>]{1,1000})\)"
    r"|(?P<address>https?://[^\s<>\"'`|\ue000-\ue002\U0001da87-\U0001da8a]{1,1000})"
    rf"|{_RESERVED.pattern}"
)
_MARKER = re.compile(r"[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t]))")
_INDENTED = re.compile(r"([ \t]+)(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t]))")
_RUN = re.compile(rf"(\S)\1{{{_MAX_RUN},}}")
_BLOCK_RULES = ["table", "fence", "blockquote", "hr", "list", "heading"]
_INLINE_RULES = ["newline", "escape", "backticks", "strikethrough", "emphasis"]
_FINISHING_RULES = ["balance_pairs", "fragments_join"]


class AnswerParser(MarkdownIt):
    """Reads the Markdown of one answer; `addresses` are the web addresses its sources have."""

    def __init__(self, addresses: Sequence[str] = ()) -> None:
        super().__init__("zero", {"maxNesting": 50})
        self.enable([*_BLOCK_RULES, *_INLINE_RULES, *_FINISHING_RULES])
        self.core.ruler.push("quire", partial(_rewrite, {a: n for n, a in enumerate(addresses)}))

    def parse(self, src: str, env: object = None) -> list[Token]:
        """Read Markdown; lines keep their number."""
        return super().parse("\n".join(_flatten(line) for line in src.split("\n")))


def annotate(text: str, claims: Iterable[Claim]) -> str:
    """The text of an answer, cleaned, with own marks for the claims and verdicts in it."""
    text = _RESERVED.sub("\ufffd", text)
    pieces: list[str] = []
    position = 0
    for index, claim in enumerate(claims):
        start, end = max(claim.start, position), min(claim.end, len(text))
        if end <= start:
            continue
        body = text[start:end]
        at = sign_place(body)
        sign = f"{_VERDICT}{_LETTERS[sign_of(claim)]}"
        own = rf"\g<0>{_CLAIM_OPEN}{index}{_CLAIM_CLOSE}"
        signed = "".join((_MARK.sub(own, body[:at]), sign, body[at:]))
        pieces += [text[position:start], _bounded(signed, index, text[:start])]
        position = end
    pieces.append(text[position:])
    return clean_text("".join(pieces))


def in_margins(text: str) -> frozenset[int]:
    """The places of the claims of an annotated text that are shown as paragraphs of their own."""
    found = (margin(one) for one in AnswerParser().parse(split(text)[0]))
    return frozenset(one.place for one in found if one is not None)


def _bounded(body: str, index: int, before: str) -> str:
    """A claim between marks of its place; a row of a table has none, they would be cells of it."""
    if body.lstrip().startswith("|"):
        return body
    lead = _LEAD.match(body) if before[-1:] in ("", "\n") else None
    at = lead.end() if lead else 0
    shown = len(body.rstrip())
    return f"{body[:at]}{_BEGINS}{index}{_BEGUN}{body[at:shown]}{_ENDS}{body[shown:]}"


def link(href: str) -> tuple[Literal["cite", "web"], int, int | None] | None:
    """What a link that `AnswerParser` made stands for; None for any other one.

    A citation has its number and its claim, which counts from 0, or None; a web address has
    its place among those known, from 0.
    """
    kind, *rest = href.split(":")
    numbers = [int(part) for part in rest if part.isdecimal()]
    if kind == "cite" and numbers:
        return "cite", numbers[0], (*numbers[1:], None)[0]
    if kind == "web" and numbers:
        return "web", numbers[0], None
    return None


def split(text: str, characters: int = MAX_MARKDOWN, lines: int = MAX_LINES) -> tuple[str, str]:
    """Cut a text after so many characters or lines: what is shown as Markdown, and the rest."""
    at = min(len(text), characters)
    position, counted = -1, 0
    while counted < lines:
        counted += _levels(text, position + 1)
        position = text.find("\n", position + 1, at)
        if position < 0:
            return text[:at], text[at:]
    return text[:position], text[position:]


def _levels(text: str, start: int) -> int:
    """In how many lists and quotes the line that begins here may stand; 1 for any other line."""
    found = _INDENTED.match(text, start)
    return 1 + min(len(found[1].expandtabs(4)) // 2, MAX_NESTING) if found else 1


def overflow(rest: str) -> str:
    """The rest of a long annotated text as plain text, with a count of what is left out."""
    shown, left_out = split(rest, MAX_PLAIN, MAX_PLAIN_LINES)
    more = f"\n… {len(left_out)} characters more; y copies all of it" if left_out else ""
    return plain(shown) + more


def plain(text: str) -> str:
    """Annotated text without the marks for claims, verdicts as their symbols."""
    return _OWN.sub(_symbol, text)


def _symbol(found: re.Match[str]) -> str:
    sign = _SIGNS.get(found.group()[1:])
    return sign.symbol if sign else ""


def _flatten(line: str) -> str:
    """Limit what costs more than it shows: nesting, indents, runs, columns."""
    if len(line) < 12:
        return line
    position, markers = 0, 0
    while found := _MARKER.match(line, position):
        position, markers = found.end(), markers + 1
        if markers == MAX_NESTING:
            kept = position
    if markers > MAX_NESTING:
        line = line[:kept] + " " + line[position:].lstrip()
    body = line.lstrip(" \t")
    line = " " * min(len(line.expandtabs(4)) - len(body.expandtabs(4)), _MAX_INDENT) + body
    line = _RUN.sub(lambda run: f"{run.group(1) * _MAX_RUN}…", line)
    return line.replace("|", "¦") if line.count("|") > _MAX_PIPES else line


def _rewrite(addresses: dict[str, int], state: StateCore) -> None:
    """Rewrite tokens: our links and signs in, tables to paragraphs."""
    tokens = state.tokens
    for token in tokens:
        if token.type == "inline":
            token.children = [
                new for child in token.children or () for new in _rewritten(child, addresses)
            ]
        elif token.type == "fence":
            token.content, token.info = plain(token.content), ""
    state.tokens = list(_without_tables(list(by_claim(tokens))))


def _rewritten(token: Token, addresses: dict[str, int]) -> Iterator[Token]:
    if token.type == "code_inline":
        token.content = plain(token.content)
    if token.type != "text":
        yield token
        return
    position = 0
    for found in _INLINE.finditer(token.content):
        yield _text(token.content[position : found.start()])
        yield from _inline(found, addresses)
        position = found.end()
    yield _text(token.content[position:])


def _inline(found: re.Match[str], addresses: dict[str, int]) -> Iterator[Token]:
    if number := found["number"]:
        claim = f":{found['claim']}" if found["claim"] else ""
        yield from _link(f"[{number}]", f"cite:{int(number)}{claim}")
    elif found["begins"]:
        yield begins(int(found["begins"]))
    elif found["ends"]:
        yield ends()
    elif found["verdict"] and (sign := _SIGNS.get(found["verdict"])):
        yield from _link(sign.symbol, f"{SIGN}{sign.role}")
    elif label := found["label"]:
        yield _text(f"{label} (")
        yield from _address(found["target"], addresses)
        yield _text(")")
    elif found["address"]:
        address = found["address"].rstrip(ADDRESS_ENDS)
        yield from _address(address, addresses)
        yield _text(found["address"][len(address) :])


def _address(address: str, addresses: dict[str, int]) -> Iterator[Token]:
    known = addresses.get(address)
    if known is None:
        yield _text(f"{address} {UNKNOWN_ADDRESS}")
    else:
        yield from _link(address, f"web:{known}")


def _without_tables(tokens: list[Token]) -> Iterator[Token]:
    rows: list[list[Token]] = []
    bold = False
    opening: Token | None = None
    for token in tokens:
        if token.type == "table_open":
            opening, rows = token, []
        elif opening is None:
            yield token
        elif token.type == "tr_open":
            rows.append([])
        elif token.type in ("th_open", "td_open"):
            bold = token.type == "th_open"
        elif token.type == "inline":
            cell = token.children or []
            separator = [_text(" │ ")] if rows[-1] else []
            rows[-1] += [*separator, *(_around("strong", cell) if bold and cell else cell)]
        elif token.type == "table_close":
            yield from _paragraph(opening, rows)
            opening = None


def _paragraph(opening: Token, rows: list[list[Token]]) -> Iterator[Token]:
    children: list[Token] = []
    for row in rows:
        children += [*([Token("hardbreak", "br", 0)] if children else []), *row]
    yield Token("paragraph_open", "p", 1, map=opening.map, level=opening.level, block=True)
    yield Token("inline", "", 0, map=opening.map, children=children, block=True)
    yield Token("paragraph_close", "p", -1, level=opening.level, block=True)


def _text(text: str) -> Token:
    return Token("text", "", 0, content=text)


def _around(kind: str, tokens: list[Token]) -> list[Token]:
    return [Token(f"{kind}_open", kind, 1), *tokens, Token(f"{kind}_close", kind, -1)]


def _link(text: str, href: str) -> Iterator[Token]:
    yield Token("link_open", "a", 1, attrs={"href": href})
    yield _text(text)
    yield Token("link_close", "a", -1)
