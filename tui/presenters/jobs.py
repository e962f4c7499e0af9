"""What is said of a long job: how far it has come, and what it did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.ingest.add import AddProgress, AddReport, counts
from store.clean import clean_line
from tui.presenters.key_names import AS_THEY_COME, KeyNames
from tui.presenters.progress import span

if TYPE_CHECKING:
    from assistant.ingest.embedder_change import ChangeDone, ChangeProgress

MAX_PASTED = 5_000_000
"""Characters of papers that may be pasted: a thousand times an abstract; more belongs in a file."""

_NAMES = 8


def told_names(names: Sequence[str]) -> str:
    """The names that a path may end in, the first of many."""
    more = f" … {len(names) - _NAMES:,} more" if len(names) > _NAMES else ""
    return clean_line("  ".join(names[:_NAMES])) + more


def told_pasted(text: str) -> str:
    """What is said of papers that were pasted."""
    return f"Pasted: {len(text.splitlines()):,} lines. Enter adds what they hold."


def pasted_wrong(text: str) -> str:
    """Why a text that was pasted will not do."""
    return f"{len(text):,} characters are too many to paste: save them as a file, and name that."


def tag_list(typed: str) -> tuple[str, ...]:
    """The tags that a reader typed, with commas between."""
    return tuple(one.strip() for one in typed.split(",") if one.strip())


def adding(progress: AddProgress, keys: KeyNames = AS_THEY_COME) -> str:
    """How far an adding has come, and how to stop it."""
    return _going(f"Adding: {progress.records:,} read", progress, f"{keys['add']} stops")


def changing(progress: ChangeProgress, name: str, keys: KeyNames = AS_THEY_COME) -> str:
    """How far a change of embedder has come, and how to stop it."""
    if progress.step == "fetching":
        total = f" of {progress.total:,}" if progress.total else ""
        return f"Fetching {clean_line(name)}: {progress.done:,}{total} MB · {keys['back']} stops"
    what = progress.step.capitalize()
    done = f"{what} with {clean_line(name)}: {progress.done:,} of {progress.total:,}"
    return _going(done, progress, f"{keys['back']} stops")


def _going(done: str, progress: AddProgress | ChangeProgress, stops: str) -> str:
    parts = [done]
    if progress.rate:
        parts.append(f"{progress.rate:,.0f} a second")
    if (left := progress.seconds_left) is not None:
        parts.append(f"{span(left)} left")
    return " · ".join([*parts, stops])


def added(report: AddReport, path: str) -> tuple[str, ...]:
    """What an adding did: the account, then what was refused, noted and passed over."""
    said = counts(report)
    where = clean_line(path)
    if report.stopped:
        lines = [f"Stopped adding {where}. Kept: {said}. The same again goes on from there."]
    else:
        lines = [f"Added {where}: {said}."]
    lines += [f"Refused: {clean_line(one)}." for one in report.refusals]
    if report.more_refusals:
        lines.append(f"… and {report.more_refusals:,} more; quire add --json lists them all.")
    lines += [f"Note: {clean_line(one)}." for one in report.notes]
    if report.more_notes:
        lines.append(f"… and {report.more_notes:,} more notes.")
    if report.skipped:
        files = "1 file" if report.skipped == 1 else f"{report.skipped:,} files"
        lines.append(f"{files} of no known kind passed over.")
    return tuple(lines)


def changed(end: ChangeDone, name: str) -> str:
    """What a change of embedder did."""
    report, called = end.report, clean_line(name)
    if not report.done:
        return (
            f"Stopped. Vectors from {called} that were made are kept: {end.vectors:,} of "
            f"{report.papers:,} papers have theirs. The library uses the embedder it had; "
            "the same choice goes on from there."
        )
    if not report.papers:
        return f"The library uses {called} for the papers that are added now."
    if end.read and not report.embedded:
        papers = "1 paper" if end.read == 1 else f"{end.read:,} papers"
        return f"{papers} read with {called}: questions in other words find more of them."
    there = report.papers - report.embedded
    kept = f", {there:,} were there" if there > 0 else ""
    made = "1 vector" if report.embedded == 1 else f"{report.embedded:,} vectors"
    return f"The library uses {called} now: {made} made{kept}."
