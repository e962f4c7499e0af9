"""What lies over the screen for a moment: a question to answer with yes or no, and the help."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.command import CommandList, CommandPalette
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from assistant.verdicts import SIGNS
from tui.reader import SCROLLING

_KEYS = (
    ("Enter", "send the question; in a list, choose"),
    ("ctrl+j", "new line in the question"),
    ("Esc", "stop the answer; else go back"),
    ("Tab", "next pane"),
    ("F2, F3", "papers; saved conversations (chats)"),
    ("F4", "sources, and back"),
    ("1 … 9", "show that source, where no text is typed"),
    ("alt+1 … 9", "the same while typing; or ctrl+g, then 1 … 9"),
    ("p, n", "sources of the answer before, after"),
    ("j, k, g, G", "down, up, top, bottom"),
    ("y", "copy the answer with its references, or the paper"),
    ("o", "open the address of the paper shown; asks first"),
    ("/", "filter the papers; Enter ranks them by the words"),
    ("s", "summarize the paper in the list"),
    ("d", "delete the conversation in the list; asks first"),
    ("ctrl+n", "new conversation"),
    ("ctrl+p", "all commands, themes"),
    ("ctrl+q", "quit"),
)
_LEGEND_HEAD = "What the check says of each sentence of an answer"
_LEGEND_FOOT = (
    "The first five come from comparing words and numbers: ✓ means that they were found, not "
    "that the sentence is true. The last three come from a model that was asked claim by claim. "
    "Behind a web address, ?! says that no source of the answer has it."
)


class Confirm(ModalScreen[bool]):
    """Asks one thing; `detail` is what it is about, shown whole.

    Enter is no answer: it may have been on its way to something else.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "Yes", id="confirm.yes"),
        Binding("n,escape", "dismiss(False)", "No", id="confirm.no"),
    ]

    def __init__(self, asked: str, detail: str) -> None:
        super().__init__()
        self._asked = asked
        self._detail = detail

    def compose(self) -> ComposeResult:
        """The question, what it is about, the keys."""
        with VerticalScroll(classes="dialog small"):
            yield Static(Content(self._asked), classes="heading")
            yield Static(Content(self._detail), classes="detail")
            yield Static("y  yes      n  no", classes="keys")


class Help(ModalScreen[None]):
    """The keys, and what the symbols mean."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,q,question_mark", "dismiss(None)", "Close", id="help.close"),
    ]

    def compose(self) -> ComposeResult:
        """Keys first, the legend after them."""
        with HelpText(classes="dialog"), Vertical():
            yield Static("Keys", classes="heading")
            yield from (_entry(key, does, "key") for key, does in _KEYS)
            yield Static(_LEGEND_HEAD, classes="heading")
            yield from (_entry(sign.symbol, sign.words, "sign") for sign in SIGNS.values())
            yield Static(Content(_LEGEND_FOOT), classes="detail")


class Palette(CommandPalette):
    """The palette of commands, which takes the page keys before its list is laid out as well."""

    def _action_command_list(self, action: str) -> None:
        listed = self.query_one(CommandList)
        if listed.option_count and listed.size.height:
            super()._action_command_list(action)


class HelpText(VerticalScroll, can_focus=True):
    """The text of the help, which scrolls."""

    BINDINGS: ClassVar[list[BindingType]] = SCROLLING


def _entry(name: str, does: str, kind: str) -> Horizontal:
    return Horizontal(Static(Content(name), classes=kind), Static(Content(does)), classes="entry")
