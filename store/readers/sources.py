"""From the names that a reader gives to the files that can be read."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from store.errors import UnusableSource
from store.readers.archives import ZIP_MAGIC, zip_members
from store.readers.kinds import COMPRESSED, FOREIGN_SUFFIXES
from store.readers.paths import printable_path
from store.readers.registry import is_recognised, readers
from store.readers.source import STANDARD_INPUT, Source, why
from store.types import Rejection

__all__ = ["Skipped", "Source", "find_sources"]

_NO_PERMISSION = "no permission to read it"


@dataclass(frozen=True)
class Skipped:
    """A file in a folder that is passed over, and why."""

    name: str
    reason: str


def find_sources(
    arguments: Sequence[str], stdin: BinaryIO | None = None
) -> Iterator[Source | Skipped | Rejection]:
    """Find the files that `arguments` name: files, folders, and `-` for the standard input.

    Folders are searched with all below them, in sorted order; hidden names are passed over and
    symbolic links not followed. What is named and cannot be read becomes a rejection. Nothing
    but regular files is ever opened. `stdin` defaults to that of the process.
    """
    for argument in arguments:
        if argument == STANDARD_INPUT:
            yield _standard_input(stdin)
        else:
            yield from _named(argument)


def _standard_input(stream: BinaryIO | None) -> Source | Rejection:
    if stream is None and sys.stdin is not None and not sys.stdin.closed:
        stream = sys.stdin.buffer
    if stream is None or stream.closed:
        return Rejection(source=STANDARD_INPUT, reason="the standard input is closed")
    if stream.isatty():
        return Rejection(
            source=STANDARD_INPUT,
            reason="the standard input is a terminal; name a file or pipe text into it",
        )
    return Source(STANDARD_INPUT, None, stream)


def _named(argument: str) -> Iterator[Source | Skipped | Rejection]:
    try:
        mode = os.stat(argument).st_mode
        path = os.path.realpath(argument)
    except (OSError, ValueError) as failure:
        yield Rejection(
            source=printable_path(_absolute(argument)), reason=_missing(argument, failure)
        )
        return
    name = printable_path(path)
    if stat.S_ISDIR(mode):
        yield from _folder(path)
    elif not stat.S_ISREG(mode):
        yield Rejection(source=name, reason=f"{_kind(mode)}, not a file")
    elif not os.access(path, os.R_OK):
        yield Rejection(source=name, reason=_NO_PERMISSION)
    elif _is_zip(path):
        yield from _archive(name, Path(path))
    else:
        yield Source(name, Path(path))


def _is_zip(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(len(ZIP_MAGIC)) == ZIP_MAGIC
    except OSError:
        return False


def _archive(name: str, path: Path) -> Iterator[Source | Skipped | Rejection]:
    """The members of a zip archive, as the files of a folder are."""
    usable = refused = 0
    try:
        for member in zip_members(path):
            inside = f"{name}/{printable_path(member.name)}"
            if member.is_hidden:
                continue
            nested = "an archive within an archive, which is not opened"
            problem = nested if member.suffix in COMPRESSED else member.problem
            if problem:
                refused += 1
                yield Rejection(source=inside, reason=problem)
                continue
            found = _known(Source(inside, path, member=member))
            usable += isinstance(found, Source)
            yield found
    except UnusableSource as failure:
        yield Rejection(source=name, reason=failure.message)
    except OSError as failure:
        yield Rejection(source=name, reason=f"cannot be read: {why(failure)}")
    else:
        if not usable and not refused:
            yield Rejection(source=name, reason="a zip archive with no file that can be read")


def _folder(path: str) -> Iterator[Source | Skipped | Rejection]:
    usable = 0
    for one in _walk(path):
        usable += isinstance(one, Source)
        yield one
    if not usable:
        yield Rejection(
            source=printable_path(path), reason="a folder with no file that can be read"
        )


def _walk(top: str) -> Iterator[Source | Skipped | Rejection]:
    """Everything below a folder, depth first, each folder's names in sorted order."""
    entries, failed = _list(top)
    if failed:
        yield failed
    while entries:
        entry = entries.pop()
        if entry.is_dir(follow_symlinks=False):
            below, failed = _list(entry.path)
            entries += below
            if failed:
                yield failed
        else:
            yield from _in_folder(entry)


def _list(path: str) -> tuple[list[os.DirEntry[str]], Rejection | None]:
    """The names in a folder that are not hidden, last one first, or why it was not listed."""
    try:
        with os.scandir(path) as listing:
            shown = [entry for entry in listing if not entry.name.startswith(".")]
    except OSError as failure:
        reason = f"a folder that cannot be read: {why(failure)}"
        return [], Rejection(source=printable_path(path), reason=reason)
    return sorted(shown, key=lambda entry: entry.name, reverse=True), None


def _in_folder(entry: os.DirEntry[str]) -> Iterator[Source | Skipped | Rejection]:
    name = printable_path(entry.path)
    try:
        mode = entry.stat(follow_symlinks=False).st_mode
    except OSError as failure:
        yield Rejection(source=name, reason=why(failure))
        return
    if stat.S_ISLNK(mode):
        yield Skipped(name, "a symbolic link; name it to have it read")
    elif not stat.S_ISREG(mode):
        yield Skipped(name, f"{_kind(mode)}, not a file")
    elif not os.access(entry.path, os.R_OK):
        yield Rejection(source=name, reason=_NO_PERMISSION)
    elif entry.name.lower().endswith(".zip") and _is_zip(entry.path):
        yield from _archive(name, Path(entry.path))
    else:
        yield _known(Source(name, Path(entry.path)))


def _known(source: Source) -> Source | Skipped:
    """A file of a folder or an archive, or why it is passed over."""
    if source.suffix in readers().suffixes() or is_recognised(source):
        return source
    kind = FOREIGN_SUFFIXES.get(source.suffix, "of no kind that is known")
    return Skipped(source.name, kind)


def _missing(argument: str, failure: OSError | ValueError) -> str:
    if not isinstance(failure, OSError):
        return "not a file name"
    if failure.errno == errno.ELOOP:
        return "a loop of symbolic links"
    if failure.errno == errno.EACCES:
        return _NO_PERMISSION
    if failure.errno in (errno.ENOENT, errno.ENOTDIR):
        if os.path.islink(argument):
            return "a symbolic link that leads nowhere"
        return "no such file or folder"
    return why(failure)


def _absolute(argument: str) -> str:
    try:
        return os.path.abspath(argument) if argument else argument
    except ValueError:
        return argument


def _kind(mode: int) -> str:
    if stat.S_ISFIFO(mode):
        return "a FIFO"
    if stat.S_ISSOCK(mode):
        return "a socket"
    return "a device" if stat.S_ISCHR(mode) or stat.S_ISBLK(mode) else "something else"
