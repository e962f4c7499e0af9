"""Completing a path that is typed, as a shell does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from store.clean import clean_line

LOOKED_AT = 20_000
"""Names of a folder that are looked at; in a larger one nothing is completed."""


class Completion(NamedTuple):
    """What a path may become.

    `text` is the path as far as it is clear, `names` are those that it may end in, `first` is the
    path with the first of them.
    """

    text: str
    names: tuple[str, ...] = ()
    first: str = ""

    @property
    def is_whole(self) -> bool:
        """True where the path is one that is there, though others begin so."""
        return os.path.basename(self.text) in self.names


def complete(typed: str) -> Completion:
    """A path as far as the names that are there tell it, with those names in order.

    A folder ends in a slash. Hidden names count where a dot is typed. Nothing is completed behind a
    slash, in an id or an address, or where the folder cannot be read.
    """
    if typed in ("~", ".", ".."):
        whole = f"{typed}{os.sep}"
        return Completion(whole, (whole,), whole)
    folder, begun = os.path.split(typed)
    if not begun:
        return Completion(typed)
    try:
        names = sorted(_names(os.path.expanduser(folder) or os.curdir, begun))
    except (OSError, ValueError):
        return Completion(typed)
    if not names:
        return Completion(typed)
    before = typed.removesuffix(begun)
    shared = os.path.commonprefix(names)  # noqa: RUF071 - letters of names, not folders of paths
    return Completion(f"{before}{shared}", tuple(names), f"{before}{names[0]}")


def _names(folder: str, begun: str) -> Iterator[str]:
    """The names in a folder that begin so; what cannot be shown as it is cannot be typed."""
    with os.scandir(folder) as entries:
        for number, entry in enumerate(entries):
            if number >= LOOKED_AT:
                raise OSError("too many names")
            name = entry.name
            if name.startswith(begun) and clean_line(name) == name:
                yield f"{name}{os.sep}" if entry.is_dir() else name
