"""Pictures of the app in its states, to look at: of each size and theme one SVG a state.

    python -m tests.bench.app.shots --out FOLDER [--sizes 120x36,80x24,60x20]
        [--themes dark,light] [--states ask,library]

The papers are the sample that comes with quire, the answers those of the built-in model. The two
of the README are `--sizes 120x36 --themes dark --states ask,library`.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import tempfile
from pathlib import Path
from typing import NamedTuple

from assistant.config.settings import Settings
from assistant.ingest.add import AddRequest
from assistant.workspace.workspace import Workspace, open_workspace
from tui.app import QuireApp

QUESTION = "How does attention replace recurrence in translation?"
_SETTLED_S = 1.0
"""Seconds after the last key before a picture is taken."""
_FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


class State(NamedTuple):
    """A state by its name: the keys that lead there from the start, after a question or not."""

    name: str
    keys: str
    asks: bool = False


STATES = (
    State("start", ""),
    State("library", "f2 asterisk down space down space down x"),
    State("filter", "f2 slash a t t e n t i o n"),
    State("emptied", "f2 slash g a n space y e a r : 1 9 3 0"),
    State("unread", "f2 T asterisk x l"),
    State("order", "f2 s"),
    State("paper", "f2 down down enter"),
    State("ask", "escape j", asks=True),
    State("account", "escape i", asks=True),
    State("help", "f2 question_mark"),
    State("chats", "ctrl+r", asks=True),
    State("model", "f7"),
    State("palette", "ctrl+p"),
)


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sizes", default="120x36,80x24,60x20")
    parser.add_argument("--themes", default="dark,light")
    parser.add_argument("--states", default=",".join(one.name for one in STATES))
    options = parser.parse_args()
    out: Path = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    wanted = options.states.split(",")
    for size in options.sizes.split(","):
        for theme in options.themes.split(","):
            for state in STATES:
                if state.name in wanted:
                    file = out / f"{state.name}-{size}-{theme}.svg"
                    file.write_text(asyncio.run(picture(state, size, theme)), "utf-8")
                    print(file)


async def picture(state: State, size: str, theme: str) -> str:
    """One state as an SVG that names no font to be fetched."""
    with tempfile.TemporaryDirectory() as home:
        workspace = await open_workspace(
            Path(home) / "library",
            "extractive",
            Settings(check="off"),
            lambda line: None,
            create=True,
        )
        await _stock(workspace)

        async def opened() -> Workspace:
            return workspace

        app = QuireApp(opened, state=Path(home) / "state", theme=(theme, lambda name: None))
        width, height = map(int, size.split("x"))
        async with app.run_test(size=(width, height)) as pilot:
            await asyncio.sleep(3 * _SETTLED_S)
            if state.asks:
                app.main.box.load_text(QUESTION)
                await pilot.press("enter")
                await asyncio.sleep(5 * _SETTLED_S)
            for key in state.keys.split():
                await pilot.press(key)
                await asyncio.sleep(0.1)
            await asyncio.sleep(_SETTLED_S)
            return _FONT_FACE.sub("", app.export_screenshot(title="quire"))


async def _stock(workspace: Workspace) -> None:
    adding = workspace.add(AddRequest(is_sample=True), lambda line: None)
    async for _ in adding.events():
        pass
    await workspace.catch_up(lambda line: None)


if __name__ == "__main__":
    main()
