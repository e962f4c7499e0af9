"""`quire sessions`: saved conversations listed, searched, named and removed.

Only what prints answers reads them; the rest looks at the ledger alone.
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.cli.frame import Frame, confirm, global_options, json_option
from assistant.cli.options import file_option, format_option, yes_option
from assistant.cli.printable import row_width
from assistant.cli.session_names import SESSIONS, resolved
from store.wording import counted, minute

if TYPE_CHECKING:
    from store.ledger.sessions import StoredSession

_TURN = click.option("--turn", type=click.IntRange(1), metavar="N", help="Only the Nth question.")


@click.group("sessions", invoke_without_command=True)
@json_option
@global_options
@click.pass_context
def sessions_command(context: click.Context) -> None:
    """Saved conversations: list, show, search, rename, export and remove them.

    Every answer is saved in a conversation. It is named by its id, a unique beginning of the id,
    its name (in any case, with or without accents), or %3 for the third of the last list of
    conversations shown on this terminal. Its name is the first question until you give it one.
    quire ask -s NAME and quire chat -s NAME go on with it.

    Example: quire sessions list
    """
    if context.invoked_subcommand is None:
        _list(context.ensure_object(Frame), None)


@sessions_command.command("list", short_help="List the conversations.")
@click.option("-n", "limit", type=click.IntRange(1), help="List at most so many.")
@json_option
@global_options
@click.pass_obj
def list_sessions_command(frame: Frame, limit: int | None) -> None:
    """List the conversations, the last one used first.

    Example: quire sessions list -n 10
    """
    _list(frame, limit)


def _list(frame: Frame, limit: int | None) -> None:
    from store.ledger.sessions import list_sessions

    with closing(frame.open_ledger()) as ledger:
        every = list_sessions(ledger)
    shown = every[:limit]
    if frame.json:
        shapes = [
            {
                "id": one.id,
                "name": _name(one),
                "named": one.is_named,
                "turns": one.turns,
                "created_at": one.created_at,
                "updated_at": one.updated_at,
            }
            for one in shown
        ]
        frame.document({"total": len(every), "sessions": shapes})
        return
    from assistant.cli.lastlist import remember

    remember(frame, [one.id for one in shown], SESSIONS)
    width = row_width(frame.is_terminal)
    for number, one in enumerate(shown, 1):
        head = f"{number:>4} {one.id} {minute(one.updated_at)} {one.turns:>4}  "
        frame.line(head + _cut(_name(one) or "(no name)", width - len(head)))
    total = counted(len(every), "conversation")
    frame.narrate(total if len(shown) == len(every) else f"{len(shown)} of {total}")


@sessions_command.command("show", short_help="Show a conversation as it is read.")
@click.argument("name", metavar="SESSION")
@_TURN
@json_option
@global_options
@click.pass_obj
def show_session(frame: Frame, name: str, turn: int | None) -> None:
    """Show a conversation: its questions, and the answers with their signs and sources.

    With --json: a list of its answers, each as quire ask --json prints it. An answer that another
    quire wrote, and this one cannot read, is told in its place (in JSON as an error beside its
    question); exit code 1 then.

    Example: quire sessions show owls
    """
    from assistant.cli.session_output import show

    show(frame, resolved(frame, name), turn)


@sessions_command.command("search", short_help="Find words in questions and answers.")
@click.argument("words", nargs=-1, required=True)
@click.option("-n", "limit", type=click.IntRange(1), default=20, show_default=True, help="At most.")
@json_option
@global_options
@click.pass_obj
def search_sessions(frame: Frame, words: tuple[str, ...], limit: int) -> None:
    """Find words in questions, answers and names, the last conversation used first.

    All of the words stand in one question with its answer, in any order: in any case, with or
    without accents, as the beginning of a word or in another of its forms.

    Example: quire sessions search quantizer speech
    """
    from assistant.query.session_search import Wanted, search_turns
    from store.ledger.sessions import list_sessions, turns_of

    wanted, asked = Wanted(" ".join(words)), " ".join(words)
    with closing(frame.open_ledger()) as ledger:
        found = [
            hit
            for one in list_sessions(ledger)
            for hit in search_turns(wanted, one, turns_of(ledger, one.id))
        ]
    shown = found[:limit]
    if frame.json:
        frame.document(
            {"query": asked, "total": len(found), "hits": [one.model_dump() for one in shown]}
        )
        return
    from assistant.cli.lastlist import remember
    from assistant.cli.render import paragraph

    ids = list(dict.fromkeys(one.session for one in shown))
    remember(frame, ids, SESSIONS)
    width = row_width(frame.is_terminal)
    last = ""
    for hit in shown:
        if hit.session != last:
            last = hit.session
            head = f"{ids.index(last) + 1:>4} {last} "
            frame.line(head + _cut(hit.name, width - len(head)), bold=True)
        if hit.turn is not None:
            place = "asked" if hit.place == "question" else "answered"
            text = f"{hit.turn}. {place} {minute(hit.asked_at)}: {hit.snippet}"
            paragraph(frame, text, "     ", "     ")
    number = f"{len(found)} found"
    frame.narrate(number if len(shown) == len(found) else f"{len(shown)} of {number}")


@sessions_command.command("rename", short_help="Give a conversation a name.")
@click.argument("name", metavar="SESSION")
@click.argument("new_name", nargs=-1, required=True, metavar="NAME")
@json_option
@global_options
@click.pass_obj
def rename_session_command(frame: Frame, name: str, new_name: tuple[str, ...]) -> None:
    """Give a conversation a name, by which it is found from then on.

    No two conversations get the same name by this, whatever its case. A name begins with no
    dash, is no %3, and has not the form of an id.

    Example: quire sessions rename s4f2a91c0 owl survey
    """
    from store.ledger.sessions import find_session, rename_session

    with closing(frame.open_ledger()) as ledger:
        found = find_session(ledger, resolved(frame, name))
        kept = rename_session(ledger, found.id, " ".join(new_name))
    if frame.json:
        frame.document({"id": found.id, "name": kept})
    else:
        frame.line(f"{found.id} is called “{kept}”")


@sessions_command.command("export", short_help="Write a conversation to a file.")
@click.argument("name", metavar="SESSION")
@format_option
@file_option
@_TURN
@json_option
@global_options
@click.pass_obj
def export_session(
    frame: Frame, name: str, format_name: str | None, file: Path | None, turn: int | None
) -> None:
    """Write a conversation for other programs.

    Formats: json (the conversation with its answers, each as quire ask --json prints it),
    jsonl (an answer a line), and md, html, bib and docx as quire ask -o writes them: what it
    cites is in it once. Text goes to stdout where no file is named; md and docx need a FILE.

    Example: quire sessions export owls -o owls.md
    """
    from assistant.cli.session_output import export

    export(frame, resolved(frame, name), turn, format_name, file)


@sessions_command.command("rm", short_help="Remove conversations.")
@click.argument("names", nargs=-1, required=True, metavar="SESSION...")
@yes_option
@json_option
@global_options
@click.pass_obj
def rm_sessions(frame: Frame, names: tuple[str, ...], yes: bool) -> None:
    """Remove conversations with all of their answers; this cannot be undone.

    Asks first on a terminal; elsewhere --yes is needed. Papers stay as they are.

    Example: quire sessions rm owls
    """
    from store.ledger.sessions import delete_sessions, find_session

    if numbered := [name for name in names if name.startswith("%")]:
        raise click.UsageError(f"{numbered[0]}: rm takes no numbers of a list; give the id")
    with closing(frame.open_ledger()) as ledger:
        found = {one.id: one for one in (find_session(ledger, name) for name in names)}
        if not yes:
            if not sys.stdin.isatty():
                raise click.UsageError("rm asks on a terminal; elsewhere give --yes")
            for one in found.values():
                frame.tell(f"  {one.id}  {one.turns:>4}  {_cut(_name(one), 100)}")
            number = counted(len(found), "conversation")
            confirm(frame, f"remove {number}, which cannot be undone?", "nothing was removed")
        delete_sessions(ledger, list(found))
    if frame.json:
        frame.document({"removed": len(found), "sessions": list(found)})
    else:
        frame.line(f"removed {len(found)}")


def _name(one: StoredSession) -> str:
    from store.clean import clean_line

    return clean_line(one.title)


def _cut(text: str, width: int) -> str:
    from store.clean import shorten

    return shorten(text, width)
