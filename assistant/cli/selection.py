"""Which papers a command is about: those named, those that the filters leave, or all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from assistant.cli.filters import make_filter
from assistant.cli.frame import Frame
from store.wording import counted

if TYPE_CHECKING:
    from store.ledger.marks import Marked
    from store.library.marking import Marking
    from store.types import Filter


def narrowed(library: Marking, names: Sequence[str], asked: dict[str, Any]) -> Filter:
    """The filter of a command line that leaves only papers named, where any is.

    `names` are as `names_given` gives them. Raises UsageError, UnknownPaper, QuerySyntaxError.
    """
    wanted = make_filter(asked, library)
    if not names:
        return wanted
    ids = library.named(names)
    left = [name for name in ids if name in set(wanted.papers)] if wanted.papers else ids
    # An id that no paper has keeps a filter that leaves nothing from leaving all.
    return wanted.model_copy({"papers": tuple(left) or ("",)})


every_option = click.option("--all", "every", is_flag=True, help="All papers of the library.")
"""Take --all, without which a command that changes papers is told which."""


def tell_unmatched(frame: Frame, library: Marking, wanted: Filter) -> None:
    """Say on stderr which values of a filter no paper has, with the nearest."""
    from assistant.retrieval.filter_coverage import unmatched_notes

    for note in unmatched_notes(library, wanted):
        frame.narrate(f"note: {note}")


def selected(
    frame: Frame, library: Marking, names: Sequence[str], asked: dict[str, Any], *, every: bool
) -> Filter:
    """The filter of a command that changes papers: never the whole library by accident.

    A value that no paper has is told.

    Raises UsageError where nothing selects, or an empty text does; else what `narrowed` raises.
    """
    for option, given in asked.items():
        texts = given if isinstance(given, tuple) else (given,)
        if any(isinstance(text, str) and not text.strip() for text in texts):
            raise click.UsageError(f"{option} is empty, and would select every paper")
    wanted = narrowed(library, names, asked)
    if every and not wanted.leaves_all:
        raise click.UsageError("--all is the whole library: leave papers and filters out")
    if wanted.leaves_all and not every:
        raise click.UsageError("which papers? name some, give a filter, or --all")
    if any(asked.values()):
        tell_unmatched(frame, library, wanted)
    return wanted


def tell_changed(frame: Frame, done: Marked) -> None:
    """Tell how many papers were changed of those selected."""
    changed = len(done.papers)
    if frame.json:
        frame.document({"changed": changed, "of": done.of, "papers": list(done.papers)})
    else:
        frame.line(f"changed {changed} of {counted(done.of, 'paper')}")


def chosen_ids(
    frame: Frame, library: Marking, names: Sequence[str], asked: dict[str, Any]
) -> list[str]:
    """The ids of the papers asked for, those named in their order; what no paper has is told."""
    wanted = narrowed(library, names, asked)
    if any(asked.values()):
        tell_unmatched(frame, library, wanted)
    left = library.ids(wanted)
    if not names:
        return left
    there = set(left)
    return [name for name in wanted.papers if name in there]
