"""Keeping what a model merely repeats of its prompt out of its answer.

Models of few parameters write down lines of their prompt: the fences around the sources, the
rules, the question. A sentence copied out of a source is an answer, and stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.prompting.prompts import REFUSAL
from assistant.text.sentences import split_sentences
from assistant.types.message import Message
from store.pattern import pattern

_LIST_MARK = pattern(r"(?:\d{1,2}[.)]|[-*•])\s+")
_FEWEST_WORDS = 4
"""Fewer words in a row may be anybody's, those of a prompt too."""
_LEAST_OF_TOKEN = 4
"""So many digits that stand for themselves at the end of a text are a token that was cut off: one
in 65 536 is chance."""
_BLANKS = " \t"
_LONGEST_GAP = 40
_CLOSED = (".", "?", "!")


@dataclass(frozen=True)
class PromptWords:
    """What of a prompt a reply may repeat and must not: the token of its fences, and its lines.

    `lines` are those outside the fences, and their sentences; `question` is what is asked.
    """

    token: str = ""
    lines: frozenset[str] = frozenset()
    question: str = ""


NO_WORDS = PromptWords()
"""Those of no prompt."""


def words_of(
    messages: Iterable[Message], token: str, question: str = "", *, sources: bool = False
) -> PromptWords:
    """The words of a prompt whose fences begin with a token; with `sources` what they hold, too."""
    found: set[str] = set()
    for message in messages:
        is_inside, before = False, ""
        for line in map(str.strip, message.content.split("\n")):
            if token and line.startswith(token):
                is_inside = not is_inside
            elif sources or not is_inside:
                sentences = [line[start:end] for start, end in split_sentences(line)]
                found.update(_LIST_MARK.sub("", one, count=1) for one in sentences)
                found.update((line, *sentences))
                if line and not _is_long(line):
                    # A word alone is anybody's, the marker too; below its line it is the prompt's.
                    found.add(f"{before}\n{line}")
            before = line
    lines = frozenset(one for one in found if _is_long(one) and REFUSAL not in (one, one + "."))
    asked = question.strip()
    is_told = _is_long(asked) and asked.endswith("?")  # without, it may be the answer, too
    return PromptWords(token, lines, asked if is_told else "")


def _is_long(text: str) -> bool:
    return len(text.split(None, _FEWEST_WORDS)) >= _FEWEST_WORDS


class EchoFilter:
    """Takes lines of a prompt out of a text that arrives in pieces cut anywhere.

    A fence begins with a random token, which no source holds: from the token, in letters of any
    size, to the end of its line nothing is passed on. A line is left out that copies one of the
    prompt, or a sentence of it, word for word, one that breaks off where the text ends included;
    so is what begins a line and copies one, where a stop closes it. With a line its break is.
    """

    def __init__(self, words: PromptWords) -> None:
        self._token = words.token
        self._fence = re.compile(re.escape(words.token), re.IGNORECASE)
        self._lines = words.lines
        self._units = tuple(filter(None, (*words.lines, words.question)))
        self._held = ""
        self._begins = True
        self._dropping = False
        self._before = "\n"
        self.dropped = False

    def feed(self, piece: str) -> str:
        """Take a piece, return what certainly is no echo."""
        if not self._token and not self._units:
            return piece
        self._held += piece
        return self._take(final=False)

    def finish(self) -> str:
        """Return what was still held back."""
        return self._take(final=True)

    def _take(self, *, final: bool) -> str:
        passed: list[str] = []
        while self._held:
            if self._dropping:
                _, newline, self._held = self._held.partition("\n")
                self._dropping = not newline
                if newline and self._before != "\n":
                    self._pass("\n", passed)
                self._begins = bool(newline)
                continue
            if self._begins:
                copied = self._copied(final=final)
                if copied is None:
                    break
                self._held = self._held[copied:]
                self.dropped = self.dropped or copied > 0
                self._begins = copied > 0
                if copied:
                    continue
            if not self._line(passed, final=final):
                break
        return "".join(passed)

    def _copied(self, *, final: bool) -> int | None:
        """How much from here on is a copy; None where only more text can tell."""
        body = self._held.lstrip(_BLANKS)
        lead = len(self._held) - len(body)
        if not body:
            return None if not final and lead < _LONGEST_GAP else 0
        if lead >= _LONGEST_GAP:
            return 0
        longest = 0
        for unit in self._units:
            if unit.startswith(body):
                if not final:
                    return None
                is_cut = len(unit) > len(body) and unit in self._lines and _is_long(body)
                longest = len(body) if is_cut or unit == body else longest
            elif body.startswith(unit):
                size = _size(body, unit, final=final)
                if size is None:
                    return None
                longest = max(longest, size)
        return lead + longest if longest else 0

    def _line(self, passed: list[str], *, final: bool) -> bool:
        """Pass on what stands here up to the end of its line, or to a token; False to wait."""
        end = self._held.find("\n") + 1
        text = self._held[:end] if end else self._held
        if self._token and (fence := self._fence.search(text)):
            self._pass(text[: fence.start()], passed)
            self._held, self._dropping, self.dropped = self._held[fence.start() :], True, True
            return True
        keep = 0 if end or not self._token else self._begun(text)
        self._pass(text[: len(text) - keep], passed)
        self._held = text[len(text) - keep :] + self._held[len(text) :]
        self._begins = bool(end)
        if not final or not keep:
            return not keep
        if keep >= _LEAST_OF_TOKEN and not self._before.isalnum():
            self.dropped = True
        else:
            self._pass(self._held, passed)
        self._held = ""
        return False

    def _pass(self, text: str, passed: list[str]) -> None:
        passed.append(text)
        line = text.rpartition("\n")[2]
        if text:
            # What a line has before a token: blanks are nothing.
            is_blank = not line.strip() and (self._before == "\n" or "\n" in text)
            self._before = "\n" if is_blank else text[-1]

    def _begun(self, text: str) -> int:
        """How many letters at the end of a text may begin the token."""
        longest = min(len(text), len(self._token) - 1)
        lengths = range(longest, 0, -1)
        return next((one for one in lengths if self._token.startswith(text[-one:].lower())), 0)


def _size(body: str, unit: str, *, final: bool) -> int | None:
    """How much of a text that begins with a unit is that one's copy; None where it may go on."""
    rest = body[len(unit) : len(unit) + _LONGEST_GAP]
    following = rest.lstrip(_BLANKS)
    if not following:
        whole = final or len(rest) == _LONGEST_GAP
        return len(unit) + len(rest) if whole else None
    blanks = len(rest) - len(following)
    if following[0] == "\n":
        return len(unit) + blanks + 1
    return len(unit) + blanks if blanks and unit.endswith(_CLOSED) else 0


def without_echo(text: str, words: PromptWords) -> str:
    """A whole text without what it repeats of a prompt."""
    echo = EchoFilter(words)
    return echo.feed(text) + echo.finish()
