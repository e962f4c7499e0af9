"""Noticing that a model says the same over and over, while it does.

Small models fall into a loop and run on to their token limit. A text loops where its words are
those of some words before, again and again; numbers may count up on the way ("4. The same.
5. The same."). Rows of a table or a list that differ in a word, or in a number that is no counter,
do not loop.
"""

from __future__ import annotations

from assistant.text.sentences import OTHER_STOPS
from store.pattern import pattern

_WORD = pattern(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]{1,60}|[^\w\s]{12}")
_LONGEST_WORD, _LONGEST_GAP = 60, 200
_START = pattern(rf"[.!?][\"'”’)\]*_]*\s+|[\n{OTHER_STOPS}]\s*")
"""What stands before the first word of a sentence or a line."""
_CLOSED = pattern(rf"(?:[.!?:\]{OTHER_STOPS}][\"'”’)*_]*|\n)\s*\Z")
_GRAM = 4
"""So many words in a row that stand there already may begin a loop."""
_LONGEST_COUNTER = 9

FEWEST = 40
"""Words that must be said again, and the whole twice over, before a text counts as looping."""
FEWEST_COUNTING = 100
"""The same where numbers count up on the way: steps and layers may be listed so."""


class LoopFilter:
    """Passes a text on until it loops; `loops` is True then, and nothing more is passed.

    The beginning of a sentence is held back, for the four words that tell, and longer while it
    repeats what was said before: so what was passed ends before the loop. The first sentence is
    never held. Time is linear in the text.
    """

    def __init__(self) -> None:
        self._words = _Words()
        self._open = ""
        self._open_passed = 0
        self._held: list[str] = []
        self._in_sentence = _GRAM  # nothing can be repeated yet
        self._tail = ""

    @property
    def loops(self) -> bool:
        """True once the text says the same again and again."""
        return self._words.loops

    def feed(self, piece: str) -> str:
        """Take a piece, return what surely is no loop."""
        if self.loops:
            return ""
        self._open += piece
        out: list[str] = []
        done = 0
        for found in _WORD.finditer(self._open):
            if found.end() == len(self._open) and len(found.group()) < _LONGEST_WORD:
                break  # the word may go on
            done = self._between(done, found.start(), out)
            self._hold(done, found.end())
            done = found.end()
            self._in_sentence += 1
            if self._words.take(found.group()):
                return self._passed(out)
            if self._is_free:
                out += self._release()
        done = self._between(done, len(self._open), out)
        # Part of a word is passed on only before there is anything that it could repeat.
        is_first = self._is_free and self._words.are_few
        if is_first or len(self._open) - done > _LONGEST_GAP:
            self._hold(done, len(self._open))
            self._open_passed = len(self._open)
            out += self._release()
        if len(self._open) - done > _LONGEST_GAP:
            done = len(self._open)
        self._open, self._open_passed = self._open[done:], max(self._open_passed - done, 0)
        return self._passed(out)

    def _between(self, done: int, end: int, out: list[str]) -> int:
        """Go past the end of a sentence that stands there, if one does; returns where to."""
        starts = [one.end() for one in _START.finditer(self._open, done, end)]
        # "2. The same": a number alone begins an item of a list.
        is_item = self._in_sentence == 1 and self._words.ends_in_number
        if not starts or (is_item and "\n" not in self._open[done:end]):
            return done
        self._hold(done, starts[-1])
        if not self._words.run:
            out += self._release()
        self._in_sentence = 0
        return starts[-1]

    def _hold(self, start: int, end: int) -> None:
        self._held.append(self._open[max(start, self._open_passed) : end])

    def _passed(self, out: list[str]) -> str:
        shown = "".join(out)
        self._tail = (self._tail + shown)[-_LONGEST_WORD:]
        return shown

    def finish(self) -> str:
        """Return what was held back; of a text that loops, what closes it before the loop."""
        if self.loops:
            return "" if _CLOSED.search(self._tail) or not self._tail.strip() else " …"
        rest = "".join((*self._release(), self._open[self._open_passed :]))
        self._open, self._open_passed = "", 0
        return rest

    @property
    def _is_free(self) -> bool:
        return not self._words.run and self._in_sentence >= _GRAM

    def _release(self) -> list[str]:
        held, self._held = self._held, []
        return held


class _Words:
    """The words of a text so far, and how many of the last are those that stand `lag` before."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._seen: dict[tuple[str, ...], int] = {}
        self._lag = 0
        self._counts = False
        self.run = 0
        self.loops = False

    @property
    def are_few(self) -> bool:
        """True before there is anything that may be repeated."""
        return len(self._words) < _GRAM

    @property
    def ends_in_number(self) -> bool:
        """True where the last word is a number."""
        return bool(self._words) and self._words[-1].isdecimal()

    def take(self, word: str) -> bool:
        """One word more; True once they loop."""
        self._words.append(word.casefold())
        at = len(self._words) - 1
        if self._lag and self._agrees(at):
            self.run += 1
        else:
            self._lag = self.run = 0
            self._counts = False
        gram = tuple("0" if one.isdecimal() else one for one in self._words[-_GRAM:])
        before = self._seen.get(gram)
        self._seen[gram] = at
        if not self._lag and before is not None and before >= _GRAM - 1:
            self._lag = at - before
            if all(self._agrees(one) for one in range(at - _GRAM + 1, at + 1)):
                self.run = _GRAM
            else:
                self._lag = 0
        fewest = FEWEST_COUNTING if self._counts else FEWEST
        self.loops = self.run >= max(2 * self._lag, fewest)
        return self.loops

    def _agrees(self, at: int) -> bool:
        """True where a word is the one that stands `lag` before, or its number counts on."""
        now, then = self._words[at], self._words[at - self._lag]
        if now == then:
            return True
        if not (now.isdecimal() and then.isdecimal()) or len(now) > _LONGEST_COUNTER:
            return False
        self._counts = True
        return int(now) == int(then) + 1
