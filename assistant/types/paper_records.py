"""What the record of a paper says beside its abstract, in words: for prompts, checks and lists."""

from __future__ import annotations

from collections.abc import Iterable

from store.types import Paper

NO_ABSTRACT = "no abstract: found by its title, and no evidence"
"""What is said of a paper that was taken with its title alone."""
_NAMED = 8
"""Authors who are named; of more it is said how many there are."""


def record_line(paper: Paper) -> str:
    """That a paper is retracted, who wrote it, where and when, its identifiers, how it is marked.

    One line, its parts behind semicolons; empty for a paper of which nothing but the day of its
    adding is known. Tags and notes are the reader's own words, and stay here. What a source says
    of authors and venue is as hostile as an abstract.
    """
    identifiers = [("DOI", paper.doi), ("arXiv", paper.arxiv_id)]
    parts = ["retracted" if paper.is_retracted else "", _authors(paper.authors), _published(paper)]
    parts += [f"{name} {value}" for name, value in identifiers if value]
    mark = "" if paper.status == "unread" else f"marked {paper.status}"
    if not any((*parts, mark)):
        return ""
    return "; ".join(one for one in (*parts, f"added {paper.added_at[:10]}", mark) if one)


def listed(paper: Paper) -> str:
    """A paper as an entry of a list: its title, its year, and whether it is retracted."""
    known = [str(paper.year)] if paper.year else []
    known += ["retracted"] if paper.is_retracted else []
    return f"{paper.title.strip()} ({', '.join(known)})" if known else paper.title.strip()


def entry_of(paper: Paper) -> str:
    """The same with who wrote it, and where it came out."""
    parts = [_authors(paper.authors), paper.venue or ""]
    return ", ".join((listed(paper), *filter(None, ["; ".join(filter(None, parts))])))


def whole_record(paper: Paper) -> str:
    """A paper as an entry of a list, with all that its record says."""
    return ": ".join(filter(None, (listed(paper), record_line(paper))))


def names_together(names: Iterable[str]) -> str:
    """Names in a line; with semicolons where one of them has its family name before a comma."""
    known = tuple(names)
    return ("; " if any("," in one for one in known) else ", ").join(known)


def _authors(authors: tuple[str, ...]) -> str:
    named = names_together(authors[:_NAMED])
    more = len(authors) - _NAMED
    named += f" and {more} {'others' if more > 1 else 'other'}" if more > 0 else ""
    return f"by {named}" if named else ""


def _published(paper: Paper) -> str:
    """Venue, year and date, the year only where neither of the others has it."""
    year = str(paper.year or "")
    date = paper.date if paper.date and paper.date != year else ""
    if not paper.venue:
        return f"published {date or year}" if date or year else ""
    place = paper.venue if year in paper.venue else f"{paper.venue} {year}"
    return f"{place} ({date})" if date else place
