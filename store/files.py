"""Folders and files that only their owner may read, and files that are written whole."""

from __future__ import annotations

import errno
import os
import select
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from store.errors import LibraryReadOnly, NoSpace, StoreError, UnwritableTarget

FOLDER_MODE = 0o700
FILE_MODE = 0o600
"""What quire makes is for its owner alone."""


def is_abandoned(descriptor: int) -> bool:
    """True for a terminal, pipe or socket with nobody at its other end; nothing is written to it.

    POSIX only. Raises OSError, ValueError for what is no open descriptor.
    """
    looked = select.poll()
    looked.register(descriptor, 0)
    return bool(looked.poll(0))


def make_folder(path: Path) -> None:
    """Create a folder and its parents, 0700 for those created here.

    Raises StoreError when something stands in the way.
    """
    missing = []
    at = path
    while not at.exists():
        missing.append(at)
        at = at.parent
    try:
        for folder in reversed(missing):
            folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
        if not path.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "not a folder", str(path))
    except OSError as failure:
        raise explain(failure, path) from failure


def make_file(path: Path) -> None:
    """Create an empty file 0600 where none is; raises StoreError."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, FILE_MODE))
    except OSError as failure:
        raise explain(failure, path) from failure


@contextmanager
def written_whole(path: Path, *, mode: int | None = None) -> Iterator[BinaryIO]:
    """A stream whose bytes take the place of a file when all of them are written, or never.

    They are written beside it, flushed to the disk, and renamed; the file keeps the mode that it
    had, a new one gets `mode` or what the umask leaves. A link leads to the file that is replaced;
    what is no plain file (a pipe, a device) is written to as it is. Raises NoSpace, and
    UnwritableTarget where the file cannot be written; a failure inside leaves nothing.
    """
    try:
        place, state = _target(path)
        if state is not None and not stat.S_ISREG(state.st_mode):
            with place.open("wb") as stream:
                yield stream
            return
        with _beside(place, mode if state is None else stat.S_IMODE(state.st_mode)) as stream:
            yield stream
    except BrokenPipeError:
        raise
    except OSError as failure:
        raise _unwritable(failure, path) from failure


def require_writable(path: Path) -> None:
    """Raise what `written_whole` would raise at once for a file; it stays as it is."""
    try:
        place, state = _target(path)
        if state is None or stat.S_ISREG(state.st_mode):
            with suppress(_NotNow), _beside(place, None):
                raise _NotNow
    except OSError as failure:
        raise _unwritable(failure, path) from failure


class _NotNow(Exception):
    """A file that could be written is not to be."""


def _target(path: Path) -> tuple[Path, os.stat_result | None]:
    """The file that a path leads to, and its state; raises OSError where it must not be written."""
    place = Path(os.path.realpath(path))
    state = _state(place)
    if state is not None and stat.S_ISDIR(state.st_mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    if state is not None and not os.access(place, os.W_OK):
        raise PermissionError(errno.EACCES, "it must not be written", str(path))
    return place, state


@contextmanager
def _beside(place: Path, mode: int | None) -> Iterator[BinaryIO]:
    """A new file next to a place that is renamed to it at the end; gone after a failure."""
    fresh = place.with_name(f".{place.name[:100]}.{os.getpid()}.part")
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
    descriptor = os.open(fresh, flags, 0o666 if mode is None else FILE_MODE)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            if mode is not None:
                os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
        fresh.replace(place)
    except BaseException:
        with suppress(OSError):
            fresh.unlink()
        raise


def _state(place: Path) -> os.stat_result | None:
    try:
        return place.stat()
    except FileNotFoundError:
        return None


def _unwritable(failure: OSError, path: Path) -> StoreError:
    if is_no_space(failure):
        return NoSpace(f"no space left for {path}", "free some space, or choose another place")
    why = failure.strerror or str(failure)
    if failure.errno == errno.ENOENT:
        return UnwritableTarget(
            f"{path} cannot be written: its folder is not there", "make it first"
        )
    return UnwritableTarget(f"{path} cannot be written: {why}", "choose another file")


@contextmanager
def try_lock(path: Path) -> Iterator[bool]:
    """Hold the lock file at a path as long as the context lasts; False: another holder has it.

    Nobody waits, and the lock of a process that ends is free. Raises OSError where the file
    cannot be made.
    """
    from filelock import FileLock, Timeout  # what only reads needs no lock, and not its import

    lock = FileLock(path, mode=FILE_MODE)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        pass
    try:
        yield lock.is_locked
    finally:
        lock.release()


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Wait until nobody else works in a folder under this lock, and keep others out meanwhile.

    It is on the folder itself, so that no file is left for it; a file system that knows no locks,
    or a folder that is not there, keeps nobody out. POSIX only.
    """
    with _locked(folder, shared=False, waits=True):
        yield


@contextmanager
def beside_others_in(folder: Path) -> Iterator[None]:
    """Work in a folder beside others who do the same, and not while somebody is alone there."""
    with _locked(folder, shared=True, waits=True):
        yield


@contextmanager
def if_alone_in(folder: Path) -> Iterator[bool]:
    """As `alone_in`, but nobody waits: False where somebody works there."""
    with _locked(folder, shared=False, waits=False) as is_alone:
        yield is_alone


@contextmanager
def _locked(folder: Path, *, shared: bool, waits: bool) -> Iterator[bool]:
    import fcntl

    operation = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    is_held = True
    with ExitStack() as stack:
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
            stack.callback(os.close, descriptor)
            fcntl.flock(descriptor, operation if waits else operation | fcntl.LOCK_NB)
        except BlockingIOError:
            is_held = False
        except OSError:
            pass
        yield is_held


def tighten(folder: Path) -> int:
    """Set 0700 and 0600 below a folder, and return how many modes were changed."""
    changed = 0
    for at, _, names in os.walk(folder):
        changed += _set_mode(Path(at), FOLDER_MODE)
        for name in names:
            changed += _set_mode(Path(at, name), FILE_MODE)
    return changed


def _set_mode(path: Path, mode: int) -> int:
    try:
        state = path.lstat()
        if path.is_symlink() or state.st_mode & 0o777 == mode:
            return 0
        path.chmod(mode)
    except OSError:
        return 0
    return 1


def loose_modes(folder: Path) -> int:
    """Count what others could read below a folder."""
    loose = 0
    for at, _, names in os.walk(folder):
        for path in (Path(at), *(Path(at, name) for name in names)):
            try:
                loose += bool(path.lstat().st_mode & 0o077) and not path.is_symlink()
            except OSError:
                continue
    return loose


def disk_bytes(folder: Path) -> int:
    """Sum of the sizes of all files below a folder, in bytes."""
    total = 0
    for at, _, names in os.walk(folder):
        for name in names:
            try:
                total += Path(at, name).lstat().st_size
            except OSError:
                continue
    return total


def is_no_space(failure: OSError) -> bool:
    """True where a disk or a share of it is full, or a file as long as it may be."""
    return failure.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def explain(failure: OSError, path: Path) -> StoreError:
    """Turn an operating system error into the store's own."""
    if is_no_space(failure):
        return NoSpace(
            f"no space left for {path}",
            "free some space and run the command again; what was acknowledged is kept",
        )
    if failure.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return LibraryReadOnly(
            f"{path} cannot be written",
            "use another library with --library, or change its permissions",
        )
    if failure.errno in (errno.ENOTDIR, errno.EEXIST):
        return StoreError(f"{path} is not a folder", "choose another place with --library")
    return StoreError(f"{path}: {failure.strerror or failure}", "")
