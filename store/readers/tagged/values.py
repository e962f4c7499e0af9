"""From the fields of a tagged record to values under the standard names of readers."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from store.pattern import pattern
from store.readers.carried import take_carried
from store.readers.lines import without_long_runs
from store.readers.records import OTHER_ABSTRACT
from store.readers.tagged.abstracts import one_abstract
from store.readers.tagged.cutting import TaggedRecord, is_full
from store.readers.tagged.dialect import Dialect
from store.readers.tagged.identifiers import identifiers
from store.readers.tagged.imported import is_imported
from store.readers.tagged.short_names import is_short

_YEAR = pattern(r"(?<!\d)[12]\d{3}")
_ADDRESS = pattern(r"https?://[^\s<>\"]+", re.IGNORECASE)
_PUBMED = pattern(r"\b(?:NLM|PubMed|MEDLINE)\b", re.IGNORECASE)
_PMID = pattern(r"\d{1,8}")
_ROLES = pattern(r"\s*\[[^\[\]]*\]|\s*\([^()]*@[^()]*\)")
_FOOTNOTES = frozenset("0123456789*+#,")
_YEAR_OF_SOURCE = pattern(r"(?<![\d:-])(?:19|20)\d\d(?![\d-])")
_AFTER_JOURNAL = pattern(
    r"\.\s.*|\.\Z|,?\s+(?:\d|\[|Vol\b"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*[ /]"
    r"|(?:Spring|Summer|Fall|Autumn|Winter) \d).*",
    re.DOTALL,
)
# An ampersand parts names where each has a comma, and is part of a group's name else.
_TWO_NAMES = pattern(r"([^,&]+,[^,&]+)\s&\s([^,&]+,[^,&]+)")
_SEVERAL_NAMES = pattern(r"\s*;\s*|\s+&\s+")
_SEMICOLON = pattern(r"\s*;\s*")
_COMMA = pattern(r"\s*,\s*")
_STARS = pattern(r"\A\*+|(?<=/)\*+")
# ASReview writes what it knows of a record into notes; of that its decision is the reader's.
_ASREVIEW = "ASReview_"
_PLACES = ("volume", "issue", "pages", "first_page", "last_page", "article_number", "publisher")
_DECISION = pattern(r"\bASReview_(relevant|irrelevant)\b")


class RecordValues:
    """Reads one record of a dialect; `said` is what its reader should be told."""

    def __init__(self, record: TaggedRecord, dialect: Dialect) -> None:
        self._dialect = dialect
        self._tags = [tag for tag, _ in record.fields]
        self._texts: dict[str, list[str]] = {}
        self._named: dict[str, list[tuple[str, str]]] = {}
        for tag, lines in record.fields:
            names = dialect.names.get(tag)
            for text in _texts(tag, lines, dialect) if names else ():
                self._texts.setdefault(tag, []).append(text)
                for name in names or ():
                    self._named.setdefault(name, []).append((tag, text))
        self.said: list[str] = []

    def read(self) -> dict[str, object]:
        """All that the record says, under standard names."""
        abstract, language = self._abstract()
        year = self._year()
        notes = self._all("notes")
        values: dict[str, object] = {
            "title": self._title(),
            "abstract": abstract,
            "authors": _separate(self._authors(), joined=self._dialect.joined),
            "year": year,
            "date": self._date(year),
            "venue": self._venue() or _AFTER_JOURNAL.sub("", _line(self._first("source")), count=1),
            "type": self._types(),
            "url": self._url(),
            "keywords": self._keywords(),
            "language": language or self._all("language"),
            "tags": self._all("tags"),
            "notes": [note for note in notes if self._is_own(note)],
            "status": [found[1] for note in notes if (found := _DECISION.search(note))],
            "retracted": bool(self._first("retraction")),
            **{name: self._first(name) for name in _PLACES},
            "issn": self._all("issn"),
            "isbn": self._all("isbn"),
            "id": self._first("id"),
            **identifiers(
                doi=self._all("doi"),
                pmid=self._pmids(),
                pmcid=self._all("pmcid"),
                mixed=self._all("ids"),
                mentions=self._all("mentions"),
            ),
        }
        there = {name: value for name, value in values.items() if value}
        take_carried(self._all("carried"), there)
        return there

    def _title(self) -> str:
        title, mark = self._first("title"), self._dialect.title_mark
        return mark.sub("", title) if mark else title

    def _venue(self) -> str:
        """Where it came out; of an article in its journal, not in the series of special issues."""
        title = self._first("title")
        venue, journal = self._first("venue", but=title), self._first("journal", but=title)
        is_article = self._dialect.articles.intersection(self._all("type"))
        return journal if is_article and journal and not is_short(journal, venue) else venue

    def _tagged(self, name: str) -> list[tuple[str, str]]:
        """Tags and values of a name, in the order of the record."""
        found = self._named.get(name, [])
        instead = self._dialect.instead.get(name)
        if not instead or not found:
            return found
        tags = self._dialect.fields.get(name, ())
        return [one for one in found if one[0] in tags] or found

    def _all(self, name: str) -> list[str]:
        """All values of a name, in the order of the record."""
        return [text for _, text in self._tagged(name)]

    def _first(self, name: str, but: str = "") -> str:
        """The value of the best tag of a name that has one; a text that is used already is none."""
        for tag in (*self._dialect.fields.get(name, ()), *self._dialect.instead.get(name, ())):
            if (texts := self._texts.get(tag)) and texts[0] != but:
                return texts[0]
        return ""

    def _abstract(self) -> tuple[str, str]:
        """The abstract, and its language where the record says that of itself."""
        own, translated = self._all("abstract"), self._all("other_abstract")
        if len(own) > 1:
            own = [one for one in own if not one.startswith(self._dialect.boilerplate)]
        abstract, other = one_abstract(own or translated)
        if other or (own and translated):
            self.said.append(OTHER_ABSTRACT)
        return abstract, "" if own else self._first("other_language")

    def _authors(self) -> Iterable[str]:
        """Names in their order, each in its longer form where there are two."""
        dialect = self._dialect
        dropped: set[str] = set()
        for long, short in dialect.pairs:
            names, short_names = self._texts.get(long, ()), self._texts.get(short, ())
            if names and short_names:
                if dialect.in_turn:
                    return self._after_one_another(long, short)
                dropped.add(short if len(names) >= len(short_names) else long)
        return (text for tag, text in self._tagged("authors") if tag not in dropped)

    def _after_one_another(self, long: str, short: str) -> Iterator[str]:
        """Names without the short forms that follow a long one."""
        after_long = False
        for tag, text in self._tagged("authors"):
            if tag == short and after_long:
                after_long = False
            else:
                yield text
                after_long = tag == long

    def _pmids(self) -> list[str]:
        """The numbers of PubMed; those of a database are so where that is PubMed's alone.

        Other fields hold the reference manager's own numbers, unless they follow the database
        and stand before the title, as Ovid writes them.
        """
        databases = [one for text in self._all("database") for one in text.split("\n")]
        if not databases or not all(map(_PUBMED.search, databases)):
            return self._all("pmid")
        numbers = (*self._all("database_id"), *self._beside_database())
        return [*self._all("pmid"), *filter(_PMID.fullmatch, numbers)]

    def _beside_database(self) -> list[str]:
        fields = self._dialect.fields
        title = next((at for at, tag in enumerate(self._tags) if tag in fields["title"]), 0)
        return [
            text
            for at, tag in enumerate(self._tags[1:title], 1)
            if tag in fields.get("beside_database", ()) and self._tags[at - 1] in fields["database"]
            for text in self._texts.get(tag, ())
        ]

    def _keywords(self) -> list[str]:
        texts = [_line(text) for text in self._all("keywords")]
        parts = _SEMICOLON if len(texts) > 1 or not _is_list(texts) else _COMMA
        found = (_STARS.sub("", one.strip()) for text in texts for one in parts.split(text))
        return list(dict.fromkeys(filter(None, found)))

    def _url(self) -> str:
        found = (_ADDRESS.search(text) for text in self._all("url"))
        return next((one[0].rstrip(";,.") for one in found if one), "")

    def _types(self) -> list[str]:
        """What kind of work it is, in words that readers share where the dialect has its own."""
        table = self._dialect.types
        texts = (one for text in self._all("type") for one in _SEMICOLON.split(_line(text)))
        return [kind for text in texts if (kind := table.get(text, text))]

    def _is_own(self, note: str) -> bool:
        """True for a note that a reader wrote, and no service."""
        return not (note.startswith((_ASREVIEW, *self._dialect.machines)) or is_imported(note))

    def _year(self) -> str:
        given = (*self._all("year"), *self._all("date"))
        found = _YEAR_OF_SOURCE.search(self._first("source"))
        return next(filter(_YEAR.search, given), found[0] if found else "")

    def _date(self, year: str) -> str:
        """A date where the record has one that is no bare year."""
        found = _YEAR.search(year)
        for text in self._all("date"):
            date = text.replace("\n", " ")
            if not _YEAR.search(date) and found:
                date = f"{date} {found[0]}"
            if not _is_year(date):
                return date
        return "" if _is_year(year) else year


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isdigit()


def _is_list(keywords: list[str]) -> bool:
    """True for one text with keywords between commas, and not one inverted term.

    "Diabetes Mellitus, Type 2" is one; of a list there are more, or no blanks.
    """
    text = "".join(keywords)
    return ";" not in text and (text.count(",") > 1 or ("," in text and ", " not in text))


def _separate(texts: Iterable[str], *, joined: bool) -> list[str] | str:
    """Names without marks of affiliations; one text that holds several is left to be split."""
    parts: list[str] = []
    for text in texts:
        plain = _line(html.unescape(text) if "&" in text else text)
        if "[" in plain or "(" in plain:
            plain = _ROLES.sub("", plain)
        if ";" in plain:
            parts += _SEVERAL_NAMES.split(plain)
        else:
            parts += two.groups() if (two := _TWO_NAMES.fullmatch(plain)) else (plain,)
    names = [name for one in parts if (name := _without_footnotes(one.strip()))]
    parts = names[0].split(", ") if len(names) == 1 else []
    is_list = len(parts) > 2 and all(" " in one for one in parts)
    return names[0] if is_list or (joined and len(names) == 1) else names


def _without_footnotes(name: str) -> str:
    """A name without the numbers and signs of affiliations after it."""
    if name[-1:].isalpha():
        return name
    words = name.split(" ")
    while len(words) > 1 and _FOOTNOTES.issuperset(words[-1]):
        words.pop()
    return " ".join(words)


def _line(text: str) -> str:
    """A text on one line, with one blank between its words."""
    return " ".join(text.split())


def _texts(tag: str, lines: list[str], dialect: Dialect) -> Iterator[str]:
    """The values of one field: one, or one a line where the dialect has it so."""
    if len(lines) == 1:
        if lines[0]:
            yield without_long_runs(lines[0])
        return
    part: list[str] = []
    for line in lines:
        if part and _is_further(line, part[-1], tag, dialect):
            yield "\n".join(part).strip()
            part = []
        part.append(without_long_runs(line.strip()))
    if text := "\n".join(part).strip():
        yield text


def _is_further(line: str, before: str, tag: str, dialect: Dialect) -> bool:
    """True where a line is a further value, and not the rest of a line that was too long."""
    if not line or not before:
        return False
    if tag in dialect.items:
        return True
    if tag not in dialect.lines or line[0].isspace():
        return False
    return not is_full(len(before), line)
