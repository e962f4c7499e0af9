"""Adding papers: from the names a reader gives to records, and from a report to plain words."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from assistant.errors import ServiceFailed
from assistant.fetching.references import is_reference, reference_of
from store.errors import UnusableSource
from store.pattern import pattern
from store.readers.options import NO_OPTIONS, ReadOptions
from store.readers.registry import read_source
from store.readers.sources import Skipped, Source, find_sources
from store.types import IngestReport, Notice, ReadItem, Record, Rejection
from store.value import Value

if TYPE_CHECKING:
    from assistant.config.settings import Settings
    from assistant.fetching.fetch import Fetching
    from store.types import Narrate

_COMMA = pattern(r"(?<!\\),")
SAID_AT_MOST = 3
"""Refusals, and notes, that a report in words gives one by one."""

SAMPLED = 3
"""Records that a dry run shows as they would be stored."""

_WEIGHED_AT_MOST = 10_000
_SURE_SECONDS, _SURE_SHARE = 1.5, 0.01


class AddRequest(Value):
    """What a reader wants added: files and folders by absolute path, and tags for all of it.

    `keep_ids` wants the ids of all papers told. `pasted` is a text that holds papers, in place of
    sources, and `is_sample` wants those that come with quire.
    """

    sources: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    keep_ids: bool = False
    pasted: str = ""
    is_sample: bool = False


class AddProgress(Value):
    """How far an adding has come.

    `records` were dealt with in `seconds`; `share` is the part of all bytes read so far,
    0 to 1, None where nobody knows how many there are.
    """

    records: int = 0
    seconds: float = 0.0
    share: float | None = None

    @property
    def rate(self) -> float:
        """Records a second."""
        return self.records / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """What is left at this rate; None until there is enough to tell it by."""
        if self.share is None or self.share < _SURE_SHARE or self.seconds < _SURE_SECONDS:
            return None
        return self.seconds * (1 - self.share) / self.share


class AddReport(Value):
    """What an adding did: read = new + same + changed + refused.

    `refusals` and `notes` are the first ones in words, with `more_refusals` and `more_notes`
    for the rest. `skipped` files of folders are of no known kind. `stopped` says that the
    reader ended it early; what was read until then is kept. `papers` are the ids of all records
    taken, where they were asked for.
    """

    read: int = 0
    new: int = 0
    same: int = 0
    changed: int = 0
    refused: int = 0
    refusals: tuple[str, ...] = ()
    more_refusals: int = 0
    notes: tuple[str, ...] = ()
    more_notes: int = 0
    skipped: int = 0
    stopped: bool = False
    papers: tuple[str, ...] = ()


class AddDone(Value):
    """The end of an adding."""

    report: AddReport


AddEvent = AddProgress | AddDone
"""What comes of an adding while it runs: progress, then the end."""


class Gathered:
    """The items of all sources one after another, with what could not be used kept apart.

    `skipped` names files of folders that were passed over. `hint` is the remedy of the last
    source that could not be used. `sample` holds the first records.
    """

    def __init__(
        self,
        sources: Sequence[str],
        options: ReadOptions = NO_OPTIONS,
        stdin: BinaryIO | None = None,
        hint: str = "",
        fetching: Callable[[], Fetching] | None = None,
    ) -> None:
        self._sources = sources
        self._options = options
        self._stdin = stdin
        self._stream: BinaryIO | None = None
        self._growth = 1.0
        self._whole: int | None = None
        self._done = 0
        self._start_fetching = fetching
        self._fetching: Fetching | None = None
        self.skipped: list[str] = []
        self.sample: list[Record] = []
        self.hint = hint

    @property
    def share(self) -> float | None:
        """The part of all bytes that has been read, 0 to 1; None where nobody knows."""
        if not self._whole:
            return None
        stream = self._stream
        here = 0 if stream is None or stream.closed else stream.tell() / self._growth
        return min((self._done + here) / self._whole, 1.0)

    def items(self) -> Iterator[ReadItem]:
        """Everything the sources hold, in order."""
        for is_fetched, group in groupby(self._sources, self._is_fetched):
            if is_fetched:
                yield from self._fetched(list(group))
            else:
                yield from self._found(list(group))

    def _is_fetched(self, argument: str) -> bool:
        """True for what names a paper at a service, and no file that is there."""
        return (
            self._start_fetching is not None
            and is_reference(argument)
            and not os.path.lexists(argument)
        )

    def _fetched(self, named: list[str]) -> Iterator[ReadItem]:
        if self._start_fetching is not None and self._fetching is None:
            self._fetching = self._start_fetching()
        if self._fetching is not None:
            yield from self._sampled(self._fetching.items(named, self._options))

    def _sampled(self, items: Iterator[ReadItem]) -> Iterator[ReadItem]:
        for item in items:
            if isinstance(item, Record) and len(self.sample) < SAMPLED:
                self.sample.append(item)
            yield item

    def _found(self, arguments: list[str]) -> Iterator[ReadItem]:
        every = find_sources(arguments, self._stdin)
        first = list(islice(every, _WEIGHED_AT_MOST))
        if len(first) < _WEIGHED_AT_MOST and len(arguments) == len(self._sources):
            self._whole = sum(one.size for one in first if isinstance(one, Source))
        for found in chain(first, every):
            match found:
                case Source():
                    yield from self._read(found)
                case Skipped():
                    self.skipped.append(found.name)
                case Rejection():
                    yield found

    def _read(self, source: Source) -> Iterator[ReadItem]:
        try:
            self._growth = source.growth
            opened = replace(source, on_open=self._opened)
            yield from self._sampled(read_source(opened, self._options))
        except UnusableSource as failure:
            self.hint = failure.hint or self.hint
            yield Rejection(source=source.name, reason=_reason(failure, source.name))
        self._stream = None
        self._done += source.size

    def _opened(self, stream: BinaryIO) -> None:
        self._stream = stream

    def refuse_nothing(self, report: IngestReport) -> None:
        """Raise UnusableSource when no source held any record, ServiceFailed when none came."""
        if report.read == 0 and report.rejections:
            first = report.rejections[0]
            others = len(report.rejections) + report.more_rejections - 1
            more = f" (and {others} more like it)" if others else ""
            if self._fetching is not None and self._fetching.failed:
                raise ServiceFailed(f"{first.source}: {first.reason}{more}", "try again later")
            raise UnusableSource(f"{first.source}: {first.reason}{more}", self.hint)


def _reason(failure: UnusableSource, name: str) -> str:
    return failure.message.replace(f" in {name}", "").replace(f"{name}: ", "").strip()


def mapping_of(texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The pairs of "title=TI,abstract=AB": a field of a record, and the column that holds it.

    A comma that belongs to a column's name has a backslash before it. Raises UnusableSource.
    """
    pairs: list[tuple[str, str]] = []
    for part in (one for text in texts for one in _COMMA.split(text)):
        name, _, column = (one.strip() for one in part.partition("="))
        if not name or not column:
            raise UnusableSource(
                f"“{part.strip()}” is no pair of a field and a column",
                "for example: --map title=TI,abstract=AB",
            )
        pairs.append((name.lower().replace("-", "_"), column.replace("\\,", ",")))
    return tuple(pairs)


