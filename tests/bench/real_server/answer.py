"""What an answer of quire's tells of itself, and what has to hold of it, whatever the model."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

EXIT_CODES = {
    "answered": {0},
    "uncited": {1},
    "not_in_collection": {5},
    "interrupted": {4},
    "declined": {4},
}
"""The exit codes of the command line's contract, by outcome."""

STOPPED = 130
"""The exit code after Ctrl-C, whatever had come by then."""

PHRASE_WORDS = 6
MOST_REPEATS = 4
"""A phrase of so many words that stands more often than this has run away."""

ONE_SENTENCE_TOKENS = 200
"""Room for a sentence, its addresses and a little thinking."""

_RUNAWAY = re.compile(r"(.{1,12}?)\1{19}", re.DOTALL)
_ADDRESS = re.compile(r"\[\d{1,2}(?:\.\d{1,2}|[a-z]{1,2})(?:[,;] ?\d|\])")
_PHATIC = re.compile(
    r"(?:sure|certainly|of course|here (?:is|are)\b|i hope (?:this|that)|let me know)",
    re.IGNORECASE,
)

Document = Mapping[str, Any]


def described(document: Document) -> dict[str, Any]:
    """Outcome, tokens, verdicts and the beginning of the text, for a line of the report."""
    usage = document.get("usage") or {}
    claims = document.get("claims") or []
    return {
        "outcome": document.get("outcome", "no answer"),
        "tokens_in": usage.get("input_tokens", 0),
        "tokens_out": usage.get("output_tokens", 0),
        "calls": usage.get("calls", 0),
        "verdicts": dict(Counter(one["verdict"] for one in claims)),
        "note": document.get("note") or (document.get("error") or {}).get("message", ""),
        "text": document.get("text", ""),
    }


def most_repeated(text: str) -> tuple[int, str]:
    """How often the phrase stands that stands most often, and the phrase."""
    words = re.findall(r"[^\W_]+(?:\.\d+)?", text.lower())
    phrases = Counter(
        " ".join(words[at : at + PHRASE_WORDS]) for at in range(len(words) - PHRASE_WORDS + 1)
    )
    phrase, count = max(phrases.items(), key=lambda one: one[1], default=("", 0))
    return count, phrase


def misses(document: Document, code: int, *, one_sentence: bool = False) -> list[str]:
    """What has to hold of an answer and does not, each in a line; `code` is the exit code."""
    outcome = document.get("outcome")
    if outcome is None:
        return (
            []
            if "error" in document and code in (2, 3, 4, STOPPED)
            else [f"no outcome, exit {code}"]
        )
    claims = document.get("claims") or []
    cited = any(one["citations"] for one in claims)
    judged = any(one["checked_by"] == "model" for one in claims)
    text = document.get("text", "")
    repeats, phrase = most_repeated(text)
    sources = [one["id"] for one in document.get("near_misses") or []]
    tokens = (document.get("usage") or {}).get("output_tokens", 0)
    found = [
        (code in {STOPPED, *_codes(document)}, f"{outcome} with exit {code}"),
        (outcome != "answered" or bool(claims), "answered without a claim"),
        (outcome != "answered" or cited, "answered, and nothing of it is cited"),
        (outcome != "uncited" or bool(sources), "uncited, and no source is shown"),
        (len(sources) == len(set(sources)), "a source is shown twice"),
        (document.get("check") != "done" or judged, "check done, and no sentence is judged"),
        (repeats <= MOST_REPEATS, f'"{phrase}" stands {repeats} times'),
        (not _RUNAWAY.search(text), f"the same without end: {_seen(_RUNAWAY, text)}"),
        (not _ADDRESS.search(text), f"an address stands in the text: {_seen(_ADDRESS, text)}"),
        (not any(_PHATIC.match(one["text"]) for one in claims), "a civility is a claim"),
        (not one_sentence or len(claims) < 2, f"{len(claims)} sentences instead of one"),
        (not one_sentence or tokens <= ONE_SENTENCE_TOKENS, f"{tokens} tokens for one sentence"),
    ]
    return [miss for holds, miss in found if not holds]


def _codes(document: Document) -> set[int]:
    """The exit codes that an answer may have: 1 beside 0 where something was done in part."""
    codes = EXIT_CODES.get(document["outcome"], set())
    if (document.get("coverage") or {}).get("failed", 0):
        return {1}
    contradicted = any(one["verdict"] == "contradicted" for one in document.get("claims") or [])
    in_part = document.get("check") in ("in_part", "failed")
    return {1} if codes == {0} and (contradicted or in_part) else codes


def _seen(form: re.Pattern[str], text: str) -> str:
    found = form.search(text)
    return text[max(found.start() - 40, 0) : found.end() + 20] if found else ""
