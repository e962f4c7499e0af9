"""Authors that a question names, told from words that only look like a name by evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.query.planning.asked import (
    EXCLUDING,
    NO_TOPIC,
    PAPER_NOUNS,
    PUBLISH,
    Asked,
    AskedWord,
    Span,
    pieces_of,
    word_class,
)
from assistant.query.planning.possessives import with_possessives
from assistant.text.words import STOP_WORDS
from store.library.library import Library
from store.types import Filter

_ENOUGH = 2.0
"""Evidence from which words are taken for an author. One unit is what a capital tells within a
sentence; two are a full name, a word that no abstract and no dictionary has, or "by" behind a
word for papers. Fewer are no name: the question is searched for as it stands."""

_LONGEST, _MOST_NAMES = 5, 12
_LONGEST_NAME = 100
"""Characters: what is longer in a record names nobody."""
_SAY, _GROUPS, _PARTICLES = word_class("say"), word_class("groups"), word_class("particles")
_WORKED = {"work", "works", "worked", "working"}
_AUXILIARY = {"did", "has", "have", "does", "do", "had"}


@dataclass(frozen=True)
class _Match:
    """Words of a question that are an author's: `names` as the records write them.

    `is_full` says that more than one part of a name stands there, `is_surname` that the last is.
    """

    first: int
    last: int
    names: tuple[str, ...]
    is_full: bool
    is_surname: bool


def take_authors(asked: Asked, library: Library) -> None:
    """Take the authors that a question names, in full or by their surname, in any order.

    A library is asked for names only where a word of the question is in one.
    """
    frequency = _Frequencies(library)
    asked.words = tuple(with_possessives(asked, library))
    # Once more where one was found: what is joined to an author by "and" is one more likely.
    for _ in range(2):
        at, before = 0, len(asked.spans)
        while at < len(asked.words):
            match = next(_matches(asked, library, frequency, at), None)
            if match is not None:
                asked.take(_span(asked, match))
            at = match.last + 1 if match else at + 1
        if len(asked.spans) == before:
            break
    _take_unknown(asked, library)
    _narrow_shared(asked)


def _take_unknown(asked: Asked, library: Library) -> None:
    """Take a name behind "papers by" that no record has: the nearest that one has, or none."""
    for at in range(1, len(asked.words) - 1):
        is_led = asked.plain(at) == "by" and asked.plain(at - 1) in PAPER_NOUNS | PUBLISH
        word = asked.words[at + 1]
        if not is_led or not asked.is_free(at + 1, at + 1) or library.author_frequency(word.plain):
            continue
        near = [one for one in library.near_words(word.plain) if library.author_frequency(one)]
        if near and (match := _matched(library, at + 1, at + 1, pieces_of(near[0]))):
            names = match.names
            shown = names[0] if len(names) == 1 else near[0]
            written = asked.text[word.start : word.end]
            asked.take(Span(at, at + 1, Filter(authors=names), f"author {shown} for “{written}”"))
        elif word.is_capital and not library.document_frequency(word.plain):
            last = at + 1
            while last + 1 < len(asked.words) and asked.words[last + 1].is_capital:
                last += 1
            name = asked.text[word.start : asked.words[last].end]
            asked.take(Span(at, last, Filter(authors=(name,)), f"author {name}"))


def _is_small(word: AskedWord) -> bool:
    """True for a word that no name begins or ends with, as it is written: "may", not "May"."""
    return word.plain in STOP_WORDS - _PARTICLES and not word.is_capital


class _Frequencies:
    """In how many papers words stand, as authors and in texts; each is looked up once."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._authors: dict[str, int] = {}

    def is_of_author(self, piece: str) -> bool:
        """True where an author may have this word in the name."""
        if piece not in self._authors:
            self._authors[piece] = self._library.author_frequency(piece)
        return self._authors[piece] > 0

    def rarity(self, pieces: Sequence[str]) -> float:
        """2 for a word that only names are made of, less for one that texts have too."""
        return max(map(self._rarity, [one for one in pieces if len(one) > 1]), default=0.0)

    def _rarity(self, piece: str) -> float:
        in_texts = self._library.document_frequency(piece)
        if self._library.is_word(piece) or piece in NO_TOPIC:
            if not in_texts and piece not in NO_TOPIC:
                return 1.0
            return 0.0 if in_texts <= self._authors.get(piece, 0) else -1.0
        if not in_texts:
            return 2.0
        return 0.5 if in_texts <= self._authors.get(piece, 0) else -1.0


