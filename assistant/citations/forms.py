"""The forms in which models write citations, read as addresses.

Pure functions on short strings: what stands between two brackets, and what the text around
them says. The reader of a stream is in `assistant.citations.parser`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import NamedTuple

from assistant.types.evidence import Evidence
from store.pattern import pattern

MAX_GROUP = 160
"""No citation group is longer, in characters between its brackets."""

CLOSING = {"[": "]", "【": "】", "［": "］", "(": ")"}
"""The brackets a citation can stand in."""

_MAX_RANGE = 60

_TOKEN = pattern(
    r"\s*(?:(?P<word>(?:sources?|src|refs?|references?|documents?|docs?|papers?|abstracts?|titles?"
    r"|address(?:es)?|citations?|cited|see|cf|nos?)\b\.?:?|s(?=\s?\d)|\^|#|§)"
    r"|(?P<within>(?:sentences?|sents?|lines?)\b\.?)"
    r"|(?P<number>\d{1,4}(?:\.\d{1,3})?)(?![\w.]*\w)"
    r"|(?P<to>[-–—−]|to\b)"
    r"|(?P<and>[,;&/|+]|and\b))\s*",
    re.IGNORECASE,
)
_DAGGER = pattern(r"†[^\];,】]*")
_ALLOWED = pattern(r"[\d\s.,;:&/|+#^§†–—−A-Za-z-]*")
_LONGEST_LINK = 240
_LINK = pattern(
    r"\((?:(?P<page>(?:https?:|www\.|mailto:|/)[^()\s<>]*)|#[^()\s]*"
    r"|(?:url|link|sources?|refs?|references?|citations?)?)(?:[ ]\"[^\"\n()]*\")?\)"
)
_MAY_BE_LINK = pattern(r"\((?:[^()\s<>]*)(?:[ ](?:\"[^\"\n()]*\"?)?)?")
_DASH = pattern(r"[-‐‑–—−]")
_WORDS = (
    "source sources src ref refs reference references document documents doc docs paper papers "
    "abstract abstracts title titles address addresses citation citations cited see cf no nos s "
    "sentence sentences sent sents line lines and to"
)
_KNOWN_WORDS = tuple(_WORDS.split())
_LETTERS = pattern(r"[A-Za-z]+")


class Address(NamedTuple):
    """Where a citation points: a source, and a sentence of it or None for the whole.

    `source` is the source's number in the evidence, `number` the one displayed.
    """

    source: int
    sentence: int | None
    number: int


@dataclass(frozen=True)
class Cited:
    """One address as written: `first` to `last` are sentences, None for the whole source."""

    source: int
    first: int | None
    last: int | None

    @property
    def written(self) -> str:
        """The address in our own form."""
        if self.first is None:
            return f"{self.source}"
        tail = f"-{self.last}" if self.last != self.first else ""
        return f"{self.source}.{self.first}{tail}"


@dataclass(frozen=True)
class Group:
    """What stands between two brackets, read as a citation.

    `explicit` is True when a word or a sign says that it is one, `dotted` when every
    address names a sentence, `listed` when its numbers are two, parted by a comma, `ranged`
    when it says "to".
    """

    items: tuple[Cited, ...]
    explicit: bool
    dotted: bool
    listed: bool
    ranged: bool = False


def read_group(inner: str, *, marked: bool = False) -> Group | None:
    """Read the inside of a bracket as a citation; None when it is something else.

    `marked` is True inside brackets that only citations have.
    """
    text = _DAGGER.sub("", inner)
    if marked:
        text = text.replace(":", ".")
    explicit = marked or text != inner
    items: list[Cited] = []
    at, in_sentences, ranged, dotted, separators = 0, False, False, True, 0
    spans = plus = False
    text = text.strip().rstrip(".")
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None or token.end() == at:
            return None
        at = token.end()
        if word := token["word"]:
            explicit, in_sentences = True, False
            if word.lower().startswith("title") and items:
                items[-1] = Cited(items[-1].source, 0, 0)
        elif token["within"]:
            explicit = in_sentences = True
        elif token["to"]:
            ranged = spans = True
        elif token["and"]:
            separators += 1
            plus = plus or "+" in token["and"]
        else:
            number = token["number"]
            dotted = dotted and ("." in number or in_sentences or ranged)
            if not _add(items, number, in_sentences=in_sentences, ranged=ranged):
                return None
            ranged = False
    if not items or ranged or len(items) > _MAX_RANGE:
        return None
    if plus and not (explicit or dotted):
        return None  # [3+2] cycloaddition
    if explicit:
        # "Source 1, 1.3" names its source twice.
        named = {item.source for item in items if item.first is not None}
        items = [item for item in items if item.first is not None or item.source not in named]
    listed = len(items) == 2 and separators == 1 and not explicit
    return Group(tuple(items), explicit, dotted, listed, spans)


def _add(items: list[Cited], number: str, *, in_sentences: bool, ranged: bool) -> bool:
    """Add a number to the items; False when it makes no sense there."""
    source, _, sentence = number.partition(".")
    last = items[-1] if items else None
    if ranged:
        return last is not None and _close_range(items, last, int(source), sentence)
    if in_sentences and not sentence:
        if last is None:
            return False
        cited = Cited(last.source, int(source), int(source))
        if last.first is None:
            items[-1] = cited
        else:
            items.append(cited)
        return True
    index = int(sentence) if sentence else None
    items.append(Cited(int(source), index, index))
    return True


def _close_range(items: list[Cited], last: Cited, source: int, sentence: str) -> bool:
    """End the range that the last item begins: 1.2-1.4, 1.2-4, 1-3."""
    if last.first is None and not sentence:
        if not last.source < source <= last.source + _MAX_RANGE:
            return False
        items.extend(Cited(one, None, None) for one in range(last.source + 1, source + 1))
        return True
    if last.first is None:
        return False
    if sentence and source != last.source:
        items.append(Cited(source, int(sentence), int(sentence)))
        return True
    end = int(sentence) if sentence else source
    if not last.first <= end <= last.first + _MAX_RANGE:
        return False
    items[-1] = Cited(last.source, last.first, end)
    return True


def may_become_group(inner: str) -> bool:
    """True while an unfinished inside of a bracket can still be read as a citation."""
    if len(inner) > MAX_GROUP:
        return False
    text = _DAGGER.sub("†", inner)
    if not _ALLOWED.fullmatch(text):
        return False
    for word in _LETTERS.finditer(text):
        low = word.group().lower()
        unfinished = word.end() == len(text)
        if low not in _KNOWN_WORDS and not (
            unfinished and any(known.startswith(low) for known in _KNOWN_WORDS)
        ):
            return False
    return True


def find_group(held: str, at: int, *, final: bool) -> tuple[Group | None, int] | None:
    """The citation group that opens at an offset of a text, and where it ends.

    The group is None when it is something else. The whole is None when only more text can
    tell; `final` says that there is none.
    """
    opening = held[at]
    doubled = held.startswith("[[", at)
    inside = at + 2 if doubled else at + 1
    closing = CLOSING[opening]
    window = held[inside : inside + MAX_GROUP + 1]
    length = re.search(rf"[\n{re.escape(opening + closing)}]", window)
    if length is None:
        if not final and may_become_group(window):
            return None
        return None, at
    inner = window[: length.start()]
    end = inside + length.end()
    if length.group() != closing or not may_become_group(inner):
        return None, at
    if doubled:
        if end == len(held) and not final:
            return None
        if not held.startswith("]", end):
            return None, at
        end += 1
    return read_group(inner, marked=opening in "【［"), end


class Link(NamedTuple):
    """The target of a Markdown link whose text is a group, and the offset after it.

    `shown` is what is left of it to show: the address of a page, nothing for an anchor.
    """

    shown: str
    end: int


def find_link(held: str, at: int, *, final: bool) -> Link | bool | None:
    """The target in round brackets at an offset, or False; None when only more text can tell."""
    window = held[at : at + _LONGEST_LINK]
    if not window.startswith("("):
        return False if window or final else None
    found = _LINK.match(window)
    if found:
        return Link(found["page"] or "", at + found.end())
    return None if not final and _MAY_BE_LINK.fullmatch(window) else False


def joined_by_range(first: Group, between: str, second: Group) -> Group | None:
    """The range that two groups are the ends of: [1]–[3], [1.2]-[1.4]; None where they are not."""
    if not _DASH.fullmatch(between) or len(first.items) != 1 or len(second.items) != 1:
        return None
    items = list(first.items)
    end = second.items[0]
    if (items[0].first is None) != (end.first is None):
        return None
    written = "" if end.first is None else f"{end.first}"
    if not _close_range(items, items[0], end.source, written):
        return None
    return replace(first, items=tuple(items), ranged=True)


def resolve(group: Group, evidence: Evidence) -> tuple[list[tuple[int, int | None]], list[str]]:
    """The addresses of a group that exist, as (source, sentence), and those that do not."""
    known: list[tuple[int, int | None]] = []
    unknown: list[str] = []
    for item in group.items:
        source = evidence.source(item.source)
        if source is None:
            unknown.append(item.written)
        elif item.first is None or item.last is None:
            known.append((item.source, None))
        else:
            here = [
                index
                for index in range(item.first, item.last + 1)
                if source.sentence(index) is not None
            ]
            known.extend((item.source, index) for index in here)
            if not here or (item.last not in here):
                unknown.append(item.written)
    return known, unknown


_LONGEST = 24
_BETWEEN = pattern(r"[-‐‑–—−]|[ \t]{0,3}[,;]?[ \t]{0,3}")


class Run(NamedTuple):
    """Groups that are shown as one mark, and the offset after the last."""

    groups: tuple[Group, ...]
    end: int


def find_run(held: str, first: Group, end: int, *, final: bool) -> Run | None:
    """The groups that follow a first one, which ends at an offset, with itself.

    None when only more text can tell; `final` says that there is none.
    """
    groups = [first]
    while len(groups) < _LONGEST:
        between = _BETWEEN.match(held, end)
        after = between.end() if between else end
        if after == len(held):
            if not final and after - end < 7:
                return None
            break
        if held[after] not in "[【［":
            break
        found = find_group(held, after, final=final)
        if found is None:
            return None
        group, next_end = found
        if group is None:
            break
        link = find_link(held, next_end, final=final)
        if link is None:
            return None
        written = held[end:after]
        span = joined_by_range(groups[-1], written, group)
        if link or (span is None and written.strip(" \t,;")):
            break
        if span is None:
            groups.append(group)
        else:
            groups[-1] = span
        end = next_end
    return Run(tuple(groups), end)
