"""A reader at the app: what is pressed, waited for, seen on the screen and saved."""

from __future__ import annotations

import inspect
import re
import tomllib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unicodedata import category

from cli_fixture import value_at
from fake_service import FakeService
from tables import naming
from textual.events import Key, Paste
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.widgets import Input, Static
from waiting import until

from assistant.config.settings import Settings
from assistant.sessions import Conversations
from assistant.types.sessions import Session
from assistant.workspace.workspace import Workspace, open_workspace
from store.library.library import Library
from store.types import Record
from tui.app import QuireApp
from tui.presenters import turn as turns
from tui.screens.main import MainScreen
from tui.widgets.turn import TurnView

QUESTION = "What lives in kelp?"
Step = dict[str, Any]
CODECS = (
    ("FoxCodec", "Audio codecs make tokens. FoxCodec needs a single quantizer and 40 tokens."),
    ("OwlCodec", "Nights are noisy. OwlCodec needs two quantizers and 80 tokens a second."),
)
"""Titles and abstracts of two papers."""


class Desk:
    """One app, over the scripted service or over a real library, and its reader."""

    def __init__(self, app: QuireApp, service: FakeService | None = None) -> None:
        self.app = app
        self.service = service or FakeService()
        self.pilot: Pilot[Any]

    @asynccontextmanager
    async def opened(self, width: int = 80, height: int = 24) -> AsyncIterator[None]:
        """Run the app on a screen of this size; its library is open."""
        async with self.app.run_test(size=(width, height)) as self.pilot:
            await until(lambda: self.app._library)
            yield

    @property
    def main(self) -> MainScreen:
        return self.app.main

    @property
    def notice(self) -> str:
        return self.main.status.notice

    @property
    def screen(self) -> str:
        """What stands on the screen, line by line; no control character may."""
        lines = []
        for strip in self.app.screen._compositor.render_strips():
            assert not any(segment.control for segment in strip)
            lines.append(strip.text)
        text = "\n".join(lines)
        bad = {char for char in set(text) - {"\n"} if category(char) in ("Cc", "Cf", "Cs")}
        assert not bad, f"on the screen: {bad!r}"
        return text

    @property
    def text(self) -> str:
        """What stands on the screen as one line, without frames."""
        return flat(self.screen)

    @property
    def turn(self) -> TurnView:
        """The current turn."""
        turn = self.main.conversation.current
        assert turn is not None, "there is no turn"
        return turn

    def says(self, place: str) -> str:
        """A line of the current turn: its progress, thoughts, ending or account."""
        turn = self.main.conversation.current
        if turn is None or not turn.is_mounted:
            return ""
        return str(turn.query_one(f".{place}", Static).render())

    def cited(self) -> list[str]:
        """What is marked as cited in the reader."""
        marked = self.main.page.reader.query(".passage.cited").results(Static)
        return [str(one.render()) for one in marked]

    def place_of(self, wanted: str, after: int = 0) -> Offset:
        """Where a text stands on the screen, some columns behind its first letter."""
        for y, line in enumerate(self.screen.splitlines()):
            if (x := line.find(wanted)) >= 0:
                return Offset(x + after, y)
        raise AssertionError(f"{wanted!r} is not on the screen")

    async def press(self, *keys: str) -> None:
        """Press keys, and let the app draw what comes of them."""
        # As the pilot presses, but every widget is waited for once: that costs 10 ms.
        await self.app._press_keys(keys)
        await self.pilot.pause()

    def type_at_once(self, keys: str, apart: float = 0.05) -> None:
        """Type faster than keys are taken: `<ctrl+u>new`, each character or name a key.

        They came so many seconds `apart`.
        """
        for at, (name, character) in enumerate(re.findall(r"<(.+?)>|(.)", keys)):
            key = name or {" ": "space", "?": "question_mark"}.get(character, character)
            typed = Key(key, character or None)
            typed.time += at * apart
            self.app.post_message(typed)

    async def sees(self, words: str) -> None:
        """Wait until words stand on the screen."""
        await until(lambda: words in self.text)

    async def told(self, words: str) -> None:
        """Wait until the notice holds words."""
        await until(lambda: words in self.notice)

    async def met(self, kind: type) -> None:
        """Wait for a dialog."""
        await until(lambda: isinstance(self.app.screen, kind))
        await self.pilot.pause()

    async def idle(self) -> None:
        """Wait until no answer is written any more."""
        await until(lambda: not self.main.busy)
        await self.pilot.pause()

    async def job_done(self) -> None:
        """Wait until no long job runs any more."""
        await until(lambda: not self.main.working)
        await self.pilot.pause()

    async def send(self, text: str = QUESTION, key: str = "enter") -> None:
        """Put a question into the box and send it."""
        self.main.box.focus()
        self.main.box.load_text(text)
        await self.pilot.press(key)

    async def ask(self, text: str = QUESTION) -> None:
        """Ask a question, and wait for the end of its answer."""
        before = self.main.conversation.current
        await self.send(text)
        await until(lambda: self.main.conversation.current is not before)
        await self.idle()

    def commands(self) -> dict[str, Callable[[], Any]]:
        """What the palette offers, by title without its group; of two the first."""
        found: dict[str, Callable[[], Any]] = {}
        for one in self.app.get_system_commands(self.app.screen):
            found.setdefault(one.title.partition(": ")[2], one.callback)
        return found

    async def walk(self, steps: Sequence[Step], **acts: Callable[[], Any]) -> None:
        """Open the app on a screen as large as the first step says, and take all steps.

        A step is what is done (`do` names one of the acts), then what is waited for, then what
        is to be seen: words (`sees`, `lacks`), or values by the names of LOOKS. A failure tells
        the step.
        """
        async with self.opened(*steps[0]["opens"]):
            for step in steps:
                with naming(step):
                    await self._do(step, {"quieten": self.main.status.quieten, **acts})
                    await self._look(step)

    async def _do(self, step: Step, acts: dict[str, Callable[[], Any]]) -> None:
        if "do" in step and inspect.isawaitable(done := acts[step["do"]]()):
            await done
        if "command" in step:
            self.commands()[step["command"]]()
        if "size" in step:
            await self.pilot.resize_terminal(*step["size"])
        if "click" in step:
            await self.pilot.click(offset=self.place_of(step["click"], 1))
        if "write" in step:
            self.main.box.load_text(step["write"])
        if "paste" in step:
            assert self.app.focused is not None
            self.app.focused.post_message(Paste(step["paste"]))
        if "send" in step:
            await self.send(step["send"])
        if "ask" in step:
            await self.ask(step["ask"])
        await self.press(*step.get("type", ""), *step.get("press", "").split())

    async def _look(self, step: Step) -> None:
        if "meets" in step:
            await until(lambda: type(self.app.screen).__name__ == step["meets"])
            await self.pilot.pause()
        if "then" in step:
            await {"idle": self.idle, "job_done": self.job_done}[step["then"]]()
        for words in _several(step.get("sees", [])):
            await self.sees(words)
        for words in _several(step.get("lacks", [])):
            assert words not in self.text
        for name in step.keys() - WORDS:
            await self._becomes(LOOKS[name], step[name])
        assert self.screen.strip(), "the screen is empty"

    async def _becomes(self, look: Callable[[Desk], object], right: object) -> None:
        try:
            await until(lambda: look(self) == right)
        except AssertionError as failure:
            raise AssertionError(f"came {look(self)!r}, right {right!r}") from failure