def _matches(
    asked: Asked, library: Library, frequency: _Frequencies, first: int
) -> Iterator[_Match]:
    """The longest run of words from one on that is an author's name, if there is evidence."""
    last = first
    while (
        last < min(len(asked.words), first + _LONGEST)
        and asked.is_free(last, last)
        and all(len(one) == 1 or frequency.is_of_author(one) for one in asked.words[last].pieces)
        and not (last > first and asked.words[last - 1].is_possessive)
    ):
        last += 1
    for end in range(last - 1, first - 1, -1):
        pieces = [piece for at in range(first, end + 1) for piece in asked.words[at].pieces]
        telling = [one for one in pieces if len(one) > 1 and one not in _PARTICLES]
        if not telling or any(_is_small(asked.words[at]) for at in {first, end}):
            continue
        around = _around(asked, first, end) + frequency.rarity(pieces)
        if around < _ENOUGH - 2 * (len(telling) > 1 or end > first):
            continue
        match = _matched(library, first, end, pieces)
        if match is None:
            continue
        around += 2.0 * match.is_full if _is_capital(asked, first, end) else 1.0 * match.is_full
        if around - (0.0 if match.is_surname or match.is_full else 1.5) >= _ENOUGH:
            yield match


def _around(asked: Asked, first: int, last: int) -> float:
    """The evidence of what stands around some words, and of their capitals."""
    score = 1.0 if _is_capital(asked, first, last) else 0.0
    before = asked.before(first)
    lead = asked.before(first - 1) if before else ""
    following = asked.plain(last + 1)
    if before == "by":
        score += 2.0 if lead in PAPER_NOUNS | PUBLISH or first < 2 else 1.0
    elif before == "to" and lead == "according":
        score += 1.5
    elif before in ("from", "of", "author", "authors"):
        score += 0.5 if before == "of" else 1.0
    if asked.words[last].is_possessive:
        score += 1.0
    if following == "et" or following in _GROUPS or (following == "and" and _goes_on(asked, last)):
        score += 2.0
    elif following in PAPER_NOUNS:
        score += 1.0
    elif following in PUBLISH:
        score += 1.5
    elif before in _AUXILIARY or following in _AUXILIARY:
        score += _speech(asked, last)
    elif following in _SAY:
        score += 1.0
    if before in ("that", "whatever") and following in _AUXILIARY:
        score += 1.0  # the subject of what papers are: "all that Reed has brought out"
    if not score and _modifies(asked, last):
        score = -1.0
    return score + _joined(asked, first, last)


def _modifies(asked: Asked, last: int) -> bool:
    """True for a small word before a noun where the question has capitals: "the marsh gas"."""
    after = asked.plain(last + 1)
    is_written = any(letter.isupper() for letter in asked.text)
    return is_written and after not in {"", *NO_TOPIC, *PAPER_NOUNS, *PUBLISH, *_GROUPS, *_SAY}


def _joined(asked: Asked, first: int, last: int) -> float:
    """1 where "and", "or" or "not" joins some words to an author that was found."""
    links = {"and", "or", "not", "but"}
    behind = asked.plain(last + 1) in links and last + 2 in asked.taken
    ahead = first - 1
    while asked.plain(ahead) in links:
        ahead -= 1
    return 1.0 if behind or (ahead < first - 1 and ahead in asked.taken) else 0.0


