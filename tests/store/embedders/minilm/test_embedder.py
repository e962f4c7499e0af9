"""MiniLM: its graph against BERT in numpy, its files, its batches."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import onnx
import pytest
from minilm_fixture import MadeUp, float32_tokens, packed
from reading import spelled
from tables import compare, table

from store.embedders.local import LocalEmbedders
from store.embedders.minilm.embedder import AXES_FILE, MAX_TOKENS, MiniLM, batches_by_size
from store.embedders.minilm.folder import MODEL_FILE, build, is_whole, remove
from store.embedders.minilm.graph import write_graph
from store.embedders.minilm.onnx_format import NotOnnx, float_tensors
from store.embedders.minilm.weights import read_model
from store.embedders.token_vectors import TokenEmbedder, reads_late
from store.errors import EmbedderUnavailable
from store.tokens.signs import Spans

ROOT = Path(__file__).resolve().parents[4]
TEXTS = ["a glacier of ice.", "bee dance, flower", "the loss of ice a year " * 20, "owl", ""]


def test_the_graph_computes_what_bert_does(made_up_minilm: MadeUp, built_minilm: Path) -> None:
    """Against numpy, in float64, from the paper: int8 costs little, a wrong graph all."""
    minilm = MiniLM(built_minilm)
    assert isinstance(minilm, TokenEmbedder)
    whole, found = minilm.embed(TEXTS), minilm.token_vectors(TEXTS)
    assert whole.dtype == np.float32
    assert np.linalg.norm(whole, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)
    tokenizer = minilm._parts[0]
    for at, text in enumerate(TEXTS):
        ids = tokenizer.encode(text).ids
        right = float32_tokens(made_up_minilm.weights, ids)
        mean = right.mean(0) / np.linalg.norm(right.mean(0))
        assert float(whole[at] @ mean) > 0.99, text
        assert float(found[at].whole @ whole[at]) > 0.99, text
        assert float(whole[at - 1] @ mean) < 0.99, "another text is told apart"
        tokens, spans = found[at].tokens, found[at].spans
        assert tokens.shape == (len(spans), 384)
        assert np.linalg.norm(tokens, axis=1) == pytest.approx(np.ones(len(spans)), abs=1e-5)
        right = right[1:-1] / np.linalg.norm(right[1:-1], axis=1, keepdims=True)
        assert ((tokens * right).sum(axis=1) > 0.98).all(), text
    assert [TEXTS[1][start:end] for start, end in found[1].spans] == ["bee", "dance", ",", "flower"]
    assert len(found[2].spans) == len(["the", "loss", "of", "ice", "a", "year"]) * 20
    assert found[4].spans == ()
    assert minilm.token_vectors([]) == []


def test_tokens_come_from_the_runs_that_make_the_vectors(built_minilm: Path) -> None:
    minilm = MiniLM(built_minilm)
    assert reads_late(minilm)
    each = [f"The loss of ice in year {at} is a loss." for at in range(60)]
    texts = [*TEXTS, " ".join(each)]
    found: dict[int, list[tuple[Spans, np.ndarray]]] = {at: [] for at in range(len(texts))}
    vectors = minilm.embed_and_read(texts, lambda at, spans, rows: found[at].append((spans, rows)))
    assert vectors == pytest.approx(minilm.embed(texts), abs=1e-5)
    for at, one in enumerate(minilm.token_vectors(TEXTS)):
        ((spans, tokens),) = found[at]
        assert spans == one.spans
        assert (tokens * one.tokens).sum() == pytest.approx(len(spans), abs=0.02 * len(spans))
    pieces = sorted(found[len(TEXTS)], key=lambda told: told[0])
    spans = [span for told, _ in pieces for span in told]
    assert len(pieces[0][0]) == MAX_TOKENS - 2
    # What stands behind the place where the text is cut is read in its sentence, and told once.
    assert spans == sorted(set(spans))
    every = minilm._parts[0].encode_batch(
        [f"The loss of ice in year {at} is a loss." for at in range(60)]
    )
    assert len(spans) == sum(len(one.ids) - 2 for one in every)
    assert minilm.axes().signs(pieces[0][1]) != minilm.axes().signs(pieces[1][1])


def test_the_runtime_reports_to_nobody(built_minilm: Path, tmp_path: Path) -> None:
    """onnxruntime 1.29 and later would write an identifier and upload, from its import on."""
    program = (
        "import sys; from pathlib import Path; from store.embedders.minilm import embedder; "
        "embedder._session(Path(sys.argv[1]).read_bytes())"
    )
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    ran = subprocess.run(
        [sys.executable, "-c", program, built_minilm / "minilm" / MODEL_FILE],
        env={**os.environ, "TMPDIR": str(temporary), "https_proxy": "http://127.0.0.1:9"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (ran.returncode, list(temporary.iterdir())) == (0, []), ran.stderr


def test_the_order_of_texts_and_their_neighbours_matter_little(built_minilm: Path) -> None:
    minilm = MiniLM(built_minilm)
    together = minilm.embed(TEXTS)
    for at, text in enumerate(TEXTS):
        alone = minilm.embed([text])[0]
        assert float(alone @ together[at]) > 0.99
        assert np.array_equal(alone, minilm.embed([text])[0]), "the same text, the same vector"
    assert minilm.embed([]).shape == (0, 384)


def test_onnx_reads_what_is_written(made_up_minilm: MadeUp) -> None:
    """The hand-written format against the project's own reader and its checker."""
    data = write_graph(made_up_minilm.weights)
    model = onnx.load_from_string(data)
    assert {one.domain: one.version for one in model.opset_import} == {"": 17, "com.microsoft": 1}
    assert [one.name for one in model.graph.input] == ["input_ids", "attention_mask"]
    kinds = {one.data_type for one in model.graph.initializer if "narrow" in one.name}
    assert onnx.TensorProto.INT8 in kinds
    onnx.checker.check_model(model)
    floats = [one for one in model.graph.initializer if one.data_type == onnx.TensorProto.FLOAT]
    read = list(float_tensors(memoryview(data)))
    assert [shape for shape, _ in read] == [tuple(one.dims) for one in floats]
    for (shape, raw), one in zip(read, floats, strict=True):
        assert np.array_equal(
            np.frombuffer(raw, "<f4").reshape(shape), onnx.numpy_helper.to_array(one)
        )


