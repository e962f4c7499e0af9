"""What the check of an answer is told in, on the command line and in the app alike."""

from __future__ import annotations

from collections.abc import Iterable

from assistant.checking.verdicts import SIGNS, sign_counts, sign_of
from assistant.checking.word_for_word import MISQUOTED
from assistant.replies.plain_text import plain
from assistant.types.answers import Answer
from assistant.types.claims import Claim
from store.clean import clean_line, shorten

_SHORTEST = 40
"""Characters that a claim is cut to at the least, however long the reason behind it is."""

_CITES_NO_SOURCE = ("uncited", "unknown_citation")


def counted(claims: Iterable[Claim]) -> str:
    """How many claims have which sign, the least alarming first: "2 ·  1 ~  1 #!"."""
    counts = reversed(sign_counts(claims).items())
    return "  ".join(f"{count} {sign.symbol}" for sign, count in counts)


def check_words(answer: Answer) -> str:
    """How many claims have which sign, and what they were checked by; "" without claims."""
    return f"{counted(answer.claims)}  {_checked_by(answer)}" if answer.claims else ""


def _checked_by(answer: Answer) -> str:
    judged = [one for one in answer.claims if one.checked_by == "model"]
    others = [one for one in answer.claims if one.checked_by == "text"]
    open_ones = [
        one for one in others if not one.is_approved and one.verdict not in _CITES_NO_SOURCE
    ]
    if judged:
        few = f"{len(judged)} of {len(answer.claims)} " if open_ones else ""
        return f"{few}judged by {clean_line(answer.judged_by or answer.model)}"
    if others and all(one.is_approved for one in others):
        return "word for word"
    found = any(sign_of(one) == SIGNS["matched"] for one in others)
    return "words found, meaning not checked" if found else "meaning not checked"


def reason_words(claim: Claim) -> str:
    """What was seen of a claim; "" where its sign says all there is.

    Of one that is approved there is nothing to say but that it quotes what stands nowhere.
    """
    sign = sign_of(claim)
    if claim.is_approved:
        return MISQUOTED if MISQUOTED in claim.reasons else ""
    if not (claim.reasons or sign.role == "error"):
        return ""
    return clean_line("; ".join(claim.reasons) or sign.name)


def by_alarm(claims: Iterable[Claim]) -> list[tuple[int, Claim]]:
    """The claims in the order of alarm, each with its place among all, from 0."""
    order = list(SIGNS.values())
    return sorted(enumerate(claims), key=lambda each: order.index(sign_of(each[1])))


def worth_telling(claims: Iterable[Claim]) -> list[Claim]:
    """The claims of which there is more to say than their sign, in the order of alarm."""
    return [one for _, one in by_alarm(claims) if reason_words(one)]


def claim_words(claim: Claim, width: int) -> str:
    """A claim in about a line: its sign, as much of it as `width` characters leave, the reason."""
    symbol, reason = sign_of(claim).symbol, reason_words(claim)
    text = clean_line(plain(claim.text))
    room = width - len(symbol) - len(": ") - 1 - len(reason)
    text = _shortened(text.removesuffix(".") if reason else text, max(room, _SHORTEST))
    return f"{symbol} {text}: {reason}" if reason else f"{symbol} {text}"


def _shortened(text: str, width: int) -> str:
    """The text cut between words, where it has any."""
    if len(text) <= width:
        return text
    cut = shorten(text, width - 1)
    words = cut.rpartition(" ")[0].rstrip(" ,;:")
    return f"{words} …" if len(words) > width // 2 else cut
