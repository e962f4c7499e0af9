"""What a question asks of papers: a list, how many there are, the newest, or what they say."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.query.leaning_words import NUMBERS
from assistant.query.planning.asked import (
    NO_TOPIC,
    PAPER_NOUNS,
    PUBLISH,
    Asked,
    Span,
    word_class,
)
from assistant.query.planning.fillers import requests_of_author
from assistant.query.planning.years import number_of
from assistant.text.words import STOP_WORDS
from store.pattern import pattern
from store.types import Filter

_OPENERS, _COUNTED, _MASS = word_class("openers"), word_class("counted"), word_class("mass_nouns")
_NEWEST, _OLDEST = word_class("newest"), word_class("oldest")
_SORTED = pattern(
    r"(?i)\b(?P<first>newest|latest|most recent|oldest|earliest) first\b|\b(?:by (?:date|year|age)"
    r"|chronological(?:ly)?|in order of (?:date|year|publication))\b"
)
_HOW_MANY = pattern(r"(?i)\b(?:how many|number of|count(?= (?:the|all|my|of)))\b")
_QUESTION_BEHIND = pattern(
    r"(?i)[-–—:,;.?!]\W*(?:how|what|why|when|where|who|does|do|did|is|are)\b"
)
_HELPERS = ("do", "does", "did", "is", "are", "was", "were", "can", "could", "will", "would")
_HELPED = ("you", "we", "i", "there", "any", "these", "those")
_VERBS, _DEGREES = ("work", "works"), ("best", "better", "well", "worse", "worst")
_BEHIND_NOUN = ("", "by", "from", "on", "in", "since", "after", "before", "until", "between", "of")
_FIELD = (
    r"(?:authors?|doi|arxiv (?:id|number)|identifier|venue|journal|conference"
    r"|(?:publication )?(?:year|date))"
)
_RECORD = pattern(
    r"(?i)\b(?:how many|number of) authors\b"
    rf"|['’]s? {_FIELD}\W*\Z|^\W*(?:(?:in|at|what about) )?(?:wh(?:at|ich)|the) {_FIELD}"
    r"(?: (?:is|was)\b|,? for\b)"
    rf"|^\W*(?:does|has) .* (?:have )?an? {_FIELD}\W*\Z"
    r"|\bwho (?:wrote|authored|published|(?:are|is|was|were) the (?:\w+ )?authors?)\b"
    r"|^\W*(?:the )?authors? of\b|\b(?:doi|arxiv id|arxiv number|link|venue|year) (?:of|for)\b"
    r"|^\W*(?:in )?(?:when|where|wh(?:at|ich) (?:year|venue|journal|conference))\b.*\b(?:published"
    r"|written|presented|appear|come out|publish|from\W*\Z|from\b(?=,? and))"
)
"""What asks for a field of a paper's record, as a whole question or as what something has."""
_PUBLISHED = pattern(
    r"(?i)^\W*(?:what|which|anything|everything)\b(?: (?:has|have|was|were|is|are))?\s+(?:in|from"
    r"|on|about|between|since|during|before|after|until|of)\b.*\b(?:published|released|presented"
    r"|printed|written|wrote|appeared|appear|(?:came|come) out)\W*\Z"
)
"""What asks for papers by their publishing alone: "what in 2020 to 2022 on owls was published"."""
_ALL = ("list", "show", "all", "everything", "there", "overview")
_REACH = 4
"""Words that may stand between what opens a question and its word for papers."""


@dataclass(frozen=True)
class Asking:
    """What is asked of papers: `lists` them, `counts` them, in `order`, `limit` of them."""

    lists: bool = False
    counts: bool = False
    order: str = "relevance"
    limit: int | None = None


def take_order(asked: Asked) -> Asking:
    """Take the words that put papers in order, or ask for the newest or oldest of them.

    A superlative is about papers where a word for papers follows it within its phrase, where it
    ends a question on papers, or where nothing else is asked.
    """
    found = _SORTED.search(asked.text)
    place = asked.at_char(*found.span()) if found else None
    if found and place and asked.is_free(*place):
        asked.take(Span(*place, Filter(), ""))
        named = (found["first"] or "oldest").lower()
        order = "oldest" if named in _OLDEST else "newest"
        return Asking(lists=True, order=order)
    for at in range(len(asked.words)):
        size = 1 + (asked.plain(at) == "most" and asked.plain(at + 1) == "recent")
        word = asked.plain(at + size - 1)
        if size == 1 and word not in _NEWEST | _OLDEST:
            continue
        behind = _behind_of(asked, at + size)
        noun = _noun_after(asked, behind)
        if noun is None and not _is_predicate(asked, at, at + size - 1):
            continue
        limit = _limit(asked, at, at + size - 1)
        is_one = behind > at + size and asked.plain(at - 2) not in ("are", "were")
        if limit is None and (is_one or noun is None or not _is_several(asked, noun)):
            limit = 1
        asked.take(Span(at, at + size - 1, Filter(), ""))
        return Asking(lists=True, order="oldest" if word in _OLDEST else "newest", limit=limit)
    return Asking()


def asking_of(asked: Asked, order: Asking) -> Asking:
    """Whether papers are asked for or counted, once what the records say was taken."""
    if asked.topic and _RECORD.search(asked.text):
        return Asking(lists=True, limit=1)
    counts = _counts(asked)
    lists = not counts and (
        order.lists
        or _heads(asked)
        or requests_of_author(asked)
        or bool(_PUBLISHED.search(asked.text))
        or _speaks_of_publishing(asked)
        or _wants_all(asked)
    )
    return Asking(lists=lists, counts=counts, order=order.order, limit=order.limit)


