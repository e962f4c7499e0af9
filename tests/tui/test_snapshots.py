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
from tables import naming
from waiting import until

FOLDER = Path(__file__).with_name("snapshots")


class State(NamedTuple):
    """A state by its name: the keys that lead there from the one before, what tells it."""

    name: str
    keys: str
    told: str
    asks: bool = False


STATES = {
    (120, 36): [
        State("start-wide", "", "Ask 2 papers"),
        State("library-wide", "f2", "412 rockfish"),
        State("paper-wide", "enter", "412 rockfish"),
        State("answer-wide", "escape", "claim", asks=True),
    ],
    (80, 24): [
        State("library-usual", "f2", "412 rockfish"),
        State("help-usual", "question_mark", "Keys here"),
        State("copy-usual", "escape y", "BibTeX"),
        State("answer-usual", "escape", "claim", asks=True),
    ],
    (60, 20): [
        State("start-small", "", "2 papers"),
        State("library-small", "f2", "Surges on"),
        State("paper-small", "enter", "412 rockfish"),
        State("answer-small", "escape", "claim", asks=True),
    ],
}
"""What one app on a screen of a size is looked at in."""


@pytest.mark.parametrize("size", STATES)
async def test_what_stands_where(desk: Desk, size: tuple[int, int]) -> None:
    async with desk.opened(*size):
        await desk.sees("2 papers")
        for state in STATES[size]:
            with naming(state.name):
                await is_drawn_as_kept(desk, state)


async def is_drawn_as_kept(desk: Desk, state: State) -> None:
    file = FOLDER / f"{state.name}.txt"
    if state.asks:
        await desk.press("escape", "f3")
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
