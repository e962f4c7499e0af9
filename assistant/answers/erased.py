"""Saved answers without what they have of papers that are removed for good.

A sentence that cites such a paper goes whole, in whose words ever it is written: in its place
stands that it was removed, with the marks of its citations. What is found elsewhere of the paper's
title, abstract, authors, identifiers and notes goes too, where no other paper has it; a question
that found the paper loses the words that no other has.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from assistant.text.sentences import split_sentences
from store.ledger.erase import Erased, Scrub
from store.pattern import pattern

GONE = "(removed for good)"
"""What stands in the place of what is erased."""
_MARKS = pattern(r"(?:\s*\[[\d.,\s–?-]+\])+\s*\Z")
_SHORTEST_NAME = 4
_WORD = pattern(r"[^\W\d_]{4,}")
_ASKED = ("question", "standalone", "read_as", "note")
"""What of an answer says what was asked."""
_SHORTEST = 12
"""Characters of a sentence that is told by its words alone; shorter ones stand anywhere."""
Span = tuple[int, int, str]
"""Offsets of a text, and what takes the place of what stands there."""


def without_erased(erased: Erased, is_elsewhere: Callable[[str], bool]) -> Scrub:
    """What takes out of a question and a saved answer (JSON) all that is erased.

    Words that another paper has too stay.
    """
    words = tuple(one for one in _words(erased) if not is_elsewhere(one))

    single = _Single(erased, is_elsewhere)

    def scrub(question: str, answer: str) -> tuple[str, str]:
        whole = json.loads(answer)
        found = json.loads(answer)
        asked = words
        if isinstance(found, dict):
            if any(name in answer for name in erased.ids):
                about = {name: one for name, one in found.items() if name in _ASKED and one}
                asked += single.of(" ".join((question, *about.values())))
                found |= {name: _without(one, asked) for name, one in about.items()}
            _papers_gone(found, erased.ids)
            _sentences_gone(found, erased.ids, words, asked)
        found = _without(found, words)
        fresh = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
        return _cut(question, _spans(question, asked)), answer if whole == found else fresh

    return scrub


class _Single:
    """Single words that only erased papers have; what asks for these papers loses them too."""

    def __init__(self, erased: Erased, is_elsewhere: Callable[[str], bool]) -> None:
        texts = " ".join((*erased.titles, *erased.texts, *erased.authors))
        self._words = {one.casefold() for one in _WORD.findall(texts)}
        self._is_elsewhere = is_elsewhere
        self._known: dict[str, bool] = {}

    def of(self, text: str) -> tuple[str, ...]:
        """Those of a text."""
        return tuple(one for one in set(_WORD.findall(text)) if self._is_theirs(one))

    def _is_theirs(self, word: str) -> bool:
        if word.casefold() not in self._words:
            return False
        if word not in self._known:
            forms = {word, word.lower(), word.capitalize()}
            self._known[word] = not any(map(self._is_elsewhere, forms))
        return self._known[word]


def _words(erased: Erased) -> Iterator[str]:
    """What tells of the papers, word for word, the longest first."""
    texts = {*erased.titles, *erased.texts, *erased.identifiers, *erased.authors}
    for text in erased.texts:
        sentences = (text[start:end] for start, end in split_sentences(text))
        texts |= {one for one in sentences if len(one) >= _SHORTEST}
    # Names are written either way round, and by the family alone.
    for name in erased.authors:
        family, comma, given = name.partition(", ")
        texts |= {f"{given} {family}" if comma else name}
        texts |= {one for one in (family.split()[-1:] or ()) if len(one) >= _SHORTEST_NAME}
    yield from sorted((one for one in texts if one.strip()), key=len, reverse=True)


def _papers_gone(answer: dict[str, Any], ids: set[str]) -> None:
    """Empty the entries of papers: references, near misses, verdicts of single papers."""
    kept = ("number", "id", "sentences", "verdict", "score")
    for name in ("references", "near_misses", "papers"):
        for one in answer.get(name) or ():
            if one.get("id") in ids:
                for field, value in one.items():
                    if field not in kept:
                        one[field] = _EMPTY.get(type(value))
                one["title"] = GONE


_EMPTY: dict[type, Any] = {str: "", list: [], bool: False}


def _sentences_gone(
    answer: dict[str, Any], ids: set[str], words: tuple[str, ...], asked: tuple[str, ...]
) -> None:
    """Take the sentences out that cite an erased paper; those that stay find their place.

    Between sentences the words that were asked go too.
    """
    text = str(answer.get("text", ""))
    claims = [one for one in answer.get("claims") or () if isinstance(one, dict)]
    spans = []
    for claim in claims:
        if (claim.get("nearest") or {}).get("id") in ids:
            claim["nearest"] = None
        if any(one.get("id") in ids for one in claim.get("citations") or ()):
            spans.append(_sentence_gone(claim, text, ids))
    stay = [(one["start"], one["end"], "") for one in claims]
    spans += _beside(_spans(text, words), spans)
    spans += _beside(_spans(text, asked), [*spans, *stay])
    spans.sort()
    for claim in claims:
        claim["start"], claim["end"] = (
            _moved(claim[name], spans, is_end=name == "end") for name in ("start", "end")
        )
    answer["text"] = _cut(text, spans)


def _sentence_gone(claim: dict[str, Any], text: str, ids: set[str]) -> Span:
    start, end = claim["start"], claim["end"]
    marks = _MARKS.search(text[start:end])
    claim |= {"text": GONE, "verdict": "unchecked", "checked_by": "text", "basis": []}
    claim |= {"reasons": ["its source was removed for good"], "is_verbatim": False}
    claim |= {"by_words": None}
    for one in claim["citations"]:
        if one["id"] in ids:
            one["quote"] = ""
    return start, end, GONE + (marks[0] if marks else "")


def _spans(text: str, words: tuple[str, ...]) -> list[Span]:
    """Where some words stand in a text, in any case; none within another."""
    low = text.lower()
    if len(low) != len(text):
        low = text  # a letter that is two in the other case: offsets would be wrong
    found: list[Span] = []
    for one in words:
        at = low.find(one.lower())
        while at >= 0:
            end = at + len(one)
            whole = not (
                (low[at - 1 : at].isalnum() and one[0].isalnum())
                or (low[end : end + 1].isalnum() and one[-1].isalnum())
            )
            if whole and not any(start < end and at < stop for start, stop, _ in found):
                found.append((at, end, GONE))
            at = low.find(one.lower(), end)
    return sorted(found)


def _beside(some: list[Span], others: list[Span]) -> list[Span]:
    """Those of some spans that meet none of others."""
    return [
        one for one in some if not any(start < one[1] and one[0] < end for start, end, _ in others)
    ]


def _cut(text: str, spans: list[Span]) -> str:
    parts, last = [], 0
    for start, end, instead in spans:
        parts += [text[last:start], instead]
        last = end
    return "".join((*parts, text[last:]))


def _moved(offset: int, spans: list[Span], *, is_end: bool) -> int:
    """Where an offset stands once spans are replaced; one within a span goes to its edge."""
    shift = 0
    for start, end, instead in spans:
        if end <= offset:
            shift += len(instead) - (end - start)
        elif start < offset:
            return start + shift + (len(instead) if is_end else 0)
    return offset + shift


def _without(value: Any, words: tuple[str, ...]) -> Any:
    """A JSON value in whose texts the words do not stand."""
    if isinstance(value, str):
        spans = _spans(value, words)
        return _cut(value, spans) if spans else value
    if isinstance(value, list):
        return [_without(one, words) for one in value]
    if isinstance(value, dict):
        # The text of an answer is done: its claims are counted by its letters.
        return {
            name: one if name == "text" and "claims" in value else _without(one, words)
            for name, one in value.items()
        }
    return value
