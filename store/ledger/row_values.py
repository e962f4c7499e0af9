"""The values of rows, held against what they should be: a damaged ledger may hold anything."""

from __future__ import annotations

import json
from typing import get_args

from store.types import Details, Status

NO_DETAILS = Details()
DETAIL_ALIASES = (
    ("pmid", "pmid"),
    ("pmcid", "pmcid"),
    ("openalex", "openalex_id"),
    ("s2", "s2_id"),
)
"""The kinds of names that details give a paper, with the detail that holds each."""
_STATUSES: tuple[Status, ...] = get_args(Status)


def text(value: object) -> str:
    """A text; raises TypeError for anything else."""
    if type(value) is not str:
        raise TypeError("what should be a text is none")
    return value


def text_or_none(value: object) -> str | None:
    """A text or nothing; raises TypeError for anything else."""
    return None if value is None else text(value)


def number_or_none(value: object) -> int | None:
    """A whole number or nothing; raises TypeError for anything else."""
    if value is not None and type(value) is not int:
        raise TypeError("what should be a number is none")
    return value


def texts(value: object) -> tuple[str, ...]:
    """The texts of a JSON list; raises ValueError or TypeError for anything else."""
    found = json.loads(text(value))
    if not isinstance(found, list):
        raise TypeError("what should be a list is none")
    return tuple(map(text, found))


def details_of(value: object) -> Details:
    """The details of a JSON object; raises ValueError or TypeError for anything else."""
    if value == "{}":
        return NO_DETAILS
    found = json.loads(text(value))
    if not isinstance(found, dict):
        raise TypeError("what should be an object is none")
    return Details.model_validate(found)


def status(value: object) -> Status:
    """A status; raises ValueError for anything else."""
    for known in _STATUSES:
        if value == known:
            return known
    raise ValueError(f"no paper has the status {value!r}")
