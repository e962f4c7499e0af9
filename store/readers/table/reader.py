"""The reader of tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from store.errors import UnusableSource
from store.pattern import pattern
from store.readers.fields import items_of
from store.readers.mapping import listed, mapped
from store.readers.records import Place
from store.readers.table.cells import values_of
from store.readers.table.columns import Columns, by_content, is_prose, without_other_marks
from store.readers.table.layout import DELIMITERS, Layout, layout_of
from store.readers.table.rows import Row, rows, trimmed
from store.readers.text import SourceText
from store.readers.values.arxiv_numbers import restored
from store.types import ReadItem

_RULE = pattern(r"\s*(?::?-{2,}:?)?\s*")
_MAP = "say which columns hold them: --map title=COLUMN,abstract=COLUMN"
_TITLES = "; where there are no abstracts, --titles takes the titles"


class TableReader:
    """Reads tables with a row a paper."""

    name = "csv"
    reads = "tables (.csv, .tsv)"
    suffixes = (".csv", ".tsv", ".tab")
    takes_mapping = True

    def sniff(self, head: str, suffix: str) -> bool:
        """True for a table whose first rows name a title and other columns of papers."""
        start = head.lstrip("\ufeff \t\r\n")[:1]
        if start in ("{", "[", "<", "@", ""):
            return False
        layout = layout_of(head)
        return layout is not None and layout.is_clear and _is_regular(layout)

    def has_columns(self, head: str, mapping: Sequence[tuple[str, str]]) -> bool:
        """True for a table with all columns that a mapping names."""
        layout = layout_of(head)
        if layout is None:
            return False
        try:
            mapped(mapping, layout.header)
        except UnusableSource:
            return False
        return True

    def read(self, text: SourceText) -> Iterator[ReadItem]:
        """Yield a record for each row. Raises UnusableSource where no column is the abstract."""
        layout = layout_of(text.head)
        if layout is None:
            raise UnusableSource("no table: no line is divided by commas, semicolons, tabs or bars")
        columns, has_names = _columns(layout, text)
        names = layout.header if has_names else ()
        yield from _twice(layout, columns, text, self.name) if names else ()
        first = layout.at + 1 if has_names else layout.at
        number = 0
        for at, row in enumerate(_rows(text, layout)):
            if at < first or not (row.problem or any(map(_says_something, row.cells))):
                continue
            number += 1
            place = text.place(self.name, row.line, number)
            cells = trimmed(row.cells, layout.width)
            if row.problem:
                yield place.rejection(row.problem)
            elif row.closed and _lacks_only_last(cells, columns, layout.width):
                cells += [""] * (layout.width - len(cells))
                yield from _items(place, values_of(cells, columns))
            elif len(cells) != layout.width:
                yield place.rejection(f"{_counted(len(cells))} where the table has {layout.width}")
            else:
                yield from _items(place, values_of(cells, columns))


def _says_something(cell: str) -> bool:
    """False for an empty cell, and for the line that Markdown draws under the names."""
    return _RULE.fullmatch(cell) is None


def _lacks_only_last(cells: Sequence[str], columns: Columns, width: int) -> bool:
    """True for a row without the last cells, as it shows by its title and abstract in place."""
    first = [columns.get(name, [width])[0] for name in ("title", "abstract")]
    if not max(first) < len(cells) < width:
        return False
    title, abstract = (cells[at] for at in first)
    return is_prose(abstract) and bool(title.strip()) and not is_prose(title)


def _items(place: Place, values: dict[str, object]) -> Iterator[ReadItem]:
    """The record of a row, with the zeros of an arXiv id that a table program cut off."""
    said: list[str] = []
    if "arxiv_id" in values:
        restored(values, said)
    yield from items_of(place, values, said)


def _rows(text: SourceText, layout: Layout) -> Iterator[Row]:
    lines = text.lines(guess=True)
    return rows(lines, layout.dialect, layout.width)


def _columns(layout: Layout, text: SourceText) -> tuple[Columns, bool]:
    """The columns by --map, by their names, by what they hold, and whether they have names."""
    header = layout.header
    chosen = mapped(text.options.mapping, header) if text.options.mapping else {}
    columns = {name: places for name, places in layout.columns.items() if name not in chosen}
    columns.update({name: [header.index(one) for one in ones] for name, ones in chosen.items()})
    sample = [
        row.cells for row in layout.sample if len(trimmed(row.cells, layout.width)) == layout.width
    ]
    if not layout.columns and any(map(is_prose, header)):
        sample.insert(0, list(header))
    if "status" not in chosen:
        columns = without_other_marks(columns, sample)
    wanted = ("title",) if text.options.titles else ("title", "abstract")
    if any(name not in columns for name in wanted):
        columns = by_content(columns, layout.width, sample)
    missing = [name for name in wanted if name not in columns]
    if missing:
        raise _unknown(layout, missing)
    abstract = columns.get("abstract")
    has_names = not (abstract and any(is_prose(header[at]) for at in abstract))
    return columns, has_names


def _unknown(layout: Layout, missing: list[str]) -> UnusableSource:
    sign = layout.dialect.delimiter
    what = " nor ".join({"title": "titles", "abstract": "abstracts"}[name] for name in missing)
    return UnusableSource(
        f"a table divided by {DELIMITERS.get(sign, f'“{sign}”')} in which no column is known to"
        f" hold {what}; its columns are: {listed(layout.header)}",
        _MAP if "title" in missing else _MAP + _TITLES,
    )


def _is_regular(layout: Layout) -> bool:
    """True where some row after the names has as many cells, or there is none yet."""
    sample = layout.sample
    return not sample or any(
        len(trimmed(row.cells, layout.width)) == layout.width for row in sample
    )


def _twice(layout: Layout, columns: Columns, text: SourceText, reader: str) -> Iterator[ReadItem]:
    """Say of title and abstract where their name stands over several columns."""
    for name in ("title", "abstract"):
        places = columns.get(name, [])
        names = [layout.header[at].casefold() for at in places]
        if len(set(names)) < len(names):
            yield text.place(reader, 1, 0).notice(
                f"“{layout.header[places[0]]}” stands over {len(names)} columns; in each row the"
                " first that holds something is read"
            )


def _counted(cells: int) -> str:
    return f"{cells} cell" if cells == 1 else f"{cells} cells"
