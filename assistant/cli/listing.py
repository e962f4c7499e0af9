"""`quire list`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click

from assistant.cli.filters import filter_options, make_filter
from assistant.cli.frame import Frame, global_options, json_option
from assistant.cli.printable import row_width
from assistant.cli.selection import tell_unmatched
from store.wording import counted

if TYPE_CHECKING:
    from store.ledger.sorting import SortField
    from store.types import Paper

_SORTED = ("added", "author", "date", "status", "title", "venue", "year")


@click.command("list")
@click.option("-n", "limit", type=click.IntRange(1), help="List at most so many.")
@click.option(
    "--sort",
    metavar="FIELD",
    type=click.Choice([*_SORTED, *(f"-{name}" for name in _SORTED)]),
    help=f"In the order of {', '.join(_SORTED[:-1])} or {_SORTED[-1]}; -FIELD for descending.",
)
@click.option("--reverse", is_flag=True, help="The last one first.")
@click.option("--ids", "ids_only", is_flag=True, help="Print ids alone, one a line.")
@click.option("--duplicates", is_flag=True, help="List papers that may be one, and why.")
@json_option
@global_options
@filter_options
@click.pass_obj
def list_command(
    frame: Frame,
    limit: int | None,
    sort: str | None,
    reverse: bool,
    ids_only: bool,
    duplicates: bool,
    asked: dict[str, Any],
) -> None:
    """List the papers of the library, in the order added.

    Behind a title stand its marks in brackets: retracted, your status unless it is unread, your
    tags. With --sort papers that lack the field come last. --ids prints what other commands take
    from stdin: quire list --tag thesis --ids | quire summarize -

    With --duplicates: groups of papers of one title, or of nearly the same text. quire merge
    makes one of them, quire split parts what was joined.

    Example: quire list --year 2020.. --tag audio
    """
    if duplicates:
        if limit or sort or reverse or ids_only or any(asked.values()):
            raise click.UsageError("--duplicates looks at the whole library: give nothing with it")
        _list_duplicates(frame)
        return
    order = _order(sort, reverse)
    if ids_only:
        _list_ids(frame, limit, order, asked)
        return
    from assistant.cli.lastlist import remember
    from assistant.retrieval.filter_coverage import coverage_notes

    with frame.open() as library:
        wanted = make_filter(asked, library)
        total = library.count(wanted)
        if order is None:
            papers = library.papers(wanted, limit)
        else:
            ids = library.sorted_ids(wanted, order[0], reverse=order[1], limit=limit)
            found = library.papers_by_id(ids)
            papers = tuple(found[name] for name in ids if name in found)
        notes = coverage_notes(library, wanted)
    for note in notes:
        frame.narrate(f"note: {note}")
    if frame.json:
        from assistant.cli.shapes import list_shape

        frame.document(list_shape(total, papers, notes))
        return
    remember(frame, [one.id for one in papers])
    width = row_width(frame.is_terminal)
    for number, paper in enumerate(papers, 1):
        frame.line(_row(number, paper, width))
    every = counted(total, "paper")
    shown = every if len(papers) == total else f"{len(papers)} of {every}"
    frame.narrate(shown)


def _order(sort: str | None, reverse: bool) -> tuple[SortField, bool] | None:
    """The field to sort by and whether the last one comes first; None for the order added."""
    if sort is None and not reverse:
        return None
    name = cast("SortField", (sort or "added").removeprefix("-"))
    return name, reverse != (sort or "").startswith("-")


def _list_ids(
    frame: Frame, limit: int | None, order: tuple[SortField, bool] | None, asked: dict[str, Any]
) -> None:
    with frame.open_marking() as library:
        wanted = make_filter(asked, library)
        if order is None:
            ids = library.ids(wanted)
        else:
            ids = library.sorted_ids(wanted, order[0], reverse=order[1])
        if any(asked.values()):
            tell_unmatched(frame, library, wanted)
    shown = ids[:limit]
    if frame.json:
        frame.document({"total": len(ids), "ids": shown})
        return
    if frame.is_terminal:
        from assistant.cli.lastlist import remember

        remember(frame, shown)
    frame.data("".join(f"{name}\n" for name in shown))


def _list_duplicates(frame: Frame) -> None:
    """List groups of papers that may be one."""
    from assistant.cli.lastlist import remember
    from assistant.cli.shapes import duplicates_shape

    frame.wait("comparing all papers …")
    with frame.open() as library:
        groups = library.duplicates()
        papers = library.papers_by_id([name for one in groups for name in one.papers])
    if frame.json:
        frame.document(duplicates_shape(groups, papers))
        return
    names = [name for one in groups for name in one.papers]
    remember(frame, names)
    numbers = {name: number for number, name in enumerate(names, 1)}
    width = row_width(frame.is_terminal)
    for group in groups:
        frame.line(", ".join(group.why))
        for name in group.papers:
            frame.line(_row(numbers[name], papers[name], width))
    frame.narrate(f"{counted(len(groups), 'group')} that may be one")


def _row(number: int, paper: Paper, width: int) -> str:
    from store.clean import clean_line, shorten

    head = f"{number:>4} {paper.id} {paper.year or '----'} "
    status = [] if paper.status == "unread" else [paper.status]
    marks = [*(["retracted"] if paper.is_retracted else []), *status, *paper.tags]
    rest = clean_line(paper.title) + (f"  [{', '.join(marks)}]" if marks else "")
    return head + shorten(rest, width - len(head))
