"""A conversation printed as it is read, and written for other programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from assistant.answers.asked_of import among
from assistant.cli.answer_writer import write_answer
from assistant.cli.frame import Frame
from assistant.cli.render import paragraph
from assistant.cli.shapes import Shape, answer_shape
from assistant.errors import Exit
from assistant.sessions import UNREAD, Conversations, turns_shown
from assistant.types.answers import Answer
from assistant.types.sessions import Session, Turn, UnreadTurn
from store.clean import clean_line
from store.errors import InputError
from store.wording import counted, minute

_FORMATS = ("json", "jsonl")
_DOCUMENTS = ("md", "html", "bib", "docx")
_OF_FILES = ("md", "docx")
"""Those that are no one text: the first has a .bib beside it."""


def show(frame: Frame, name: str, turn: int | None) -> None:
    """Print a conversation, or one turn of it; raises InputError."""
    session, turns = _opened(frame, name, turn)
    if frame.json:
        frame.document([_shape(one, session.id) for one in turns])
        return
    every = session.in_order
    # One that the reader did not name is called as its first question, which is printed below.
    is_named = not (every and every[0].question.startswith(session.title))
    about = (
        *([clean_line(session.title)] if is_named else []),
        session.id,
        counted(len(every), "question"),
        f"{minute(session.updated_at)} UTC",
    )
    paragraph(frame, " · ".join(about), dim=True)
    for one in turns:
        frame.line()
        paragraph(frame, f"{one.number}. {clean_line(one.question)}", hanging="   ", bold=True)
        if isinstance(one, Turn) and (papers := among(one.answer.asked_of)):
            paragraph(frame, papers, hanging="   ", dim=True)
        frame.line()
        if isinstance(one, Turn):
            write_answer(frame, one.answer)
        else:
            frame.line(UNREAD)


def export(
    frame: Frame, name: str, turn: int | None, format_name: str | None, file: Path | None
) -> None:
    """Write a conversation, or one turn of it, to a file or stdout; raises InputError."""
    to = None if file in (None, Path("-")) else file
    chosen = format_name or ("" if to is None else to.suffix.lower().lstrip("."))
    if chosen not in (*_FORMATS, *_DOCUMENTS):
        known = ", ".join((*_FORMATS, *_DOCUMENTS))
        raise click.UsageError(f"which format? --format takes {known}, as the end of FILE does")
    if frame.json and to is None:
        raise click.UsageError("--json tells of a file that was written: give -o FILE")
    if to is None and chosen in _OF_FILES:
        raise click.UsageError(f"{chosen} is no text for stdout: give -o FILE")
    if chosen in _DOCUMENTS:
        _write_document(frame, name, turn, to, chosen)
        return
    session, turns = _opened(frame, name, turn)
    shapes = [_shape(one, session.id) for one in turns]
    text = _lines(shapes) if chosen == "jsonl" else _document(session, turns, shapes)
    if to is None:
        frame.data(text)
        return
    from store.files import written_whole

    with written_whole(to) as stream:
        stream.write(text.encode("utf-8"))
    if frame.json:
        shape = {"session": session.id, "turns": len(turns), "format": chosen, "file": str(to)}
        frame.document(shape)
    else:
        count = counted(len(turns), "answer")
        frame.narrate(f"{count} written to {to}")


def _write_document(
    frame: Frame, name: str, turn: int | None, file: Path | None, kind: str
) -> None:
    """Write a conversation, or one answer of it, as a document; without a file to stdout."""
    from assistant.answers.documents.target import document_of, target_of, text_of, write

    target = None if file is None else target_of(file, f".{kind}")
    session, turns = _opened(frame, name, turn)
    if turn is None:
        what: Session | Answer = session
    elif isinstance(turns[0], Turn):
        what = turns[0].answer
    else:
        raise InputError(f"turn {turn} of {session.id}: {UNREAD}")
    with frame.open() as library:
        document = document_of(library, what, turns[0].asked_at if turns else "")
        if target is None:
            frame.data(text_of(document, f".{kind}"))
            return
        files = write(target, document)
    if frame.json:
        counted = len(session.turns) if turn is None else 1
        shape = {"session": session.id, "turns": counted, "format": kind, "file": str(file)}
        frame.document({**shape, "files": [str(one) for one in files]})
    else:
        frame.narrate(f"written: {', '.join(map(str, files))}")


def _opened(
    frame: Frame, name: str, turn: int | None
) -> tuple[Session, Sequence[Turn | UnreadTurn]]:
    """A conversation and the turns that are shown of it; the exit code tells of some unread."""
    with frame.open() as library:
        session = Conversations(library).open(name)
    turns = turns_shown(session, turn)
    if unread := sum(isinstance(one, UnreadTurn) for one in turns):
        frame.exit_code = Exit.PARTLY
        frame.tell(f"note: {UNREAD}" + (f" ({unread} of them)" if unread > 1 else ""))
    return session, turns


def _shape(turn: Turn | UnreadTurn, session: str) -> Shape:
    """An answer as `quire ask --json` prints it; for one that cannot be read an error."""
    if isinstance(turn, Turn):
        return answer_shape(turn.answer)
    error = {"code": "unreadable_answer", "message": UNREAD, "hint": ""}
    return {"question": turn.question, "error": error, "session": session}


def _document(session: Session, turns: Sequence[Turn | UnreadTurn], shapes: list[Shape]) -> str:
    """A conversation as one JSON document."""
    whole = {
        "id": session.id,
        "name": clean_line(session.title),
        "created_at": session.created_at,
        "updated_at": session.updated_at,
        "turns": [
            {"turn": one.number, "asked_at": one.asked_at, "answer": shape}
            for one, shape in zip(turns, shapes, strict=True)
        ],
    }
    return json.dumps(whole, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _lines(shapes: list[Shape]) -> str:
    """An answer a line."""
    return "".join(json.dumps(one, ensure_ascii=False, allow_nan=False) + "\n" for one in shapes)
