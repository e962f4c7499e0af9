"""A filter in words for the reader, and as options of a command."""

from __future__ import annotations

import shlex

from assistant.query.planning.years import year_typed, year_words
from store.clean import clean_line, shorten
from store.types import Filter, PaperField

_MOST = 3
_LONGEST = 80
"""Characters of a name that are shown."""


def described(wanted: Filter) -> str:
    """Which papers a filter leaves, in words that go on from "papers": "by Sato, since 2022"."""
    parts = [
        f"by {_any(wanted.authors)}" if wanted.authors else "",
        _years(wanted),
        f"in {_any(wanted.venues)}" if wanted.venues else "",
        f"tagged {_any(wanted.tags)}" if wanted.tags else "",
        f"marked {_any(wanted.statuses)}" if wanted.statuses else "",
        f"from {_any(wanted.sources)}" if wanted.sources else "",
        f"added since {wanted.added_since[:10]}" if wanted.added_since else "",
        lacking_words(wanted.lacks),
        f"with {len(wanted.without)} left out" if wanted.without else "",
    ]
    return ", ".join(filter(None, parts))


def lacking_words(fields: tuple[PaperField, ...]) -> str:
    """What papers do not have in their records: "without year or venue"."""
    named = " or ".join(field.replace("arxiv_id", "arXiv id") for field in fields)
    return f"without {named.replace('doi', 'DOI')}" if named else ""


def _years(wanted: Filter) -> str:
    words = year_words(wanted)
    return f"of {words}" if words[:1].isdigit() else words


def _any(entries: tuple[str, ...]) -> str:
    named = [shorten(clean_line(one), _LONGEST) for one in entries[:_MOST]]
    shown = [*named, *([f"{len(entries) - _MOST} others"] if entries[_MOST:] else [])]
    return " or ".join(shown)


def as_options(wanted: Filter) -> str:
    """The options that leave the same papers, for a command; empty where a command has none."""
    named = (
        ("--author", wanted.authors),
        ("--venue", wanted.venues),
        ("--tag", wanted.tags),
        ("--status", wanted.statuses),
        ("--source", wanted.sources),
    )
    if wanted.lacks:
        return ""
    words = [word for option, entries in named for entry in entries for word in (option, entry)]
    years = year_typed(wanted).removeprefix("year:")
    words += ["--year", years] if years else []
    words += ["--added-since", wanted.added_since] if wanted.added_since else []
    return shlex.join(words)
