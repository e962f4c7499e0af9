"""Asking for papers: a path that completes, an id or an address, or a text that is pasted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Input, Static

from assistant.ingest.path_completion import Completion, complete
from store.clean import clean_line
from tui.presenters import beginning
from tui.presenters.jobs import MAX_PASTED, pasted_wrong, tag_list, told_names, told_pasted
from tui.widgets.dialog_keys import DialogKeys
from tui.widgets.inputs import LineInput

_LONGEST_WAIT = 1.0
"""Seconds that a key waits for those before it."""


@dataclass(frozen=True)
class AddForm:
    """What a reader wants added: a path, or a text that was pasted, and tags for every paper."""

    path: str = ""
    tags: tuple[str, ...] = ()
    pasted: str = ""


class PathInput(LineInput):
    """A box for a path, which shows how it may go on; of several lines pasted it tells."""

    class Pasted(Message):
        """More than a line was pasted: papers themselves."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, path: str) -> None:
        super().__init__(
            path,
            placeholder="~/papers or arxiv:2403.01234",
            suggester=_Paths(),
            id="add-path",
            max_length=4096,
        )

    def _on_paste(self, event: events.Paste) -> None:
        if len(event.text.strip().splitlines()) > 1:
            event.prevent_default()
            event.stop()
            self.post_message(self.Pasted(event.text))
        else:
            super()._on_paste(event)


class _Paths(Suggester):
    """Suggests the first path that begins as typed."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """The path, or None where none begins so."""
        found = await asyncio.to_thread(complete, value)
        return found.first or None


class AddPapers(ModalScreen[AddForm | None]):
    """Asks for papers, and for tags.

    `wrong` says in one line why a path will not do, "" where it may; `path` is what the box
    holds at first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", id="add.cancel"),
        # Before anything else sees it: what is typed right after it belongs to the next box.
        Binding("tab", "complete", "Complete, next", priority=True, id="add.next"),
    ]

    def __init__(self, wrong: Callable[[str], str], path: str = "") -> None:
        super().__init__()
        self._wrong = wrong
        self._path = path
        self._pasted = ""
        self._told_for: str | None = None

    def compose(self) -> ComposeResult:
        """The path, the tags, the keys."""
        with VerticalScroll(classes="dialog small", can_focus=False):
            yield Static("Add papers: a file, a folder, an id or an address", classes="heading")
            yield PathInput(self._path)
            yield Static(classes="wrong", id="add-wrong")
            yield Static(classes="label", id="add-names")
            yield Static("Tags for all of them, with commas between (or none)", classes="label")
            yield LineInput(placeholder="reading-group", id="add-tags", max_length=400)
            yield Static(
                "BibTeX, RIS, CSV, JSON, PDF, PubMed and others (quire status lists them), .zip; "
                "arxiv:2403.01234, doi:…, pmid:…; or paste what you copied: records, or a whole "
                "page. The same papers again change nothing.",
                classes="detail",
            )
            yield DialogKeys("Enter  add      Tab  complete, next      Esc  cancel")

    def on_mount(self) -> None:
        """Nothing is told yet."""
        self._tell("")

    async def action_complete(self) -> None:
        """Complete the path as far as that is clear, or tell the names; else go on."""
        box = self.query_one(PathInput)
        if box.has_focus:
            await _settled(box)
        found = complete(box.value) if box.has_focus else Completion("")
        is_told = self._told_for == box.value
        if box.has_focus and found.text != box.value:
            box.value = found.text
            box.cursor_position = len(found.text)
        elif len(found.names) < 2 or is_told or found.is_whole:
            self.app.action_focus_next()
            return
        self._told_for = found.text
        self._tell(told_names(found.names) if len(found.names) > 1 else "")

    def _tell(self, line: str) -> None:
        told = self.query_one("#add-names", Static)
        told.update(Content(line))
        told.display = bool(line)

    @on(Input.Changed, "#add-path")
    def _typed(self, event: Input.Changed) -> None:
        self.query_one("#add-wrong").display = False
        if event.value != self._told_for:
            self._pasted = ""
            self._told_for = None
            self._tell("")

    @on(PathInput.Pasted)
    def _take_pasted(self, event: PathInput.Pasted) -> None:
        if len(event.text) > MAX_PASTED:
            self._refuse(pasted_wrong(event.text))
            return
        self.query_one(PathInput).value = self._told_for = ""
        self._pasted = "\n".join(event.text.splitlines())
        self._tell(told_pasted(event.text))

    @on(Input.Submitted)
    def _submitted(self) -> None:
        path = self.query_one(PathInput).value
        tags = tag_list(self.query_one("#add-tags", Input).value)
        if self._pasted:
            self.dismiss(AddForm(tags=tags, pasted=self._pasted))
        elif line := self._wrong(path):
            self._refuse(line)
            self.query_one(PathInput).focus()
        else:
            self.dismiss(AddForm(path, tags))

    def _refuse(self, line: str) -> None:
        said = self.query_one("#add-wrong", Static)
        said.update(Content(clean_line(line)))
        said.display = True


async def _settled(box: Input) -> None:
    """Wait until a box has taken the keys that came before: a key of ours does not pass them."""
    taken = asyncio.Event()
    if box.call_later(taken.set):
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_WAIT):
                await taken.wait()


class HowToSave(ModalScreen[None]):
    """Tells the ways from a page of papers to papers here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,h", "dismiss(None)", "Close", id="how.close"),
    ]

    def compose(self) -> ComposeResult:
        """The ways, the key."""
        with VerticalScroll(classes="dialog small"):
            yield Static(beginning.HOW_HEAD, classes="heading")
            for way, done in beginning.HOW:
                yield Horizontal(
                    Static(Content(way), classes="key"), Static(Content(done)), classes="entry way"
                )
            yield DialogKeys("Esc  close")
