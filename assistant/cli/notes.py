"""`quire note`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from assistant.cli.filters import filter_options
from assistant.cli.frame import Frame, global_options, json_option
from assistant.cli.names import STDIN, names_given
from assistant.cli.selection import every_option, narrowed, selected, tell_changed
from store.wording import counted

if TYPE_CHECKING:
    from store.library.marking import Marking


@click.command("note")
@click.argument("words", nargs=-1, metavar="[PAPER] [TEXT]...")
@click.option("--text", metavar="TEXT", help="The text; every argument names a paper then.")
@click.option("--list", "lists", is_flag=True, help="List notes, with their numbers.")
@click.option("--edit", type=click.IntRange(1), metavar="N", help="Write note N of a paper anew.")
@click.option("--rm", "remove", type=click.IntRange(1), metavar="N", help="Remove note N.")
@every_option
@json_option
@global_options
@filter_options
@click.pass_obj
def note_command(
    frame: Frame,
    words: tuple[str, ...],
    text: str | None,
    lists: bool,
    edit: int | None,
    remove: int | None,
    every: bool,
    asked: dict[str, Any],
) -> None:
    """Write a note on a paper; list notes, write one anew, remove one.

    PAPER is what quire show takes. TEXT needs no quotes; - reads it from stdin, and without it
    your editor opens ($VISUAL, $EDITOR) where a terminal is. For several papers give the text by
    --text: then every argument is a PAPER (- reads papers from stdin), and filters select too.
    Notes are yours: no model is shown them. quire undo takes the last change of a note back.

    \b
    Example: quire note %3 "compare with the ablation in Roux 2023"
             quire note %3 --list
             quire note %3 --edit 1 "compare with both ablations"
             quire note --tag chapter-2 --text "cited in chapter 2"
    """
    if sum((lists, edit is not None, remove is not None)) > 1:
        raise click.UsageError("--list, --edit and --rm exclude each other")
    if lists:
        _list_notes(frame, words, asked)
        return
    if remove is not None and (text is not None or len(words) != 1):
        raise click.UsageError("--rm takes one PAPER and no text")
    if text is None and any(asked.values()):
        raise click.UsageError("with filters give the text by --text")
    if text is None and not words:
        raise click.UsageError("which paper? give PAPER and TEXT, or --list")
    papers, given = (words[:1], words[1:]) if text is None else (words, (text,))
    if STDIN in papers and STDIN in given:
        raise click.UsageError("- stands twice: stdin is read once")
    names = names_given(frame, papers)
    with frame.open_marking() as library:
        wanted = selected(frame, library, names, asked, every=every)
        if (edit or remove) and len(wanted.papers) != 1:
            raise click.UsageError("--edit and --rm take one PAPER")
        if remove is not None:
            done = library.change_note(wanted.papers[0], remove, None)
        elif edit is not None:
            before = _note(library, wanted.papers[0], edit)
            done = library.change_note(wanted.papers[0], edit, _text(given, before))
        else:
            done = library.add_note(wanted, _text(given, ""))
    tell_changed(frame, done)


def _text(given: tuple[str, ...], before: str) -> str:
    """The text of a note: as typed, from stdin for -, else from the reader's editor."""
    if given == (STDIN,):
        from assistant.cli.names import read_stdin

        return read_stdin("the note")
    if given:
        return " ".join(given)
    if not (sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("there is no text: give one, or - to read it from stdin")
    written = click.edit(before, extension=".txt")
    if written is None:
        raise click.UsageError("nothing was saved in the editor: nothing is changed")
    return written


def _note(library: Marking, paper: str, number: int) -> str:
    """A note as it is, empty where there is none of this number, which is told later."""
    from store.types import Filter

    notes = [text for one in library.notes(Filter(papers=(paper,))) for text in one.notes]
    return notes[number - 1] if number <= len(notes) else ""


def _list_notes(frame: Frame, papers: tuple[str, ...], asked: dict[str, Any]) -> None:
    """List the notes of the papers selected, of all where none is."""
    names = names_given(frame, papers)
    with frame.open_marking() as library:
        noted = library.notes(narrowed(library, names, asked))
    if frame.json:
        frame.document(
            {
                "papers": [
                    {
                        "id": one.id,
                        "title": one.title,
                        "notes": [
                            {"number": number, "text": text, "written_at": at}
                            for number, (text, at) in enumerate(
                                zip(one.notes, one.written_at, strict=True), 1
                            )
                        ],
                    }
                    for one in noted
                ]
            }
        )
        return
    from store.clean import clean_line, clean_text

    for one in noted:
        frame.line(f"{one.id} {clean_line(one.title)}", bold=True)
        for number, text in enumerate(one.notes, 1):
            frame.line(f"{number:>4}. {clean_text(text)}".replace("\n", f"\n{' ' * 6}"))
    number = sum(len(one.notes) for one in noted)
    frame.narrate(counted(number, "note"))
