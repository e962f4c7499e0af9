"""From names to files that can be read."""

from __future__ import annotations

import io
import os
import socket
from pathlib import Path
from typing import BinaryIO

import pytest
from reading import encoded, spelled
from tables import Row, compare, table

from store.errors import UnusableSource
from store.readers.source import Source as OneSource
from store.readers.sources import Skipped, Source, find_sources
from store.types import Rejection

RECORD = '{"title": "T", "abstract": "A."}\n'


def write(folder: Path, *names: str) -> None:
    """Files with one record each."""
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(RECORD)


def rejection(name: str | Path, stdin: BinaryIO | None = None) -> Rejection:
    """The one that comes of a name."""
    (found,) = find_sources([str(name)], stdin)
    assert isinstance(found, Rejection)
    assert (found.line, found.record) == (None, None)
    return found


def in_folder(folder: Path) -> tuple[list[str], dict[str, str]]:
    """Names of the files to read, and of those passed over with the reason."""
    found = list(find_sources([str(folder)]))
    skipped = {Path(one.name).name: one.reason for one in found if isinstance(one, Skipped)}
    sources = [Path(one.name).name for one in found if isinstance(one, Source)]
    assert len(sources) + len(skipped) == len(found)
    return sources, skipped


def test_absolute_names_and_followed_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a.jsonl")
    (tmp_path / "link").symlink_to("a.jsonl")
    monkeypatch.chdir(tmp_path)
    for name in ("a.jsonl", "link"):
        (found,) = find_sources([name])
        assert isinstance(found, Source)
        assert found.name == str((tmp_path / "a.jsonl").resolve())
        with found.open() as stream:
            assert stream.read() == RECORD.encode()


def test_a_folder_in_sorted_order_without_hidden_names_and_links(tmp_path: Path) -> None:
    """Links in a folder are not followed, and a cycle ends."""
    write(tmp_path, "b.jsonl", "a/z.txt", "a/a.jsonl", ".hidden.jsonl", ".git/x.jsonl", "c.jsonl")
    (tmp_path / "a" / "up").symlink_to("..")
    (tmp_path / "link.jsonl").symlink_to("b.jsonl")
    link = "a symbolic link; name it to have it read"
    assert in_folder(tmp_path) == (
        ["a.jsonl", "z.txt", "b.jsonl", "c.jsonl"],
        {"up": link, "link.jsonl": link},
    )


def test_files_of_no_known_kind_are_skipped_by_suffix_and_content(tmp_path: Path) -> None:
    rows = table(__file__, "kinds.jsonl")
    for row in rows:
        (tmp_path / row["name"]).write_bytes(encoded(row))
    os.mkfifo(tmp_path / "pipe.txt")
    sources, skipped = in_folder(tmp_path)
    assert sources == [row["name"] for row in rows if "skipped" not in row]
    right = {row["name"]: row["skipped"] for row in rows if "skipped" in row}
    assert skipped == right | {"pipe.txt": "a FIFO, not a file"}


def test_what_is_named_and_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A FIFO, a device or a socket is never opened; links may lead nowhere."""
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("s.jsonl")
    os.mkfifo(tmp_path / "fifo.jsonl")
    links = {"zero.txt": "/dev/zero", "gone.txt": "nowhere", "one": "two", "two": "one"}
    for name, target in links.items():
        (tmp_path / name).symlink_to(target)
    write(tmp_path, "file.txt")
    (tmp_path / "folder" / "empty.jsonl").mkdir(parents=True)
    rows = table(__file__, "cannot_be_read.jsonl")
    compare(rows, lambda row: rejection(f"{tmp_path}/{spelled(row['name'])}").reason)
    assert rejection("").reason == "no such file or folder"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "c.jsonl")
    (tmp_path / "a.txt").chmod(0)
    (tmp_path / "b").mkdir(mode=0)
    assert rejection(tmp_path / "a.txt").reason == "no permission to read it"
    found = list(find_sources([str(tmp_path)]))
    (tmp_path / "b").chmod(0o700)
    assert [type(one) for one in found] == [Rejection, Rejection, Source]


def test_names_can_be_printed_and_files_opened(tmp_path: Path) -> None:
    def shown(row: Row) -> str:
        path = tmp_path / os.fsdecode(encoded(row))
        path.write_bytes(encoded(row))
        (found,) = find_sources([str(path)])
        assert isinstance(found, Source)
        assert found.name.isprintable()
        found.name.encode()
        with found.open() as stream:
            assert stream.read() == encoded(row)
        return Path(found.name).name

    compare(table(__file__, "odd_names.jsonl"), shown)


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed, or a terminal, it is said and nothing waits."""
    stream = io.BytesIO(b"x")
    (found,) = find_sources(["-"], stream)
    assert isinstance(found, Source)
    assert (found.name, found.path, found.suffix) == ("-", None, "")
    assert found.open() is stream
    stream.close()
    assert rejection("-", stream).reason == "the standard input is closed"
    monkeypatch.setattr("sys.stdin", None)
    assert rejection("-").reason == "the standard input is closed"
    controller, terminal = os.openpty()
    with os.fdopen(terminal, "rb") as tty, os.fdopen(controller, "rb", buffering=0):
        assert "a terminal" in rejection("-", tty).reason


def test_a_file_that_became_something_else_is_not_waited_for(tmp_path: Path) -> None:
    """Between the look and the opening a file may vanish or become a FIFO."""
    path = tmp_path / "a.jsonl"
    source = OneSource(str(path), path)
    with pytest.raises(UnusableSource, match="no such file"):
        source.open()
    os.mkfifo(path)
    with pytest.raises(UnusableSource, match="not a regular file"):
        source.open()
