"""Readers of tagged texts: one class, a table a dialect.

Our own reader of lines and no library: rispy and nbib lose a second abstract, wrapped lines,
records without blank lines between, group authors and languages; Bio.Medline joins identifiers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from store.pattern import pattern
from store.readers.fields import items_of
from store.readers.lines import with_newlines
from store.readers.records import Place
from store.readers.tagged.cutting import Stray, TaggedRecord, cut
from store.readers.tagged.dialect import Dialect, dialect
from store.readers.tagged.values import RecordValues
from store.readers.text import SourceText
from store.types import Notice, ReadItem

# Pages, XML, JSON and BibTeX may quote a record.
_OTHER = pattern(r"\s*(?:<(?!\d)|[{\[@])")


def _sign(text: str) -> re.Pattern[str]:
    return pattern(text, re.MULTILINE)


class TaggedReader:
    """Reads one dialect of tagged text, told by a line that only this dialect has."""

    def __init__(
        self, name: str, reads: str, suffixes: tuple[str, ...], sign: re.Pattern[str]
    ) -> None:
        self.name = name
        self.reads = reads
        self.suffixes = suffixes
        self._sign = sign

    def sniff(self, head: str, suffix: str) -> bool:
        """True for a text that holds the sign of the dialect, and does not begin as another."""
        return not _OTHER.match(head) and self._sign.search(with_newlines(head)) is not None

    def read(self, text: SourceText) -> Iterator[ReadItem]:
        """Yield a record for each that the text holds, or why there is none."""
        table = dialect(self.name)
        form = table.form(with_newlines(text.head))
        number = 0
        for part in cut(text.lines(guess=True), table, form):
            if isinstance(part, Stray):
                yield Notice(
                    source=text.source,
                    line=part.line,
                    message=f"passed over, part of no record: {part.text[:60]}",
                )
            else:
                number += 1
                yield from _items(text.place(self.name, part.line, number), part, table)


def _items(place: Place, record: TaggedRecord, table: Dialect) -> Iterator[ReadItem]:
    if record.problem:
        yield place.rejection(record.problem)
        return
    values = RecordValues(record, table)
    yield from items_of(place, values.read())
    yield from map(place.notice, values.said)


TAGGED: tuple[TaggedReader, ...] = (
    TaggedReader("cochrane", "Cochrane text", (), _sign(r"^Record #1 of \d+\s+ID: ")),
    TaggedReader(
        "endnote_fields",
        "EndNote's list of all fields",
        (),
        _sign(r"^Reference Type: .*\n(?:.+\n){0,5}(?:Author|Title|Year): "),
    ),
    TaggedReader("proquest", "ProQuest text", (), _sign(r"^Document 1 of \d+\s*$")),
    TaggedReader("embase", "Embase text", (), _sign(r"^RECORD 1\s+TITLE\s*$")),
    TaggedReader("ebsco", "EBSCO text", (), _sign(r"^Record: 1\s+\S")),
    TaggedReader(
        "ovid", "Ovid exports (.ovd, .cgi)", (".ovd", ".cgi"), _sign(r"^ ?VN {1,3}- Ovid\b")
    ),
    TaggedReader("ovid_words", "Ovid text", (), _sign(r"^<\d+>\n[A-Z][A-Za-z ]+\n  ?\S")),
    TaggedReader(
        "nbib",
        "PubMed citations (.nbib)",
        (".nbib", ".medline"),
        _sign(r"^(?:PMID ?- ?\d|OWN - [A-Z]|FAU - |STAT- )"),
    ),
    TaggedReader(
        "wos",
        "Web of Science (.ciw, .isi, .txt)",
        (".ciw", ".isi"),
        _sign(r"^PT [A-Z][a-z]*\s*\n(?:[A-Z][A-Z0-9]) "),
    ),
    TaggedReader(
        "refworks", "RefWorks tagged text", (), _sign(r"^RT [A-Z][A-Za-z, ]+\s+(?:SR|ID|A1|T1) ")
    ),
    TaggedReader(
        "ris",
        "RIS (.ris)",
        (".ris",),
        _sign(
            r"^[ \t]{0,3}TY[ \t]{0,3}-[ \t]*[A-Z]+[ \t]*$"
            r"|^[ \t]{0,3}ty[ \t]{1,3}-[ \t]*[a-z]+[ \t]*$"
            r"|^(?:TI|T1) {1,2}- .*\n(?:.*\n){0,200}?(?:AB|N2|A1|AU|ER) {1,2}-"
            r"|^(?:A1|AU) {1,2}- .*\n(?:.*\n){0,200}?(?:TI|T1) {1,2}-"
        ),
    ),
    TaggedReader(
        "refer",
        "Refer and EndNote tagged text (.enw)",
        (".enw", ".refer"),
        _sign(r"^%(?:0 [A-Z]|[ATD] .*\n(?:.*\n){0,50}?%[A-Z0-9] )"),
    ),
)
"""A reader for each dialect, those first whose signs are the most particular."""
