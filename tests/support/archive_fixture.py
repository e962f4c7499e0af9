"""A server of one file in as many pieces as it likes, and minilm fetched from nowhere else."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest
from endpoint_fixture import Handler, servers

from store.embedders.minilm import obtain as obtaining
from store.embedders.minilm.obtain import Archive


@dataclass
class ArchiveServer:
    """A running server.

    It sends `data`, but `cut` bytes at most in one answer when that is set; with `ranges`
    False it sends everything from the start whatever is asked for, with `status` it only
    refuses. `asked` holds the Range of each request.
    """

    address: str
    data: bytes
    cut: int | None = None
    ranges: bool = True
    status: int = 200
    asked: list[str | None] = field(default_factory=list)


class _Archive(Handler):
    def do_GET(self) -> None:
        own, wanted = self.own, self.headers.get("Range")
        own.asked.append(wanted)
        match = re.fullmatch(r"bytes=(\d+)-", wanted or "") if own.ranges else None
        start = int(match[1]) if match else 0
        if own.status != 200 or start >= len(own.data):
            refused = own.status if own.status != 200 else 416
            return self.begin(refused, {"Content-Length": 0})
        headers: dict[str, object] = {"Content-Length": len(own.data) - start}
        if match:
            headers["Content-Range"] = f"bytes {start}-{len(own.data) - 1}/{len(own.data)}"
        self.begin(206 if match else 200, headers)
        self.wfile.write(own.data[start:][: own.cut])
        return None


@pytest.fixture
def archive_server() -> Iterator[Callable[[bytes], ArchiveServer]]:
    """Start servers: `archive_server(data)`; its fields may be set at any time."""
    with servers(_Archive, ArchiveServer) as start:
        yield start


Serve = Callable[[bytes], ArchiveServer]
PointAt = Callable[..., None]


def nowhere() -> str:
    """An address at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"http://127.0.0.1:{free.getsockname()[1]}/onnx.tar.gz"


@pytest.fixture
def only_archive(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> PointAt:
    """Names Chroma's archive; pip finds nothing, and nothing is installed or kept here."""
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    found = obtaining.find_spec
    monkeypatch.setattr(
        obtaining, "find_spec", lambda name: None if name.startswith("gt_") else found(name)
    )

    def point_at(address: str, data: bytes = b"", kept: Path = tmp_path / "no") -> None:
        archive = Archive(address, sha256(data).hexdigest(), kept)
        monkeypatch.setattr(obtaining, "chromas_archive", lambda: archive)

    return point_at
