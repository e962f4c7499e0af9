"""The app with one question asked and answered, as several tests of it begin."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot
from waiting import Until

from tui.app import QuireApp
from tui.presenters import turn as turns
from tui.widgets.turn import TurnView


async def asked(pilot: Pilot[Any], until: Until) -> QuireApp:
    """Ask what lives in kelp, and wait for the answer."""
    app = pilot.app
    assert isinstance(app, QuireApp)
    await until(lambda: app._library)
    app.main.box.focus()
    app.main.box.load_text("What lives in kelp?")
    await pilot.press("enter")
    await until(lambda: app.main.conversation.current and not app.main.busy)
    await pilot.pause()
    return app


def copied(turn: TurnView) -> str:
    """What is copied of a turn."""
    return turns.copied(turn.page, turn.shown)
