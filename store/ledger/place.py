"""What stands where a ledger should be, when that is nothing or an empty file."""

from __future__ import annotations

from pathlib import Path

from store.errors import LibraryMissing
from store.files import make_file, make_folder
from store.ledger.failures import damaged


def prepare_place(path: Path, *, create: bool) -> None:
    """Let an empty file stand where a library is to be made; else say what is wrong.

    Raises LibraryMissing, and LibraryDamaged where the ledger is gone or empty and something
    tells that there was one: no new library takes its place in silence.
    """
    if path.is_dir():
        raise damaged(path, "a folder stands in its place")
    if not path.exists():
        refuse_orphaned_indexes(path, "it is gone", or_log=True)
        if not create:
            raise LibraryMissing(
                f"no library at {path.parent}",
                "make one with: quire add SOURCE (or try: quire demo)",
            )
        make_folder(path.parent)
        make_file(path)
    else:
        # SQLite would delete a log that stands beside an empty file.
        refuse_orphaned_indexes(path, "it is empty", or_log=True)


def refuse_orphaned_indexes(path: Path, what: str, *, or_log: bool = False) -> None:
    """Raise LibraryDamaged when indexes, or with `or_log` a log, stand where no ledger is.

    A neighbour that makes the library makes its ledger first: one that is there by now is
    no reason to complain.
    """
    orphaned = [name for name in ("lexical", "chroma") if _has_generations(path.parent / name)]
    orphaned += ["vectors"] * any((path.parent / "vectors").glob("*.json"))
    log = path.with_name(f"{path.name}-wal")
    if or_log and log.is_file() and log.stat().st_size:
        orphaned.append(log.name)
    if not orphaned or (or_log and path.is_file() and path.stat().st_size):
        return
    raise damaged(path, f"{what}, though beside it there is {' and '.join(orphaned)}")


def _has_generations(folder: Path) -> bool:
    return folder.is_dir() and any(one.name.isdigit() for one in folder.iterdir())
