"""The conversation that an answer goes to, as it is named on the command line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from assistant.cli.frame import Frame, confirm
from store.pattern import pattern

if TYPE_CHECKING:
    from assistant.types.sessions import SessionChoice, Turn
    from assistant.workspace.workspace import Workspace

SESSIONS = "sessions"
"""The kind of list in which %3 names a conversation."""
_DIGITS = pattern(r"\d+")

session_option = click.option(
    "-s",
    "--session",
    metavar="NAME",
    help="The conversation of this name or id; a name that is not there yet begins one.",
)
"""Take -s."""


def resolved(frame: Frame, name: str) -> str:
    """The id behind %3, the third of the last list of conversations; any other name as it is."""
    from assistant.cli.lastlist import resolve

    return resolve(frame, name, SESSIONS)


def chosen(frame: Frame, choice: SessionChoice, *, asks: bool = True) -> SessionChoice:
    """The same choice, once the reader was told where a conversation begins.

    Where its name is nearly that of another it may be a slip: a terminal asks then. Names that
    differ in their numbers alone are none.
    """
    if choice.id is not None:
        return choice
    near = [one for one in choice.near if _lettered(one) != _lettered(choice.name)]
    others = " or ".join(f"“{one}”" for one in near)
    if near and asks and sys.stdin.isatty() and sys.stderr.isatty():
        frame.end_waiting()
        question = f"there is no conversation “{choice.name}”, but {others}; begin a new one?"
        confirm(frame, question, "nothing was asked")
    meant = f" (there is {others})" if near else ""
    frame.narrate(f"begins a new conversation “{choice.name}”{meant}")
    return choice


async def conversation(
    frame: Frame, workspace: Workspace, name: str | None, *, asks: bool
) -> tuple[SessionChoice, tuple[Turn, ...]]:
    """Where an answer goes, and what was said there; answers that cannot be read are told."""
    from assistant.types.sessions import SessionChoice

    if name is None:
        return SessionChoice(), ()
    choice = chosen(frame, await workspace.choose_session(name), asks=asks)
    if choice.id is None:
        return choice, ()
    session = await workspace.session(choice.id)
    if session.unread:
        from assistant.sessions import UNREAD

        frame.narrate(f"note: {UNREAD}; what follows is read without it")
    return choice, session.turns


def _lettered(name: str) -> str:
    from store.clean import folded

    return "#".join(_DIGITS.split(folded(name)))
