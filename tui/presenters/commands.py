"""The commands of the palette."""

from __future__ import annotations

from typing import Literal, NamedTuple

Action = Literal[
    "new",
    "papers",
    "sessions",
    "sources",
    "add",
    "stop_job",
    "embedders",
    "ask_all",
    "check",
    "copy",
    "open_address",
    "help",
    "theme",
    "quit",
]
"""What a command does."""


class Command(NamedTuple):
    """A command as it is listed: its title, and its key or what it is about."""

    title: str
    about: str
    action: Action


def commands(*, is_adding: bool, is_changing: bool) -> tuple[Command, ...]:
    """What the palette offers while papers are added, or the embedder is changed, or neither."""
    add = Command("Add papers", "F5: from a file or a folder", "add")
    if is_adding:
        add = Command("Stop adding", "F5: what was read is kept", "stop_job")
    change = Command("Change embedder", "what finds papers by meaning", "embedders")
    if is_changing:
        change = Command("Stop changing the embedder", "Esc: what was made is kept", "stop_job")
    return (
        Command("New conversation", "ctrl+n", "new"),
        Command("Papers", "F2: all papers, with a filter", "papers"),
        Command("Conversations", "F3: the saved ones", "sessions"),
        Command("Sources", "F4: the sources of the answer", "sources"),
        add,
        change,
        Command("Ask every paper", "F6: the question in the box, with a count", "ask_all"),
        Command("Check the answer", "c: the model judges each sentence", "check"),
        Command("Copy", "y: the answer with its references", "copy"),
        Command("Open address", "o: of the paper shown", "open_address"),
        Command("Help", "F1: the keys, and what the symbols mean", "help"),
        Command("Theme", "light, dark and others", "theme"),
        Command("Quit", "ctrl+q", "quit"),
    )
