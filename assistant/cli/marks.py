"""`quire tag` and `quire mark`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from assistant.cli.filters import STATUSES, filter_options
from assistant.cli.frame import Frame, global_options, json_option
from assistant.cli.names import meant_otherwise, names_given
from assistant.cli.selection import every_option, narrowed, selected, tell_changed
from store.nearest import did_you_mean, nearest
from store.wording import counted

if TYPE_CHECKING:
    from store.types import Status


@click.command("tag")
@click.argument("papers", nargs=-1, metavar="[PAPER]...")
@click.option("--add", multiple=True, metavar="TAG", help="Give this tag (repeat for several).")
@click.option("--rm", "remove", multiple=True, metavar="TAG", help="Take this tag (repeat too).")
@every_option
@json_option
@global_options
@filter_options
@click.pass_obj
def tag_command(
    frame: Frame,
    papers: tuple[str, ...],
    add: tuple[str, ...],
    remove: tuple[str, ...],
    every: bool,
    asked: dict[str, Any],
) -> None:
    """Give tags to papers, and take them: of those named, or those that the filters leave.

    --tag is a filter here as elsewhere: which papers, by a tag that they have. PAPER is what quire
    show takes, - reads papers from stdin, one a line. Tags are kept in lower case; a comma parts
    two. Without --add and --rm it lists tags, with how many papers have each. quire undo takes
    the last change of tags back.

    \b
    Example: quire tag 2106.01234 %3 --add audio --add thesis
             quire tag --tag inbox --add read-2026 --rm inbox
             quire list --author okafor --ids | quire tag - --add chapter-2
    """
    if not add and not remove:
        _list_tags(frame, papers, asked)
        return

    from store.types import Filter

    names = names_given(frame, papers)
    near = {}
    with frame.open_marking() as library:
        wanted = selected(frame, library, names, asked, every=every)
        done = library.change_tags(wanted, add=add, remove=remove)
        if done.unknown:
            tags = [f"“{tag}”" for tag, _ in library.tags_counted(Filter())]
            near = {one: nearest(f"“{one}”", tags, most=1) for one in done.unknown}
    tell_changed(frame, done)
    for tag in done.unknown:
        hint = f"; {did_you_mean(near[tag])}" if near.get(tag) else ""
        frame.narrate(f"note: no paper has the tag “{tag}”{hint}")


def _list_tags(frame: Frame, papers: tuple[str, ...], asked: dict[str, Any]) -> None:
    """List the tags of the papers selected, of all where none is."""
    names = names_given(frame, papers)
    # A tag among the papers, as other programs take it.
    offered = meant_otherwise(names, "to give a tag: quire tag PAPER --add")
    with frame.open_marking() as library, offered:
        found = library.tags_counted(narrowed(library, names, asked))
    if frame.json:
        frame.document({"tags": [{"tag": tag, "papers": number} for tag, number in found]})
        return
    width = max((len(str(number)) for _, number in found), default=1)
    for tag, number in found:
        frame.line(f"{number:>{width}} {tag}")
    frame.narrate(counted(len(found), "tag"))


@click.command("mark")
@click.argument("status", type=click.Choice(STATUSES, case_sensitive=False), metavar="STATUS")
@click.argument("papers", nargs=-1, metavar="[PAPER]...")
@every_option
@json_option
@global_options
@filter_options
@click.pass_obj
def mark_command(
    frame: Frame, status: Status, papers: tuple[str, ...], every: bool, asked: dict[str, Any]
) -> None:
    """Mark papers as unread, read, later, kept or skipped: those named, or that filters leave.

    --status is a filter here as elsewhere: which papers, by the mark that they have. PAPER is what
    quire show takes, - reads papers from stdin, one a line. Lists and filters know the marks, and
    so do questions: quire ask --status kept. quire undo takes the last marking back.

    \b
    Example: quire mark kept 2106.01234 %3
             quire mark skipped --status unread --venue "interspeech"
             quire search "speech codec" --json | jq -r '.hits[].id' | quire mark later -
    """
    names = names_given(frame, papers)
    with frame.open_marking() as library:
        done = library.set_status(selected(frame, library, names, asked, every=every), status)
    tell_changed(frame, done)
