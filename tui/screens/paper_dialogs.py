"""What is asked of papers: tags for some, a note for one, an order for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Input, Static, TextArea

from store.clean import clean_line, clean_text
from store.ledger.browse import Order
from tui.presenters import copies
from tui.presenters.paper_table import ORDERS
from tui.widgets.dialog_keys import DialogKeys
from tui.widgets.inputs import LineInput
from tui.widgets.virtual_list import LineList

_MOST_TAGS = 12
"""Tags of the library that are named in the question for tags."""

F = TypeVar("F")


class TagPapers(ModalScreen[str | None]):
    """Asks for tags for so many papers; `tags` are those there are, the most used first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", id="tag.cancel"),
    ]

    def __init__(self, papers: int, tags: Sequence[str]) -> None:
        super().__init__()
        self._papers = papers
        self._tags = [clean_line(tag) for tag in tags]

    def compose(self) -> ComposeResult:
        """The tags, those there are, the keys."""
        these = "this paper" if self._papers == 1 else f"these {self._papers:,} papers"
        with VerticalScroll(classes="dialog small", can_focus=False):
            yield Static(f"Tags for {these}, with commas between", classes="heading")
            yield LineInput(
                placeholder="thesis, -inbox",
                id="tag-text",
                max_length=400,
                suggester=_LastTag(self._tags),
            )
            known = ", ".join(self._tags[:_MOST_TAGS]) or "none yet"
            yield Static(Content(f"A minus takes one away. There are: {known}"), classes="detail")
            yield DialogKeys("Enter  tag      →  complete      Esc  cancel")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value if event.value.strip(" ,-") else None)


class _LastTag(Suggester):
    """Completes the last one of several tags."""

    def __init__(self, tags: Sequence[str]) -> None:
        super().__init__(case_sensitive=True)
        self._tags = tags

    async def get_suggestion(self, value: str) -> str | None:
        """The text with its last tag made whole; None where no tag begins so."""
        begun = value.rpartition(",")[2].lstrip(" -").lower()
        found = next((tag for tag in self._tags if begun and tag.startswith(begun)), None)
        return None if found is None else value + found[len(begun) :]


class EditNote(ModalScreen[str | None]):
    """Asks for the note of a paper; `note` is the one there is. An empty one takes it away."""

    AUTO_FOCUS = "#note-text"
    BINDINGS: ClassVar[list[BindingType]] = [
        # Before the text, which would take them.
        Binding("ctrl+s", "keep", "Keep", priority=True, id="note.keep"),
        Binding("escape", "dismiss(None)", "Cancel", priority=True, id="note.cancel"),
    ]

    def __init__(self, title: str, note: str) -> None:
        super().__init__()
        self._title = clean_line(title)
        self._note = clean_text(note)

    def compose(self) -> ComposeResult:
        """The paper, its note, the keys."""
        with VerticalScroll(classes="dialog small", can_focus=False):
            yield Static(Content(f"Note on: {self._title}"), classes="heading")
            yield TextArea(
                self._note, soft_wrap=True, tab_behavior="focus", id="note-text", compact=True
            )
            yield DialogKeys("^s  keep      Esc  cancel")

    def on_mount(self) -> None:
        """The cursor stands behind what was written."""
        box = self.query_one(TextArea)
        box.cursor_blink = False
        box.move_cursor(box.document.end)

    def action_keep(self) -> None:
        """Keep what is written; where nothing was changed there is nothing to keep."""
        text = self.query_one(TextArea).text.strip()
        self.dismiss(None if text == self._note.strip() else text)


def _copying(forms: Sequence[tuple[str, str, str]]) -> Iterator[BindingType]:
    """A key for each form in which something may be copied."""
    for key, form, _ in forms:
        yield Binding(key, f"copy_as({form!r})", form, show=False, id=f"copy.{form.lower()}")


class CopyAs(ModalScreen[F | None], Generic[F]):
    """Asks as what something is to be copied; a key answers.

    `forms` are keys, forms and what these are called; a key of another form does nothing.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Cancel", id="copy.cancel"),
    ]

    def __init__(self, what: str, forms: Sequence[tuple[str, F, str]]) -> None:
        super().__init__()
        self._what = what
        self._forms = forms

    def compose(self) -> ComposeResult:
        """The forms with their keys."""
        with VerticalScroll(classes="dialog small"):
            yield Static(Content(f"Copy {self._what} as"), classes="heading")
            forms = "\n".join(f"{key}  {name}" for key, _, name in self._forms)
            yield DialogKeys(forms, classes="forms")
            yield DialogKeys("Esc  cancel")

    async def on_key(self, event: events.Key) -> None:
        """Act on a key now; those behind the choice are meant for where the reader is then."""
        if not self.is_current:
            event.stop()
            self.app.post_message(events.Key(event.key, event.character))
        elif await self.app._check_bindings(event.key):
            event.stop()

    def action_copy_as(self, wanted: str) -> None:
        """Take a form, where it is offered."""
        for _, form, _ in self._forms:
            if form == wanted:
                self.dismiss(form)


class CopyPapers(CopyAs[copies.Form]):
    """Asks as what papers are to be copied."""

    BINDINGS: ClassVar[list[BindingType]] = [*_copying(copies.FORMS)]


class CopyAnswer(CopyAs[copies.AnswerForm]):
    """Asks as what an answer, or a claim of it, is to be copied."""

    BINDINGS: ClassVar[list[BindingType]] = [*_copying(copies.ANSWER_FORMS)]


class ChooseOrder(ModalScreen[Order | None]):
    """Asks for the order of the list; `now` is the one it has."""

    AUTO_FOCUS = "#order-list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,s", "dismiss(None)", "Cancel", id="order.cancel"),
    ]

    def __init__(self, now: Order) -> None:
        super().__init__()
        self._now = now
        self._list: _Orders = _Orders(lambda one: one, id="order-list")

    def compose(self) -> ComposeResult:
        """The orders, the keys."""
        with VerticalScroll(classes="dialog small", can_focus=False):
            yield Static("Sort the papers", classes="heading")
            yield self._list
            yield DialogKeys("Enter  sort      Esc  cancel")

    def on_mount(self) -> None:
        """Fill the list, the cursor on the order there is."""
        names = [name for name, _ in ORDERS]
        at = next((at for at, (_, one) in enumerate(ORDERS) if one == self._now), 0)
        self._list.fill([(name, "") for name in names], cursor=at)

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self.dismiss(dict(ORDERS)[event.item[0]])


class _Orders(LineList[tuple[str, str]]):
    """Names of orders, a line each."""

    LINES: ClassVar[int] = 1
