"""The first row: the places, the active one marked, and at the right how things stand there."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from store.clean import clean_line
from tui.presenters.places import PLACES, Place, PlaceName, told


class PlaceBar(Horizontal):
    """Names the places; a click on a name goes there."""

    class Chosen(Message):
        """The reader chose a place."""

        def __init__(self, place: Place) -> None:
            super().__init__()
            self.place = place

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._names = [_Name(one) for one in PLACES]
        self._state = Static(id="place-state")

    def compose(self) -> ComposeResult:
        """The program, the names, the state."""
        yield Static("quire", id="program")
        yield from self._names
        yield self._state

    def show(self, place: Place, state: str) -> None:
        """Mark a place as the active one, and say how things stand there."""
        for one in self._names:
            one.show(is_active=one.place_name.place == place)
        self._state.update(Content(clean_line(state)))


class _Name(Static):
    """The name of a place, its key before it where there is room."""

    ALLOW_SELECT = False

    def __init__(self, name: PlaceName) -> None:
        super().__init__(classes="place", markup=False)
        self.place_name = name

    def show(self, *, is_active: bool) -> None:
        """Write the name, in brackets where the reader is."""
        self.set_class(is_active, "-active")
        self.update(Content(told(self.place_name, is_active=is_active)))

    def on_click(self, event: events.Click) -> None:
        """Go there."""
        event.stop()
        self.post_message(PlaceBar.Chosen(self.place_name.place))
