"""The page on which one paper stands whole, with what is cited of it marked."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from assistant.checking.verdicts import SIGNS
from store.clean import clean_line, clean_text
from tui.presenters import paper as of_paper
from tui.presenters.passages import Passage, count_answers, cut, hold, locate

if TYPE_CHECKING:
    from store.types import Paper
    from tui.presenters.sources import Item, Seen

MAX_ABSTRACT = 40_000
"""Longer abstracts are cut for the screen, in characters; no real one comes near."""

NONE_CHOSEN = "Choose a source to read its abstract here."
"""What stands where no paper is shown."""

Answers = Mapping[str, AbstractSet[Hashable]]
"""The saved answers that cite a sentence, by its text."""
NO_ANSWERS: Answers = MappingProxyType({})

_AS_FOUND = "shown as it was found."


@dataclass(frozen=True)
class ReaderPage:
    """One paper as the reader sees it whole; every text is cleaned.

    `passages` is the abstract, cut at what is cited. `note` says what is odd about it, `seen`
    what the check saw of the claims that cite it.
    """

    id: str
    title: str
    byline: str
    origin: tuple[str, ...]
    address: str
    passages: tuple[Passage, ...]
    title_cited: bool = False
    number: int | None = None
    note: str = ""
    seen: tuple[Seen, ...] = ()


class Part(NamedTuple):
    """A piece of a page; `look` are its classes in the style sheet, with spaces between.

    `aside` is said of it, behind it.
    """

    text: str
    look: str
    aside: str = ""


def page(
    item: Item,
    paper: Paper | None = None,
    gone: str = "",
    answers: Answers = NO_ANSWERS,
    names: int = of_paper.FEW_NAMES,
) -> ReaderPage:
    """What the reader is shown of a source, with at most so many `names` of authors.

    `paper` is the paper as the library holds it now, `gone` says in words that it is not. A cited
    abstract is shown as it was when it was cited. `answers` are the saved ones that cite a
    sentence, by its text.
    """
    reference = item.reference
    known = paper or (None if gone and reference else item.paper)
    if known is None:
        return _snapshot(item, gone)
    abstract, note = known.abstract, _note(gone) or item.why
    if reference and reference.abstract and reference.abstract != known.abstract:
        abstract, note = reference.abstract, "The abstract has changed since; shown as cited."
    has_address = of_paper.addresses(known)
    return ReaderPage(
        id=clean_line(known.id),
        title=clean_line(known.title),
        byline=of_paper.byline_of(known, names),
        origin=of_paper.origin(known),
        address=has_address[0] if has_address else "",
        passages=_passages(abstract, item, answers),
        title_cited=item.title_cited,
        number=item.number,
        note=note,
        seen=item.seen,
    )


def _snapshot(item: Item, gone: str) -> ReaderPage:
    reference = item.reference
    erased = reference is not None and not reference.abstract
    note = f"{gone}." if gone and erased else _note(gone)
    if reference is None:
        return ReaderPage(clean_line(item.id), item.title, item.detail, (), "", (), note=note)
    came = [of_paper.read_from(reference.source, None), of_paper.added(reference.added_at)]
    return ReaderPage(
        id=clean_line(reference.id),
        title=clean_line(reference.title),
        byline=of_paper.byline(reference.authors, reference.year, is_retracted=reference.retracted),
        origin=(" · ".join(part for part in came if part), f"id {clean_line(reference.id)}"),
        address=of_paper.web_address(reference.url),
        passages=_passages(reference.abstract, item),
        title_cited=item.title_cited,
        number=item.number,
        note=note,
        seen=item.seen,
    )


def _note(gone: str) -> str:
    return f"{gone}; {_AS_FOUND}" if gone else ""


def parts(page: ReaderPage) -> tuple[Part, ...]:
    """What stands on a page, from top to bottom: heading, byline, note, abstract, origin,
    before the first marked sentence of the abstract what the check saw."""
    number = f"[{page.number}] " if page.number is not None else ""
    heading = number + (page.title or "(no title)")
    found = [
        Part(heading, "title cited" if page.title_cited else "title"),
        Part(page.byline, "byline"),
    ]
    origin = [Part("\n".join(page.origin), "origin")] if page.origin else []
    if page.note:
        found.append(Part(page.note, "note"))
    abstract = [_part(one) for one in page.passages] or [Part("No abstract.", "passage")]
    # Right above the first sentence that is marked: where the eye goes.
    marked = (at for at, one in enumerate(page.passages) if one.cited or one.held)
    first = next(marked, 0)
    seen = [Part(one.line, f"seen {one.role}") for one in page.seen]
    return (*found, *abstract[:first], *seen, *abstract[first:], *origin)


def _part(passage: Passage) -> Part:
    number = passage.answers
    aside = f"cited in {number} answer{'s' if number > 1 else ''}" if number else ""
    if passage.held:
        return Part(f"{SIGNS['uncited'].symbol} {passage.text}", "passage held", aside)
    return Part(passage.text, "passage cited" if passage.cited else "passage", aside)


def no_address(page: ReaderPage | None) -> str:
    """Why there is no address to open: of the paper shown, or because none is."""
    return "Choose a source first." if page is None else "This paper has no web address."


def copied(page: ReaderPage) -> str:
    """A paper as plain text."""
    abstract = "\n".join(passage.text for passage in page.passages)
    return "\n".join(part for part in (page.title, page.byline, *page.origin, "", abstract)) + "\n"


def _passages(abstract: str, item: Item, answers: Answers = NO_ANSWERS) -> tuple[Passage, ...]:
    text = abstract[:MAX_ABSTRACT]
    found = hold(cut(text, locate(text, item.quotes)), item.held)
    passages = tuple(
        one._replace(text=clean_text(one.text)) for one in count_answers(found, answers)
    )
    left = len(abstract) - len(text)
    return (*passages, Passage(f"… {left} characters more", False)) if left else passages
