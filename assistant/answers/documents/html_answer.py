"""An answer in HTML: its text with citations that open, its check, and what else there is of it."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.answers.claim_words import by_alarm
from assistant.answers.documents.content import Document
from assistant.answers.documents.evidence_card import card
from assistant.answers.documents.html_text import table, text, words_html
from assistant.answers.documents.passages import (
    Block,
    Cite,
    Heading,
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
    day_of,
    is_only_refusal,
    misses_of,
    remarks,
    seen_of,
    sign_words,
    title_of,
)
from assistant.checking.verdicts import sign_of
from assistant.replies.plain_text import plain
from assistant.text.language import language_of
from assistant.types.answers import PaperVerdict
from assistant.types.claims import Claim

_DEEPEST = 6
_MOST_ROWS = 20
"""From so many papers on, those that say no are shown when they are asked for."""


class AnswerHtml:
    """One question of a document, its place counted from 0, which all of its ids hold.

    `level` is that of its heading.
    """

    def __init__(self, document: Document, place: int, level: int) -> None:
        self._document = document
        self._part = document.parts[place]
        self._answer = self._part.answer
        self._place = place
        self._level = level
        self._cards: dict[str, str] = {}
        self._taken: set[str] = set()

    def html(self) -> str:
        """The answer as an article."""
        answer = self._answer
        said = "".join(f"<p>{text(one)}</p>" for one in remarks(answer))
        pieces = [
            self._heading(1, text(title_of(answer))),
            f'<div class="remarks" role="note">{said}</div>' if said else "",
            self._text(),
            *self._check(),
            *self._papers(),
            *self._near_misses(),
            f'<p class="account">{self._account()}</p>',
        ]
        return "\n".join(["<article>", *filter(None, pieces), "</article>"])

    def _account(self) -> str:
        """The line below; its day is an element of its own, which no line breaks at its hyphens."""
        said, day = text(account_of(self._answer)), text(day_of(self._part.day))
        return f'{said} · <span class="whole">{day}</span>' if day else said

    def _text(self) -> str:
        answer = self._answer
        if is_only_refusal(answer):
            return ""
        body = "\n".join(one for block in passages(answer) for one in self._block(block))
        # What language it is in has a name, and no code: it is known not to be that of the page.
        lang = "" if language_of(plain(answer.text)) in ("", "English") else ' lang=""'
        return f'<div class="text" dir="auto"{lang}>\n{body}\n</div>'

    def _heading(self, below: int, inner: str) -> str:
        level = min(self._level + below - 1, _DEEPEST)
        return f"<h{level}>{inner}</h{level}>"

    def _section(self, name: str, title: str, *inner: str) -> list[str]:
        return [f'<section class="{name}">', self._heading(2, title), *inner, "</section>"]

    def _block(self, block: Block) -> Iterator[str]:
        match block:
            case Heading():
                yield self._heading(block.level + 1, self._line(block.line))
            case Paragraph():
                yield f"<p>{'<br>'.join(map(self._line, block.lines))}</p>"
            case ItemList():
                yield self._list(list(block.items), 0)
            case Table():
                head, *rows = [[self._line(cell) for cell in row] for row in block.rows]
                yield table("Table of the answer", head, rows)
        yield self._cards_here()

    def _cards_here(self) -> str:
        """The cards of the citations since the last ones: they stand behind their claims."""
        cards = [text for name, text in self._cards.items() if name not in self._taken]
        self._taken.update(self._cards)
        return "".join(cards)

    def _list(self, items: list[Item], depth: int) -> str:
        """Entries of this depth, each with those below it."""
        number = items[0].number
        name = "ul" if number is None else "ol"
        start = "" if number in (None, 1) else f' start="{number}"'
        found = [f"<{name}{start}>"]
        while items:
            inner = self._line(items.pop(0).line) + self._cards_here()
            below: list[Item] = []
            while items and items[0].depth > depth:
                below.append(items.pop(0))
            found.append(f"<li>{inner}{self._list(below, depth + 1) if below else ''}</li>")
        return "\n".join([*found, f"</{name}>"])

    def _line(self, line: Line) -> str:
        """A line of text; no line of the page ends between a citation and its sign."""
        found: list[str] = []
        cited: int | None = None
        for one in line:
            match one:
                case Words():
                    cited = None if " " in one.text else cited
                    found.append(words_html(one))
                case Cite():
                    found += (self._button(one.claim, at) for at in one.citations)
                    cited = len(found) - 1
                case Signed():
                    sign = self._sign(one.claim)
                    if cited is not None:
                        sign = f'<span class="whole">{"".join(found[cited:])}{sign}</span>'
                        del found[cited:]
                    found.append(sign)
                    cited = None
        return "".join(found)

    def _button(self, index: int, at: int) -> str:
        """The button of a citation; its card waits for the end of its block."""
        claim = self._answer.claims[index]
        citation = claim.citations[at]
        reference = self._answer.reference(citation.number)
        if reference is None:
            return f"[{citation.number}]"
        paper = self._document.cited_as(reference)
        name = f"s{self._place}-{index}-{at}"
        if name not in self._cards:
            self._cards[name] = card(name, claim, citation, reference, paper)
        label = text(f"Source {paper.number}: {reference.title}")
        return (
            f'<button class="cite" popovertarget="{name}" aria-label="{label}">'
            f"[{paper.number}]</button>"
        )

    def _sign(self, index: int) -> str:
        sign = sign_of(self._answer.claims[index])
        words = f" {text(sign.name)}"
        words = words if sign.warns else f'<span class="unseen">{words}</span>'
        return (
            f'<span class="sign {sign.role}" id="c{self._place}-{index}">'
            f'<span aria-hidden="true">{text(sign.symbol)}</span>{words}</span>'
        )

    def _check(self) -> list[str]:
        """What was found, the most alarming first: what warns, and what a reason is told of."""
        answer = self._answer
        told = [
            (index, claim)
            for index, claim in by_alarm(answer.claims, answer.outcome)
            if sign_of(claim).warns or seen_of(claim)
        ]
        if not told:
            return []
        lines = [self._told(index, claim) for index, claim in told]
        return self._section("check", "Check", "<ul>", *lines, "</ul>")

    def _told(self, index: int, claim: Claim) -> str:
        seen = f": {text(seen_of(claim))}" if seen_of(claim) else ""
        near = claim.nearest
        same = (
            f" The same words stand in <cite>{text(near.title)}</cite>: <q>{text(near.quote)}</q>"
            if near
            else ""
        )
        words = f'<span class="sign {sign_of(claim).role}">{text(sign_words(claim))}</span>'
        said = text(plain(claim.text))
        return f'<li><a href="#c{self._place}-{index}">{said}</a> {words}{seen}.{same}</li>'

    def _papers(self) -> list[str]:
        figures = coverage_words(self._answer)
        if not figures:
            return []
        papers = self._answer.papers
        # A long table of papers that say nothing would stand between the answer and its sources.
        is_long = len(papers) > _MOST_ROWS
        named = [one for one in papers if not is_long or one.verdict != "no"]
        others = [one for one in papers if is_long and one.verdict == "no"]
        pieces = [_listed(named)]
        if others:
            summary = f"<summary>{len(others)} papers: no</summary>"
            pieces.append(f"<details>{summary}\n{_listed(others)}\n</details>")
        return self._section("papers", "Papers", f"<p>{text(figures)}.</p>", *pieces)

    def _near_misses(self) -> list[str]:
        misses = misses_of(self._answer)
        if not misses:
            return []
        lines = []
        for miss in misses:
            quote = f" <q>{text(miss.quote)}</q>" if miss.quote else ""
            lines.append(f"<li><cite>{text(miss.title)}</cite>: {text(miss.why)}.{quote}</li>")
        return self._section("nearest", NEAREST, "<ul>", *lines, "</ul>")


def _listed(papers: list[PaperVerdict]) -> str:
    rows = [(text(one.title), SAYS[one.verdict], text(one.sentence or "")) for one in papers]
    return table("Papers", ("Paper", "Says", "Sentence"), rows) if rows else ""
