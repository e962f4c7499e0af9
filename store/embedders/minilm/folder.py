"""The folder of a built model: what stands in it, and that it is what it should be."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from store.embedders.minilm.weights import VOCABULARY, read_model
from store.errors import EmbedderUnavailable, ModelFilesUnusable
from store.files import FILE_MODE, FOLDER_MODE, explain, make_folder

NAME = "minilm"
"""The folder of the model below that of all models."""
MODEL_FILE, VOCABULARY_FILE = "model.int8.onnx", VOCABULARY
SHA256 = {
    MODEL_FILE: "0776738d32504ad5955545f8738621bca4f79a7a24ee02cb614bb75bb78af994",
    VOCABULARY_FILE: "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
"""The files of a built model. Building is exact arithmetic: the same bytes on every machine."""
GET_IT = "run: quire models add minilm"
"""What to do where the model is not on this machine."""


def model_folder(models: Path) -> Path:
    """Where the model stands below the folder of all models."""
    return models / NAME


def is_installed(models: Path) -> bool:
    """True when the model's files are there; their content is checked when they are used."""
    return all((model_folder(models) / name).is_file() for name in SHA256)


def read_checked(models: Path) -> dict[str, bytes]:
    """The bytes of the model's files, checked.

    Raises EmbedderUnavailable when one is missing or is not what it should be.
    """
    folder = model_folder(models)
    read: dict[str, bytes] = {}
    for name, digest in SHA256.items():
        try:
            read[name] = (folder / name).read_bytes()
        except FileNotFoundError:
            raise EmbedderUnavailable(
                "the embedder minilm is not on this machine", GET_IT
            ) from None
        except OSError as failure:
            raise EmbedderUnavailable(
                f"{folder / name} cannot be read: {failure.strerror}", GET_IT
            ) from failure
        if sha256(read[name]).hexdigest() != digest:
            raise EmbedderUnavailable(
                f"{folder / name} is damaged or not the expected file (SHA-256)", GET_IT
            )
    return read


def is_whole(models: Path) -> bool:
    """True when the model's files are there and are what they should be."""
    try:
        read_checked(models)
    except EmbedderUnavailable:
        return False
    return True


def build(models: Path, source: Path, said: Callable[[str], None] = lambda line: None) -> Path:
    """Build the model from a folder or a packed file, and put it in its place whole.

    Raises ModelFilesUnusable, StoreError.
    """
    said("reading the weights")
    found = read_model(source)
    said("building the int8 model")
    from store.embedders.minilm.graph import write_graph

    made = {MODEL_FILE: write_graph(found.weights), VOCABULARY_FILE: found.vocabulary}
    for name, data in made.items():
        if sha256(data).hexdigest() != SHA256[name]:
            what = "vocabulary" if name == VOCABULARY_FILE else "model"
            raise ModelFilesUnusable(
                f"the {what} made from {source} is not that of all-MiniLM-L6-v2 (SHA-256)",
                "take the files from another place; nothing was kept",
            )
    return _put(models, made)


def _put(models: Path, made: dict[str, bytes]) -> Path:
    """Write the files into a folder beside it, then let them take the folder's place."""
    make_folder(models)
    folder = model_folder(models)
    try:
        scratch = Path(tempfile.mkdtemp(prefix=f".{NAME}-", dir=models))
        try:
            ready, before = scratch / NAME, scratch / "before"
            ready.mkdir(mode=FOLDER_MODE)
            for name, data in made.items():
                descriptor = os.open(ready / name, os.O_CREAT | os.O_WRONLY, FILE_MODE)
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
            _sync(ready)
            if folder.exists():
                folder.rename(before)
            ready.rename(folder)
            _sync(models)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    except OSError as failure:
        raise explain(failure, models) from failure
    return folder


def remove(models: Path) -> bool:
    """Take the model away; False when there was none. Raises StoreError."""
    folder = model_folder(models)
    if not folder.is_dir():
        return False
    try:
        shutil.rmtree(folder)
    except OSError as failure:
        raise explain(failure, folder) from failure
    return True


def _sync(folder: Path) -> None:
    with suppress(OSError):  # not every system syncs folders
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
