"""From retrieved papers to the text of a prompt: sources, addresses, fences, budget."""

from __future__ import annotations

import math
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence

from assistant.types.evidence import Evidence, Source
from assistant.types.paper_records import record_line
from store.clean import clean_text
from store.pattern import pattern

CHARACTERS_PER_TOKEN = 3.6
"""Characters of English abstracts to a token, on the safe side (typical: 4.2 to 4.6)."""

SAME_TOKEN = "0" * 12
"""What stands for a fence's random token where a prompt is only measured or told."""

_TEMPLATE_TOKENS = pattern(
    r"<(?=[|/]?\s*(?:s|bos|eos|unk|pad|start_of_turn|end_of_turn|system|user|assistant|think"
    r"|tool_call|function_call)\b[^<>]{0,40}>)"
    r"|<(?=[|｜])|(?<=[|｜])>|<(?=<\s*/?\s*SYS)|\[(?=\s*/?\s*(?:INST|AVAILABLE_TOOLS|TOOL_CALLS)\b)",
    re.IGNORECASE,
)
_ADDRESS_LIKE = pattern(r"\[\s*(\d{1,3}(?:\.\d{1,3})?(?:\s*[,;–-]\s*\d{1,3}(?:\.\d{1,3})?)*)\s*\]")
_ESCAPED = pattern(r"\\([%&#_$])")
_SPACE = pattern(r"\s+")


def estimate_tokens(text: str) -> int:
    """How many tokens a text will take, estimated from its length without any tokenizer.

    Characters outside ASCII count as a token each, which is what they cost at worst.
    """
    wide = sum(1 for letter in text if not letter.isascii())
    return math.ceil((len(text) - wide) / CHARACTERS_PER_TOKEN) + wide


def fence_token(sources: Iterable[Source]) -> str:
    """A random token of 12 hex digits that occurs in no source."""
    papers = [one.paper for one in sources]
    return fence_token_for([f"{one.title} {one.abstract} {record_line(one)}" for one in papers])


def fence_token_for(texts: Sequence[str]) -> str:
    """A random token of 12 hex digits that occurs in no text."""
    while True:
        token = secrets.token_hex(6)
        if not any(token in text for text in texts):
            return token


def disarm(text: str) -> str:
    """A sentence as a model is shown it: one line, nothing in it that steers.

    It is cleaned once more, whatever way it came. Control tokens of chat templates are
    broken by a space, what looks like an address of ours gets round brackets, and escaped
    signs of LaTeX are unescaped.
    """
    text = _ESCAPED.sub(r"\1", clean_text(text))
    text = _TEMPLATE_TOKENS.sub(lambda found: f"{found.group()} ", text)
    return _SPACE.sub(" ", unaddressed(text)).strip()


def unaddressed(text: str) -> str:
    """A text in which nothing of its own looks like a citation: "[2]" becomes "(2)"."""
    return _ADDRESS_LIKE.sub(r"(\1)", text)


def break_templates(text: str) -> str:
    """A text with control tokens of chat templates broken by a space, else as it is."""
    return _TEMPLATE_TOKENS.sub(lambda found: f"{found.group()} ", text)


def render_source(source: Source, token: str) -> str:
    """One source between its fences, each sentence behind its address.

    What its record says has the address of the title.
    """
    lines = [f"[{source.number}.{one.index}] {disarm(one.text)}" for one in source.sentences]
    if record := record_line(source.paper):
        lines.insert(1, f"[{source.number}.0] Record: {disarm(record)}")
    lines.insert(0, f"{token} source {source.number}")
    lines.append(f"{token} end of source {source.number}")
    return "\n".join(lines)


def render_sources(sources: Sequence[Source], token: str) -> str:
    """All sources between their fences."""
    return "\n\n".join(render_source(source, token) for source in sources)


def render_statements(
    statements: Iterable[tuple[str, Mapping[tuple[int, int], str]]], first: int = 1
) -> str:
    """Statements, counted on from the first, below the sentences they rest on, each line disarmed.

    A statement is its text, and its sentences by address (number displayed, sentence index);
    those that the one before it has too are not shown again.
    """
    lines: list[str] = []
    above: Mapping[tuple[int, int], str] = {}
    for number, (said, sentences) in enumerate(statements, first):
        if sentences != above:
            lines += ["", *(f"[{n}.{at}] {disarm(text)}" for (n, at), text in sentences.items())]
            above = sentences
        lines.append(f"statement {number}: {disarm(said)}")
    return "\n".join(lines).strip()


def fit(evidence: Evidence, budget: int) -> Evidence:
    """The evidence with as many sources, best first, as a budget of tokens takes.

    One source is always kept; what was left out is counted as dropped.
    """
    number, spent = 0, 0
    for source in evidence.sources:
        spent += estimate_tokens(render_source(source, SAME_TOKEN)) + 2
        if number and spent > budget:
            break
        number += 1
    return first_sources(evidence, number)


def first_sources(evidence: Evidence, number: int) -> Evidence:
    """The evidence with its best sources only; the others are counted as dropped."""
    dropped = evidence.dropped + len(evidence.sources[number:])
    return evidence.model_copy(update={"sources": evidence.sources[:number], "dropped": dropped})
