"""`quire export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.cli.filters import filter_options
from assistant.cli.frame import Frame, global_options, json_option
from assistant.cli.names import names_given
from assistant.cli.options import file_option, format_option
from assistant.cli.selection import chosen_ids
from store.wording import counted

if TYPE_CHECKING:
    from store.exporters.base import Exporter
    from store.library.library import Library

_STDOUT = Path("-")


@click.command("export")
@click.argument("papers", nargs=-1, metavar="[PAPER]...")
@format_option
@file_option
@click.option("--no-marks", is_flag=True, help="Leave your tags, notes and status out.")
@click.option(
    "-s", "--session", metavar="S", help="Exactly the papers that this conversation cites."
)
@click.option("--turn", metavar="N", type=click.IntRange(1), help="Of it only the answer N.")
@click.option("--new-keys", is_flag=True, help="Make citation keys anew; imported ones stay.")
@json_option
@global_options
@filter_options
@click.pass_obj
def export_command(
    frame: Frame,
    papers: tuple[str, ...],
    format_name: str | None,
    file: Path | None,
    no_marks: bool,
    session: str | None,
    turn: int | None,
    new_keys: bool,
    asked: dict[str, Any],
) -> None:
    """Write papers for other programs: those named, those the filters leave, or all.

    Formats: bibtex, biblatex, ris, csljson, nbib, jsonl, csv, md; other packages may bring more.
    quire add reads each back whole. Text goes to stdout where no file is named.

    A paper keeps the citation key that it was given; what keys are made by is set as citation_key
    in the configuration.

    Example: quire export --tag thesis -o thesis.bib
    """
    from store.library.exporting import exported, write_export

    to = None if file in (None, _STDOUT) else file
    exporter = _exporter(frame, format_name, to)
    if frame.json and to is None:
        raise click.UsageError("--json tells of a file that was written: give -o FILE")
    if turn is not None and session is None:
        raise click.UsageError("--turn is one of a conversation: give --session S too")
    if session is not None and papers:
        raise click.UsageError("--session names the papers already: leave PAPER out")
    if new_keys and not getattr(exporter, "cites", False):
        raise click.UsageError(f"{exporter.name} has no citation keys to be made anew")
    names = names_given(frame, papers)
    with frame.open() as library:
        ids = chosen_ids(frame, library, names, asked)
        if session is not None:
            ids = _cited(frame, library, session, turn, among=ids)
        pieces = exported(library, exporter, ids, marks=not no_marks, new_keys=new_keys)
        if to is None:
            for piece in pieces:
                frame.data(piece)
        elif not ids and to.is_file() and to.stat().st_size:
            raise click.UsageError(f"no paper is to be exported: {to} was left as it is")
        else:
            write_export(to, pieces)
    number = counted(len(ids), "paper")
    if frame.json:
        frame.document({"papers": len(ids), "format": exporter.name, "file": str(to)})
    else:
        frame.narrate(number if to is None else f"{number} written to {to}")


def _exporter(frame: Frame, name: str | None, file: Path | None) -> Exporter:
    from store.exporters.registry import exporters

    every = exporters()
    for problem in every.problems:
        frame.narrate(f"note: {problem}")
    if name is not None:
        return every.named(name)
    found = every.by_suffix(file.suffix.lower()) if file is not None else None
    if found is None:
        raise click.UsageError(f"which format? --format takes {', '.join(every.names)}")
    return found


def _cited(
    frame: Frame, library: Library, session: str, turn: int | None, *, among: list[str]
) -> list[str]:
    """The papers that a conversation or one answer of it cites, in the order of citation."""
    from assistant.cli.session_names import resolved
    from assistant.sessions import Conversations, cited_papers

    cited = cited_papers(library, Conversations(library).open(resolved(frame, session)), turn)
    for one in cited.gone:
        frame.narrate(f"note: no longer in the library, and left out: {one.id} {one.title}")
    if cited.unread:
        frame.narrate(f"note: {cited.unread} of its answers cannot be read by this quire")
    left = set(among)
    return [name for name in cited.papers if name in left]
