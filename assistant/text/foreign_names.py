"""Names in a claim that the papers it cites do not have: those of another paper or data set."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.text.numbers.compare import is_unit
from assistant.text.rare_words import is_rare, unknown_idf
from assistant.text.words import STOP_WORDS, Statistics, terms
from store.pattern import pattern

_WORD = pattern(r"[^\W_]+(?:['’\-‐‑+./][^\W_]+)*\+*")
_SHORT = 4


def foreign_names(
    claim: str, papers: Sequence[str], others: Sequence[str], statistics: Statistics
) -> tuple[str, ...]:
    """The names of a claim that other papers have, and the text of those cited in no form.

    A name is a word with capitals inside or digits ("CIFAR-10", "MoSA"), or a capitalised
    one within the sentence that stands in `others`, the papers read beside. An acronym whose
    words stand in the text is not foreign, nor is a compound whose names stand there
    ("AMPK-dependent"), nor a name that no paper of the collection has.
    """
    every = _names(claim)
    if not every:
        return ()
    statistics.learn(claim)
    names = [one for one in every if _may_be_foreign(one, others, statistics)]
    if not names:
        return ()
    unknown = unknown_idf(statistics)
    paper = "\n".join(papers)
    held = frozenset(terms(paper))
    return tuple(
        name
        for name in names
        if all(statistics.idf(term) < unknown for term in terms(name))
        and not all(term in held for term in terms(name))
        and not _is_held(name, paper)
        and not all(_is_held(part, paper) for part in _name_parts(name))
    )


def _names(text: str) -> list[str]:
    found: list[str] = []
    for match in _WORD.finditer(text):
        word = match.group()
        if word[0].isdigit() or (word.islower() and word.isalpha()):
            continue
        before = text[: match.start()].rstrip(" \t\"'“(*-")
        begins = not before or before.endswith((".", ":", "?", "!"))
        if _is_marked(word) or (word[0].isupper() and not begins and len(word) > 1):
            found.append(word)
    return [
        name
        for name in dict.fromkeys(found)
        if name.lower() not in STOP_WORDS and not is_unit(name)
    ]


def _name_parts(name: str) -> list[str]:
    """The parts of a compound that are names themselves; a number stays with its name."""
    if re.search(r"\d", name):
        kept = [part for part in re.split(r"[/+&]", name) if part]
        return [re.sub(r"-[a-z]{3,}\Z|\A[a-z]{3,}-", "", part) for part in kept]
    return [part for part in re.split(r"[-‐‑–/+]", name) if any(c.isupper() for c in part)]


def _may_be_foreign(name: str, others: Sequence[str], statistics: Statistics) -> bool:
    """True for a name that no common word is written like, and one that a paper beside has.

    A short acronym (GAN, NLP) counts only if it stands beside and is rare.
    """
    is_short = len(name.removesuffix("s")) < _SHORT and name.removesuffix("s").isupper()
    if _is_marked(name) and not is_short:
        return True
    beside = any(name in text for text in others)
    return beside and not (is_short and not all(is_rare(one, statistics) for one in terms(name)))


def _is_marked(word: str) -> bool:
    """True for a word that is written as no common word is: capitals inside, or digits."""
    return any(
        (len(part) == 1 and part.isupper()) or any(not char.islower() for char in part[1:])
        for part in re.split(r"[^\w]", word)
    )


def _is_held(name: str, paper: str) -> bool:
    """True where a name stands in a text, joined in any way, or its words do."""
    bare = name.removesuffix("s") if name[:-1].isupper() else name
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+", bare)
    ends = r"(?!\d)" if bare[-1:].isdigit() else r"s?(?![^\W_])" if len(bare) < _SHORT else ""
    joined = r"(?<![^\W_])" + r"[\W_]*".join(parts) + ends
    return bool(re.search(joined, paper, re.IGNORECASE)) or is_acronym_of(bare, paper)


def is_acronym_of(name: str, text: str) -> bool:
    """True when the letters of a name begin words that follow one another in a text.

    Of three letters the first may be missing: "DNN" beside "neural networks".
    """
    capitals = "".join(char for char in name if char.isupper())
    small = sum(1 for char in name if char.islower())
    if len(capitals) < 2 or small * 2 > len(capitals):
        return False
    initials = "".join(word[0] for word in re.findall(r"[^\W\d_]+", text.lower()))
    return capitals[len(name) == len(capitals) == 3 :].lower() in initials
