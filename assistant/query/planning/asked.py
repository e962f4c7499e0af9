"""The words of a question as records are looked for in it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from assistant.text.words import STOP_WORDS
from store.clean import folded
from store.pattern import pattern
from store.tables import read_table
from store.types import Filter

_WORD = pattern(r"&|[^\W_]+(?:['’\-‐‑–.&][^\W_]+)*")
_PIECE = pattern(r"[^\W_]+")
_SENTENCE_END = pattern(r"(?:^|[.!?:]\s|\n)[\W_]*\Z")
_POSSESSIVE = pattern(r"['’]s?\Z")
_OWN = pattern(r"['’]?s\b")
_TABLE = read_table(__file__, "records.toml")


def ordered(name: str) -> list[str]:
    """The words of a class of `records.toml`, in their order."""
    return str(_TABLE[name]).split()


def word_class(name: str) -> frozenset[str]:
    """The words of a closed class of `records.toml`."""
    return frozenset(ordered(name))


PAPER_NOUNS, PUBLISH = word_class("paper_nouns"), word_class("publish")
EXCLUDING, _LINKING = word_class("excluding"), word_class("linking")
_SPEAK, _BEFORE_VERB = word_class("speak"), word_class("before_verbs")
_AUXILIARY = frozenset(("did", "has", "have", "had", "does", "do", "didn't", "hasn't", "haven't"))
_NOT = frozenset(("not", "never"))
NO_TOPIC = STOP_WORDS | word_class("asking")
"""Words that are no topic of a question, with those of `PAPER_NOUNS` and `PUBLISH`."""


@dataclass(frozen=True)
class AskedWord:
    """A word of a question: `text[start:end]` as it stands there, and how it is compared.

    `plain` is folded and without a possessive ending, `pieces` are its parts at hyphens and
    apostrophes. `is_capital` says that a capital stands where no sentence begins, or inside.
    """

    start: int
    end: int
    plain: str
    pieces: tuple[str, ...]
    is_capital: bool
    is_possessive: bool


@dataclass(frozen=True)
class Span:
    """A part of a question that says which papers: words `first` to `last` of it.

    `filter` is what it asks for, `words` how that is said to the reader, `typed` how it is typed.
    `is_excluded` turns it round: the papers that its filter leaves are left out. `stands_for` is
    what a search reads in its place.
    """

    first: int
    last: int
    filter: Filter
    words: str
    typed: str = ""
    is_excluded: bool = False
    stands_for: str = ""


@dataclass
class Asked:
    """A question in words, of which some are taken as records are found in it."""

    text: str
    words: tuple[AskedWord, ...]
    spans: list[Span] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)
    fillers: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, question: str) -> Asked:
        """The words of a question, of which none is taken."""
        return cls(question, tuple(_words(question)))

    def take(self, span: Span) -> None:
        """Keep a span; its words are nobody else's from now on."""
        self.spans.append(span)
        self.taken.update(range(span.first, span.last + 1))

    def turn_excluded(self) -> None:
        """Turn round the spans that a word of leaving out stands before, or another such span.

        So are authors who did not write.
        """
        for number, span in enumerate(self.spans):
            if span.filter.authors and (last := self._denied_until(span.last)):
                self.spans[number] = replace(span, last=last, is_excluded=True)
                self.taken.update(range(span.first, last + 1))
                continue
            at = span.first - 1
            turned = {one.last for one in self.spans if one.is_excluded and one.last >= 0}
            while at not in turned and self.plain(at) in _LINKING and self.plain(at):
                at -= 1
            is_turned = self.plain(at) in EXCLUDING or (at > 0 and self.plain(at).endswith("n't"))
            if span.is_excluded or not span.words or not (is_turned or at in turned):
                continue
            first = at if is_turned else at + 1
            self.spans[number] = replace(span, first=first, is_excluded=True)
            self.taken.update(range(first, span.last + 1))

    def _denied_until(self, last: int) -> int:
        """The last word of "did not write" right behind a word; 0 where that does not stand there.

        "did" may stand before the name, too.
        """
        at = last + 1
        if self.plain(at) in _AUXILIARY:
            at += 1
        if self.plain(at) in _NOT:
            at += 1
        elif not self.plain(at - 1).endswith("n't"):
            return 0
        return at if at > last + 1 and self.plain(at) in PUBLISH else 0

    def is_free(self, first: int, last: int) -> bool:
        """True where none of some words is taken."""
        return self.taken.isdisjoint(range(first, last + 1))

    def plain(self, at: int) -> str:
        """The word at a place, folded; empty beside the question, and where it is taken."""
        inside = 0 <= at < len(self.words) and at not in self.taken
        return self.words[at].plain if inside else ""

    def at_char(self, start: int, end: int) -> tuple[int, int] | None:
        """The first and last of the words that some characters hold."""
        inside = [n for n, one in enumerate(self.words) if one.start < end and one.end > start]
        return (inside[0], inside[-1]) if inside else None

    def before(self, at: int, passing: Collection[str] = ("the", "a", "an")) -> str:
        """The word before one, articles passed over; empty where a clause begins."""
        at -= 1
        while self.plain(at) in passing and self.plain(at):
            at -= 1
        return self.plain(at)

    @property
    def topic(self) -> list[int]:
        """The words that say what papers are about: not taken, and no word of asking."""
        return [
            at
            for at, one in enumerate(self.words)
            if at not in self.taken
            and at not in self.fillers
            and one.plain not in NO_TOPIC
            and one.plain not in PAPER_NOUNS
            and one.plain not in PUBLISH
            and not (one.plain in _SPEAK and self._is_said_of_papers(at))
        ]

    def _is_said_of_papers(self, at: int) -> bool:
        """True for what papers do with a topic: "papers that mention it", "how many deal with"."""
        before = self.words[at - 1].plain if at else ""
        return before in PAPER_NOUNS or before in _BEFORE_VERB

    def rest(self) -> str:
        """The question without the words that were taken, or with what they stand for."""
        kept, at = [], 0
        names = {one.first: one.stands_for for one in self.spans if one.stands_for}
        for number in sorted(self.taken):
            word = self.words[number]
            end = word.end
            between = "" if number - 1 in self.taken else self.text[at : word.start]
            kept += [between, names.get(number, "")]
            while ending := _OWN.match(self.text, end):
                end = ending.end()
            at = end
        kept.append(self.text[at:])
        return " ".join("".join(kept).split()).strip(" ,;:-–—")

    def topic_text(self) -> str:
        """The topic in the question's own words, in order, from its first to its last word."""
        topic = self.topic
        if not topic:
            return ""
        skipped = PAPER_NOUNS | PUBLISH
        inner = [
            self.text[one.start : one.end]
            for at, one in enumerate(self.words)
            if topic[0] <= at <= topic[-1]
            and at not in self.taken | self.fillers
            and (at in topic or one.plain not in skipped)
        ]
        return " ".join(inner)


