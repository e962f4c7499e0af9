"""DOIs of preprint servers, and DOIs of versions."""

from __future__ import annotations

import re
from functools import cache

from store.identifiers import ARXIV_DOI
from store.tables import read_table


def server_of(doi: str) -> str | None:
    """The preprint server that a DOI in lower case is of, or None for another's."""
    if doi.startswith(ARXIV_DOI):
        return "arxiv"
    found = _servers().match(doi)
    return found.lastgroup if found else None


def work_doi(doi: str) -> str:
    """What the DOIs of all versions of one text have in common: the DOI without its version."""
    found = _versions().fullmatch(doi)
    if found is None or (found.lastgroup == "preprint" and server_of(doi) is None):
        return doi
    return next(group for group in found.groups()[1::2] if group)


@cache
def _servers() -> re.Pattern[str]:
    return _any("preprints")


@cache
def _versions() -> re.Pattern[str]:
    return _any("versions")


def _any(name: str) -> re.Pattern[str]:
    table: dict[str, str] = read_table(__file__, "dois.toml")[name]
    return re.compile("|".join(f"(?P<{one}>{text})" for one, text in table.items()))
