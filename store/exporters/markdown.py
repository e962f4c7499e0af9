"""Markdown to read: a heading a paper, its fields as labelled lines, its abstract beneath.

Any sign that Markdown knows is escaped, so that a text is shown as it is, here and in pandoc.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from store.exporters.carried import carried, line
from store.exporters.jsonl import versioned_arxiv_id
from store.pattern import pattern

if TYPE_CHECKING:
    from store.exporters.base import ExportOptions
    from store.types import Paper

_SIGNS = pattern(r"[\\`*_{}\[\]<>#|~$@^&]")
_AT_START = pattern(r"(?m)^(\s*)([-+=:!])|^(\s*\d{1,9})([.)])")


class MarkdownExporter:
    """One section a paper."""

    name = "md"
    writes = "Markdown (.md)"
    suffixes = (".md", ".markdown")

    def write(self, papers: Iterable[Paper], options: ExportOptions) -> Iterator[str]:
        """Yield a section a paper."""
        for paper in papers:
            yield _section(paper, options)


def _section(paper: Paper, options: ExportOptions) -> str:
    labels = [f"**{label}:** {value}" for label, value in _labels(paper, options) if value]
    parts = [f"## {escaped(' '.join(paper.title.split()))}", "  \n".join(labels)]
    parts += ["### Abstract", *map(escaped, paper.abstract.split("\n\n"))] * bool(paper.abstract)
    beside = carried(paper, "md", marks=options.marks)
    if beside:
        parts.append(f"<!-- {line(beside)} -->")
    return "\n\n".join(filter(None, parts)) + "\n\n"


def _labels(paper: Paper, options: ExportOptions) -> Iterator[tuple[str, str]]:
    details = paper.details
    plain = (
        ("Authors", "; ".join(paper.authors)),
        ("Year", str(paper.year or "")),
        ("Venue", paper.venue or ""),
        ("Volume", details.volume or ""),
        ("Issue", details.issue or ""),
        ("Pages", details.pages or ""),
        ("Publisher", details.publisher or ""),
        ("DOI", paper.doi or ""),
        ("arXiv", versioned_arxiv_id(paper)),
        ("PMID", details.pmid or ""),
        ("PMCID", details.pmcid or ""),
    )
    yield from ((label, escaped(" ".join(value.split()))) for label, value in plain)
    if paper.url and paper.url.startswith(("http://", "https://")):
        yield "URL", f"<{paper.url}>" if _is_plain(paper.url) else escaped(paper.url)
    yield "Keywords", escaped("; ".join(details.keywords))
    if options.marks:
        yield "Tags", escaped("; ".join(paper.tags))
        yield "Status", "" if paper.status == "unread" else paper.status
        yield from (("Note", escaped(" ".join(note.split()))) for note in paper.notes)


def _is_plain(url: str) -> bool:
    return re.fullmatch(r"[!-;=?-~]+", url) is not None


def escaped(text: str) -> str:
    """A text that Markdown shows as it stands."""
    text = _SIGNS.sub(r"\\\g<0>", text)
    return _AT_START.sub(r"\1\3\\\2\4", text)
