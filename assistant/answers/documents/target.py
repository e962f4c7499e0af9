"""Where a document goes: its format by the suffix of its file, and how it is written.

What can be known beforehand (the format, pandoc, whether the files can be written) is told before
anything is asked, so that nothing is spent on an answer that cannot be kept as it was wanted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.answers.documents.content import (
    CitedPaper,
    Document,
    Part,
    paper_of,
    references_of,
)
from assistant.answers.documents.words import title_of
from assistant.errors import WrongUse
from assistant.types.answers import Answer
from assistant.types.sessions import Session
from store.clean import clean_line, clean_text
from store.errors import StoreError, UnwritableTarget
from store.files import require_writable, written_whole

if TYPE_CHECKING:
    from store.library.library import Library

SUFFIXES = (".md", ".html", ".bib", ".docx", ".json")
"""The files that can be written; quire export writes papers in other formats."""


@dataclass(frozen=True)
class Target:
    """A file that can be written; `pandoc` is the program that makes a .docx.

    `suffix` is what it is to be, in lower case with the dot.
    """

    file: Path
    suffix: str
    pandoc: str = ""

    @property
    def beside(self) -> Path:
        """The .bib that lies beside a .md."""
        return self.file.with_suffix(".bib")

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that may be written."""
        return (self.file, self.beside) if self.suffix == ".md" else (self.file,)


def target_of(file: Path, suffix: str = "") -> Target:
    """The target that a reader names, written as its suffix says or as another one; nothing is yet.

    Raises WrongUse for another suffix, or without pandoc where that is needed; UnwritableTarget
    for what cannot be written, or where a .bib of another's would be replaced.
    """
    suffix = suffix or file.suffix.lower()
    if suffix not in SUFFIXES:
        known = f"{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"
        what = f"as “{suffix}”" if suffix else f"to “{file}”, which has no suffix"
        raise WrongUse(f"an answer cannot be written {what}", f"the file ends in {known}")
    pandoc = ""
    if suffix == ".docx":
        from assistant.answers.documents.docx import find_pandoc

        pandoc = find_pandoc()
    found = Target(file, suffix, pandoc)
    require_writable(file)
    if suffix == ".md":
        if found.beside == file:
            raise WrongUse(f"{file} is where its references go", "name a file that ends in .md")
        _require_own(found.beside)
        require_writable(found.beside)
    return found


def _require_own(bib: Path) -> None:
    """Raise UnwritableTarget for a .bib that was not written beside an answer."""
    from assistant.answers.documents.bibliography import WRITTEN_HERE

    first = WRITTEN_HERE.encode()
    try:
        with bib.open("rb") as stream:
            head = stream.read(len(first))
    except OSError:
        return
    if head and head != first:
        raise UnwritableTarget(
            f"{bib} is there, and was not written beside an answer",
            "choose another name for the answer: its references go into the .bib beside it",
        )


def document_of(library: Library, what: Answer | Session, day: str = "") -> Document:
    """A document of an answer, given on a day (ISO 8601), or of a whole conversation.

    One of a single question that has no other name is as its answer. Raises StoreError.
    """
    if isinstance(what, Session) and len(what.turns) == 1 and not what.unread:
        only = what.turns[0]
        if title_of(only.answer).startswith(clean_line(what.title)):
            what, day = only.answer, only.asked_at
    if isinstance(what, Session):
        parts = tuple(Part(turn.answer, turn.asked_at) for turn in what.turns)
        unread = len(what.unread)
        answers = "1 answer" if unread == 1 else f"{unread} answers"
        note = f"Left out: {answers} of another version of quire." if unread else ""
        return Document(what.title or "Conversation", parts, _cited(library, parts), what.id, note)
    parts = (Part(what, day),)
    return Document(title_of(what), parts, _cited(library, parts))


def _cited(library: Library, parts: Iterable[Part]) -> tuple[CitedPaper, ...]:
    """The cited papers; one that is gone is as its citation kept it, with the key that it had.

    Its id is its key where it had none, or where the paper that it became part of has it.
    """
    references = references_of(part.answer for part in parts)
    ids = [one.id for one in references]
    papers, keys = library.papers_by_id(ids), library.citation_keys(ids)
    taken = {keys[name].lower() for name in papers if name in keys}
    found = []
    for number, one in enumerate(references, 1):
        key = keys.get(one.id, one.id)
        if one.id not in papers:
            key = one.id if key.lower() in taken else key
            taken.add(key.lower())
        found.append(CitedPaper(number, key, papers.get(one.id) or paper_of(one)))
    return tuple(found)


def write(target: Target, document: Document) -> tuple[Path, ...]:
    """Write a document, each file whole or not at all; returns the files that were written.

    Raises StoreError: NoSpace for a full disk, ExportFailed where pandoc failed; what it was to
    be made of is then kept as .md where no such file stands.
    """
    match target.suffix:
        case ".md":
            return _write_markdown(target, document)
        case ".docx":
            return _write_docx(target, document)
        case suffix:
            return _written(target.file, text_of(document, suffix).encode())


def text_of(document: Document, suffix: str) -> str:
    """The text of a document that is one file of text: .html, .bib, or .json for any other."""
    match suffix:
        case ".html":
            from assistant.answers.documents.html import html

            return html(document)
        case ".bib":
            from assistant.answers.documents.bibliography import bibliography

            return bibliography(document)
        case _:
            return _json(document)


def _written(file: Path, content: bytes) -> tuple[Path, ...]:
    with written_whole(file) as stream:
        stream.write(content)
    return (file,)


def _write_markdown(target: Target, document: Document) -> tuple[Path, ...]:
    from assistant.answers.documents.bibliography import WRITTEN_HERE, bibliography
    from assistant.answers.documents.markdown import markdown

    beside: tuple[Path, ...] = ()
    # What an earlier answer cites is no longer cited: its own .bib goes with it.
    if document.cited or target.beside.exists():
        beside = _written(target.beside, f"{WRITTEN_HERE}\n{bibliography(document)}".encode())
    return _written(target.file, markdown(document, target.beside.name).encode()) + beside


def _write_docx(target: Target, document: Document) -> tuple[Path, ...]:
    from assistant.answers.documents.docx import docx

    try:
        return _written(target.file, docx(document, target.pandoc))
    except StoreError as failure:
        kept = Target(target.file.with_suffix(".md"), ".md")
        if kept.file.exists() or kept.beside.exists():
            raise
        try:
            _write_markdown(kept, document)
        except StoreError:
            raise failure from None
        failure.hint = f"the answer is kept in {kept.file}"
        raise


def _json(document: Document) -> str:
    from assistant.answers.answer_shape import answer_shape

    shapes = [answer_shape(part.answer) for part in document.parts]
    whole = shapes if document.session is not None else shapes[0]
    return clean_text(json.dumps(whole, ensure_ascii=False, indent=2, allow_nan=False)) + "\n"