def _words(question: str) -> Iterator[AskedWord]:
    found = list(_WORD.finditer(question))
    capitals = sum(one.group()[0].isupper() for one in found)
    shouts = len(found) > 3 and capitals > 0.7 * len(found)
    for one in found:
        text = one.group()
        bare = _POSSESSIVE.sub("", text) if text[-2:].lower() in ("'s", "’s") else text
        inner = any(letter.isupper() for letter in bare[1:])
        opens = bool(_SENTENCE_END.search(question[max(0, one.start() - 8) : one.start()]))
        opens = opens and (one.start() < 8 or question[one.start() - 1].isspace())
        capital = (bare[0].isupper() and not opens) or inner
        plain = folded(bare).replace("’", "'")
        possessive = bare != text or question[one.end() : one.end() + 1] in ("'", "’")
        yield AskedWord(
            one.start(),
            one.start() + len(bare),
            plain,
            tuple(_PIECE.findall(plain)),
            capital and not shouts,
            possessive,
        )


def pieces_of(text: str) -> tuple[str, ...]:
    """The parts of a name as they are compared: folded, cut at all but letters and digits."""
    return tuple(_PIECE.findall(folded(text)))


def is_run(inside: Sequence[str], whole: Sequence[str]) -> bool:
    """True where some parts stand one after another in others."""
    size = len(inside)
    return any(tuple(whole[at : at + size]) == tuple(inside) for at in range(len(whole) - size + 1))
