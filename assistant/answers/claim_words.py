"""What the check of an answer is told in, on the command line and in the app alike."""

from __future__ import annotations

from collections.abc import Iterable

from assistant.checking.verdicts import CITES_NO_SOURCE, SIGNS, sign_counts, sign_of
from assistant.checking.word_for_word import MISQUOTED
from assistant.replies.plain_text import plain
from assistant.types.answers import Answer, Outcome
from assistant.types.claims import Claim
from store.clean import clean_line, shorten

_SHORTEST = 40
"""Characters that a claim is cut to at the least, however long the reason behind it is."""

_SAID_ALREADY = ("uncited", "uncited")
_BY_WORDS = {
    SIGNS["supported"].symbol: " word for word",
    SIGNS["matched"].symbol: f" {SIGNS['matched'].words}",
}


def counted(claims: Iterable[Claim]) -> str:
    """How many claims have which sign, the least alarming first: "2 ·  1 ~  1 #!"."""
    counts = reversed(sign_counts(claims).items())
    return "  ".join(f"{count} {sign.symbol}" for sign, count in counts)


def check_words(answer: Answer) -> str:
    """How many claims have which sign, and what they were checked by; "" without claims.

    Where no model judged, the words stand behind the sign that they are about: "2 ✓ word for word".
    """
    claims = answer.claims
    judged = sum(one.checked_by == "model" for one in claims)
    if judged:
        is_open = any(
            not (one.checked_by == "model" or one.is_approved or one.verdict in CITES_NO_SOURCE)
            for one in claims
        )
        few = f"{judged} of {len(claims)} " if is_open else ""
        return f"{counted(claims)}  {few}judged by {clean_line(answer.judged_by or answer.model)}"
    counts = [
        f"{count} {sign.symbol}{_BY_WORDS.get(sign.symbol, '')}"
        for sign, count in reversed(sign_counts(claims).items())
    ]
    is_said = any(sign_of(one).symbol in _BY_WORDS for one in claims)
    return "  ".join(counts if is_said or not claims else [*counts, "meaning not checked"])


def reason_words(claim: Claim) -> str:
    """What was seen of a claim; "" where its sign says all there is.

    Of one that is approved there is nothing to say but that it quotes what stands nowhere.
    """
    sign = sign_of(claim)
    if claim.is_approved:
        return MISQUOTED if MISQUOTED in claim.reasons else ""
    is_named = sign.role == "error" and not claim.reasons
    own = [sign.name] if is_named or claim.verdict in CITES_NO_SOURCE else []
    return clean_line("; ".join([*own, *claim.reasons]))


def by_alarm(claims: Iterable[Claim], outcome: Outcome = "answered") -> list[tuple[int, Claim]]:
    """The claims in the order of alarm, each with its place among all, from 0.

    Of an answer whose outcome says that it cites nothing, without those that cite nothing.
    """
    order = list(SIGNS.values())
    told = [each for each in enumerate(claims) if (each[1].verdict, outcome) != _SAID_ALREADY]
    return sorted(told, key=lambda each: order.index(sign_of(each[1])))


def worth_telling(claims: Iterable[Claim], outcome: Outcome = "answered") -> list[Claim]:
    """The claims of which there is more to say than their sign, in the order of alarm."""
    return [one for _, one in by_alarm(claims, outcome) if reason_words(one)]


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