def counts(report: IngestReport | AddReport) -> str:
    """The account of a run in one line."""
    return (
        f"read {report.read}, new {report.new}, same {report.same},"
        f" changed {report.changed}, refused {report.refused}"
    )


def place(item: Rejection | Notice) -> str:
    """Where a refused record or a note stands: the source, and the line or record."""
    if item.line is not None:
        return f"{item.source}, line {item.line}"
    return item.source if item.record is None else f"{item.source}, record {item.record}"


def refusal(item: Rejection) -> str:
    """A refused record in a line: where it stands, why, and its title as far as it has one."""
    title = f" (“{item.title}”)" if item.title else ""
    return f"{place(item)}: {item.reason}{title}"


def in_short(report: IngestReport, *, skipped: int, stopped: bool) -> AddReport:
    """A report with its first refusals and notes in words; it grows by the ids of papers alone."""
    return AddReport(
        read=report.read,
        new=report.new,
        same=report.same,
        changed=report.changed,
        refused=report.refused,
        refusals=tuple(map(refusal, report.rejections[:SAID_AT_MOST])),
        more_refusals=max(len(report.rejections) - SAID_AT_MOST, 0) + report.more_rejections,
        notes=tuple(f"{place(one)}: {one.message}" for one in report.notices[:SAID_AT_MOST]),
        more_notes=max(len(report.notices) - SAID_AT_MOST, 0) + report.more_notices,
        skipped=skipped,
        stopped=stopped,
        papers=report.papers,
    )


def fetching_of(settings: Settings, narrate: Narrate) -> Fetching:
    """Who asks services for papers, as the configuration has it; raises WrongUse."""
    from assistant.fetching.fetch import Fetching

    services = settings.services
    bases = services.bases if services else {}
    return Fetching(bases, services.contact if services else None, narrate)


def named_path(typed: str) -> str:
    """The absolute path that a reader means: ~ is the home folder; an id or address as it is.

    A terminal puts a dropped file's name between quotes, or a backslash before each space:
    both are taken away where no file of that very name is there. Nothing typed gives "".
    """
    text = typed.strip()
    if not text:
        return ""
    if is_reference(text) and not os.path.lexists(text):
        return text
    candidates = [text]
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        candidates.append(text[1:-1])
    candidates.append(text.replace("\\ ", " "))
    paths = [os.path.abspath(os.path.expanduser(one)) for one in candidates]
    return next((one for one in paths if os.path.lexists(one)), paths[0])


def wrong_path(typed: str) -> str:
    """Why a path that was typed names no papers, in one line; "" where it may."""
    path = named_path(typed)
    if not path:
        return "Type the path of a file or a folder, or an id such as arxiv:2403.01234."
    if is_reference(path):
        found = reference_of(path)
        return found if isinstance(found, str) else ""
    return "" if os.path.exists(path) else f"No such file or folder: {shortened_path(path)}"


def shortened_path(path: str) -> str:
    """A path for display, with ~ for the home folder."""
    home = str(Path.home())
    return f"~{path[len(home) :]}" if path.startswith(f"{home}{os.sep}") else path
