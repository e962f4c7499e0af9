"""What the first lines of a paper are: its title, its authors, its abstract."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import takewhile

from store.pattern import pattern
from store.readers.pdf.lines import GAP, HYPHEN, Line
from store.tables import read_table

_LETTERS = pattern(r"[^\W\d_]")
_WORD = pattern(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")
_TAGS = pattern(r"</?su[bp]>")
_SPACED = pattern(r"(?:[^\W\d_] ){4,}[^\W\d_]")
_NUMBERED = pattern(r"(?:(?:\d{1,2}|[IVX]{1,4})(?:\.\d+)*\.?|§\s?\d+)\s+[^\W\d_]")
_MAIL = pattern(r"\S*@\S+|\{[^}]*\}@\S+|\[\S*\d{4}\S*\]")
_PARTED = pattern(rf"{GAP}|[,;·•|&]|\band\b|\bund\b|\bet\b(?! al)|\by\b", re.IGNORECASE)
_MARKS = "*†‡§¶∗⋆#0123456789,;.() "
_SENTENCE_END = (".", "!", "?", "。", "！", "？")
_STAMP = pattern(r"arXiv:\S+", re.IGNORECASE)
_MOST_TITLE_LINES = 6
_FEWEST_WORDS = 40
"""Words of a paragraph that may be an abstract though nothing stands over it."""


@dataclass(frozen=True)
class Front:
    """What was found; `is_guess` tells of an abstract with no heading over it."""

    title: str = ""
    authors: tuple[str, ...] = ()
    abstract: str = ""
    is_guess: bool = False


def front_of(lines: Sequence[Line]) -> Front:
    """Title, authors and abstract from the lines of the first two pages."""
    lines = [one for one in lines if not _STAMP.match(one.text)]
    title = _title_lines(lines)
    head = [one for one in lines if one.page == title[0].page] if title else []
    after = head[head.index(title[-1]) + 1 :] if title else []
    start = _heading(lines)
    abstract, is_guess = "", False
    if start is not None:
        abstract = _from_heading(lines, start)
    elif guessed := _unheaded(after):
        abstract, is_guess = joined(guessed), True
    stop = lines[start] if start is not None else None
    named = list(takewhile(lambda one: one is not stop, after))
    prose = [at for at, one in enumerate(named) if _is_prose(one)]
    # A line of prose may say what a thesis is submitted for; two in a row are text.
    first = next((at for at in prose if at + 1 in prose), len(named))
    return Front(_one_line(title), _authors(named[:first]), abstract, is_guess)


def joined(lines: Iterable[Line]) -> str:
    """Lines as a running text; a word that a hyphen parted is whole again.

    The hyphen stays where the word is written with it elsewhere, or where both parts are words.
    """
    texts = [one.text.replace(GAP, " ") for one in lines]
    known = Counter(word.lower() for text in texts for word in re.split(r"[^\w-]+", text))
    whole = ""
    for text in texts:
        if whole.endswith((HYPHEN, "-")) and len(whole) > 1 and whole[-2].isalpha():
            before = re.split(r"[^\w-]", whole[:-1])[-1]
            behind = re.split(r"[^\w-]", text, maxsplit=1)[0]
            whole = whole[:-1] + ("-" if _keeps(before, behind, known) else "") + text
        else:
            whole = f"{whole} {text}" if whole else text
    return whole.replace(HYPHEN, "-").strip()


def _keeps(before: str, behind: str, known: Counter[str]) -> bool:
    """True where a hyphen at the end of a line belongs to the word."""
    low, high = before.lower(), behind.lower()
    if not behind[:1].islower() or "-" in before:
        return True
    if known[f"{low}{high}"]:
        return False
    return bool(known[f"{low}-{high}"]) or (low in _compounding() and len(high) > 2)


def _title_lines(lines: Sequence[Line]) -> list[Line]:
    """The lines of the largest print on the first page that can be a title."""
    first = [one for one in lines if one.page == lines[0].page] if lines else []
    ranks = sorted({(one.size, one.is_bold) for one in first}, reverse=True)
    for rank in ranks:
        there = [one for one in first if (one.size, one.is_bold) == rank]
        run = there[:1]
        for one in there[1:]:
            if abs(run[-1].base - one.base) > 2.2 * one.size:
                break
            run.append(one)
        words = _WORD.findall(" ".join(one.plain for one in run))
        if (
            len(run) <= _MOST_TITLE_LINES
            and len(words) >= 2
            and not _heads(run[0].plain)
            and not _is_running_head(" ".join(one.plain for one in run))
        ):
            return run
    return []


def _is_running_head(text: str) -> bool:
    """True for a journal with its volume, year and pages: many of its words are numbers."""
    words = text.split()
    return sum(any(one.isdigit() for one in word) for word in words) >= 0.4 * len(words)


def _one_line(lines: Sequence[Line]) -> str:
    return joined(Line(one.page, [c for c in one.chars if c.text in one.plain]) for one in lines)


@cache
def _words(kind: str) -> frozenset[str]:
    table = read_table(__file__, "front.toml")
    return frozenset(table[kind])


def _compounding() -> frozenset[str]:
    return _words("compounding")


def _bare(text: str) -> str:
    """The words of a line in lower case; letters that stand apart are drawn together."""
    text = _TAGS.sub("", text).strip()
    if _SPACED.fullmatch(text):
        text = text.replace(" ", "")
    return text


def _heads(text: str) -> str:
    """The word of an abstract that a line begins with, as it stands there, or ""."""
    bare = _bare(text)
    low = bare.lower()
    for word in sorted(_words("abstract"), key=len, reverse=True):
        if low.startswith(word):
            rest = bare[len(word) :].lstrip()
            shouted = bare[: len(word)].isupper() and rest[:1].isupper()
            if not rest or rest[0] in ".:—–-|■" or shouted:
                return bare[: len(word)]
    return ""


def _heading(lines: Sequence[Line]) -> int | None:
    """Which line begins the abstract, with a heading of its own or a word before it."""
    found = [at for at, one in enumerate(lines) if _heads(one.text)]
    # "Abstract" goes before "Summary": a thesis may have both.
    strict = [at for at in found if _bare(lines[at].text).lower().startswith("abstract")]
    return next(iter(strict or found), None)


def _from_heading(lines: Sequence[Line], start: int) -> str:
    """The text of an abstract whose heading is known."""
    word = _heads(lines[start].text)
    bare = _bare(lines[start].text)
    rest = bare[len(word) :].lstrip(" .:—–-|■")
    body: list[Line] = []
    if rest:
        kept = lines[start]
        skipped = len(kept.text) - len(kept.text[kept.text.find(rest[:12]) :]) if rest else 0
        body.append(Line(kept.page, kept.chars[max(skipped, 0) :]))
    body += _until_end(lines[start + 1 :], lines[start], body[0] if body else None)
    return joined(body)


def _until_end(lines: Sequence[Line], heading: Line, first: Line | None) -> list[Line]:
    """The lines of an abstract, up to the part of the paper that follows it."""
    found: list[Line] = []
    last = first or heading
    for one in lines:
        text = _bare(one.text)
        begun = first or (found[0] if found else None)
        if _ends(text, one, heading, begun) or _heads(text):
            break
        if begun is not None:
            ended = last.text.rstrip().endswith(_SENTENCE_END)
            gap = last.base - one.base
            other = abs(one.size - begun.size) > 0.4 or (one.is_bold and not begun.is_bold)
            if one.page != last.page and (ended or other):
                break
            if other and one.page == last.page:
                if ended or one.size > begun.size:
                    break
                continue  # a note at the foot of the page, or a number in the margin
            if ended and one.page == last.page and not -2 < gap < 2.6 * begun.size:
                break
        found.append(one)
        last = one
    return found


def _ends(text: str, line: Line, heading: Line, begun: Line | None) -> bool:
    """True for a line that is or begins the part after an abstract."""
    low = text.lower()
    head = re.split(r"\s*[:.—–]|\s{2,}", low, maxsplit=1)[0].strip()
    plain = _NUMBERED.match(text)
    named = re.sub(r"^(?:\d+|[ivx]+)(?:\.\d+)*\.?\s+", "", low).strip(" .:")
    if named in _words("after") or head in _words("after"):
        return True
    if any(low.startswith(f"{word} ") for word in ("keywords", "key words", "index terms")):
        return True
    if low.startswith(("©", "(c) ", "copyright", "doi:", "https://doi.org", "permission to make")):
        return True
    short = len(text) < 60 and not text.endswith((",", ".", ";"))
    return bool(plain and short and begun is not None and _stands_out(line, begun))


def _stands_out(line: Line, body: Line) -> bool:
    return line.size > body.size + 0.4 or (line.is_bold and not body.is_bold)


def _is_prose(line: Line) -> bool:
    """True for a line of running text: many words, most of them in small letters."""
    words = line.plain.split()
    small = sum(word[:1].islower() for word in words)
    return len(words) >= 7 and small > 0.6 * len(words)


def _unheaded(lines: Sequence[Line]) -> list[Line]:
    """A paragraph before the body in other print than it, which is how some journals do."""
    prose = [one for one in lines if _is_prose(one)]
    if not prose:
        return []
    body = Counter((one.size, one.is_bold) for one in prose[len(prose) // 2 :]).most_common(1)[0][0]
    at = lines.index(prose[0])
    kind = (lines[at].size, lines[at].is_bold)
    if kind == body or lines[at].size > body[0]:
        return []
    run = list(
        takewhile(
            lambda one: (
                (one.size, one.is_bold) == kind
                and not _ends(_bare(one.text), one, lines[at], lines[at])
            ),
            lines[at:],
        )
    )
    text = joined(run)
    if len(text.split()) < _FEWEST_WORDS or not text.endswith(_SENTENCE_END):
        return []
    return run


def _authors(lines: list[Line]) -> tuple[str, ...]:
    """The names among the lines between title and abstract."""
    found: dict[str, float] = {}
    for line in lines:
        text = _MAIL.sub(" ", line.plain)
        parts = [one.strip(_MARKS) for one in _PARTED.split(text)]
        names = [one for one in parts if is_name(one)]
        if names and len(names) >= len([one for one in parts if len(one) > 3]) / 2:
            found |= {one: line.size for one in names if one not in found}
    if not found:
        return ()
    size = next(iter(found.values()))
    return tuple(_in_case(one) for one, its in found.items() if abs(its - size) < 0.6)


def is_name(text: str) -> bool:
    """True for the shape of a person's name: two to five words that begin with capitals."""
    words = text.replace(".", ". ").split()
    if not 2 <= len(words) <= 6 or any(letter.isdigit() for letter in text):
        return False
    low = [word.lower().strip(".,") for word in words]
    if any(word in _words("institution") for word in low):
        return False
    real = [word for word in words if word.lower() not in _words("particle")]
    whole = [word for word in real if len(_LETTERS.findall(word)) > 1]
    return len(real) >= 2 and bool(whole) and all(word[:1].isupper() for word in real)


def _in_case(name: str) -> str:
    """A name in capitals as names are written."""
    name = " ".join(name.split())
    if not name.isupper() or len(name) < 5:
        return name
    return re.sub(r"[^\W\d_]+", lambda found: found[0][0] + found[0][1:].lower(), name)
