"""What to doubt of an answer whatever its claims are: quotations, addresses, stuffed records.

A quotation is compared word for word with the papers that its sentence cites; case, spaces,
LaTeX and the shape of quotation marks aside. A web address counts as known when a source's
record or text has it. An abstract that says the same thing over and over is told of.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from assistant.types.answers import Answer
from assistant.types.claims import Claim
from assistant.types.evidence import Evidence, Source
from store.pattern import pattern

LEAST_QUOTED = 4
"""Words of the shortest quotation that is compared: shorter ones are terms and names."""

_SHOWN = 3
"""Addresses that one line names."""

_QUOTATION = pattern(
    r"“([^“”\n]{8,600})”|\"([^\"\n]{8,600})\"|«([^«»\n]{8,600})»|„([^„“\n]{8,600})“"
)
_GAP = pattern(r"\[\s*(?:…|\.{3})\s*\]|…|\.{3}")
_MARK = pattern(r"\s*\[(?:\d{1,3}|\?)\]")
_LETTERS = pattern(r"[^\W_]+")
ADDRESS_ENDS = ".,;:!?)]}*_~"
"""What behind a web address is not part of it."""

_SCHEME = pattern(r"^(?:https?://)?(?:www\.)?")
_ARXIV = pattern(r"arxiv\.org/(?:abs|pdf)/([\w./-]+?)(?:v\d+)?(?:\.pdf)?")
_STATED = pattern(
    r"(?:https?://)?[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:/[^\s<>\"'`|)\]]*)?", re.IGNORECASE
)
_ADDRESS = pattern(r"(?:https?://|www\.)[^\s<>\"'`|)\]]{3,}", re.IGNORECASE)


def quotations(text: str) -> tuple[str, ...]:
    """The quotations of a text that are long enough to be compared, without citation marks."""
    found = (next(filter(None, match.groups())) for match in _QUOTATION.finditer(text))
    bare = (_MARK.sub("", one).strip() for one in found)
    return tuple(one for one in bare if len(_words(one).split()) >= LEAST_QUOTED)


def with_true_quotations(claim: Claim, evidence: Evidence) -> Claim:
    """A claim that is weak at best when it quotes what the papers it cites do not say."""
    if claim.verdict not in ("matched", "supported") or not false_quotations(claim, evidence):
        return claim
    citations = tuple(one.model_copy(update={"verdict": "weak"}) for one in claim.citations)
    return claim.model_copy(update={"verdict": "weak", "citations": citations})


def false_quotations(claim: Claim, evidence: Evidence) -> tuple[str, ...]:
    """The quotations of a claim that stand in none of the papers it cites."""
    quoted = quotations(claim.text)
    if not quoted:
        return ()
    cited = {one.id for one in claim.citations}
    known = [_words(_text(one)) for one in evidence.sources if one.paper.id in cited]
    return tuple(one for one in quoted if not any(_stands(one, text) for text in known))


def foreign_addresses(text: str, evidence: Evidence) -> tuple[str, ...]:
    """The web addresses of a text that no source has."""
    known = {
        _bare_address(match.group())
        for source in evidence.sources
        for match in _STATED.finditer(_addresses(source))
    }
    found = dict.fromkeys(one.rstrip(ADDRESS_ENDS) for one in _ADDRESS.findall(text))
    return tuple(one for one in found if _bare_address(one) not in known)


def _bare_address(address: str) -> str:
    """An address as it is compared: without scheme, "www.", version and the like."""
    bare = _SCHEME.sub("", address.rstrip(ADDRESS_ENDS).casefold()).rstrip("/")
    bare = bare.replace("dx.doi.org/", "doi.org/", 1)
    paper = _ARXIV.fullmatch(bare)
    return f"arxiv.org/abs/{paper[1]}" if paper else bare


def doubts(answer: Answer, evidence: Evidence) -> str:
    """One line on what to doubt: quotations and addresses of no source, records that repeat.

    Empty when there is nothing.
    """
    quoted = sum(len(false_quotations(claim, evidence)) for claim in answer.claims)
    parts = []
    if quoted:
        parts.append(
            "a quotation is not word for word in what it cites"
            if quoted == 1
            else f"{quoted} quotations are not word for word in what they cite"
        )
    if addresses := foreign_addresses(answer.text, evidence):
        more = f" and {len(addresses) - _SHOWN} more" if len(addresses) > _SHOWN else ""
        parts.append(f"in no source: the address {', '.join(addresses[:_SHOWN])}{more}")
    if repeated := repetition(answer, evidence):
        parts.append(repeated)
    return "; ".join(parts)


def _stands(quotation: str, text: str) -> bool:
    parts = filter(None, (_words(part) for part in _GAP.split(quotation)))
    return all(f" {part} " in f" {text} " for part in parts)


def _words(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_LETTERS.findall(folded))


def _text(source: Source) -> str:
    return f"{source.paper.title}. {source.paper.abstract}"


def _addresses(source: Source) -> str:
    paper = source.paper
    given: Iterable[str | None] = (
        paper.url,
        f"https://arxiv.org/abs/{paper.arxiv_id}" if paper.arxiv_id else None,
        f"https://doi.org/{paper.doi}" if paper.doi else None,
        paper.abstract,
    )
    return " ".join(filter(None, given))


TIMES = 3
"""A sentence that stands as often in one abstract is repetition.

By this and by runs of words, none of the 13 875 abstracts of the evaluation data repeats itself.
"""

_LEAST_WORDS = 4
"""Words of the shortest sentence that counts: shorter ones are headings and lost enumerators."""

_RUN = 4
"""Words of the runs of which most are there again where a text without sentences repeats itself."""

_LEAST_TEXT = 40
_NAMED = 3
_WORDS = pattern(r"[^\W_]+")


def repetition(answer: Answer, evidence: Evidence) -> str:
    """One line on the cited papers whose abstracts repeat themselves; empty when none does."""
    cited = {one.id for one in answer.references}
    found: dict[str, str] = {}
    for source in evidence.sources:
        if source.paper.id in cited and source.paper.id not in found:
            said = repeats([one.text for one in source.sentences if one.index > 0])
            if said:
                found[source.paper.id] = f"the abstract of “{source.paper.title.strip()}” {said}"
    lines = list(found.values())
    more = [f"{len(lines) - _NAMED} more repeat themselves"] if len(lines) > _NAMED else []
    return "; ".join([*lines[:_NAMED], *more])


def repeats(sentences: Sequence[str]) -> str:
    """What is repeated in an abstract, as the end of a sentence on it; empty when nothing is."""
    words = [tuple(_WORDS.findall(one.casefold())) for one in sentences]
    counts = Counter(one for one in words if len(one) >= _LEAST_WORDS)
    times = max(counts.values(), default=0)
    if times >= TIMES:
        return f"says one sentence {times} times"
    every = [word for one in words for word in one]
    if len(every) < _LEAST_TEXT:
        return ""
    runs = [tuple(every[at : at + _RUN]) for at in range(len(every) - _RUN + 1)]
    return "says the same words over and over" if len(set(runs)) < len(runs) / 2 else ""
