"""What a request for an author's papers says beside what they are about: words of courtesy."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.query.leaning_words import AUXILIARIES
from assistant.query.planning.asked import PAPER_NOUNS, Asked, Span, word_class
from assistant.query.planning.held import is_held, papers_left
from assistant.text.words import STOP_WORDS
from store.library.library import Library
from store.types import Filter

_ABOUT, _BESIDE = word_class("leads_topic"), word_class("may_lead_topic")
_CONTENT = word_class("asks_content")
_ARTICLES = ("the", "a", "an", "any", "some")
_PEOPLE = ("you", "we", "i")
_ALL = ("all", "whatever")
_SINGLE = ("one", "ones", "thing", "item", "record", "entry")
_LINKS = ("that", "which")


def requests_of_author(asked: Asked) -> bool:
    """True where an author's papers are asked for as such: "pull up the works from Reed".

    The author stands beside the word for papers, and no question or request on what they say
    begins before it.
    """
    nouns = [at for span in _authors(asked) for at in _nouns_beside(asked, span)]
    return bool(nouns) and not any(_asks_content(asked, at) for at in range(min(nouns)))


def pass_over_fillers(asked: Asked, library: Library) -> None:
    """Pass over words of such a request that are no topic of the author's papers.

    A topic is led by a preposition, stands before a word for papers, or in what the author wrote:
    "put out so far", "if you do not mind" and "quick one" do neither.
    """
    names = tuple(name for one in _authors(asked) for name in one.filter.authors)
    own = papers_left(Filter(authors=names), library)
    verbs = set(_verbs(asked))
    for at in asked.topic:
        word = asked.words[at].plain
        if word.isdigit() or _is_about(asked, at):
            continue
        may_be = at not in verbs and (_is_beside(asked, at) or not _is_aside(asked, at))
        held = may_be and is_held((word,), own, library)
        if not held and not (_is_beside(asked, at) and library.document_frequency(word)):
            asked.fillers.add(at)


def _authors(asked: Asked) -> list[Span]:
    named = (one for one in asked.spans if one.filter.authors and not one.is_excluded)
    return [one for one in named if one.first <= one.last]  # a typed one has no place


def _nouns_beside(asked: Asked, span: Span) -> Iterator[int]:
    """The words for papers before an author, or behind one that owns them."""
    at = span.first - 1
    while asked.plain(at) in _LINKS:
        at -= 1
    after = span.last + 1
    while after in asked.topic and after <= span.last + 2:
        after += 1
    owns = asked.words[span.last].is_possessive
    for place in (at, *([after] if owns else [])):
        word = asked.plain(place)
        if word in _ALL or (word in PAPER_NOUNS and word not in _SINGLE):
            yield place


def _asks_content(asked: Asked, at: int) -> bool:
    """True for a word that a question on content begins with; "could you" begins none."""
    word = asked.words[at].plain
    if word in ("which", "what") and asked.plain(at + 1) in (*PAPER_NOUNS, "of"):
        return False
    is_asking = word in AUXILIARIES and asked.plain(at + 1) not in _PEOPLE
    return word in _CONTENT or (is_asking and asked.before(at) not in _PEOPLE)


def _verbs(asked: Asked) -> Iterator[int]:
    """What an author does with papers: the first telling word behind "that Reed has"."""
    for span in _authors(asked):
        at = span.last + 1
        if asked.plain(at) not in AUXILIARIES:
            continue
        while asked.plain(at) in STOP_WORDS - _ABOUT - _BESIDE and at not in asked.topic:
            at += 1
        yield at


def _is_aside(asked: Asked, at: int) -> bool:
    """True behind one of the people who talk: "that you happen to have", "I was wondering"."""
    near = [asked.plain(one) for one in range(max(at - 3, 0), at)]
    return any(one in _PEOPLE for one in near)


def _start(asked: Asked, at: int) -> int:
    """The first of the words of the topic that stand together with one."""
    while at - 1 in asked.topic:
        at -= 1
    return at


def _is_about(asked: Asked, at: int) -> bool:
    return asked.before(_start(asked, at), _ARTICLES) in _ABOUT


def _is_beside(asked: Asked, at: int) -> bool:
    """True in a phrase before a word for papers, or behind a preposition that may lead a topic."""
    if asked.before(_start(asked, at), _ARTICLES) in _BESIDE:
        return True
    while at in asked.topic:
        at += 1
    return asked.plain(at) in PAPER_NOUNS and asked.plain(at) not in _SINGLE
