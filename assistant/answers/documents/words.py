"""What documents say of an answer beside its text, the same in every format."""

from __future__ import annotations

import re
from typing import assert_never
from urllib.parse import quote, urlsplit

from assistant.answers.account_words import account
from assistant.answers.claim_words import reason_words
from assistant.checking.verdicts import SIGNS, sign_counts, sign_of
from assistant.types.answers import Answer, PaperSays, Reference
from assistant.types.claims import Citation, Claim
from assistant.types.evidence import NearMiss
from assistant.types.paper_records import names_together
from store.clean import clean_line, shorten
from store.types import Paper

_KEPT = "!#$&'()*+,/:;=?@[]~%-._"
_NAMED = 6
_LONGEST_TITLE = 200
_REFUSAL = "The collection does not answer this"
NEAREST = "Nearest papers"
SAYS: dict[PaperSays, str] = {"yes": "yes", "no": "no", "unclear": "unclear", "failed": "not asked"}
"""What is written of a paper that a question was put to."""


def title_of(answer: Answer) -> str:
    """The question as a title, in one line."""
    return clean_line(answer.question) or "Answer"


def short_title(title: str) -> str:
    """A title that may stand in the title of a window."""
    return shorten(clean_line(title), _LONGEST_TITLE)


def remarks(answer: Answer) -> list[str]:
    """What a reader has to know before the text, a sentence each."""
    found = [_ending(answer)]
    if answer.outcome == "answered" and not answer.sure:
        found.append("Not certain: these are the nearest sentences, which may not answer.")
    if answer.standalone and answer.standalone != answer.question:
        found.append(f"The question was understood as: {answer.standalone}")
    if answer.read_as:
        found.append(f"It was taken to be about {answer.read_as}.")
    if answer.replaced:
        found.append(f"Of the text {answer.replaced} characters could not be read.")
    return [clean_line(one) for one in found if one]


def _ending(answer: Answer) -> str:
    match answer.outcome:
        case "answered":
            return ""
        case "uncited":
            return "Answered without citations: nothing of this is shown by the collection."
        case "not_in_collection":
            return f"{_REFUSAL}."
        case "interrupted":
            return "Interrupted: this is what came until then."
        case "cut":
            return "Cut: this is what came until the answer ended early."
        case "declined":
            return "The model declined to answer."
        case _:
            assert_never(answer.outcome)


def is_only_refusal(answer: Answer) -> bool:
    """True where the text says no more than the remark above it."""
    return answer.outcome == "not_in_collection" and answer.text.strip(" .\n") in ("", _REFUSAL)


def misses_of(answer: Answer) -> tuple[NearMiss, ...]:
    """The papers that came close, where they stand for an answer."""
    is_told = answer.outcome in ("not_in_collection", "uncited")
    return answer.near_misses if is_told else ()


def sign_words(claim: Claim) -> str:
    """The sign of a claim with what it says, in words."""
    sign = sign_of(claim)
    if sign == SIGNS["unchecked"] and not claim.is_foreign:  # what it cited is gone
        return f"{sign.symbol} {sign.name}"
    if sign != SIGNS["supported"]:
        return f"{sign.symbol} {sign.words}"
    said = "supported, a model says" if claim.verdict == "supported" else "word for word"
    return f"{sign.symbol} {said}"


def seen_of(claim: Claim) -> str:
    """What was seen of a claim beside its sign; empty where there is nothing."""
    reason = reason_words(claim)
    return "" if reason in ("", sign_of(claim).name) else reason


def where(citation: Citation) -> str:
    """Which sentences of a paper a citation points at: "title, sentences 2 and 3"."""
    numbers = [str(one) for one in citation.sentences if one > 0]
    parts = ["title"] if 0 in citation.sentences else []
    if len(numbers) == 1:
        parts.append(f"sentence {numbers[0]}")
    elif numbers:
        parts.append(f"sentences {', '.join(numbers[:-1])} and {numbers[-1]}")
    return ", ".join(parts)


def byline(reference: Reference | Paper) -> str:
    """Who wrote a paper and when, in one line."""
    more = " et al." if len(reference.authors) > _NAMED else ""
    names = names_together(reference.authors[:_NAMED]) + more
    return clean_line(", ".join(one for one in (names, str(reference.year or "")) if one))


def coverage_words(answer: Answer) -> str:
    """The figures of a question that was put to every paper; empty where it was not."""
    counted = answer.coverage
    if counted is None:
        return ""
    parts = [f"{counted.yes} yes", f"{counted.no} no", f"{counted.unclear} unclear"]
    parts += [f"{counted.failed} failed"] if counted.failed else []
    parts += [f"{counted.not_asked} not asked"] if counted.not_asked else []
    return f"{counted.asked} papers asked: {', '.join(parts)}"


def day_of(instant: str) -> str:
    """The day of an instant in ISO 8601, as far as it is known."""
    return instant[:10]


def account_of(answer: Answer, day: str = "") -> str:
    """The line below an answer: the signs of its claims in words, sources, model, tokens, day."""
    counts = reversed(sign_counts(answer.claims).items())
    # Without a model that judged, the words of what was approved are those of its source.
    names = {} if answer.judged_by else {SIGNS["supported"]: "word for word"}
    parts = [", ".join(f"{n} {sign.symbol} {names.get(sign, sign.name)}" for sign, n in counts)]
    parts.append(f"judged by {answer.judged_by}" if answer.judged_by else "")
    parts.append(account(answer.model_copy(update={"claims": ()})))
    return " · ".join(one for one in (*parts, day_of(day)) if one)


def web_address(url: str | None) -> str | None:
    """An address that may stand as a link: http or https with a host, nothing in it that quotes."""
    if not url or re.search(r"[\s\x00-\x1f]", url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return None
    return quote(url, safe=_KEPT)


def links_of(paper: Paper) -> list[tuple[str, str]]:
    """Where a paper is on the web: what each address is called, and the address."""
    found: dict[str, str] = {}
    if paper.doi:
        found[f"https://doi.org/{quote(paper.doi, safe='/:;().-_')}"] = f"doi:{paper.doi}"
    if paper.arxiv_id:
        found[f"https://arxiv.org/abs/{quote(paper.arxiv_id, safe='/.')}"] = (
            f"arXiv:{paper.arxiv_id}"
        )
    if own := web_address(paper.url):
        found.setdefault(own, own.split("://", 1)[1])
    return [(clean_line(name), url) for url, name in found.items()]
