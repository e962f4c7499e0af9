"""A query with its typing mistakes mended, where no paper holds a word as it is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from store.pattern import pattern

NearWords = Callable[[str], Sequence[str]]
"""The nearest words to one that no paper holds, the best first; empty for all others."""

_WORD = pattern(r"[^\W_]+")
_MENDED_AT_MOST = 8
"""Words mended in one query: a long text in a foreign language is left alone after them."""


@dataclass(frozen=True)
class Respelled:
    """A query as it is searched, and what was put in the place of words no paper holds."""

    text: str
    mended: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """A line for the reader on each word that was mended."""
        return tuple(
            f"no paper has “{word}”: searched {_quoted(near, 'and')} instead"
            for word, near in self.mended
        )

    @property
    def guesses(self) -> tuple[str, ...]:
        """The same where nothing was searched."""
        return tuple(
            f"no paper has “{word}”: did you mean {_quoted(near, 'or')}?"
            for word, near in self.mended
        )


def written_words(text: str) -> list[str]:
    """The words of a text as they are written, repeats kept."""
    return _WORD.findall(text)


def respelled(text: str, near_words: NearWords) -> Respelled:
    """Put the nearest known words in the place of each word that no paper holds.

    An unknown word finds nothing by itself, so nothing is lost. Names with capitals inside
    (LoRA, GPT) are left alone: each is near some other one.
    """
    parts: list[str] = []
    mended: dict[str, tuple[str, ...]] = {}
    known: set[str] = set()
    shouts = text.isupper()
    end = 0
    for found in _WORD.finditer(text):
        word = found[0]
        if word not in mended and word not in known:
            looks = len(mended) < _MENDED_AT_MOST and (shouts or not _is_name(word))
            near = tuple(near_words(word)) if looks else ()
            if near:
                mended[word] = near
            else:
                known.add(word)
        if word in mended:
            parts += [text[end : found.start()], " ".join(mended[word])]
            end = found.end()
    return Respelled("".join((*parts, text[end:])), tuple(mended.items()))


def _is_name(word: str) -> bool:
    return any(letter.isupper() for letter in word[1:])


def _quoted(words: Sequence[str], joint: str) -> str:
    return f" {joint} ".join(f"“{word}”" for word in words)
