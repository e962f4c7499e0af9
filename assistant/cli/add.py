"""`quire add`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from assistant.cli.frame import Frame, global_options, json_option, jsonl_option
from assistant.cli.progress import ProgressLine
from assistant.errors import Exit
from store.wording import counted

if TYPE_CHECKING:
    from assistant.cli.unsent_vectors import Rehearsal
    from assistant.types.wire import WireRequest
    from store.errors import StoreError
    from store.library.library import Library
    from store.types import IngestReport, ReadItem, Record

_SHOWN = 20
_BATCH = 256


@click.command("add")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--tag", "tags", multiple=True, help="Tag every paper read (repeat, or a,b).")
@click.option(
    "--format",
    "format_name",
    metavar="F",
    help="Read as F, whatever it looks like; quire status names the formats.",
)
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="FIELD=COLUMN,...",
    help="Which column of a table, or field of JSON, holds what: title=TI,abstract=AB.",
)
@click.option(
    "--titles",
    is_flag=True,
    help="Take records without an abstract too: found by title, never cited.",
)
@click.option(
    "--dry-run", is_flag=True, help="Show three records and tell what would be done, write nothing."
)
@jsonl_option
@json_option
@global_options
@click.pass_obj
def add_command(
    frame: Frame,
    sources: tuple[str, ...],
    tags: tuple[str, ...],
    format_name: str | None,
    maps: tuple[str, ...],
    titles: bool,
    dry_run: bool,
) -> None:
    """Read papers from files, folders, stdin (-) or a service into the library.

    Takes what the programs and services of this field export (quire status lists the formats),
    also in folders, .gz and .zip; what a file is shows by what it holds. The report accounts for
    every record: read = new + same + changed + refused. Adding the same again changes nothing.
    arxiv:ID, doi:10.…, pmid:ID, pmcid:ID, openalex:WID and addresses of arXiv, PubMed, OpenAlex
    and Hugging Face papers are fetched from there. --jsonl prints refused (a record, and why), read
    (so many records so far), and at the end done (the report) or error.

    Example: quire add refs.bib --tag thesis
    """
    from assistant.cli.better_embedder import after_adding, want_better
    from assistant.cli.shapes import report_shape, sample_shape
    from assistant.ingest.add import Gathered, fetching_of, mapping_of
    from store.readers.options import ReadOptions

    requests: list[WireRequest] = []
    vectors: Rehearsal | None = None
    if dry_run:
        from assistant.cli.add_preview import unsent
        from assistant.cli.unsent_vectors import Rehearsal

        vectors = Rehearsal()
        requests, sources = unsent(frame, sources)
    stdin = sys.stdin.buffer if sys.stdin is not None else None
    options = ReadOptions(format=format_name, mapping=mapping_of(maps), titles=titles)
    gathered = Gathered(
        sources,
        options,
        stdin,
        "see: quire add --help",
        lambda: fetching_of(frame.settings, frame.narrate),
    )
    bar = ProgressLine(quiet=frame.quiet, what="records", share=lambda: gathered.share)
    report: IngestReport | None = None
    trouble: StoreError | None = None
    try:
        with _library(frame, dry_run) as library:
            if not dry_run:
                want_better(frame, library)
            wanted = library.wanted_embedder
            run = library.ingest(
                tags=tags,
                dry_run=dry_run,
                advance=bar.advance,
                keep_ids=frame.json,
                rehearsal=vectors.start(frame, library) if vectors else None,
            )
            try:
                run.run(_told(frame, gathered.items()))
            finally:
                bar.end()
                report = run.report
            if vectors:
                vectors.end(library)
            trouble = None if dry_run else _followed(library)
    except KeyboardInterrupt:
        if report is not None:
            frame.partial = report_shape(report)
            if not frame.json:
                _tell(frame, report)
            frame.tell("what was read so far is kept; the same command goes on from here")
        raise
    _tell_skipped(frame, gathered.skipped)
    if sources or not requests:
        gathered.refuse_nothing(report)
    if trouble is not None:
        # The papers are in the ledger: what follows it failed, and both are told.
        frame.partial = report_shape(report)
        if not frame.json:
            _tell(frame, report)
        raise trouble
    if frame.json:
        if not dry_run:
            frame.partial = report_shape(report)
            after_adding(frame, wanted, report.new)
        sample: dict[str, Any] = {}
        if dry_run:
            sample["sample"] = [sample_shape(one) for one in gathered.sample]
            sample["requests"] = [one.model_dump() for one in requests]
        if vectors:
            sample |= vectors.shape
        shape = {**report_shape(report), **sample}
        if frame.jsonl:
            frame.event("done", report=shape)
        else:
            frame.document(shape)
    else:
        for one in gathered.sample if dry_run else ():
            _show(frame, one)
        if requests:
            from assistant.cli.add_preview import tell_requests

            tell_requests(frame, requests)
        if sources or not requests:
            _tell(frame, report)
        if vectors:
            vectors.tell(frame)
        if not dry_run:
            after_adding(frame, wanted, report.new)
    frame.exit_code = _code(report)


def _told(frame: Frame, items: Iterable[ReadItem]) -> Iterable[ReadItem]:
    """What is read, and with --jsonl an event for each refusal and for every so many records."""
    if not frame.jsonl:
        return items
    from store.types import Notice, Rejection

    def each() -> Iterator[ReadItem]:
        read = 0
        for item in items:
            if isinstance(item, Rejection):
                frame.event("refused", **item.model_dump())
            elif not isinstance(item, Notice):
                read += 1
                if read % _BATCH == 0:
                    frame.event("read", records=read)
            yield item

    return each()


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
    from store.ledger.database import Ledger
    from store.library.library import Library

    if not dry_run:
        return frame.open(create=True)
    try:
        return frame.open()
    except LibraryMissing:
        return Library(Ledger.in_memory(), frame.folder, frame.narrate)


def _tell_skipped(frame: Frame, skipped: list[str]) -> None:
    """Tell what was passed over in folders."""
    if skipped:
        files = counted(len(skipped), "file")
        frame.narrate(f"{files} of no known kind passed over")
        for name in skipped[:200] if frame.verbose else ():
            frame.tell(f"  {name}")


def _tell(frame: Frame, report: IngestReport) -> None:
    from assistant.ingest.add import counts, place, refusal
    from store.readers.records import NO_TITLE

    for rejection in report.rejections[:_SHOWN]:
        frame.tell(f"refused: {refusal(rejection)}")
    _tell_more(frame, len(report.rejections), report.more_rejections, "more")
    if any(one.reason == NO_TITLE for one in report.rejections):
        frame.narrate("note: papers are told apart and cited by their titles: give each record one")
    for notice in () if frame.quiet else report.notices[:_SHOWN]:
        frame.tell(f"note: {place(notice)}: {notice.message}")
    if not frame.quiet:
        _tell_more(frame, len(report.notices), report.more_notices, "more notes")
    frame.line(("would be: " if report.dry_run else "") + counts(report))


def _show(frame: Frame, record: Record) -> None:
    """Show a record as it would be stored, and its text as it came where that differs."""
    from assistant.cli.shapes import sample_shape

    for name, value in sample_shape(record).items():
        shown = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
        frame.line(f"{name:<13} {shown}")
    frame.line("")


def _tell_more(frame: Frame, listed: int, beyond: int, what: str) -> None:
    if listed > _SHOWN:
        lists = f"the first {listed}" if beyond else "them all"
        frame.tell(f"… and {listed + beyond - _SHOWN} {what}; --json lists {lists}")
