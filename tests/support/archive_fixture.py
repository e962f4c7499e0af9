"""A server on loopback that plays the place of an archive, healthy or not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from endpoint_fixture import Handler, servers


@dataclass
class ArchiveServer:
    """A running server.

    It sends `data`, but `cut` bytes at most in one answer when that is set; with `ranges`
    False it sends everything from the start whatever is asked for, with `status` it only
    refuses. `asked` holds the Range of each request.
    """

    base_url: str
    data: bytes
    cut: int | None = None
    ranges: bool = True
    status: int = 200
    asked: list[str | None] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where the archive is."""
        return f"{self.base_url}/onnx.tar.gz"


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
