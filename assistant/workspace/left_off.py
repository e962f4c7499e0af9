"""Where the reader of a library left off going through its papers, kept for the next time."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from assistant.config.settings import state_folder
from store.errors import StoreError
from store.files import make_folder, written_whole
from store.ledger.browse import AS_ADDED, Order
from store.value import Value


class LeftOff(Value):
    """A list by its words and its order, and the id of the paper that was the next one."""

    text: str = ""
    order: Order = AS_ADDED
    paper: str = ""


def kept(library: Path) -> LeftOff | None:
    """Where it was left off in the library of a folder; None where that is not known."""
    try:
        return LeftOff.model_validate_json(_file(library).read_text("utf-8"))
    except (OSError, ValueError):
        return None


def keep(library: Path, at: LeftOff) -> None:
    """Keep where it was left off; a failure is nothing."""
    path = _file(library)
    with suppress(OSError, StoreError):
        make_folder(path.parent)
        with written_whole(path, mode=0o600) as file:
            file.write(at.model_dump_json().encode())


def _file(library: Path) -> Path:
    key = hashlib.sha256(os.fsencode(library.resolve())).hexdigest()[:16]
    return state_folder() / "left-off" / f"{key}.json"