def _goes_on(asked: Asked, last: int) -> bool:
    return asked.plain(last + 2) in _GROUPS


def _speech(asked: Asked, last: int) -> float:
    """What a verb of writing or of saying tells that follows within a few words."""
    following = [asked.plain(at) for at in range(last + 1, last + 4)]
    if any(one in PUBLISH for one in following) or following[0] in _WORKED:
        return 2.0
    return 1.0 if following and following[0] in _SAY else 0.0


def _is_capital(asked: Asked, first: int, last: int) -> bool:
    return any(asked.words[at].is_capital for at in range(first, last + 1))


def _matched(library: Library, first: int, last: int, pieces: Sequence[str]) -> _Match | None:
    """The authors whose names have all of some parts, initials in place of names counted."""
    names = [
        name
        for name in library.author_names([one for one in pieces if len(one) > 1])
        if len(name) <= _LONGEST_NAME and _is_name(pieces, pieces_of(name))
    ]
    if not names:
        return None
    surname = any(set(_surname(name)) <= set(pieces) for name in names)
    is_full = sum(len(one) > 1 for one in pieces) > 1
    return _Match(first, last, tuple(names), is_full, surname)


def _is_name(pieces: Sequence[str], name: Sequence[str]) -> bool:
    if not any(len(one) > 1 and one in name for one in pieces):
        return False  # initials alone are anybody's: "S. Field" is no "Sandoval"
    left = list(name)
    for piece in sorted(pieces, key=len, reverse=True):
        same = piece if piece in left else next((o for o in left if _is_initial(piece, o)), None)
        if same is None:
            return False
        left.remove(same)
    return True


def _is_initial(one: str, other: str) -> bool:
    return one[0] == other[0] and 1 in (len(one), len(other))


def _surname(name: str) -> tuple[str, ...]:
    """The parts of a surname, particles with it: of "van der Meer, P." and "P. van der Meer"."""
    if "," in name:
        return pieces_of(name.partition(",")[0])
    words = name.split()
    begin = len(words) - 1
    while begin > 1 and words[begin - 1].lower() in _PARTICLES:
        begin -= 1
    return pieces_of(" ".join(words[begin:]))


def _span(asked: Asked, match: _Match) -> Span:
    """What an author is taken for: the cue before and "et al." behind go with the name."""
    first, last = match.first, match.last
    is_excluded = asked.before(first) in EXCLUDING
    if asked.before(first) in ("by", "from", "not", "author", "authors", "of") or is_excluded:
        first -= 1
    if asked.plain(first) == "by" and asked.plain(first - 1) in ("those", "that", "ones"):
        first -= 1
    if asked.plain(first - 1) in EXCLUDING and first < match.first:
        is_excluded, first = True, first - 1
    if asked.plain(first) == "to" or asked.plain(first - 1) == "according":
        first -= 1 + (asked.plain(first) != "to")
    if asked.plain(last + 1) == "et":
        last += 1 + (asked.plain(last + 2) in ("al", "al."))
    elif asked.plain(last + 1) == "and" and _goes_on(asked, last):
        last += 2
    elif asked.plain(last + 1) in _GROUPS:
        last += 1
    short = asked.text[asked.words[match.first].start : asked.words[match.last].end]
    names = match.names if len(match.names) <= _MOST_NAMES else (short,)
    shown = names[0] if len(names) == 1 else short
    typed = f'author:"{shown}"' if " " in shown else f"author:{shown}"
    return Span(first, last, Filter(authors=names), f"author {shown}", typed, is_excluded)


def _narrow_shared(asked: Asked) -> None:
    """Of two spans that name one author, the fuller alone: "the Feng papers, but Guo Feng"."""
    spans = [one for one in asked.spans if one.filter.authors and not one.is_excluded]
    for wide in spans:
        for narrow in spans:
            inside = set(narrow.filter.authors) < set(wide.filter.authors)
            if inside and wide in asked.spans:
                asked.spans.remove(wide)
