"""Embedders whose files are damaged: one error of ours, and a library that goes on without."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from minilm_fixture import MadeUp

from store.embedders.base import REINSTALL, Embedder
from store.embedders.local import LocalEmbedders
from store.embedders.minilm.embedder import MiniLM
from store.embedders.minilm.folder import (
    GET_IT,
    MODEL_FILE,
    SHA256,
    VOCABULARY_FILE,
    build,
    model_folder,
)
from store.embedders.minilm.weights import read_model
from store.embedders.wordllama import WordLlama
from store.errors import EmbedderUnavailable, ModelFilesUnusable
from store.library.doctor import examine
from store.library.library import Library
from store.types import Record

Damage = Callable[[bytes], bytes]


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _emptied(data: bytes) -> bytes:
    return b""


def _zeroed(data: bytes) -> bytes:
    return bytes(len(data))


def _cut_head(data: bytes) -> bytes:
    return data[:5]


def _flipped_in_head(data: bytes) -> bytes:
    changed = bytearray(data)
    changed[0] ^= 0x40
    return bytes(changed)


DAMAGES: tuple[Damage, ...] = (_cut, _emptied, _zeroed, _cut_head, _flipped_in_head)


@pytest.fixture
def wordllama(tmp_path: Path) -> WordLlama:
    """A copy of the built-in embedder, to be damaged."""
    found = WordLlama.find()
    if found is None:
        pytest.skip("wordllama is not installed")
    for file in (found._weights_file, found._tokenizer_file):
        copy = tmp_path / "wordllama" / file.parent.name / file.name
        copy.parent.mkdir(parents=True)
        shutil.copyfile(file, copy)
    return WordLlama(tmp_path / "wordllama")


def _damage(file: Path, damage: Damage) -> None:
    file.write_bytes(damage(file.read_bytes()))


def _refused(embedder: Embedder) -> EmbedderUnavailable:
    with pytest.raises(EmbedderUnavailable) as caught:
        embedder.embed(["a paper on glaciers"])
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 250
    return caught.value


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda one: one.__name__)
@pytest.mark.parametrize("file", ["_weights_file", "_tokenizer_file"])
def test_damaged_files_of_wordllama_are_one_error_that_says_what_to_do(
    wordllama: WordLlama, file: str, damage: Damage
) -> None:
    _damage(getattr(wordllama, file), damage)
    failure = _refused(wordllama)
    assert failure.message.startswith("the built-in embedder does not work: ")
    assert failure.hint == REINSTALL


@pytest.mark.parametrize("file", ["_weights_file", "_tokenizer_file"])
def test_a_file_of_wordllama_that_went_or_became_a_folder(wordllama: WordLlama, file: str) -> None:
    path = getattr(wordllama, file)
    path.unlink()
    assert _refused(wordllama).hint == REINSTALL
    path.mkdir()
    assert _refused(wordllama).hint == REINSTALL


def test_bytes_flipped_in_the_tokenizer_give_vectors_or_our_error(wordllama: WordLlama) -> None:
    whole = wordllama._tokenizer_file.read_bytes()
    chance = random.Random(11)
    head = whole.index(b'"vocab"')
    refused = 0
    for case in range(24):
        changed = bytearray(whole)
        at = chance.randrange(head if case % 2 else len(whole))
        changed[at] ^= 1 << chance.randrange(8)
        wordllama._tokenizer_file.write_bytes(bytes(changed))
        try:
            vectors = WordLlama(wordllama._tokenizer_file.parents[1]).embed(["glaciers melt"])
        except EmbedderUnavailable:
            refused += 1
        else:
            assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert refused > 5


def test_a_table_of_another_shape_or_with_what_is_no_number_is_refused(
    wordllama: WordLlama,
) -> None:
    data = wordllama._weights_file.read_bytes()
    length = int.from_bytes(data[:8], "little")
    head = json.loads(data[8 : 8 + length])
    rows, width = head["embedding.weight"]["shape"]
    head["embedding.weight"]["shape"] = [rows // 2, width * 2]
    text = json.dumps(head, separators=(",", ":")).encode().ljust(length)
    assert len(text) == length
    wordllama._weights_file.write_bytes(data[:8] + text + data[8 + length :])
    assert "its weights are float16" in _refused(wordllama).message

    table = np.frombuffer(data[8 + length :], dtype=np.float16).copy()
    table[:] = np.inf
    wordllama._weights_file.write_bytes(data[: 8 + length] + table.tobytes())
    again = WordLlama(wordllama._weights_file.parents[1])
    assert "no number" in _refused(again).message


def test_what_a_word_is_cannot_be_told_by_a_damaged_tokenizer(wordllama: WordLlama) -> None:
    _damage(wordllama._tokenizer_file, _cut)
    with pytest.raises(EmbedderUnavailable):
        wordllama.is_word("glaciers")


def test_damaged_files_of_minilm_are_one_error_that_says_what_to_do(
    made_up_minilm: MadeUp, tmp_path: Path
) -> None:
    models = _built(made_up_minilm, tmp_path)
    for file in (MODEL_FILE, VOCABULARY_FILE):
        path = model_folder(models) / file
        whole = path.read_bytes()
        for damage in DAMAGES:
            path.write_bytes(damage(whole))
            failure = _refused(MiniLM(models))
            assert file in failure.message
            assert failure.hint == GET_IT
            with pytest.raises(EmbedderUnavailable):
                MiniLM(models).token_vectors(["glaciers"])
        path.write_bytes(whole)


def test_what_onnxruntime_and_tokenizers_raise_is_our_error(
    made_up_minilm: MadeUp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files that are what they should be by their SHA-256, and that the libraries refuse."""
    models = _built(made_up_minilm, tmp_path)
    for file in (MODEL_FILE, VOCABULARY_FILE):
        path = model_folder(models) / file
        whole = path.read_bytes()
        for damage in (_emptied, _zeroed, _cut_head):
            path.write_bytes(damage(whole))
            digest = sha256(path.read_bytes()).hexdigest()
            with monkeypatch.context() as changed:
                changed.setitem(SHA256, file, digest)
                failure = _refused(MiniLM(models))
            assert failure.message.startswith("the embedder minilm does not work: ")
            assert failure.hint == GET_IT
        path.write_bytes(whole)