def test_what_is_no_onnx_file_is_refused() -> None:
    for data in (b"\xff" * 40, b"\x3a\xff\x01abc", b"\x0f", b"\x3a\x80", bytes(4)):
        with pytest.raises(NotOnnx):
            list(float_tensors(memoryview(data)))
    rows = table(__file__, "batches.jsonl")
    compare(rows, lambda row: batches_by_size(row["sizes"], 256))


def test_a_model_is_for_its_owner_alone_whole_or_refused(built_minilm: Path) -> None:
    models = built_minilm
    assert sorted(one.name for one in models.iterdir()) == ["minilm"]
    for path in (models, *models.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert is_whole(models)
    file = models / "minilm" / MODEL_FILE
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert not is_whole(models)
    with pytest.raises(EmbedderUnavailable, match="SHA-256") as caught:
        MiniLM(models).embed(["ice"])
    assert "quire models add minilm" in caught.value.hint
    assert remove(models)
    with pytest.raises(EmbedderUnavailable, match="not on this machine"):
        LocalEmbedders(models).make(MiniLM.fingerprint)


def test_an_archive_is_read_without_being_unpacked(made_up_minilm: MadeUp, tmp_path: Path) -> None:
    path = tmp_path / "onnx.tar.gz"
    files = {"../../outside": b"x", "model.onnx": made_up_minilm.exported}
    path.write_bytes(packed({**files, "vocab.txt": made_up_minilm.vocabulary}))
    build(tmp_path / "models", path)
    assert is_whole(tmp_path / "models")
    assert not list(tmp_path.parent.rglob("outside"))


def test_the_official_weights(minilm_source: Path, tmp_path: Path) -> None:
    """Builds the one known file; near to float32; its tokenizer is the official one."""
    build(tmp_path, minilm_source)
    assert is_whole(tmp_path)
    found = read_model(minilm_source)
    minilm = MiniLM(tmp_path)
    texts = [spelled(row["text"]) for row in table(__file__, "official_texts.jsonl")]
    tokenizer = minilm._parts[0]
    # What the model itself gives: `embed` adds the sentences of a text to it.
    for text, one in zip(texts, minilm.token_vectors(texts), strict=True):
        ids = tokenizer.encode(text).ids
        assert len(ids) <= MAX_TOKENS
        mean = float32_tokens(found.weights, ids).mean(0)
        assert float(one.whole @ mean) / np.linalg.norm(mean) > 0.991
    assert tokenizer.encode("embedding [MASK]").ids == [101, 7861, 8270, 4667, 103, 102]
    near = minilm.embed(["Ice melts in the mountains.", "Speech is coded with few bits."])
    ice = minilm.embed(["glacier loss"])[0]
    assert float(near[0] @ ice) > float(near[1] @ ice) + 0.3


def test_signs_by_other_axes_are_of_another_version() -> None:
    """Kept signs are known by it: those of an earlier table of axes would compare as noise."""
    assert MiniLM.axes_version.endswith(f"/{zlib.crc32(AXES_FILE.read_bytes()):08x}")
