"""The archive of MiniLM that Chroma's own embedding function uses, as data."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Archive:
    """An archive with MiniLM: its address, its SHA-256, and the folder of an unpacked copy."""

    address: str
    digest: str
    kept_in: Path


def chromas_archive() -> Archive:
    """What `ONNXMiniLM_L6_V2` of chromadb 1.5.9 downloads, and where it unpacks that.

    It is written down here, for asking chromadb takes its whole import. Where the reader has
    no home folder, the copy is one that does not exist.
    """
    return Archive(
        "https://chroma-onnx-models.s3.amazonaws.com/all-MiniLM-L6-v2/onnx.tar.gz",
        "913d7300ceae3b2dbc2c50d1de4baacab4be7b9380491c27fab7418616a16ec3",
        Path(os.path.expanduser("~"), ".cache", "chroma", "onnx_models", "all-MiniLM-L6-v2"),
    )
