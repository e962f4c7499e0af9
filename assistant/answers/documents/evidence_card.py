"""What a citation opens: the verdict, and the cited sentences marked in their abstract."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.answers.documents.content import CitedPaper
from assistant.answers.documents.html_text import spaced, text
from assistant.answers.documents.words import seen_of, sign_words, where
from assistant.checking.verdicts import sign_of
from assistant.text.sentences import source_sentences
from assistant.types.answers import Reference
from assistant.types.claims import Citation, Claim


def card(
    name: str, claim: Claim, citation: Citation, reference: Reference, paper: CitedPaper
) -> str:
    """The card with this id; the abstract is the one that was cited, whatever it is now."""
    seen = seen_of(claim)
    verdict = sign_words(claim) + (f": {seen}" if seen else "")
    place = where(citation)
    title = "".join(_marked(reference.title, citation, is_title=True, reference=reference))
    from_where = f", {text(place)}" if place else ""
    number = f'<a href="#r{paper.number}">[{paper.number}]</a>'
    retracted = " <strong>(retracted)</strong>" if reference.retracted else ""
    return "\n".join(
        [
            f'<div class="card" popover id="{name}" role="group"'
            f' aria-label="Source {paper.number}">',
            f'<p class="verdict {sign_of(claim).role}">{text(verdict)}</p>',
            f'<p class="from">{number} <cite>{title}</cite>{retracted}{from_where}</p>',
            f'<blockquote dir="auto">{_abstract(citation, reference)}</blockquote>',
            f'<p class="close"><button popovertarget="{name}" popovertargetaction="hide">'
            "Close</button></p>",
            "</div>",
        ]
    )


def _abstract(citation: Citation, reference: Reference) -> str:
    """The abstract with its cited sentences marked; a quotation that it lacks stands before it."""
    marked = "".join(_marked(reference.abstract, citation, is_title=False, reference=reference))
    is_there = "<mark>" in marked or 0 in citation.sentences
    before = "" if is_there or not citation.quote else f"<p><mark>{text(citation.quote)}</mark></p>"
    return f"{before}<p>{marked}</p>" if marked else before


def _marked(
    whole: str, citation: Citation, *, is_title: bool, reference: Reference
) -> Iterator[str]:
    """A title or an abstract in pieces; what is not cited can be left out where room is dear."""
    wanted = set(citation.sentences)
    at = 0
    for sentence in source_sentences(reference.title, reference.abstract):
        if (sentence.index == 0) != is_title or sentence.index not in wanted:
            continue
        yield _rest(whole[at : sentence.start], is_title=is_title)
        yield f"<mark>{spaced(whole[sentence.start : sentence.end])}</mark>"
        at = sentence.end
    yield _rest(whole[at:], is_title=is_title)


def _rest(piece: str, *, is_title: bool) -> str:
    if not piece.strip() or is_title:
        return spaced(piece)
    return f'<span class="rest">{spaced(piece)}</span>'
