"""`quire add`."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

import click

from assistant.cli.frame import Frame, global_options, json_option
from assistant.cli.progress import ProgressLine
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
    bar = ProgressLine(quiet=frame.quiet, what="records", share=gathered.share)
    report: IngestReport | None = None
    trouble: StoreError | None = None
    try:
        with _library(frame, dry_run) as library:
            run = library.ingest(
                tags=tags, dry_run=dry_run, advance=bar.advance, keep_ids=frame.json
            )
            try:
                run.run(gathered.items())
            finally:
                bar.end()
                report = run.report
            trouble = None if dry_run else _followed(library)
    except KeyboardInterrupt:
        if report is not None:
            frame.partial = report_shape(report)
            if not frame.json:
                _tell(frame, report)
            frame.tell("what was read so far is kept; the same command goes on from here")
        raise
    gathered.tell_skipped()
    if report.read == 0 and report.rejections:
        first = report.rejections[0]
        others = len(report.rejections) + report.more_rejections - 1
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
    return Exit.PARTLY if report.partial else Exit.DONE


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
        self._bytes = _total_bytes(sources)
        self._read_bytes = 0
        self._stream: BinaryIO | None = None
        self._size = 0
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
                    found = replace(found, on_open=self._opened)
                    try:
                        yield from read_source(found, self._format)
                    except UnusableSource as failure:
                        self.hint = failure.hint or self.hint
                        yield Rejection(source=found.name, reason=_reason(failure, found.name))
                case Skipped():
                    self._skipped.append(found.name)
                case Rejection():
                    yield found

    def share(self) -> float | None:
        """How much of all bytes was read, 0 to 1; None where their number is not known."""
        if not self._bytes or self._stream is None:
            return None
        here = 0 if self._stream.closed else self._stream.tell()
        return (self._read_bytes + here) / self._bytes

    def _opened(self, stream: BinaryIO) -> None:
        self._read_bytes += self._size
        self._size = os.fstat(stream.fileno()).st_size
        self._stream = stream

    def tell_skipped(self) -> None:
        """Tell what was passed over in folders."""
        if self._skipped:
            number = len(self._skipped)
            files = "1 file" if number == 1 else f"{number} files"
            self._frame.narrate(f"{files} of no known kind passed over")
            if self._frame.verbose:
                for name in self._skipped[:200]:
                    self._frame.tell(f"  {name}")


def _total_bytes(sources: tuple[str, ...]) -> int:
    """The bytes of all files named, 0 when anything but regular files is named."""
    try:
        states = [os.stat(name) for name in sources]
    except (OSError, ValueError):
        return 0
    whole = all(stat.S_ISREG(state.st_mode) for state in states)
    return sum(state.st_size for state in states) if whole else 0


def _reason(failure: UnusableSource, name: str) -> str:
    return failure.message.replace(f" in {name}", "").replace(f"{name}: ", "").strip()


def _tell(frame: Frame, report: IngestReport) -> None:
    for rejection in report.rejections[:_SHOWN]:
        frame.tell(f"refused: {_place(rejection)}: {rejection.reason}")
    _tell_more(frame, len(report.rejections), report.more_rejections, "more")
    for notice in () if frame.quiet else report.notices[:_SHOWN]:
        frame.tell(f"note: {_place(notice)}: {notice.message}")
    if not frame.quiet:
        _tell_more(frame, len(report.notices), report.more_notices, "more notes")
    frame.line(("would be: " if report.dry_run else "") + _counts(report))


def _tell_more(frame: Frame, listed: int, beyond: int, what: str) -> None:
    if listed > _SHOWN:
        lists = f"the first {listed}" if beyond else "them all"
        frame.tell(f"… and {listed + beyond - _SHOWN} {what}; --json lists {lists}")


def _counts(report: IngestReport) -> str:
    return (
        f"read {report.read}, new {report.new}, same {report.same},"
        f" changed {report.changed}, refused {report.refused}"
    )


def _place(item: Rejection | Notice) -> str:
    if item.line is not None:
        return f"{item.source}, line {item.line}"
    return item.source if item.record is None else f"{item.source}, record {item.record}"