def _wants_all(asked: Asked) -> bool:
    """True for a question without any topic that asks for all there is: "show all of them"."""
    return not asked.topic and any(one.plain in _ALL for one in asked.words)


def _counts(asked: Asked) -> bool:
    found = _HOW_MANY.search(asked.text)
    place = asked.at_char(*found.span()) if found else None
    if place is None:
        return False
    at, telling = place[1] + 1, 0
    while at < len(asked.words) and telling <= _REACH:
        word = asked.words[at].plain
        if at in asked.taken:
            return True if not telling else _noun_after(asked, at) is not None
        if word in PAPER_NOUNS and word not in ("one", "ones", "thing", "things"):
            return True
        if not telling and word in _COUNTED and word not in ("of", "there"):
            return _is_counting_verb(asked, at)
        if word in STOP_WORDS and word not in ("of", "the", "these", "those", "my", "all"):
            return False
        telling += word not in STOP_WORDS
        at += 1
    return at >= len(asked.words) and not telling


def _is_counting_verb(asked: Asked, at: int) -> bool:
    """True where papers are meant that a question does not name: "how many deal with"."""
    return True if asked.words[at].plain in STOP_WORDS | {"r"} else asked.plain(at + 1) != ""


def _heads(asked: Asked) -> bool:
    """True where a question is a phrase about papers, or asks which: "glacier papers"."""
    if asked.plain(0) == "how" or (asked.plain(0) in _HELPERS and asked.plain(1) not in _HELPED):
        return False
    at, telling, which = 0, 0, False
    while at < len(asked.words) and telling <= _REACH:
        word = asked.words[at].plain
        if word in PAPER_NOUNS and at not in asked.taken:
            if word in _VERBS and asked.plain(at + 1) in _DEGREES:
                return False
            if telling and word in _VERBS and not _ends_phrase(asked, at):
                return False
            return not _asks_more(asked, at) and _is_head(asked, at, which=which or telling == 0)
        if at not in asked.taken and word not in _OPENERS:
            if word in STOP_WORDS:
                return False
            telling += 1
        which = which or word in ("which", "what", "any", "list", "show", "find", "give")
        at += 1
    return False


def _ends_phrase(asked: Asked, at: int) -> bool:
    """True where what follows goes on from a noun: "speech works by Okonkwo"."""
    return at + 1 in asked.taken or asked.plain(at + 1) in _BEHIND_NOUN


def _asks_more(asked: Asked, at: int) -> bool:
    """True where a question follows the phrase on papers: "the sodium work: how much charge"."""
    behind = asked.text[asked.words[at].end :]
    return bool(_QUESTION_BEHIND.search(behind))


def _is_head(asked: Asked, at: int, *, which: bool) -> bool:
    word, after = asked.words[at].plain, asked.plain(at + 1)
    if word in ("one", "thing", "item"):
        return False
    if _is_plural(asked, at):
        return True
    # Of one study a list is asked only where "which" or "any" leads; "study design" is none.
    return which and (not after or after in NO_TOPIC | PUBLISH or at + 1 in asked.taken)


def _is_plural(asked: Asked, at: int) -> bool:
    word = asked.words[at].plain
    return word in PAPER_NOUNS and (word in _MASS or word.endswith("s"))


def _is_several(asked: Asked, at: int) -> bool:
    """True behind a superlative: "the oldest work" is one, "the newest literature" is not."""
    return _is_plural(asked, at) and asked.plain(at) not in _VERBS[:1]


def _speaks_of_publishing(asked: Asked) -> bool:
    """True where an author or a venue was found and publishing is spoken of with no topic."""
    named = any(one.filter != Filter() for one in asked.spans)
    words = [one.plain for at, one in enumerate(asked.words) if at not in asked.taken]
    return named and any(one in PUBLISH for one in words[:6]) and words[:1] != ["how"]


def _noun_after(asked: Asked, at: int) -> int | None:
    """The word for papers that a phrase ends in, which goes on from a word; None for none."""
    for here in range(at, min(at + _REACH + 1, len(asked.words))):
        word = asked.words[here].plain
        if here not in asked.taken and word in PAPER_NOUNS:
            return here
        if here not in asked.taken and word in STOP_WORDS | PUBLISH and word not in NUMBERS:
            return None
    return None


def _behind_of(asked: Asked, at: int) -> int:
    """Where a set begins of which one is asked, behind "of the": "the newest of our papers"."""
    if asked.plain(at) != "of":
        return at
    return at + 1 + (asked.plain(at + 1) in ("the", "these", "those", "all", "my", "our"))


def _is_predicate(asked: Asked, first: int, last: int) -> bool:
    """True for "which paper is the earliest", and for "latest by Wrzos"."""
    behind = [
        at
        for at in range(last + 1, len(asked.words))
        if at not in asked.taken and asked.words[at].plain not in NO_TOPIC
    ]
    ahead = [one.plain for one in asked.words[:first]]
    if not behind and any(one in PAPER_NOUNS for one in ahead):
        return True
    return not behind and not any(at < first for at in asked.topic)


def _limit(asked: Asked, first: int, last: int) -> int | None:
    """A number beside a superlative: "the three newest", "latest 5"."""
    for at in (first - 1, last + 1):
        number = number_of(asked.plain(at)) if asked.plain(at) else None
        if number and number < 100:
            asked.take(Span(at, at, Filter(), ""))
            return number
    return None
