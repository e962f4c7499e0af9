"""`quire backup` and `quire restore`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.cli.frame import Frame, confirm, global_options, json_option
from assistant.cli.options import yes_option
from store.wording import counted, minute

if TYPE_CHECKING:
    from store.library.backup_file import BackupFile, Manifest
    from store.library.restore import Former

_STANDARD = "-"


@click.command("backup")
@click.argument("file", metavar="FILE")
@json_option
@global_options
@click.pass_obj
def backup_command(frame: Frame, file: str) -> None:
    """Write all of the library into one file: papers, vectors, marks, notes, conversations.

    The app may be open, and others may write: the file holds one instant. It is a zip with a
    digest of every byte, readable by you alone, and takes its place when it is whole; a backup
    of that name is replaced, any other file is refused. - writes it to stdout. The indexes are
    left out, as they follow from the rest; so is the configuration.

    \b
    Example: quire backup papers.zip
             quire backup - | ssh host 'cat > papers.zip'
    """
    from assistant.cli.progress import Steps
    from store.library.backup import back_up

    if file == _STANDARD:
        if frame.json:
            raise click.UsageError("--json and the backup cannot both be on stdout: name a FILE")
        if sys.stdout.isatty():
            raise click.UsageError("a backup is no text for a terminal: name a FILE")
    frame.open().close()  # what is of an older quire is brought up to date
    steps = Steps(frame)
    try:
        report = back_up(frame.folder, file, steps.advance)
    finally:
        steps.end()
    if frame.json:
        frame.document(report.model_dump())
        return
    held = _holds(report.papers, report.conversations)
    size = f"{report.bytes / 1e6:.1f} MB"
    if file == _STANDARD:
        frame.narrate(f"{held}, {size}")
    else:
        frame.line(f"{report.file}: {held}, {size}")


@click.command("restore")
@click.argument("file", metavar="FILE")
@yes_option
@json_option
@global_options
@click.pass_obj
def restore_command(frame: Frame, file: str, yes: bool) -> None:
    """Put a backup in the place of the library, or make the library of it; - reads stdin.

    Its digest is checked before anything is changed. Nothing is mixed: what the library holds is
    backed up beside it first, and then replaced in one step; who writes meanwhile waits. The app
    may be open and shows what was restored. While papers are being added, or vectors made, it is
    refused. Where papers would be replaced it asks on a terminal; elsewhere --yes is needed.
    Killed or out of space, the library is as it was.

    \b
    Example: quire restore papers.zip
             quire --library ./copy restore papers.zip
    """
    from assistant.cli.progress import Steps
    from store.library.restore import former, restore

    steps = Steps(frame)

    def checked(done: int, total: int) -> None:
        steps.advance("MB checked", done // 1_000_000, total // 1_000_000)

    try:
        with _file(file) as path, _opened(path, file, checked) as backup:
            steps.end()
            before = former(frame.folder)
            if before is not None and not (before.is_empty or yes):
                _ask(frame, before, backup.manifest)
            report = restore(backup, frame.folder, frame.narrate, steps.advance)
    finally:
        steps.end()
    is_whole, note = _indexed(frame)
    if frame.json:
        frame.document({**report.model_dump(), "indexed": is_whole})
    else:
        held = _holds(report.papers, report.conversations)
        frame.line(f"{report.library}: {held}, of {minute(report.made)} UTC")
        if report.set_aside:
            frame.line(f"what was there: {report.set_aside}")
    if note:
        frame.narrate(f"note: {note}")


@contextmanager
def _file(file: str) -> Iterator[Path]:
    """The file of the backup, what comes on stdin put into one."""
    if file != _STANDARD:
        yield Path(file).expanduser()
        return
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        raise click.UsageError("no backup comes on stdin: name a FILE")
    with tempfile.NamedTemporaryFile(prefix="quire-restore-") as spooled:
        shutil.copyfileobj(sys.stdin.buffer, spooled)
        spooled.flush()
        yield Path(spooled.name)


@contextmanager
def _opened(path: Path, file: str, checked: object) -> Iterator[BackupFile]:
    from store.errors import InputError
    from store.library.backup_file import BackupFile

    try:
        backup = BackupFile(path, checked)  # type: ignore[arg-type]
    except OSError as failure:
        reason = failure.strerror or str(failure)
        raise InputError(f"{file} cannot be read: {reason}", "check its name") from failure
    with backup:
        yield backup


def _ask(frame: Frame, before: Former, manifest: Manifest) -> None:
    if before.papers is None or before.conversations is None:
        here = "what stands here and cannot be opened"
    else:
        here = _holds(before.papers, before.conversations)
    there = _holds(manifest.papers, manifest.conversations)
    what = f"{frame.folder} holds {here}; the backup of {manifest.made[:10]} holds {there}"
    if not sys.stdin.isatty():
        raise click.UsageError(f"{what}: give --yes to replace it (it is kept beside)")
    frame.tell(what)
    confirm(frame, "replace it? It is kept beside", "nothing was changed")


def _indexed(frame: Frame) -> tuple[bool, str]:
    """Bring up what questions need; whether all indexes are, and what is to be said otherwise."""
    from store.errors import StoreError

    frame.wait("indexing the words…")
    try:
        with frame.open() as library:
            is_whole = library.be_of_use()
    except StoreError as failure:
        return False, f"{failure.message}; all is restored, and the indexes follow later"
    except KeyboardInterrupt:
        return False, "interrupted; all is restored, and the indexes follow later"
    finally:
        frame.end_waiting()
    if is_whole:
        return True, ""
    return False, (
        "Chroma follows with the next adding, or while the app is open; questions are"
        " answered from all papers meanwhile"
    )


def _holds(papers: int, conversations: int) -> str:
    return f"{counted(papers, 'paper')}, {counted(conversations, 'conversation')}"
