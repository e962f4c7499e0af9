"""The file of a backup: a zip of a manifest and a ledger, sealed by the digest of all its bytes.

`manifest.json` says what it is and by which version, and the length and SHA-256 of the ledger.
The comment at the end of the zip is the SHA-256 of everything before it, so that a file which was
cut or changed in any byte is known before anything of it is used. It is written from front to
back, and so fits into a pipe.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Self

from store.errors import InputError, LibraryNewer, NoSpace
from store.files import explain
from store.ledger.database import SCHEMA_VERSION
from store.value import Value

VERSION = 1
"""The version of the file; an older quire refuses a newer one."""
FORMAT = "quire backup"
MANIFEST, LEDGER = "manifest.json", "ledger.sqlite3"
_SEAL = b"quire backup, sha256 of all before: "
_HEX = 64
_FIRST = b"PK\x03\x04"
_CHUNK = 1 << 20
_LONGEST_MANIFEST = 100_000
_MOST_RATIO = 200
"""How much shorter a ledger may be as packed. Measured: 2 to 4; an empty one: 40."""

Bytes = Callable[[int, int], None]
"""Told how many bytes of how many are done."""


class Manifest(Value):
    """What a backup says of itself: who wrote it, when, what of, and the digest of its ledger.

    `schema` is the version of the ledger's tables, `made` an instant (ISO 8601, UTC).
    """

    format: str = FORMAT
    version: int = VERSION
    quire: str
    schema: int
    made: str
    papers: int
    conversations: int
    embedder: str
    ledger_bytes: int
    ledger_sha256: str


class _Sealed(io.RawIOBase):
    """What is written goes on to a file; its last bytes are kept back, to hold the digest.

    Nothing can be sought, so that a zip comes out front to back.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._held = b""
        self._digest = hashlib.sha256()
        self.length = 0

    def writable(self) -> bool:
        """True."""
        return True

    def write(self, data: object) -> int:
        """Take bytes."""
        whole = self._held + bytes(data)  # type: ignore[call-overload]
        self._pass(whole[:-_HEX])
        taken = len(whole) - len(self._held)
        self._held = whole[-_HEX:]
        return int(taken)

    def seal(self) -> None:
        """Put the digest of all before in place of the last bytes."""
        self._file.write(self._digest.hexdigest().encode())
        self.length += _HEX
        self._file.flush()

    def _pass(self, data: bytes) -> None:
        self._digest.update(data)
        self._file.write(data)
        self.length += len(data)


def write_backup(file: IO[bytes], ledger: Path, manifest: Manifest, advance: Bytes) -> int:
    """Write a backup of a closed ledger whose manifest is given; returns its length in bytes.

    Raises OSError.
    """
    sealed = _Sealed(file)
    packed = zipfile.ZIP_DEFLATED
    # Level 1: the others take three times as long for a tenth less.
    with zipfile.ZipFile(sealed, "w", packed, compresslevel=1) as archive:
        archive.comment = _SEAL + b"0" * _HEX
        _put(archive, MANIFEST, io.BytesIO(manifest.model_dump_json().encode()), lambda done: None)
        with ledger.open("rb") as source:
            _put(archive, LEDGER, source, lambda done: advance(done, manifest.ledger_bytes))
    sealed.seal()
    return sealed.length


def _put(
    archive: zipfile.ZipFile, name: str, source: IO[bytes], advance: Callable[[int], None]
) -> None:
    about = zipfile.ZipInfo(name)
    about.compress_type, about.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    about._compresslevel = 1  # type: ignore[attr-defined]
    with archive.open(about, "w", force_zip64=True) as member:
        done = 0
        while data := source.read(_CHUNK):
            member.write(data)
            done += len(data)
            advance(done)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file in hex; raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_backup(path: Path) -> bool:
    """True for a file that ends as a backup does; raises OSError."""
    with path.open("rb") as file:
        return _tail(file).startswith(_SEAL)


def _tail(file: IO[bytes]) -> bytes:
    length = len(_SEAL) + _HEX
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - length))
    return file.read(length)


