"""Reading papers out of the ledger: by id, by name, by filter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from store.errors import UnknownPaper
from store.ledger.conditions import UNTOLD, conditions
from store.ledger.database import Ledger, Row
from store.ledger.failures import damaged
from store.ledger.naming import id_named
from store.ledger.row_values import details_of, number_or_none, status, text, text_or_none, texts
from store.types import Filter, Paper, PaperText, Provenance

_COLUMNS = (
    "key, id, title, abstract, authors, year, date, venue, doi, arxiv_id, url, content_hash,"
    " status, added_at"
)


def _columns(ledger: Ledger) -> str:
    return f"{_COLUMNS}, {details_column(ledger)}"


def details_column(ledger: Ledger) -> str:
    """SQL for the details of a paper; tables that are not brought up to date have none."""
    return "details" if ledger.version_of_tables > 2 else "json_object()"


def original_text(ledger: Ledger, paper: str) -> tuple[str, str] | None:
    """Title and abstract of a paper as its source has them, None where cleaning changed nothing."""
    if ledger.version_of_tables < 3:
        return None
    rows = ledger.rows(
        "SELECT originals.title, originals.abstract FROM originals JOIN papers"
        " ON papers.key = originals.paper WHERE papers.id = ?",
        (paper,),
    )
    return next(iter(_texts(ledger, rows)), None)


def count(ledger: Ledger) -> int:
    """How many papers the ledger holds."""
    return ledger.counted("SELECT count(*) FROM papers")


def papers_by_id(ledger: Ledger, ids: Sequence[str]) -> dict[str, Paper]:
    """The papers with these ids; ids that are not there are left out."""
    rows = ledger.rows_in(f"SELECT {_columns(ledger)} FROM papers WHERE id IN ({{}})", list(ids))
    return {paper.id: paper for paper in _papers(ledger, rows)}


def papers_as_indexed(ledger: Ledger, ids: Sequence[str]) -> dict[str, Paper]:
    """The papers with these ids as far as indexes hold them: without marks and sources."""
    rows = ledger.rows_in(f"SELECT {_columns(ledger)} FROM papers WHERE id IN ({{}})", list(ids))
    return {paper.id: paper for paper in _papers(ledger, rows, whole=False)}


def sampled_ids(ledger: Ledger, number: int) -> list[str]:
    """At most so many ids, evenly spread over the papers in the order added; reads no others."""
    last = ledger.counted("SELECT coalesce(max(key), 0) FROM papers")
    keys = sorted({last * at // number for at in range(number)})
    next_one = "SELECT id FROM papers WHERE key > ? ORDER BY key LIMIT 1"
    found = [row[0] for key in keys for row in ledger.rows(next_one, (key,))]
    return list(dict.fromkeys(found))


def titles_and_abstracts(ledger: Ledger, ids: Sequence[str]) -> dict[str, PaperText]:
    """Title and abstract of the papers with these ids, and nothing else of them."""
    rows = ledger.rows_in("SELECT id, title, abstract FROM papers WHERE id IN ({})", list(ids))
    return {name: PaperText(title, abstract) for name, title, abstract in _texts(ledger, rows)}


def texts_by_id(ledger: Ledger, ids: Sequence[str]) -> list[str]:
    """Title, abstract and authors of the papers with these ids, one text each."""
    rows = ledger.rows_in(
        "SELECT title || ' ' || abstract || ' ' || authors FROM papers WHERE id IN ({})", list(ids)
    )
    return [row[0] for row in _texts(ledger, rows)]


def papers_by_filter(ledger: Ledger, wanted: Filter, limit: int | None = None) -> tuple[Paper, ...]:
    """The papers a filter leaves, in the order added."""
    where, values = conditions(wanted)
    rows = ledger.rows(
        f"SELECT {_columns(ledger)} FROM papers WHERE {where} ORDER BY key LIMIT ?",
        (*values, -1 if limit is None else limit),
    )
    return tuple(_papers(ledger, rows))


def papers_after(ledger: Ledger, key: int, limit: int) -> tuple[int, list[Paper]] | None:
    """The next papers by ledger key after one, with the last key; None at the end."""
    rows = ledger.rows(
        f"SELECT {_columns(ledger)} FROM papers WHERE key > ? ORDER BY key LIMIT ?", (key, limit)
    )
    return (rows[-1][0], _papers(ledger, rows)) if rows else None


def ids_by_filter(ledger: Ledger, wanted: Filter) -> list[str]:
    """The ids of the papers a filter leaves, in the order added."""
    where, values = conditions(wanted)
    return [
        row[0] for row in ledger.rows(f"SELECT id FROM papers WHERE {where} ORDER BY key", values)
    ]


def count_by_filter(ledger: Ledger, wanted: Filter) -> int:
    """How many papers a filter leaves."""
    where, values = conditions(wanted)
    return ledger.counted(f"SELECT count(*) FROM papers WHERE {where}", values)


def lacking(ledger: Ledger, wanted: Filter) -> tuple[tuple[str, int], ...]:
    """Fields that a filter asks for, with how many papers have no such field.

    Papers the rest of the filter leaves out anyway are counted too: the figure tells how
    much of the collection the filter cannot see.
    """
    found = []
    if (wanted.year_from is not None or wanted.year_to is not None) and not wanted.undated:
        found.append(("year", ledger.counted("SELECT count(*) FROM papers WHERE year IS NULL")))
    if wanted.authors:
        found.append(
            ("authors", ledger.counted("SELECT count(*) FROM papers WHERE authors = '[]'"))
        )
    if wanted.venues:
        found.append(("venue", ledger.counted("SELECT count(*) FROM papers WHERE venue IS NULL")))
    return tuple((field, number) for field, number in found if number)


def untold(ledger: Ledger, wanted: Filter) -> int:
    """How many papers that a filter leaves have no abstract; costs nothing where none has."""
    if ledger.version_of_tables < 3:
        return 0
    if not ledger.value(f"SELECT EXISTS (SELECT 1 FROM papers WHERE {UNTOLD})"):
        return 0
    return count_by_filter(
        ledger, wanted.model_copy({"has": (), "lacks": (*wanted.lacks, "abstract")})
    )


def find_paper(ledger: Ledger, name: str) -> Paper:
    """The paper with this id, unique prefix of an id, DOI, other identifier, or title.

    Raises UnknownPaper, PaperRemoved for an id that was here, AmbiguousPaper.
    """
    named = id_named(ledger, name)
    found = papers_by_id(ledger, [named])
    if not found:  # it went since
        raise UnknownPaper(f"no paper “{name}” in this library", "see: quire list")
    return found[named]


def _texts(ledger: Ledger, rows: list[Row]) -> list[Row]:
    """The rows, of texts all of them: a damaged one may hold anything else."""
    if not all(type(value) is str for row in rows for value in row):
        raise damaged(ledger.path, "what should be a text is none")
    return rows


def _papers(ledger: Ledger, rows: list[Row], *, whole: bool = True) -> list[Paper]:
    with ledger.reading():
        return list(_made(ledger, rows, [row[0] for row in rows] if whole else []))


def _made(ledger: Ledger, rows: list[Row], keys: list[int]) -> Iterable[Paper]:
    """The papers of rows; those with these keys get their marks and sources."""
    provenance = _grouped(
        ledger,
        "SELECT paper, source, reader, page_date, line, record, added_at FROM provenance"
        " WHERE paper IN ({}) ORDER BY paper, added_at, source, record",
        keys,
    )
    tags = _grouped(ledger, "SELECT paper, tag FROM tags WHERE paper IN ({}) ORDER BY tag", keys)
    notes = _grouped(ledger, "SELECT paper, text FROM notes WHERE paper IN ({}) ORDER BY key", keys)
    for row in rows:
        places: dict[str, Provenance] = {}
        for source, reader, page_date, line, record, added_at in provenance[row[0]]:
            places.setdefault(
                source,
                Provenance(
                    source=text(source),
                    reader=text(reader),
                    page_date=text_or_none(page_date),
                    line=number_or_none(line),
                    record=number_or_none(record),
                    added_at=text(added_at),
                ),
            )
        yield Paper(
            id=text(row[1]),
            title=text(row[2]),
            abstract=text(row[3]),
            authors=texts(row[4]),
            year=number_or_none(row[5]),
            date=text_or_none(row[6]),
            venue=text_or_none(row[7]),
            doi=text_or_none(row[8]),
            arxiv_id=text_or_none(row[9]),
            url=text_or_none(row[10]),
            content_hash=text(row[11]),
            status=status(row[12]),
            added_at=text(row[13]),
            details=details_of(row[14]),
            tags=tuple(text(tag) for (tag,) in tags[row[0]]),
            notes=tuple(text(note) for (note,) in notes[row[0]]),
            provenance=tuple(places.values()),
        )


def _grouped(ledger: Ledger, sql: str, keys: list[int]) -> dict[int, list[Row]]:
    grouped: dict[int, list[Row]] = defaultdict(list)
    for paper, *rest in ledger.rows_in(sql, keys):
        grouped[paper].append(tuple(rest))
    return grouped
