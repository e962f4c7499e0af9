"""`quire add`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from assistant.cli.frame import Frame, global_options, json_option
from assistant.errors import Exit

if TYPE_CHECKING:
    from store.errors import StoreError, UnusableSource
    from store.library import Library
    from store.model import IngestReport, Notice, ReadItem, Rejection

_SHOWN = 20


@click.command("add")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--tag", "tags", multiple=True, help="Tag every paper read (repeat for several).")
@click.option(
    "--format",
    "format_name",
    metavar="F",
    help="Read as hf-page, jsonl or text, whatever it looks like.",
)
@click.option("--dry-run", is_flag=True, help="Tell what would be done, write nothing.")
@json_option
@global_options
@click.pass_obj
def add_command(
    frame: Frame,
    sources: tuple[str, ...],
    tags: tuple[str, ...],
    format_name: str | None,
    dry_run: bool,
) -> None:
    """Read papers from files, folders or stdin (-) into the library.

    Takes saved Hugging Face papers pages, JSON lines (title; abstract, summary or text;
    authors, year, doi, arxiv_id, url, venue, tags) and plain text (titles and abstracts in
    turn, blank lines between; or records separated by lines of ---). The report accounts for
    every record: read = new + same + changed + refused. Adding the same again changes nothing.
    """
    from assistant.cli.shapes import report_shape
    from store.errors import UnusableSource

    gathered = _Gathered(frame, sources, format_name)
    bar = _Bar(frame)
    report: IngestReport | None = None
    trouble: StoreError | None = None
    try:
        with _library(frame, dry_run) as library:
            run = library.ingest(tags=tags, dry_run=dry_run, advance=bar.advance)
            try:
                run.run(gathered.items())
            finally:
                bar.end()
                report = run.report
            trouble = None if dry_run else _followed(library)
    except KeyboardInterrupt:
        if report is not None:
            frame.tell(f"interrupted: {_counts(report)}; the same command goes on from here")
        raise
    gathered.tell_skipped()
    if report.read == 0 and report.rejections:
        first = report.rejections[0]
        others = len(report.rejections) - 1
        more = f" (and {others} more like it)" if others else ""
        raise UnusableSource(f"{first.source}: {first.reason}{more}", gathered.hint)
    if trouble is not None:
        # The papers are in the ledger: what follows it failed, and both are told.
        frame.partial = report_shape(report)
        if not frame.json:
            _tell(frame, report)
        raise trouble
    if frame.json:
        frame.document(report_shape(report))
    else:
        _tell(frame, report)
    frame.exit_code = _code(report)


def _followed(library: Library) -> StoreError | None:
    """Let the indexes follow; what fails is returned, for the ledger is well."""
    from store.errors import StoreError

    try:
        library.catch_up()
    except StoreError as failure:
        return failure
    return None


def _code(report: IngestReport) -> Exit:
    if report.read and report.read == report.refused:
        return Exit.WRONG_USE
    partial = report.rejections or any(one.partial for one in report.notices)
    return Exit.PARTLY if partial else Exit.DONE


def _library(frame: Frame, dry_run: bool) -> Library:
    """The library to write to; a dry run makes none, but works on an empty one in memory."""
    from store.errors import LibraryMissing
    from store.ledger import Ledger
    from store.library import Library

    if not dry_run:
        return frame.open(create=True)
    try:
        return frame.open()
    except LibraryMissing:
        return Library(Ledger.in_memory(), frame.folder, frame.narrate)


class _Gathered:
    """The items of all sources, with what could not be used at all kept apart."""

    def __init__(self, frame: Frame, sources: tuple[str, ...], format_name: str | None) -> None:
        self._frame = frame
        self._sources = sources
        self._format = format_name
        self._skipped: list[str] = []
        self.hint = "see: quire add --help"

    def items(self) -> Iterator[ReadItem]:
        """Everything the sources hold, in order."""
        from store.errors import UnusableSource
        from store.model import Rejection
        from store.readers import read_source
        from store.sources import Skipped, Source, find_sources

        stdin = sys.stdin.buffer if sys.stdin is not None else None
        for found in find_sources(self._sources, stdin):
            match found:
                case Source():
                    try:
                        yield from read_source(found, self._format)
                    except UnusableSource as failure:
                        self.hint = failure.hint or self.hint
                        yield Rejection(source=found.name, reason=_reason(failure, found.name))
                case Skipped():
                    self._skipped.append(found.name)
                case Rejection():
                    yield found

    def tell_skipped(self) -> None:
        """Tell what was passed over in folders."""
        if self._skipped:
            number = len(self._skipped)
            files = "1 file" if number == 1 else f"{number} files"
            self._frame.narrate(f"{files} of no known kind passed over")
            if self._frame.verbose:
                for name in self._skipped[:200]:
                    self._frame.tell(f"  {name}")


def _reason(failure: UnusableSource, name: str) -> str:
    return failure.message.replace(f" in {name}", "").replace(f"{name}: ", "").strip()


def _tell(frame: Frame, report: IngestReport) -> None:
    for rejection in report.rejections[:_SHOWN]:
        frame.tell(f"refused: {_place(rejection)}: {rejection.reason}")
    if len(report.rejections) > _SHOWN:
        frame.tell(f"… and {len(report.rejections) - _SHOWN} more; --json lists them all")
    for notice in () if frame.quiet else report.notices[:_SHOWN]:
        frame.tell(f"note: {_place(notice)}: {notice.message}")
    if len(report.notices) > _SHOWN and not frame.quiet:
        frame.tell(f"… and {len(report.notices) - _SHOWN} more notes; --json lists them all")
    frame.line(("would be: " if report.dry_run else "") + _counts(report))


def _counts(report: IngestReport) -> str:
    return (
        f"read {report.read}, new {report.new}, same {report.same},"
        f" changed {report.changed}, refused {report.refused}"
    )


def _place(item: Rejection | Notice) -> str:
    if item.line is not None:
        return f"{item.source}, line {item.line}"
    return item.source if item.record is None else f"{item.source}, record {item.record}"


class _Bar:
    """A progress line on a terminal: records dealt with and the rate."""

    def __init__(self, frame: Frame) -> None:
        self._shown = sys.stderr.isatty() and not frame.quiet
        self._begun = self._last = time.monotonic()
        self._drawn = False

    def advance(self, records: int) -> None:
        """Draw the line anew, a few times a second at most."""
        at = time.monotonic()
        if self._shown and at - self._last > 0.2:
            self._last, self._drawn = at, True
            rate = records / max(at - self._begun, 1e-6)
            sys.stderr.write(f"\r\x1b[K{records} records, {rate:.0f} a second")
            sys.stderr.flush()

    def end(self) -> None:
        """Take the line away."""
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
