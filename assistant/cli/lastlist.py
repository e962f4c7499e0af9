"""The last lists shown on this terminal, so that %3 names the third paper or conversation."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from assistant.cli.frame import Frame
from store.pattern import pattern

PAPERS = "papers"
"""The kind of list that most commands show."""
_NUMBERED = pattern(r"%(\d{1,5})\Z")


def remember(frame: Frame, ids: Sequence[str], kind: str = PAPERS) -> None:
    """Keep the ids just listed, for this terminal and this library; failures are nothing."""
    path = _file(frame, kind)
    if path is None:
        return
    from store.errors import StoreError
    from store.files import make_folder

    try:
        make_folder(path.parent)
        fresh = path.with_suffix(".new")
        with open(os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            json.dump(list(ids[:10_000]), file)
        fresh.replace(path)
    except (OSError, StoreError):
        return


def resolve(frame: Frame, name: str, kind: str = PAPERS) -> str:
    """The id behind %3 in the last list of a kind, any other name as it is; raises UsageError."""
    numbered = _NUMBERED.match(name)
    if numbered is None:
        return name
    path = _file(frame, kind)
    ids = None if path is None else _kept(path)
    at = int(numbered[1])
    if ids is None or not 1 <= at <= len(ids):
        there = _told(len(ids), kind) if ids is not None else "no list was shown on this terminal"
        shows = "quire list" if kind == PAPERS else "quire sessions"
        raise click.UsageError(f"{name} is not in the last list: {there}; {shows} shows one")
    return ids[at - 1]


def last_list(frame: Frame, kind: str = PAPERS) -> list[str]:
    """The ids of a kind last listed on this terminal, none where none were."""
    path = _file(frame, kind)
    return [] if path is None else _kept(path) or []


def _told(number: int, kind: str) -> str:
    if number == 0:
        return "it was empty"
    return f"it has {number} {kind if number > 1 else kind.removesuffix('s')}"


def _kept(path: Path) -> list[str] | None:
    """The ids in a file; None of what is no list of ids: a damaged one is as if it were not."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    whole = isinstance(found, list) and all(isinstance(one, str) for one in found)
    return found if whole else None


def _file(frame: Frame, kind: str) -> Path | None:
    from assistant.config.settings import state_folder

    for stream in (sys.stdin, sys.stdout, sys.stderr):
        try:
            terminal = os.ttyname(stream.fileno())
        except (OSError, ValueError, AttributeError):
            continue
        listed = f"{terminal}\n{frame.folder}" + ("" if kind == PAPERS else f"\n{kind}")
        key = hashlib.sha256(listed.encode()).hexdigest()[:16]
        return state_folder() / "lists" / f"{key}.json"
    return None
