"""Which column of a table holds what, by its name, or by what stands in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from store.clean import folded
from store.pattern import pattern
from store.readers.values.marks import status_of
from store.readers.values.plain import LeftOut
from store.tables import read_table

Columns = dict[str, list[int]]
"""The places of the columns that hold each standard name, the first that counts first."""

SAMPLE = 200
"""How many rows at most show what a column holds."""
_PROSE = 150
_PROSE_UNSPACED = 70
_PROSE_WORDS = 20
_TITLE = (8, 300)
_TITLE_WORDS = 3
_MOST = 0.9
_TAGS = 4

# Columns of arXiv's metadata snapshot, whose id is that of arXiv.
_SNAPSHOT = {"id", "submitter", "categories"}
_SIGNS = pattern(r"[\W_]+")
_UNSPACED = pattern("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_WORD = pattern(r"\w+")
_NAMES = pattern(r";|\b[A-Z]\.|(?:^|, )\w+,? [A-Z]{1,3}\b(?:,|$)|\bet al\b")
_NO_TITLE = pattern(r"https?://|www\.|@|^[\d\W]+$|^\S+$|^10\.\d{4}|\d{4}-\d\d-\d\d")


def named(header: Sequence[str]) -> Columns:
    """The columns whose names say what they hold; one name may stand over several."""
    places: dict[str, list[tuple[int, int]]] = {}
    is_tagged = _has_tags(header)
    for at, cell in enumerate(header):
        known = _meaning(cell, is_tagged=is_tagged)
        if known:
            places.setdefault(known[0], []).append((known[1], at))
    columns = {name: [at for _, at in sorted(found)] for name, found in places.items()}
    if set(map(normal_name, header)) >= _SNAPSHOT and "arxiv_id" not in columns:
        columns["arxiv_id"] = columns.pop("id", [])[:1]
    for name in ("title", "abstract"):
        if name not in columns:
            containing = [at for at, cell in enumerate(header) if _names(cell, name)]
            if len(containing) == 1:
                columns[name] = containing
    return columns


def are_names(header: Sequence[str]) -> bool:
    """False for a row in which a number stands alone: that is data."""
    return not any(cell.strip().isdigit() for cell in header)


def by_content(columns: Columns, width: int, sample: Sequence[Sequence[str]]) -> Columns:
    """The same with title and abstract by what the columns hold, where that is clear."""
    found = dict(columns)
    taken = {at for places in columns.values() for at in places}
    free = [at for at in range(width) if at not in taken]
    if len(sample) < 2:
        return found
    cells = {at: [row[at].strip() for row in sample if len(row) > at] for at in free}
    if "abstract" not in found:
        prose = [at for at in free if _is_prose(cells[at])]
        if len(prose) == 1:
            found["abstract"] = prose
            free.remove(prose[0])
    if "title" not in found:
        titles = [at for at in free if _are_titles(cells[at])]
        if len(titles) == 1:
            found["title"] = titles
    return found


def without_other_marks(columns: Columns, sample: Sequence[Sequence[str]]) -> Columns:
    """The same without columns of marks that hold something else, such as topics under "label"."""
    marks = [at for at in columns.get("status", []) if _are_marks([row[at] for row in sample])]
    others = {name: places for name, places in columns.items() if name != "status"}
    return {**others, "status": marks} if marks else others


def _are_marks(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    said = LeftOut()
    for cell in filled:
        status_of(cell, said)
    return len(said.lines) <= (1 - _MOST) * len(filled)


def is_prose(cell: str) -> bool:
    """True for a cell that is long enough and has the words for an abstract."""
    if len(_UNSPACED.findall(cell[:400])) >= _PROSE_UNSPACED:
        return True
    return len(cell) >= _PROSE and len(cell.split()) >= _PROSE_WORDS


def _is_prose(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if len(cell) > 1]
    return len(filled) >= 2 and sum(map(is_prose, filled)) >= 0.6 * len(filled)


def _are_titles(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    if len(filled) < _MOST * len(cells) or len(set(filled)) < _MOST * len(filled):
        return False
    good = sum(_is_title(cell) for cell in filled)
    names = sum(_NAMES.search(cell) is not None for cell in filled)
    return good >= _MOST * len(filled) and names <= 0.3 * len(filled)


def _is_title(cell: str) -> bool:
    if not _TITLE[0] <= len(cell) <= _TITLE[1] or "\n" in cell or _NO_TITLE.search(cell):
        return False
    return len(_WORD.findall(cell)) >= _TITLE_WORDS or len(_UNSPACED.findall(cell)) >= _TITLE[0]


def _has_tags(header: Sequence[str]) -> bool:
    tags = {cell.strip() for cell in header}
    return len(tags & {"AU", "TI", "SO", "PY", "UT", "PT", "AB", "DE", "TC"}) >= _TAGS


def _meaning(cell: str, *, is_tagged: bool) -> tuple[str, int] | None:
    """The standard name of a column and its rank among those of this name."""
    name = normal_name(cell)
    if is_tagged and (other := columns_table()["tags"].get(name)) is not None:
        return (other, 0 if name != "id" else 1) if other else None
    return known_names().get(name.replace(" ", ""))


def _names(cell: str, word: str) -> bool:
    """True for a name that ends in the word or begins with it: "paper title", "abstract (en)"."""
    words = normal_name(cell).split()
    return (
        bool(words) and known_names().get("".join(words)) is None and word in (words[0], words[-1])
    )


def normal_name(cell: str) -> str:
    """The name of a column in lower case, its letters and digits in words."""
    return _SIGNS.sub(" ", folded(cell)).strip()


@cache
def columns_table() -> dict[str, Any]:
    """What programs call columns."""
    return read_table(__file__, "columns.toml")


@cache
def known_names() -> Mapping[str, tuple[str, int]]:
    """What each name of a column means, without spaces, and its rank among those of one meaning."""
    table = columns_table()
    return {
        normal_name(way).replace(" ", ""): (name, rank)
        for part in ("several", "one")
        for name, ways in table[part].items()
        for rank, way in enumerate(ways)
    }
