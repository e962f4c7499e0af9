"""`quire undo`, `quire merge` and `quire split`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from assistant.cli.frame import Frame, confirm, global_options, json_option
from assistant.cli.options import yes_option

if TYPE_CHECKING:
    from store.ledger.undo import Undoing


@click.command("undo")
@yes_option
@click.option("--dry-run", is_flag=True, help="Tell what would be done, change nothing.")
@json_option
@global_options
@click.pass_obj
def undo_command(frame: Frame, yes: bool, dry_run: bool) -> None:
    """Take back the last add, rm, merge, split or marking.

    Papers get back their ids, tags, notes, status and the places they are from; said again, it
    takes back the change before. What you wrote since on papers that stay is kept. Of a tag, note
    or mark that alone is taken back. Where papers leave the library, it asks on a terminal;
    elsewhere --yes is needed. With nothing to take back: exit code 2. The last 1000 changes are
    known, in 64 MB of what was before.

    Example: quire add refs.bib, then quire undo
    """
    with frame.open() as library:
        undoing = library.next_undo()
        if dry_run:
            _tell(frame, undoing, "would take back", done=False)
            return
        if not yes and _loses(undoing):
            if not sys.stdin.isatty():
                raise click.UsageError(
                    f"undo would take papers out ({undoing.account}): give --yes"
                )
            frame.tell(f"  {undoing.change}: {undoing.account}")
            confirm(frame, "take this back?", "nothing was changed")
        undoing = library.undo(undoing.number)
    _tell(frame, undoing, "took back", done=True)


def _loses(undoing: Undoing) -> bool:
    """True where papers go that are in no other paper afterwards, or what was written on them."""
    return bool(undoing.marked or (undoing.removed and undoing.kind == "add"))


def _tell(frame: Frame, undoing: Undoing, what: str, *, done: bool) -> None:
    if frame.json:
        frame.document({"done": done, **undoing.model_dump()})
    else:
        frame.line(f"{what}: {undoing.change}: {undoing.account}")


@click.command("merge")
@click.argument("papers", nargs=-1, required=True, metavar="PAPER...")
@json_option
@global_options
@click.pass_obj
def merge_command(frame: Frame, papers: tuple[str, ...]) -> None:
    """Make several papers into one.

    The first one named keeps its id, its title and its abstract; what its record lacks comes from
    the others, with their tags, notes and places. Their ids go on naming it, and their texts are
    kept. quire undo takes it back, quire split parts them again.

    Example: quire merge pdh4q2xj7gmm p3qkz7f2ab9c
    """
    from assistant.cli.lastlist import resolve

    with frame.open() as library:
        found = [library.paper(resolve(frame, name)).id for name in papers]
        library.merge(found)
    kept, *others = dict.fromkeys(found)
    if frame.json:
        frame.document({"paper": kept, "merged": others})
        return
    frame.line(f"merged {', '.join(others)} into {kept}")


@click.command("split")
@click.argument("name", metavar="PAPER")
@json_option
@global_options
@click.pass_obj
def split_command(frame: Frame, name: str) -> None:
    """Part a paper into the records that it was joined of.

    Each is what it was when it was joined, with the places it is from; the paper's id stays with
    the first, and so do tags and notes that came since. The parts are not joined again. A paper
    whose records all say the same is not parted, nor one that an older quire joined.

    Example: quire split pdh4q2xj7gmm
    """
    from assistant.cli.lastlist import resolve

    with frame.open() as library:
        paper = library.paper(resolve(frame, name)).id
        parts = library.split(paper)
        found = library.papers_by_id(parts)
    if frame.json:
        frame.document({"paper": paper, "papers": list(parts)})
        return
    for one in parts:
        sources = ", ".join(place.source for place in found[one].provenance)
        frame.line(f"{one}  {found[one].title}  (from {sources})")
