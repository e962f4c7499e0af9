"""The marks that models put around turns and thoughts: a table, and what opens and closes."""

from __future__ import annotations

import re

from store.pattern import pattern

_THINKING = r"think(?:ing)?|thought|reasoning|seed:think"
_NAMED = (
    r"start|begin|end|eo[tms]|bos|user|assistant|system|model|header|channel|message|constrain"
    r"|return|call|sep|pad"
)
"""What the names of special tokens say; "<|x|>" may be a formula."""
MARK = pattern(
    rf"<(?P<closes>/?)(?P<tag>{_THINKING})>"
    r"|\[(?P<closes2>/?)THINK\]|◁(?P<closes3>/?)think▷"
    rf"|<[|｜](?P<token>[\w▁:.-]{{0,20}}(?:{_NAMED})[\w▁:.-]{{0,20}})[|｜]>"
    r"|</?s>|<[eb]os>|<(?:start|end)_of_turn>",
    re.I,
)
"""A tag of thinking; a special token; the tokens of turns that are written otherwise."""
BEGUN = pattern(
    r"<(?:[|｜](?:[\w▁:.-]{0,40}[|｜]?)?|/?[a-z:_]{0,13})?$|\[/?[a-z]{0,5}$|◁/?[a-z]{0,5}$", re.I
)
"""The end of a text with which a mark may begin."""
_OPENING_TOKENS = ("begin_of_thought", "start_thinking")
_CLOSING_TOKENS = ("end_of_thought", "end_thinking")
LONGEST = 46
"""Characters of the longest mark, at the most."""
ROLE_BEGINS = ("<|im_start|>", "<|start_header_id|>", "<start_of_turn>")
"""Marks behind which the name of a role stands."""
_TAIL = 120


def opens(mark: re.Match[str]) -> bool:
    """Whether a mark opens a thought."""
    if mark["token"]:
        return mark["token"].lower() in _OPENING_TOKENS
    return "" in (mark["closes"], mark["closes2"], mark["closes3"])


def closes(mark: re.Match[str]) -> bool:
    """Whether a mark closes a thought."""
    if mark["token"]:
        return mark["token"].lower() in _CLOSING_TOKENS
    return "/" in (mark["closes"], mark["closes2"], mark["closes3"])


def ends_in_thought(prompt: str) -> bool:
    """Whether a prompt, as a template made it, ends with the tag that opens a thought."""
    marks = list(MARK.finditer(prompt[-_TAIL:].rstrip()))
    return bool(marks) and opens(marks[-1]) and prompt.rstrip().endswith(marks[-1][0])
