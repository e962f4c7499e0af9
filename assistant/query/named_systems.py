"""The names that papers give what they propose, and the questions that ask for them by name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.text.discourse_cues import CUE, PROPOSAL, RESULT, is_housekeeping, is_on_own_work
from assistant.text.words import is_name
from assistant.types.evidence import Source
from store.pattern import pattern
from store.types import Paper, PaperText

_NAME = r"[^\W_](?:[\w+*.'’/-]{0,28}[\w+*])?"
_OF_TITLE = pattern(rf"^({_NAME}(?: \d)?)\s*(?::|\s[–—-]\s)")
_CALLED = pattern(rf"\b(?:called|named|dubbed|termed|coined|denoted as|abbreviated as)\W+({_NAME})")
_PROPOSED = pattern(
    r"\b(?:propos|present|introduc|develop|design|describ)\w*(?:\W+(?:a|an|the|our|new|novel"
    rf"|method|framework|model|approach|system))*\W+({_NAME})"
)
_IN_BRACKETS = pattern(rf"\(({_NAME})(?: or ({_NAME}))?\)")
_WORD = pattern(_NAME)
_LEAST_LETTERS = 3
_MARKS = pattern(r"[\W_]+")


def coined_name(paper: Paper | PaperText) -> str:
    """The name that a paper gives what it proposes, by its title: "FoxNet: a network for ..."."""
    found = _OF_TITLE.match(paper.title.strip())
    if found is None:
        return ""
    return found[1] if is_name(found[1]) or _is_proper(found[1], paper.abstract) else ""


def _is_proper(word: str, abstract: str) -> bool:
    """True for a capitalised word that an abstract has so within its sentences, and never small."""
    if not word[0].isupper() or len(word) < _LEAST_LETTERS:
        return False
    within = re.search(rf"(?<=[\w,;] ){re.escape(word)}\b", abstract)
    return bool(within) and not re.search(rf"(?<![\w/.]){re.escape(word.lower())}\b", abstract)


def coined_names(source: Source) -> tuple[str, ...]:
    """The names that a paper gives what it proposes: by its title, or by its own words.

    "We propose FoxNet", "a network called FoxNet", "a fox network (FoxNet)"; the one of the
    title comes first.
    """
    found = [coined_name(source.paper)]
    for sentence in source.sentences[1:]:
        text = sentence.text
        found += [match[1] for match in _CALLED.finditer(text)]
        if PROPOSAL.search(text):
            found += [match[1] for match in _PROPOSED.finditer(text)]
        if CUE.search(text):
            found += [
                name for match in _IN_BRACKETS.finditer(text) for name in match.groups() if name
            ]
    return tuple(
        dict.fromkeys(
            name
            for name in found
            if any(map(str.isupper, name)) and (is_name(name) or name == found[0])
        )
    )


def is_own_part(text: str, paper: Paper | PaperText) -> bool:
    """True for a sentence on what a paper itself does, by its cues or the name it coins."""
    if is_housekeeping(text):
        return False
    if is_on_own_work(text):
        return True
    name = coined_name(paper)
    return bool(name) and name in text and bool(RESULT.search(text))


def named_in(question: str, sources: Sequence[Source]) -> tuple[Source, ...]:
    """The sources whose own name a question says, in the order of the question, each once.

    A name that a paper's title does not give, and other papers have too, is nobody's own: it
    is a metric or a data set.
    """
    asked = dict.fromkeys(
        _bare(match.group()) for match in _WORD.finditer(question) if is_name(match.group())
    )
    if not asked:
        return ()
    titles = [_bare(coined_name(source.paper)) for source in sources]
    coined = [{_bare(name) for name in coined_names(source)} for source in sources]
    held = [
        {_bare(match.group()) for one in source.sentences for match in _WORD.finditer(one.text)}
        for source in sources
    ]
    found: dict[int, Source] = {}
    for word in asked:
        at = titles.index(word) if word in titles else None
        if at is None and sum(word in words for words in held) == 1:
            at = next((place for place, names in enumerate(coined) if word in names), None)
        if at is not None:
            found.setdefault(sources[at].number, sources[at])
    return tuple(found.values())


def _bare(name: str) -> str:
    """A name in small letters without hyphens and the like: BS-RoFormer is bsroformer."""
    return _MARKS.sub("", name).lower()
