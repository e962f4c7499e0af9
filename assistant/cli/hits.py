"""Ranked papers as plain text."""

from __future__ import annotations

from assistant.cli.frame import Frame
from assistant.cli.render import paragraph
from assistant.types.paper_records import NO_ABSTRACT, listed
from assistant.types.search import Explanation, Found, SearchResult
from store.clean import clean_line
from store.types import Paper, TermMatch

_INDENT = "     "
_TERMS_SHOWN = 12
_NAMES = {"lexical": "words", "dense": "meaning", "covered": "what it says"}


def tell_hits(frame: Frame, result: SearchResult) -> None:
    """Write the hits of a search, each with its best sentence, its versions, and why."""
    for version in result.versions:
        _aside(frame, _version(version, "also known here as"))
    if not result.hits:
        frame.narrate("nothing in this library speaks to that")
    for hit in result.hits:
        head = f"{hit.rank:>3}. {clean_line(listed(hit.paper))}"
        paragraph(frame, head, hanging=_INDENT, bold=True)
        if hit.sentence is not None and hit.sentence.index:
            paragraph(frame, clean_line(hit.sentence.text), _INDENT, _INDENT)
        if not hit.paper.abstract:
            _aside(frame, NO_ABSTRACT)
        for version in hit.versions:
            _aside(frame, _version(version, "also"))
        frame.line(f"{_INDENT}{hit.paper.id} · score {hit.score:.3f}", dim=True)
        if hit.explanation is not None:
            for line in _reasons(hit, hit.explanation):
                _aside(frame, line)


def _aside(frame: Frame, text: str) -> None:
    paragraph(frame, text, _INDENT, _INDENT + "  ", dim=True)


def _version(paper: Paper, lead: str) -> str:
    retracted = "retracted" if paper.is_retracted else ""
    known = ", ".join(str(part) for part in (paper.venue, paper.year, retracted) if part)
    about = f" ({clean_line(known)})" if known else ""
    return f"{lead}: {clean_line(paper.title)}{about} · {paper.id}"


def _reasons(hit: Found, why: Explanation) -> list[str]:
    """Where the paper stands in each list, what that gave, and the words it has."""
    given = [f"{_NAMES.get(name, name)} {share:.2f}" for name, share in why.parts.items()]
    words = _standing("words", hit.ranks.lexical, "BM25", why.lexical_score, 2)
    meaning = _standing("meaning", hit.ranks.dense, "cosine", why.dense_score, 3)
    lines = [f"{words} · {meaning}"]
    if given:
        lines.append(f"ordered by {why.fused:.2f} = {' + '.join(given)}, in deviations from chance")
    if why.matched:
        shown = [_match(one) for one in why.matched[:_TERMS_SHOWN]]
        rest = len(why.matched) - len(shown)
        lines.append(f"has: {'; '.join(shown)}" + (f"; and {rest} more" if rest else ""))
    if why.missing:
        lines.append(f"lacks: {', '.join(map(clean_line, why.missing[:_TERMS_SHOWN]))}")
    return lines


def _standing(name: str, rank: int | None, unit: str, score: float | None, digits: int) -> str:
    if score is None:
        return f"{name}: not in its list"
    if rank is None:
        return f"{name}: beyond its list, {unit} {score:.{digits}f}"
    return f"{name}: rank {rank}, {unit} {score:.{digits}f}"


def _match(match: TermMatch) -> str:
    """A word with its weight and the fields that have it: "codec (2.31: title, abstract ×3)"."""
    counts = (("title", match.title), ("abstract", match.abstract), ("authors", match.authors))
    places = [f"{name} ×{number}" if number > 1 else name for name, number in counts if number]
    return f"{clean_line(match.word)} ({match.idf:.2f}: {', '.join(places)})"
