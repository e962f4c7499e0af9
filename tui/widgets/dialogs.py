"""What lies over the screen for a moment: a question to answer with yes or no, and the help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.command import CommandList, CommandPalette
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from assistant.checking.verdicts import SIGNS
from store.clean import clean_line
from tui.widgets.reader import SCROLLING

_KEYS = (
    ("Enter", "send the question; in a list, choose"),
    ("ctrl+j", "new line in the question"),
    (
        "Esc",
        "stop the answer; else go back; in the box, stop a long job; in the empty box, go to "
        "the answer, where the keys below hold, and back",
    ),
    ("Tab", "next pane"),
    ("F2, F3", "papers; saved conversations (chats)"),
    ("F4", "sources, and back"),
    ("1 … 9", "show that source, in the answer or the sources"),
    ("alt+1 … 9", "the same while typing; or ctrl+g, then 1 … 9"),
    ("p, n", "sources of the answer before, after"),
    ("j, k, g, G", "down, up, top, bottom"),
    ("y", "copy the answer with its references, or the paper"),
    ("c", "have the model check the answer; what it costs is asked first"),
    ("o", "open the address of the paper shown; asks first"),
    ("/", "filter the papers; Enter ranks them by the words"),
    ("s", "summarize the paper in the list"),
    (
        "F6",
        "put the question in the box to every paper, or to those that the filter of F2 leaves; "
        "stopped, it goes on where it was",
    ),
    ("F5, a", "add papers from a file or folder (a: in the list); F5 again stops"),
    ("d", "delete the conversation in the list; asks first"),
    ("ctrl+n", "new conversation"),
    ("ctrl+p", "all commands: change the embedder, themes, …"),
    ("ctrl+q", "quit"),
)
_LEGEND_HEAD = "What the check says of each sentence of an answer"
_LEGEND_FOOT = (
    "The first five come from comparing words and numbers: ✓ means that they were found, not "
    "that the sentence is true. The last three come from a model that was asked claim by claim. "
    "Behind a web address, ?! says that no source of the answer has it. Before a sentence of an "
    "abstract, ○ says that it holds the words of a sentence without citation."
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


@dataclass(frozen=True)
class Wish:
    """What a reader wants added: a path as typed, and tags for every paper in it."""

    path: str
    tags: tuple[str, ...] = ()


class AddPapers(ModalScreen[Wish | None]):
    """Asks for a file or folder of papers, and for tags.

    `wrong` says in one line why a path will not do, "" where it may; `path` is what the box
    holds at first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", id="add.cancel"),
        # Before anything else sees it: what is typed right after it belongs to the next box.
        Binding("tab", "app.focus_next", "Next", priority=True, id="add.next"),
    ]

    def __init__(self, wrong: Callable[[str], str], path: str = "") -> None:
        super().__init__()
        self._wrong = wrong
        self._path = path

    def compose(self) -> ComposeResult:
        """The path, the tags, the keys."""
        with VerticalScroll(classes="dialog small", can_focus=False):
            yield Static("Add papers from a file or a folder", classes="heading")
            yield LineInput(self._path, placeholder="~/papers", id="add-path", max_length=4096)
            yield Static(classes="wrong", id="add-wrong")
            yield Static("Tags for all of them, with commas between (or none)", classes="label")
            yield LineInput(placeholder="reading-group", id="add-tags", max_length=400)
            yield Static(
                "Saved Hugging Face papers pages, JSON lines and plain text. "
                "The same papers again change nothing.",
                classes="detail",
            )
            yield Static("Enter  add      Tab  next      Esc  cancel", classes="keys")

    @on(Input.Changed, "#add-path")
    def _typed(self) -> None:
        self.query_one("#add-wrong").display = False

    @on(Input.Submitted)
    def _submitted(self) -> None:
        path = self.query_one("#add-path", Input).value
        tags = self.query_one("#add-tags", Input).value.split(",")
        if line := self._wrong(path):
            said = self.query_one("#add-wrong", Static)
            said.update(Content(clean_line(line)))
            said.display = True
            self.query_one("#add-path").focus()
        else:
            self.dismiss(Wish(path, tuple(one.strip() for one in tags if one.strip())))


class LineInput(Input):
    """A box for one line, whatever is pasted into it."""

    def _on_paste(self, event: events.Paste) -> None:
        # The base class would keep control characters.
        event.prevent_default()
        event.stop()
        self.insert_text_at_cursor(clean_line(event.text[: self.max_length]).strip())


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