class BackupFile:
    """A backup whose digest was checked; it stays open, so that no other takes its place.

    Raises InputError for what is none, is cut or was changed, LibraryNewer, OSError.
    """

    def __init__(self, path: Path, advance: Bytes = lambda done, total: None) -> None:
        self._name = str(path)
        self._file = path.open("rb")
        try:
            self._check_seal(advance)
            self._archive = self._opened()
            self.manifest = self._manifest()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def extract(self, target: Path, advance: Bytes) -> None:
        """Write its ledger into a file that is not there yet, its digest checked.

        Raises InputError, NoSpace, OSError.
        """
        wanted = self.manifest.ledger_bytes
        if shutil.disk_usage(target.parent).free < wanted:
            raise NoSpace(
                f"no space left for {target.parent}: the library takes {wanted / 1e6:.0f} MB",
                "free some space and run the command again",
            )
        digest, done = hashlib.sha256(), 0
        with self._archive.open(LEDGER) as source, _new(target) as file:
            try:
                while data := source.read(_CHUNK):
                    done += len(data)
                    if done > wanted:
                        break
                    digest.update(data)
                    file.write(data)
                    advance(done, wanted)
            except (zipfile.BadZipFile, EOFError, ValueError, OSError) as failure:
                if isinstance(failure, OSError) and failure.errno is not None:
                    raise explain(failure, target) from failure
                raise self._altered() from failure
            file.flush()
            os.fsync(file.fileno())
        if done != wanted or digest.hexdigest() != self.manifest.ledger_sha256:
            raise self._altered()

    def _check_seal(self, advance: Bytes) -> None:
        tail = _tail(self._file)
        self._file.seek(0)
        head = self._file.read(30 + len(MANIFEST))
        if not tail.startswith(_SEAL):
            if head.startswith(_FIRST) and head.endswith(MANIFEST.encode()):
                raise InputError(
                    f"{self._name} is cut or changed: a backup ends in its digest",
                    "take another copy of it; nothing was changed",
                )
            raise InputError(
                f"{self._name} is no backup of a library", "make one with: quire backup FILE"
            )
        total = self._file.seek(0, os.SEEK_END) - _HEX
        self._file.seek(0)
        digest, done = hashlib.sha256(), 0
        while done < total and (data := self._file.read(min(_CHUNK, total - done))):
            digest.update(data)
            done += len(data)
            advance(done, total)
        if digest.hexdigest().encode() != tail[len(_SEAL) :]:
            raise self._altered()

    def _opened(self) -> zipfile.ZipFile:
        """The archive, which holds the two members and nothing else."""
        try:
            archive = zipfile.ZipFile(self._file)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as failure:
            raise self._foreign("its archive cannot be read") from failure
        members = archive.infolist()
        if [one.filename for one in members] != [MANIFEST, LEDGER]:
            raise self._foreign("it holds other files than a backup does")
        if any(one.flag_bits & 1 or one.compress_type != zipfile.ZIP_DEFLATED for one in members):
            raise self._foreign("its files are packed in another way")
        if any(one.file_size > _MOST_RATIO * max(one.compress_size, 1) for one in members):
            raise self._foreign("it grows beyond all measure as it is unpacked")
        return archive

    def _manifest(self) -> Manifest:
        about, ledger = self._archive.infolist()
        try:
            if about.file_size > _LONGEST_MANIFEST:
                raise ValueError("too long")
            fields = json.loads(self._archive.read(about))
            if fields["format"] != FORMAT:
                raise ValueError("another format")
            if fields["version"] > VERSION or fields["schema"] > SCHEMA_VERSION:
                raise LibraryNewer(
                    f"{self._name} was made by a newer quire ({str(fields.get('quire'))[:40]})",
                    "update quire; nothing was changed",
                )
            manifest = Manifest.model_validate(fields)
        except (ValueError, TypeError, LookupError, RecursionError, zipfile.BadZipFile) as failure:
            raise self._foreign("its manifest makes no sense") from failure
        if manifest.ledger_bytes != ledger.file_size:
            raise self._foreign("its manifest tells of another ledger")
        return manifest

    def _altered(self) -> InputError:
        return InputError(
            f"{self._name} is not what was written: its digest is another",
            "take another copy of it; nothing was changed",
        )

    def _foreign(self, why: str) -> InputError:
        return InputError(
            f"{self._name} cannot be restored: {why}", "quire restores what quire backup made"
        )


def _new(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")
