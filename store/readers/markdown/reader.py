"""Reads papers from Markdown: one a document with front matter, or one a heading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from store.errors import UnusableSource
from store.pattern import pattern
from store.readers.carried import take_carried
from store.readers.fields import items_of
from store.readers.likeness import LEAST_SHARE
from store.readers.markdown.bylines import byline_of
from store.readers.markdown.front import Unreadable, parted
from store.readers.markdown.sections import LEAD, LINK, Section, sections_of
from store.readers.text import SourceText
from store.types import ReadItem

_FEWEST_WORDS = 4
"""Words of a heading that is a title; those of a manual have fewer."""
_FEWEST_OF_LEAD = 12
"""Words beneath a bold or linked title that are an abstract; a list of links has fewer."""
_HEADING = pattern(r"(?m)^#{1,6}[ \t]+\S")
_FIRST_HEADING = pattern(r"\s*#{1,6}[ \t]+\S")
_LISTED = pattern(
    r"(?m)^(?:[-*+]|\d+[.)])?[ \t]*(?:\*\*|__|\[)(?!\w[\w ]{0,30}:)\S|^\w+:: |^>[ \t]*\[!"
)
_WIKI = pattern(r"\[\[(?:[^\[\]|]{0,300}\|)?([^\[\]|]{0,300})\]\]")
_WORD = pattern(r"\w+")
_SENTENCE = pattern(r"[.!?](?:\s|\Z)|[。！？]")
_UNSPACED = pattern(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]{6}")
_NAMES: Mapping[str, str] = {
    "title": "title",
    "abstract": "abstract",
    "summary": "abstract",
    "description": "abstract",
    "author": "authors",
    "authors": "authors",
    "firstauthor": "authors",
    "first author": "authors",
    "by": "authors",
    "year": "year",
    "date": "date",
    "published": "date",
    "publication date": "date",
    "journal": "venue",
    "venue": "venue",
    "conference": "venue",
    "booktitle": "venue",
    "publication": "venue",
    "container-title": "venue",
    "doi": "doi",
    "arxiv": "arxiv_id",
    "arxiv id": "arxiv_id",
    "pmid": "pmid",
    "pmcid": "pmcid",
    "url": "url",
    "link": "url",
    "keywords": "keywords",
    "tags": "tags",
    "type": "type",
    "language": "language",
    "lang": "language",
    "volume": "volume",
    "issue": "issue",
    "number": "number",
    "pages": "pages",
    "page": "pages",
    "publisher": "publisher",
    "issn": "issn",
    "isbn": "isbn",
    "citekey": "id",
    "citation-key": "id",
    "note": "notes",
    "status": "status",
    "notes": "notes",
}
"""What a key of front matter, a label of a line or a heading is called, and the field it fills."""
_LABEL = re.compile(
    rf"[*_]*(?P<name>{'|'.join(sorted(map(re.escape, _NAMES), key=len, reverse=True))})"
    r"[*_]*\s?:{1,2}[*_]*\s*(?P<value>.*)",
    re.IGNORECASE | re.DOTALL,
)


class MarkdownReader:
    """Reads notes with front matter, and papers under headings with their abstracts beneath.

    A heading's lines such as "Authors: …" or "DOI: …" fill its fields, and a heading "Abstract"
    beneath it holds its abstract. A document whose headings are no titles is refused as a whole,
    unless this reader is asked for by name.
    """

    name = "markdown"
    reads = "Markdown (.md)"
    suffixes = (".md", ".markdown", ".qmd")

    def sniff(self, head: str, suffix: str) -> bool:
        """True for a text named so with a heading, front matter, properties or titles in bold.

        One without any name is Markdown where it begins with a heading.
        """
        if not suffix:  # as on stdin, where nothing but the text tells
            return _FIRST_HEADING.match(head) is not None
        if suffix not in self.suffixes:
            return False
        if head.lstrip().startswith("---") or _HEADING.search(head) is not None:
            return True
        return _LISTED.search(head) is not None

    def read(self, text: SourceText) -> Iterator[ReadItem]:
        """Yield what the document holds, in its order."""
        whole = text.document("write several documents").replace("\r\n", "\n").replace("\r", "\n")
        try:
            front, body, lines = parted(whole)
        except Unreadable as failure:
            raise UnusableSource(f"its front matter is no YAML: {failure}") from failure
        sections = sections_of(body)
        own = {_NAMES[name]: _unlinked(one) for name, one in front.items() if name in _NAMES}
        own = {**_labelled(sections[0].blocks)[0], **{n: one for n, one in own.items() if one}}
        if own.get("title") or own.get("abstract"):
            yield from items_of(text.place(self.name, 1, 1), {**_of_note(sections), **own})
            return
        papers = list(_papers(sections))
        if text.options.format != self.name:
            _refuse_others(papers)
        for number, paper in enumerate(papers, start=1):
            place = text.place(self.name, paper[0].line + lines, number)
            yield from items_of(place, _of_paper(paper))


def _of_note(sections: list[Section]) -> dict[str, object]:
    """What the body of a note gives: its title, and what its headings name."""
    values: dict[str, object] = {}
    for one in sections:
        name = _field_named(one)
        if name == "abstract" and one.blocks:
            values.setdefault("abstract", _plain("\n\n".join(one.blocks)))
        elif one.level == 1 and not name:
            values.setdefault("title", _plain(one.title))
        values = {**_labelled(one.blocks)[0], **values}
    return values


def _papers(sections: list[Section]) -> Iterator[list[Section]]:
    """The headings that are papers, each with those beneath it that name its fields.

    A heading with nothing of its own beneath it, above others, groups papers and is none.
    """
    paper: list[Section] = []
    for at, one in enumerate(sections):
        if paper and one.level > paper[0].level and _field_named(one):
            paper.append(one)
            continue
        if paper:
            yield paper
        paper = []
        after = sections[at + 1] if at + 1 < len(sections) else None
        groups = after is not None and after.level > one.level and not _field_named(after)
        if one.level and not (groups and not _labelled(one.blocks)[0]):
            paper = [one]
    if paper:
        yield paper


def _field_named(section: Section) -> str:
    """The field that a heading names, or ""."""
    return _NAMES.get(section.title.strip(" :").lower(), "")


def _of_paper(paper: list[Section]) -> dict[str, object]:
    """The values of a heading and of what stands beneath it."""
    first, *others = paper
    values, rest = _labelled(first.blocks)
    has_abstract = "abstract" in values or "abstract" in map(_field_named, others)
    said, rest = _without_byline(rest, has_abstract=has_abstract)
    values = {**said, **values}
    values.setdefault("title", _plain(first.title))
    if found := LINK.search(first.title):
        values.setdefault("url", found[1])
    for one in others:
        values.setdefault(_field_named(one), _plain("\n\n".join(one.blocks)))
    if rest:
        values.setdefault("abstract", _plain("\n\n".join(rest)))
    take_carried((one.carried for one in paper), values)
    return values


def _without_byline(
    blocks: list[str], *, has_abstract: bool
) -> tuple[dict[str, object], list[str]]:
    """What a byline in the first line says, and the blocks without it."""
    if not blocks:
        return {}, blocks
    line, _, rest = blocks[0].partition("\n")
    others = [rest, *blocks[1:]] if rest else blocks[1:]
    said = byline_of(line.strip()) if others or has_abstract else None
    return ({}, blocks) if said is None else (said, others)


def _unlinked(value: object) -> object:
    """A value of a note without the brackets of links to other notes: [[file|words]]."""
    if isinstance(value, list):
        return [_unlinked(one) for one in value]
    return _WIKI.sub(r"\1", value) if isinstance(value, str) else value


def _labelled(blocks: list[str]) -> tuple[dict[str, object], list[str]]:
    """The fields that labels at the beginning of lines name, and the blocks without any."""
    values: dict[str, Any] = {}
    rest: list[str] = []
    for block in blocks:
        found = _LABEL.match(block)
        if found is None:
            rest.append(block)
        elif _NAMES[found["name"].lower()] == "abstract":
            values.setdefault("abstract", _plain(found["value"]))
        else:
            for line in block.split("\n"):
                if one := _LABEL.match(line.strip()):
                    name, value = _NAMES[one["name"].lower()], one["value"].strip()
                    link = LINK.match(value)
                    text = link[1] if link and name == "url" else _plain(value)
                    if name == "notes":
                        values[name] = [*values.get(name, ()), text]
                    elif name == "authors" and name in values:
                        values[name] = f"{values[name]}; {text}"
                    else:
                        values.setdefault(name, text)
    return {name: one for name, one in values.items() if one}, rest


def _plain(text: str) -> str:
    return str(_unlinked(LINK.sub("", text))).strip()


def _refuse_others(papers: list[list[Section]]) -> None:
    """Raise UnusableSource unless nine of ten headings are titles with abstracts beneath."""
    good = sum(_is_paper(one) for one in papers)
    if not papers or good < LEAST_SHARE * len(papers):
        raise UnusableSource(
            f"Markdown of another kind: {good} of {len(papers)} headings are titles with abstracts"
            " beneath",
            "write one heading a paper, or front matter with title and abstract;"
            " --format markdown reads it so anyway",
        )


def _is_paper(paper: list[Section]) -> bool:
    values = _of_paper(paper)
    title, abstract = str(values.get("title", "")), str(values.get("abstract", ""))
    named = len(values.keys() - {"title", "abstract", "url"})
    if paper[0].level == LEAD and len(_WORD.findall(abstract)) < _FEWEST_OF_LEAD:
        return False
    long_title = len(_WORD.findall(title)) >= _FEWEST_WORDS or _UNSPACED.search(title)
    prose = _SENTENCE.search(abstract) is not None
    return bool(prose and not paper[0].foreign and (long_title or named))
