"""What a conversation has spoken of: its papers, its lists, its subject, and their names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from assistant.query.named_systems import coined_names
from assistant.text.sentences import source_sentences
from assistant.text.words import terms
from assistant.types.answers import Reference
from assistant.types.evidence import Source
from assistant.types.sessions import Turn
from store.pattern import pattern
from store.types import Paper, Ranks

MOST_NAMED = 5
"""So many papers are named in a question; of more it is said how many."""

BESIDE = " — "
"""Between a question and the one before it, where nothing of that can be put into it."""

_CAMEL = pattern(r"^[^\W\d_]*[a-z][A-Z]\w*")
"""A title that begins with a name: "FoxNet for foxes"."""
_LEAST_LETTERS = 3
_HALF = 0.5


@dataclass(frozen=True)
class Spoken:
    """A paper of the conversation: its reference, the names it gives what it proposes."""

    reference: Reference
    names: tuple[str, ...]

    @classmethod
    def of(cls, one: Reference) -> Spoken:
        """Read the names of a reference out of its title and abstract."""
        paper = Paper(
            id=one.id, title=one.title, abstract=one.abstract, content_hash="", added_at=""
        )
        sentences = source_sentences(one.title, one.abstract)
        source = Source(number=1, paper=paper, sentences=sentences, score=0.0, ranks=Ranks())
        return cls(one, tuple(dict.fromkeys((*_CAMEL.findall(one.title), *coined_names(source)))))

    @property
    def title(self) -> str:
        """Its title as it stands within a question: without a mark that would end it."""
        return re.sub(r"\s*[?!.]+(?=\s)", ":", self.reference.title.rstrip("?!. "))

    @property
    def name(self) -> str:
        """What it is called in a question: the name in its title, or that title in quotes."""
        title = self.reference.title
        own = next((name for name in self.names if title.startswith(name)), "")
        return own or f"“{self.title}”"

    @property
    def forms(self) -> tuple[str, ...]:
        """How questions name it: its title, in quotes or not, and its own name."""
        return (f"“{self.title}”", self.title, *self.names[:1])

    def is_said_in(self, text: str) -> bool:
        """True where a text has its title, or the name it gives what it proposes."""
        return self in said_in(text, [self])

    def begins_with(self, word: str) -> bool:
        """True where a word is a name of it, or begins one."""
        bare = _bare(word)
        return len(bare) >= _LEAST_LETTERS and any(
            _bare(name).startswith(bare) for name in self.names
        )

    def is_of(self, word: str) -> bool:
        """True where a word is the surname of an author, or the year."""
        bare, one = _bare(word), self.reference
        surnames = {_bare(author.split()[-1]) for author in one.authors if author.split()}
        return bare in surnames or bare == str(one.year)

    def is_called(self, word: str) -> bool:
        """True where a word begins a name or a word of its title, or is of its record."""
        parts = re.split(r"\W+", self.reference.title)
        titled = any(_bare(part).startswith(_bare(word)) for part in parts)
        is_long = len(_bare(word)) >= _LEAST_LETTERS
        return (is_long and titled) or self.begins_with(word) or self.is_of(word)

    def share(self, text: str) -> float:
        """How many of the terms of a text its record has, 0 to 1."""
        one = self.reference
        held = set(terms(" ".join((one.title, one.abstract, *one.authors, str(one.year)))))
        asked = set(terms(text))
        return sum(term in held for term in asked) / max(len(asked), 1)


@dataclass(frozen=True)
class Conversation:
    """The turns of a conversation, oldest first, never none."""

    turns: tuple[Turn, ...]

    @cached_property
    def papers(self) -> tuple[Spoken, ...]:
        """All papers that answers rested on, each once, in the order in which they came."""
        every = {one.id: one for turn in self.turns for one in turn.answer.references}
        return tuple(map(Spoken.of, every.values()))

    @property
    def before(self) -> str:
        """The question before, standing alone."""
        return _alone(self.turns[-1])

    @property
    def general(self) -> str:
        """The last question that gave a list and names none of it, else the one before."""
        gave = (turn for turn in self.turns[::-1] if len(self.spoken_of(turn)) > 1)
        asked = (text for turn in gave if not said_in(text := _alone(turn), self.papers))
        return next(asked, self.before)

    def spoken_of(self, turn: Turn) -> tuple[Spoken, ...]:
        """The papers a turn was about, as its answer numbers them.

        Those that its question names, else all of its answer.
        """
        named = said_in(turn.answer.standalone or turn.question, self.papers)
        place = {one.id: number for number, one in enumerate(turn.answer.references)}
        cited = [one for one in self.papers if one.reference.id in place]
        most = len(place)
        return tuple(sorted(named or cited, key=lambda one: place.get(one.reference.id, most)))

    @cached_property
    def subject(self) -> tuple[Spoken, ...]:
        """What "it" stands for: the papers of the turn before."""
        return self.spoken_of(self.turns[-1])

    def listed(self, number: int = 0) -> tuple[Spoken, ...]:
        """The last list, of `number` papers where one has so many; without a list, all papers."""
        lists = [found for turn in self.turns if len(found := self.spoken_of(turn)) > 1]
        of_number = [one for one in lists if len(one) == number]
        return (of_number or lists or [self.papers])[-1]

    def others(self) -> tuple[Spoken, ...]:
        """What is not the subject, of the last list that has it, else of all, the latest first.

        Where all of the list was spoken of, its first paper counts as the subject.
        """
        near, subject = self.listed(), self.subject
        if set(ids_of(near)) <= set(ids_of(subject)):
            subject = subject[:1]
        among = near if set(ids_of(subject)) < set(ids_of(near)) else self.papers[::-1]
        return tuple(one for one in among if one not in subject)

    def called(self, text: str, words: Sequence[str]) -> tuple[Spoken, ...]:
        """The papers that all words of a text mean: one so named, those of an author or a year.

        Else the one whose title has them.
        """
        if not words:
            return ()

        def those(is_so: Callable[[Spoken, str], bool]) -> tuple[Spoken, ...]:
            return self.meant(lambda one: all(is_so(one, word) for word in words))

        said, named = said_in(text, self.papers), those(Spoken.begins_with)
        titled = those(Spoken.is_called)
        return (said or named)[:1] or those(Spoken.is_of) or (titled if len(titled) == 1 else ())

    def meant(self, is_it: Callable[[Spoken], bool]) -> tuple[Spoken, ...]:
        """The papers for which something holds, the latest first."""
        return tuple(one for one in reversed(self.papers) if is_it(one))

    def described(self, text: str) -> tuple[Spoken, ...]:
        """The one paper that has most of the terms of a description; none where two have."""
        shares = [one.share(text) for one in self.papers]
        best = max(shares, default=0.0)
        if best < _HALF or not terms(text):
            return ()
        return tuple(one for one, share in zip(self.papers, shares, strict=True) if share == best)


def _alone(turn: Turn) -> str:
    text = (turn.answer.standalone or turn.question).rsplit(BESIDE)[-1]
    # Older conversations have in brackets what was carried over.
    return re.sub(r"(?<=[?.]) \(.*\)$", "", text)


def ids_of(papers: Sequence[Spoken]) -> tuple[str, ...]:
    """The ids of papers, each once."""
    return tuple(dict.fromkeys(one.reference.id for one in papers))


def said_in(text: str, papers: Sequence[Spoken]) -> tuple[Spoken, ...]:
    """The papers that a text names; of names that begin alike the longest counts."""
    forms = [(form, one) for one in papers for form in one.forms]
    found: dict[Spoken, int] = {}
    for form, one in sorted(forms, key=lambda pair: -len(pair[0])):
        words = r"[\W_]*".join(map(re.escape, re.findall(r"\w+", form)))
        match = re.search(rf"(?<![\w-]){words}(?![\w])", text, re.IGNORECASE)
        if match:
            found.setdefault(one, match.start())
            text = text[: match.start()] + " " * len(match.group()) + text[match.end() :]
    return tuple(sorted(found, key=lambda one: found[one]))


def together(papers: Sequence[Spoken]) -> str:
    """The names of papers in a row: "A, B and C"; of many, how many they are."""
    names = [one.name for one in papers]
    if len(names) > MOST_NAMED:
        return f"the {len(names)} papers listed"
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _bare(word: str) -> str:
    """A word in small letters without hyphens and accents: BS-RoFormer is bsroformer."""
    apart = unicodedata.normalize("NFKD", word)
    return "".join(char for char in apart if char.isalnum()).lower()