def _built(made_up: MadeUp, tmp_path: Path) -> Path:
    source = tmp_path / "onnx.tar.gz"
    source.write_bytes(made_up.archive)
    models = tmp_path / "models"
    build(models, source)
    return models


@pytest.mark.parametrize("name", ["x.tar.gz", "x.whl", "model.safetensors", "model.onnx"])
@pytest.mark.parametrize("damage", DAMAGES[:-1], ids=lambda one: one.__name__)
def test_a_damaged_source_of_a_model_is_unusable(
    made_up_minilm: MadeUp, tmp_path: Path, name: str, damage: Damage
) -> None:
    file = tmp_path / "source" / name
    file.parent.mkdir()
    if name.endswith(".whl"):
        import zipfile

        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("model/model.onnx", made_up_minilm.exported)
            archive.writestr("model/vocab.txt", made_up_minilm.vocabulary)
    else:
        file.write_bytes(
            made_up_minilm.archive if name.endswith(".gz") else made_up_minilm.exported
        )
    _damage(file, damage)
    with pytest.raises(ModelFilesUnusable) as caught:
        read_model(file)
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    "tokenizer", [b"[]", b"{", b'{"model": {"vocab": [1, 2]}}', b'{"model": 1}', b"\xff\xfe", b""]
)
def test_a_tokenizer_file_of_another_shape_is_unusable(
    made_up_minilm: MadeUp, tmp_path: Path, tokenizer: bytes
) -> None:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "model.onnx").write_bytes(made_up_minilm.exported)
    (folder / "tokenizer.json").write_bytes(tokenizer)
    with pytest.raises(ModelFilesUnusable):
        read_model(folder)


def test_an_archive_with_a_damaged_member_is_unusable(
    made_up_minilm: MadeUp, tmp_path: Path
) -> None:
    file = tmp_path / "x.tar.gz"
    data = bytearray(made_up_minilm.archive)
    for at in range(len(data) // 3, len(data), 4099):
        data[at] ^= 0xFF
    file.write_bytes(bytes(data))
    with pytest.raises(ModelFilesUnusable):
        read_model(file)


class OneEmbedder(LocalEmbedders):
    """Gives the library the copy that a test has damaged."""

    def __init__(self, embedder: WordLlama) -> None:
        super().__init__()
        self._one = embedder

    def make(self, fingerprint: str, dimension: int | None = None) -> Embedder:
        return self._one


@pytest.mark.parametrize("file", ["_weights_file", "_tokenizer_file"])
def test_a_library_goes_on_with_words_alone_and_says_so_in_one_line(
    wordllama: WordLlama,
    made_up_papers: list[Record],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    file: str,
) -> None:
    folder = tmp_path / "home"
    with Library.open(folder, create=True, embedders=OneEmbedder(wordllama)) as library:
        library.ingest().run(made_up_papers[:20])
        title = library.papers()[3].title
    _damage(getattr(wordllama, file), _cut)
    broken = WordLlama(wordllama._weights_file.parents[1])
    monkeypatch.setattr("store.library.parts.built_in_embedder", lambda: broken)
    said: list[str] = []
    with Library.open(folder, narrate=said.append, embedders=OneEmbedder(broken)) as library:
        assert library.lexical(title, 5)
        assert library.dense(title, 5) == []
        assert library.embed([title]) is None
        library.near_words("glacirs")
        assert len(set(said)) == 1
        assert said[0].startswith("the built-in embedder does not work: ")
        assert said[0].endswith(f": searching words alone; {REINSTALL}")
        assert library.words_alone == said[0]

        report = library.ingest().run(made_up_papers[20:30])
        assert report.new == 10
        assert library.count() == 30

        embedder = next(one for one in examine(library) if one.part == "embedder")
        assert "the built-in embedder does not work" in embedder.message
        assert REINSTALL in embedder.message


def test_sentences_are_compared_by_words_where_only_they_lack_their_embedder(
    wordllama: WordLlama,
    made_up_papers: list[Record],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _damage(wordllama._tokenizer_file, _zeroed)
    monkeypatch.setattr("store.library.parts.built_in_embedder", lambda: wordllama)
    said: list[str] = []
    with Library.open(tmp_path / "home", create=True, narrate=said.append) as library:
        library.ingest().run(made_up_papers[:5])
        said.clear()
        assert library.embed(["a", "b"]) is None
        assert library.sentence_embedder is None
        assert library.embed(["c"]) is None
    assert len(said) == 1
    assert "sentences are compared by their words alone" in said[0]


def test_the_files_of_the_built_in_embedder_are_read_once(
    made_up_papers: list[Record], tmp_path: Path
) -> None:
    """Where the library uses it too, sentences are compared by the same one."""
    with Library.open(tmp_path / "home", create=True) as library:
        library.ingest().run(made_up_papers[:5])
        assert library.sentence_embedder is not None
        assert library.sentence_embedder is library.embedder
