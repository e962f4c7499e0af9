"""Which papers names stand for: ids and their beginnings, DOIs, other identifiers, titles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from store.errors import AmbiguousPaper, PaperRemoved, UnknownPaper
from store.ledger.database import Ledger
from store.nearest import did_you_mean


def ids_named(ledger: Ledger, names: Sequence[str]) -> list[str]:
    """The ids behind names, each once, in the order named; raises what `id_named` does.

    Whole ids are looked up together: a thousand take no longer than a few other names.
    """
    lowered = [name.strip().lower() for name in names]
    there = {row[0] for row in ledger.rows_in("SELECT id FROM papers WHERE id IN ({})", lowered)}
    found = (
        low if low in there else id_named(ledger, name)
        for name, low in zip(names, lowered, strict=True)
    )
    return list(dict.fromkeys(found))


def id_named(ledger: Ledger, name: str) -> str:
    """The id of the paper with this id, unique prefix of an id, DOI, other identifier, or title.

    Raises UnknownPaper, PaperRemoved for an id that was here, AmbiguousPaper.
    """
    ids = _ids_named(ledger, name.strip())
    if len(ids) > 1:
        shown = ", ".join(sorted(ids)[:4])
        raise AmbiguousPaper(
            f"“{name}” names {len(ids)} papers ({shown}{', …' if len(ids) > 4 else ''})",
            "name one by its id, and more of it where it begins several",
        )
    if not ids:
        for _, at, how in removals(ledger, [name.strip().lower()]):
            raise PaperRemoved(name, at[:10], forever=how == "forever")
        raise UnknownPaper(f"no paper “{name}” in this library", _meant(ledger, name))
    return ids[0]


def _meant(ledger: Ledger, name: str) -> str:
    """A question after the papers that may be meant by a name that none has."""
    from store.clean import clean_line, shorten
    from store.ledger.nearest import papers_near

    near = [f"{one} ({shorten(clean_line(title), 60)})" for one, title in papers_near(ledger, name)]
    return did_you_mean(near, "see: quire list")


def removals(ledger: Ledger, ids: Sequence[str]) -> list[tuple[str, str, str]]:
    """Id, instant and way of the papers with these ids that were here and are gone."""
    if ledger.version_of_tables < 3:
        return []
    rows = ledger.rows_in(
        "SELECT id, at, how FROM removed WHERE id IN ({})"
        " AND NOT EXISTS (SELECT 1 FROM papers WHERE papers.id = removed.id)",
        list(ids),
    )
    return [(str(name), str(at), str(how)) for name, at, how in rows]


def _ids_named(ledger: Ledger, name: str) -> list[str]:
    if not name:
        return []
    exact = ledger.value("SELECT id FROM papers WHERE id = ?", (name.lower(),))
    if exact:
        return [exact]
    from store.ledger.citation_keys import ids_of_key

    if ids := ids_of_key(ledger, name):
        return ids
    for kind, value in _aliases(ledger, name):
        if value and (ids := ids_by_alias(ledger, kind, value, 20)):
            return ids
    if not name.isascii() or not name.isalnum():
        return []
    low = name.lower()
    rows = ledger.rows("SELECT id FROM papers WHERE id >= ? AND id < ? LIMIT 20", (low, low + "~"))
    return [row[0] for row in rows]


def _aliases(ledger: Ledger, name: str) -> Iterator[tuple[str, str | None]]:
    """What a name may be beside an id, by the kind of the alias."""
    # Imported here: most names are whole ids, and a command that only marks is to start quickly.
    from store import identifiers
    from store.ledger.titles import normal_title

    yield "doi", identifiers.normal_doi(name)
    yield "arxiv", identifiers.normal_arxiv(name)
    yield "source_id", name
    yield "id", name.lower()
    yield "pmid", identifiers.normal_pmid(name)
    yield "pmcid", identifiers.normal_pmcid(name)
    yield "openalex", identifiers.normal_openalex(name)
    yield "s2", identifiers.normal_s2(name)
    yield "title", normal_title(name)
    if ledger.version_of_tables < 3:
        from store.ledger.identity import plain_title

        yield "title", plain_title(name)


def ids_by_alias(ledger: Ledger, kind: str, value: str, limit: int = -1) -> list[str]:
    """The ids of the papers with this alias, such as a DOI in its normal form; -1 is all."""
    rows = ledger.rows(
        "SELECT DISTINCT id FROM aliases JOIN papers ON papers.key = aliases.paper"
        " WHERE kind = ? AND value = ? LIMIT ?",
        (kind, value, limit),
    )
    return [row[0] for row in rows]