def _several(words: str | list[str]) -> list[str]:
    return [words] if isinstance(words, str) else words


def _numbers(desk: Desk) -> str:
    return " ".join(str(one.number or "-") for one in desk.main.pane.listed.papers)


WORDS = {"opens", "do", "command", "size", "click", "write", "paste", "send", "ask", "type"}
WORDS |= {"press", "meets", "then", "sees", "lacks"}
"""What a step of a walk may say besides LOOKS: acts, then waits, then words to be seen or not."""
_PATHS = tomllib.loads(Path(__file__).with_name("looks.toml").read_text("utf-8"))
LOOKS: dict[str, Callable[[Desk], object]] = {
    **{name: partial(value_at, path=path) for name, path in _PATHS.items()},
    "ending": lambda desk: desk.says("ending"),
    "account": lambda desk: desk.says("account"),
    "path": lambda desk: desk.app.screen.query_one("#add-path", Input).value,
    "filter": lambda desk: desk.app.query_one("#filter", Input).value,
    "focus": lambda desk: desk.app.focused and desk.app.focused.id,
    "turns": lambda desk: [one.page.question for one in desk.app.query(TurnView)],
    "numbers": _numbers,
    "sources": lambda desk: [f"{one.kind} {one.id}" for one in desk.main.pane.listed.papers],
    "cited": lambda desk: desk.cited(),
    "mark_in_view": lambda desk: "▌" in desk.screen,
    "reads": lambda desk: desk.main.page.reader.page and desk.main.page.reader.page.title,
    "top": lambda desk: " ".join(flat(desk.screen.splitlines()[2]).split()[:2]),
    "reading": lambda desk: desk.main.page.reader.page and desk.main.page.reader.page.number,
    "note": lambda desk: desk.main.page.reader.page and desk.main.page.reader.page.note,
    "requests": lambda desk: [list(one.papers) for one in desk.service.requests],
}
"""What a step of a walk may name, to be equal to what it says."""


def walks(test_file: str) -> dict[str, list[Step]]:
    """The walks in the `walks.toml` beside a test, by name."""
    return tomllib.loads(Path(test_file).with_name("walks.toml").read_text("utf-8"))


def records(papers: Iterable[tuple[str, str]]) -> list[Record]:
    """Records of papers, titles and abstracts."""
    return [
        Record(title=title, abstract=abstract, source="own.jsonl", reader="jsonl")
        for title, abstract in papers
    ]


def stock(folder: Path, papers: Iterable[tuple[str, str]]) -> Path:
    """Add papers, titles and abstracts, to a library that is made where there is none."""
    with Library.open(folder, create=True) as library:
        library.ingest().run(records(papers))
        library.catch_up()
    return folder


def app_over(
    folder: Path, model: str | None = None, settings: Settings | None = None, **options: Any
) -> QuireApp:
    """The app over a library, not yet running."""

    async def open_this_workspace() -> Workspace:
        chosen = settings or Settings(check="off")
        return await open_workspace(folder, model, chosen, lambda line: None)

    return QuireApp(open_this_workspace, **options)


def flat(text: str) -> str:
    """The text of a screen without line breaks, frames and scroll bars."""
    return " ".join(text.translate(dict.fromkeys(map(ord, "▌│▁▂▃▄▅▆▇█▀╭╮╰╯─"), " ")).split())


def conversations(folder: Path) -> list[Session]:
    """The conversations that are saved in a library."""
    with Library.open(folder) as library:
        saved = Conversations(library)
        return [saved.open(line.id) for line in saved.lines()]


def copied(turn: TurnView) -> str:
    """What is copied of a turn."""
    return turns.copied(turn.page, turn.shown)
