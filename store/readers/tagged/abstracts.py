"""One abstract out of several that a record has: given twice, in parts, or in two languages."""

from __future__ import annotations

from store.pattern import pattern

_WORD = pattern(r"[^\W\d_]+")
_SHORT_WORD = 4
_FEW_WORDS = 12
_MANY = 100
"""More abstracts than that are lines of one."""
_SAME_LANGUAGE = 0.3
"""Share of short words that two texts of one language have in common at least.

Among words of up to four letters stand the articles, prepositions and auxiliaries of a language:
texts of one language share more than half of them, texts of two hardly a tenth.
"""


def one_abstract(texts: list[str]) -> tuple[str, list[str]]:
    """The abstract that these texts make, and those that are in another language.

    A text that stands twice counts once, parts in one language are paragraphs of one abstract.
    """
    texts = list(filter(str.strip, texts))
    if len(texts) < 2:
        return "".join(texts), []
    if len(texts) > _MANY:
        return "\n\n".join(dict.fromkeys(texts)), []
    kept: dict[str, str] = {}
    other: list[str] = []
    for text in texts:
        plain = _plain(text)
        if any(plain in one for one in kept):
            continue
        if held := next((one for one in kept if one in plain), None):
            kept = {(plain if one == held else one): kept[one] for one in kept}
            kept[plain] = text
        elif not kept or is_same_language(" ".join(kept.values()), text):
            kept[plain] = text
        else:
            other.append(text)
    return "\n\n".join(kept.values()), other


def is_same_language(text: str, other: str) -> bool:
    """True where two texts seem to be in one language, by the short words that they share."""
    words, others = _short_words(text), _short_words(other)
    if min(len(words), len(others)) < _FEW_WORDS:
        return _is_latin(text) == _is_latin(other)
    known = set(words)
    return sum(word in known for word in others) / len(others) >= _SAME_LANGUAGE


def _short_words(text: str) -> list[str]:
    words = _WORD.findall(text.casefold())
    return [word for word in words if len(word) <= _SHORT_WORD]


def _is_latin(text: str) -> bool:
    letters: list[str] = _WORD.findall(text)
    latin = sum(word[0] < "\u0250" for word in letters)
    return latin * 2 >= len(letters)


def _plain(text: str) -> str:
    return "".join(_WORD.findall(text.casefold()))
