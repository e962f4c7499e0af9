"""What stands where: the screen of a dozen states as text, line by line.

`QUIRE_NEW_SNAPSHOTS=1 python -m pytest tests/tui/test_snapshots.py` writes them anew; what
changed is then read in the difference of the files.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import pytest
from desk import Desk
from waiting import until

FOLDER = Path(__file__).with_name("snapshots")


class State(NamedTuple):
    """A state by its name: the size of the screen, the keys that lead there, what tells it."""

    name: str
    size: tuple[int, int]
    keys: str
    told: str
    asks: bool = False


WIDE, USUAL, SMALL = (120, 36), (80, 24), (60, 20)
STATES = [
    State("start-wide", WIDE, "", "Ask 2 papers"),
    State("start-small", SMALL, "", "2 papers"),
    State("answer-wide", WIDE, "escape", "claim", asks=True),
    State("answer-usual", USUAL, "escape", "claim", asks=True),
    State("answer-small", SMALL, "escape", "claim", asks=True),
    State("library-wide", WIDE, "f2", "412 rockfish"),
    State("library-usual", USUAL, "f2", "412 rockfish"),
    State("library-small", SMALL, "f2", "Surges on"),
    State("paper-wide", WIDE, "f2 enter", "412 rockfish"),
    State("paper-small", SMALL, "f2 enter", "412 rockfish"),
    State("help-usual", USUAL, "f2 question_mark", "Keys here"),
    State("copy-usual", USUAL, "f2 y", "BibTeX"),
]


@pytest.mark.parametrize("state", STATES, ids=[one.name for one in STATES])
async def test_what_stands_where(desk: Desk, state: State) -> None:
    file = FOLDER / f"{state.name}.txt"
    async with desk.opened(*state.size):
        await desk.sees("2 papers")
        if state.asks:
            await desk.ask()
        await desk.press(*state.keys.split())
        await desk.sees(state.told)
        desk.main.status.quieten()
        await desk.pilot.pause()
        if os.environ.get("QUIRE_NEW_SNAPSHOTS"):
            FOLDER.mkdir(exist_ok=True)
            file.write_text(drawn(desk), "utf-8")
        wanted = file.read_text("utf-8")
        # What is fetched beside, such as similar papers, may come a moment later.
        try:
            await until(lambda: drawn(desk) == wanted)
        except AssertionError:
            assert drawn(desk).splitlines() == wanted.splitlines()


def drawn(desk: Desk) -> str:
    """The lines of the screen, without blanks at their ends."""
    return "".join(f"{line.rstrip()}\n" for line in desk.screen.splitlines())
