"""Markdown for pandoc: citations by key, what the check found and the quotations as footnotes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from assistant.answers.documents.content import Document, Part
from assistant.answers.documents.markdown_text import at_start, cited, escaped, quoted
from assistant.answers.documents.passages import (
    Block,
    Cite,
    Heading,
    Inline,
    Item,
    ItemList,
    Line,
    Paragraph,
    Signed,
    Table,
    Words,
    passages,
)
from assistant.answers.documents.words import (
    NEAREST,
    SAYS,
    account_of,
    coverage_words,
    is_only_refusal,
    misses_of,
    remarks,
    seen_of,
    short_title,
    sign_words,
    title_of,
    web_address,
    where,
)
from assistant.types.claims import Claim
from store.pattern import pattern

_DEEPEST = 6
_STOP = pattern(r"((?<![.!?…,;:])[.!?…,;:]++[\"”’)]*)\s*\Z")


def markdown(document: Document, bibliography: str) -> str:
    """The text of the file; `bibliography` is the name of the .bib that lies beside it."""
    notes: list[str] = []
    parts = document.parts
    is_many = document.session is not None
    blocks = [f"# {escaped(document.title)}"] if is_many else []
    blocks += [f"> {escaped(document.note)}"] if document.note else []
    for part in parts:
        blocks += _Part(document, part, notes, level=2 if is_many else 1).blocks()
    said = "\n".join(blocks)
    head = _head(document, bibliography, said)
    return "\n\n".join([head, *blocks, *notes]) + "\n"


def _head(document: Document, bibliography: str, said: str) -> str:
    lines = ["---", f"pagetitle: {quoted(short_title(document.title))}", "lang: en"]
    if document.cited:
        keys = [cited([one.key])[1:-1] for one in document.cited]
        lines.append(f"bibliography: {quoted(bibliography)}")
        lines += ["link-citations: true", 'reference-section-title: "References"']
        silent = [key for key in keys if key not in said]
        lines += [f'nocite: "{", ".join(silent)}"'] if silent else []
    return "\n".join([*lines, "---"])


class _Part:
    """One question with its answer; its footnotes go to `notes`, numbered through the file."""

    def __init__(self, document: Document, part: Part, notes: list[str], *, level: int) -> None:
        self._document = document
        self._part = part
        self._answer = part.answer
        self._notes = notes
        self._level = level

    def blocks(self) -> list[str]:
        answer = self._answer
        found = [self._heading(1, escaped(title_of(answer)))]
        found += [f"> {at_start(escaped(one))}" for one in remarks(answer)]
        if not is_only_refusal(answer):
            found += [text for block in passages(answer) for text in self._block(block)]
        found += self._papers() + self._near_misses()
        found.append(f"*{escaped(account_of(answer, self._part.day))}*")
        return [one for one in found if one]

    def _heading(self, below: int, text: str) -> str:
        return f"{'#' * min(self._level + below - 1, _DEEPEST)} {text}"

    def _block(self, block: Block) -> Iterator[str]:
        match block:
            case Heading():
                yield self._heading(block.level + 1, self._line(block.line))
            case Paragraph():
                yield "\\\n".join(at_start(self._line(line)) for line in block.lines)
            case ItemList():
                yield "\n".join(map(self._item, block.items))
            case Table():
                head, *rows = [[self._line(cell) for cell in row] for row in block.rows]
                yield table(head, rows)

    def _item(self, item: Item) -> str:
        mark = "-" if item.number is None else f"{item.number}."
        return f"{'    ' * item.depth}{mark:<3} {at_start(self._line(item.line))}"

    def _line(self, line: Line) -> str:
        return "".join(self._inline(one) for one in _stops_last(line)).strip()

    def _inline(self, one: Inline) -> str:
        match one:
            case Words():
                return _words(one)
            case Cite():
                claim = self._answer.claims[one.claim]
                return cited(list(dict.fromkeys(self._key(claim, at) for at in one.citations)))
            case Signed():
                self._notes.append(self._note(self._answer.claims[one.claim]))
                return f"[^{len(self._notes)}]"

    def _key(self, claim: Claim, at: int) -> str:
        reference = self._answer.reference(claim.citations[at].number)
        return "" if reference is None else self._document.cited_as(reference).key

    def _note(self, claim: Claim) -> str:
        seen = seen_of(claim)
        paragraphs = [escaped(f"{sign_words(claim)}: {seen}" if seen else sign_words(claim)) + "."]
        for citation in claim.citations:
            reference = self._answer.reference(citation.number)
            title = reference.title if reference else ""
            known = [
                f"*{escaped(title)}*" if title else "",
                escaped(where(citation)),
                _link(reference.url if reference else None),
            ]
            quote = f"“{escaped(citation.quote)}” " if citation.quote else ""
            paragraphs.append(f"{quote}{', '.join(filter(None, known))}")
        if near := claim.nearest:
            words = f"The same words stand in *{escaped(near.title)}*: “{escaped(near.quote)}”"
            paragraphs.append(words)
        lines = "\\\n    ".join(at_start(one) for one in paragraphs if one)
        return f"[^{len(self._notes) + 1}]: {lines}"

    def _papers(self) -> list[str]:
        figures = coverage_words(self._answer)
        if not figures:
            return []
        rows = [
            [escaped(one.title), SAYS[one.verdict], escaped(one.sentence or "")]
            for one in self._answer.papers
        ]
        listed = [table(["Paper", "Says", "Sentence"], rows, (5, 1, 8))] if rows else []
        return [self._heading(2, "Papers"), f"{escaped(figures)}.", *listed]

    def _near_misses(self) -> list[str]:
        lines = []
        for miss in misses_of(self._answer):
            quote = f" “{escaped(miss.quote)}”" if miss.quote else ""
            lines.append(f"-   *{escaped(miss.title)}*: {escaped(miss.why)}.{quote}")
        return [self._heading(2, NEAREST), "\n".join(lines)] if lines else []


def table(head: list[str], rows: Iterable[list[str]], widths: tuple[int, ...] = ()) -> str:
    """A table of cells of Markdown; `widths` are relative, for pandoc."""
    wide = widths or (1,) * len(head)
    lines = [head, [f"-{'-' * 8 * one}" for one in wide], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _words(words: Words) -> str:
    """Text, in bold without the space at its ends, which would keep it from being bold."""
    text = words.text
    inner = text.strip()
    if not inner:
        return " " if text else ""
    before, after = (" " * (text[0].isspace())), (" " * (text[-1].isspace()))
    return f"{before}**{escaped(inner)}**{after}" if words.bold else before + escaped(inner) + after


def _stops_last(line: Line) -> Iterator[Inline]:
    """The line with the stop of a sentence between its citation and its footnote.

    A footnote right behind a citation makes a link of both for pandoc before its version 3.
    """
    left = list(line)
    while left:
        match left:
            case [Words() as words, Cite() as cite, Signed() as sign, *left] if (
                stop := _STOP.search(words.text)
            ):
                text = words.text[: stop.start()].rstrip() + " "
                yield from (Words(text, words.bold), cite, Words(stop[1]), sign)
            case [Cite() as cite, Signed() as sign, *left]:
                yield from (cite, Words(" "), sign)
            case [one, *left]:
                yield one


def _link(url: str | None) -> str:
    address = web_address(url)
    return f"<{address}>" if address else ""
