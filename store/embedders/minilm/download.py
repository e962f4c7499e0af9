"""Downloading one file whose SHA-256 is known, in as many goes as it takes."""

from __future__ import annotations

import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from store.errors import FetchFailed
from store.files import FILE_MODE

Advance = Callable[[int, int | None], None]
"""Told how many bytes are there, and how many there will be where that is known."""

SECONDS = 20.0
"""How long the server may be silent."""
_GOES = 4
_MAX_BYTES = 400_000_000
_PIECE = 262_144
_AGAIN = "the same command goes on from there"


class _Broken(Exception):
    """The connection ended before the file did."""


def download(address: str, digest: str, to: Path, advance: Advance) -> Path:
    """Get a file; what came before an interruption is kept beside, and gone on from.

    A connection that ends early is taken up again a few times. Raises FetchFailed, also when
    the file is not the one with this SHA-256: it is then thrown away.
    """
    part = to.with_name(f"{to.name}.part")
    host = urlsplit(address).netloc.rpartition("@")[2]
    for go in range(_GOES):
        begun_at = part.stat().st_size if part.exists() else 0
        try:
            _get(address, part, begun_at, advance)
        except _Broken:
            if go + 1 < _GOES and part.stat().st_size > begun_at:
                continue
            size = part.stat().st_size
            raise FetchFailed(
                f"the connection to {host} ended after {size / 1e6:.1f} MB", _AGAIN
            ) from None
        except urllib.error.HTTPError as failure:
            failure.close()
            if failure.code == 416 and begun_at:
                part.unlink()  # what is there is no beginning of this file
                continue
            raise FetchFailed(f"{host} refused it ({failure.code})") from None
        except (OSError, http.client.HTTPException, ValueError) as failure:
            raise FetchFailed(f"{host} cannot be reached: {_why(failure)}", _AGAIN) from failure
        if _digest(part) == digest:
            part.replace(to)
            return to
        part.unlink()
        if not begun_at:
            break
    raise FetchFailed(f"what {host} sent is not the expected file (SHA-256); it was thrown away")


def _get(address: str, part: Path, begun_at: int, advance: Advance) -> None:
    """One go: the rest of the file, or all of it where the server gives no rest."""
    if not address.startswith(("https://", "http://127.0.0.1:")):
        raise ValueError("the address is not https")
    headers = {"User-Agent": "quire", "Accept-Encoding": "identity"}
    if begun_at:
        headers["Range"] = f"bytes={begun_at}-"
    request = urllib.request.Request(address, headers=headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=SECONDS) as response:  # noqa: S310
        goes_on = response.status == 206 and (
            response.headers.get("Content-Range", "").startswith(f"bytes {begun_at}-")
        )
        if not goes_on:
            begun_at = 0
        length = response.headers.get("Content-Length")
        total = begun_at + int(length) if length and length.isdigit() else None
        descriptor = os.open(part, os.O_CREAT | os.O_WRONLY, FILE_MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.truncate(begun_at)
            file.seek(begun_at)
            there = begun_at
            while piece := _read(response):
                file.write(piece)
                there += len(piece)
                if there > _MAX_BYTES:
                    raise ValueError("it is far larger than the model")
                advance(there, total)
            file.flush()
            os.fsync(file.fileno())
    if total is not None and there < total:
        raise _Broken


def _read(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read(_PIECE)
    except (http.client.IncompleteRead, ConnectionError, TimeoutError):
        raise _Broken from None


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def _why(failure: Exception) -> str:
    reason = getattr(failure, "reason", failure)
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    return getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
