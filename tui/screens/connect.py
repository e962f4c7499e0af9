"""Choosing the model that answers, and naming one at an address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from store.clean import clean_line
from tui.presenters import connect
from tui.widgets.bound_keys import key_now
from tui.widgets.dialog_keys import DialogKeys
from tui.widgets.inputs import LineInput
from tui.widgets.virtual_list import LineList

if TYPE_CHECKING:
    from assistant.wiring.chat_models import ModelChoice

Act = Literal["use", "test", "look", "type"]
"""What a reader may want in the list: a model used or tested, a look round, an address typed."""


class Saying(ModalScreen[None]):
    """A dialog with a line that tells what came of what was wanted."""

    def say(self, line: str, *, is_wrong: bool = False) -> None:
        """Say a line, or nothing."""
        if not self.is_mounted:
            return  # closed meanwhile
        said = self.query_one(".said", Static)
        said.update(Content(line))
        said.set_class(is_wrong, "-wrong")
        said.display = bool(line)


class ChooseModel(Saying):
    """Lists the models that may answer; `wanted` takes what the reader wants of one."""

    AUTO_FOCUS = "#model-list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f7,q", "dismiss", "Close", id="model.close"),
        Binding("t", "want('test')", "Test", id="model.test"),
        Binding("l", "want('look')", "Look", id="model.look"),
        Binding("n", "want('type')", "New", id="model.new"),
    ]

    def __init__(self, wanted: Callable[[Act, ModelChoice | None], None]) -> None:
        super().__init__()
        self._choices: list[ModelChoice] = []
        self._wanted = wanted
        self._list: LineList[ModelChoice] = LineList(connect.row, id="model-list")

    def compose(self) -> ComposeResult:
        """The models, what came of the last wish, the keys."""
        with VerticalScroll(classes="dialog small", can_focus=False):
            yield Static("The model that answers", classes="heading")
            yield self._list
            yield Static(classes="said")
            yield DialogKeys(connect.LIST_KEYS)

    def fill(self, choices: Sequence[ModelChoice]) -> None:
        """List the models there are, the cursor on the one in use."""
        self._choices = list(choices)
        self._list.fill(self._choices, cursor=connect.place_in_use(self._choices))

    def add(self, choices: Sequence[ModelChoice]) -> None:
        """List models that were found, those listed before left out; the cursor on the first."""
        if not self.is_mounted:
            return
        names = {one.name for one in self._choices}
        new = [one for one in choices if one.name not in names]
        if new:
            at = len(self._choices)
            self._choices.extend(new)
            self._list.fill(self._choices, cursor=at)

    def action_want(self, act: Act) -> None:
        """Tell what is wanted."""
        self._wanted(act, self._list.current)

    @on(LineList.Highlighted)
    def _passed(self, event: LineList.Highlighted) -> None:
        event.stop()
        self.say("")

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self._wanted("use", event.item)


class AgainWith(Saying):
    """Lists the models that a question may be asked again with; `wanted` takes the one chosen.

    `by` is the model that answered it.
    """

    AUTO_FOCUS = "#model-list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,m,q", "dismiss", "Close", id="again_with.close"),
    ]

    def __init__(self, by: str, wanted: Callable[[ModelChoice], None]) -> None:
        super().__init__()
        self._wanted = wanted
        self._list: LineList[ModelChoice] = LineList(
            lambda one: connect.again_row(one, by), id="model-list"
        )
        self._by = by

    def compose(self) -> ComposeResult:
        """The models, what came of the last wish, the keys."""
        with VerticalScroll(classes="dialog small", can_focus=False):
            yield Static("Ask this question again with", classes="heading")
            yield self._list
            yield Static(classes="said")
            yield DialogKeys(connect.AGAIN_KEYS)

    def fill(self, choices: Sequence[ModelChoice]) -> None:
        """List the models there are, the cursor on the first that did not answer."""
        others = [at for at, one in enumerate(choices) if one.name != self._by]
        self._list.fill(list(choices), cursor=others[0] if others else 0)
        if not others:
            self.say(connect.NO_OTHER.format(key=key_now(self, "f7") or "F7"))

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self._wanted(event.item)


@dataclass(frozen=True)
class ModelForm:
    """What a reader typed of a model: its address, the variable with the key, its id there."""

    address: str = ""
    key_variable: str = ""
    model: str = ""


class NameModel(Saying):
    """Asks for a model at an address.

    `ask` is to have the models of the address listed, by `offer`; `done` takes the whole form.
    """

    AUTO_FOCUS = "#model-address"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Cancel", id="model_form.cancel"),
        # Before anything else sees it: what is typed right after it belongs to the next box.
        Binding("tab", "app.focus_next", "Next", priority=True, id="model_form.next"),
    ]

    def __init__(self, ask: Callable[[ModelForm], None], done: Callable[[ModelForm], None]) -> None:
        super().__init__()
        self._ask = ask
        self._done = done
        self._ids = _Ids(lambda one: (clean_line(one), ""), id="model-ids")

    @property
    def form(self) -> ModelForm:
        """What stands in the boxes."""
        boxes = ("#model-address", "#model-key", "#model-id")
        address, key, model = (self.query_one(one, Input).value.strip() for one in boxes)
        return ModelForm(address, key, model)

    def compose(self) -> ComposeResult:
        """The boxes, the models of the address, what came of it, the keys."""
        with VerticalScroll(classes="dialog small", can_focus=False):
            yield Static("A model at an address", classes="heading")
            yield LineInput(
                placeholder="http://127.0.0.1:11434/v1", id="model-address", max_length=2000
            )
            yield Static("The variable that holds its key (or none)", classes="label")
            yield LineInput(placeholder="MISTRAL_API_KEY", id="model-key", max_length=100)
            yield Static("The model, as the address knows it", classes="label")
            yield LineInput(placeholder="llama3.2", id="model-id", max_length=200)
            yield self._ids
            yield Static(classes="said")
            yield Static(connect.FORM_ABOUT, classes="detail")
            yield DialogKeys(connect.FORM_KEYS)

    def on_mount(self) -> None:
        """Show no list before there is one."""
        self._ids.display = False

    def offer(self, models: Sequence[str]) -> None:
        """List the models of the address, and go to the box for one."""
        if not self.is_mounted:
            return
        self._ids.display = bool(models)
        self._ids.fill(list(models))
        self.say(connect.listed(models))
        (self._ids if models and not self.form.model else self.query_one("#model-id")).focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.id == "model-id" and self.form.model:
            self._done(self.form)
        else:
            self._ask(self.form)

    @on(Input.Changed)
    def _typed(self) -> None:
        self.say("")

    @on(LineList.Highlighted)
    def _passed(self, event: LineList.Highlighted) -> None:
        event.stop()

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self.query_one("#model-id", Input).value = event.item
        self._done(self.form)


class _Ids(LineList[str]):
    """Ids of models, a line each."""

    LINES: ClassVar[int] = 1
