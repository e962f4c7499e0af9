"""What keys are called in what is said: those that are bound now, by the ids of bindings."""

from __future__ import annotations

from collections.abc import Mapping

COME = {
    "add": "F5",
    "again": "a",
    "ask.every": "F6",
    "back": "Esc",
    "chats.close": "Esc",
    "chats.take_back": "^z",
    "model": "F7",
    "paper.unfold": "i",
    "papers.add": "a",
    "papers.through": "T",
    "papers.undo": "u",
}
"""The keys that sentences name, as they come with the app."""


class KeyNames:
    """The keys that sentences name, by the ids of bindings; `own` are those of the reader."""

    def __init__(self, own: Mapping[str, str] | None = None) -> None:
        self._named = COME | {name: key for name, key in (own or {}).items() if name in COME}

    def __getitem__(self, name: str) -> str:
        """The key of a binding; raises KeyError for one that no sentence names."""
        return self._named[name]


AS_THEY_COME = KeyNames()
"""The keys where the reader chose none."""
