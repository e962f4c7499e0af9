"""What the help and the palette tell."""

from __future__ import annotations

import pytest

from assistant.checking.verdicts import SIGNS
from tui.presenters.help import LEGEND, commands

OTHERS = {"Papers", "Conversations", "New conversation", "Theme", "Quit"}


def test_every_symbol_has_its_meaning() -> None:
    assert [symbol for symbol, _ in LEGEND] == ["✓", "~", "#!", "○", "?!", "✔", "✗", "–"]
    assert [meaning for _, meaning in LEGEND] == [sign.words for sign in SIGNS.values()]


@pytest.mark.parametrize(
    ("is_adding", "is_changing", "offered"),
    [
        (False, False, {"Add papers": "add", "Change embedder": "embedders"}),
        (True, False, {"Stop adding": "stop_job", "Change embedder": "embedders"}),
        (False, True, {"Add papers": "add", "Stop changing the embedder": "stop_job"}),
    ],
)
def test_the_palette_stops_what_runs(
    is_adding: bool, is_changing: bool, offered: dict[str, str]
) -> None:
    found = commands(is_adding=is_adding, is_changing=is_changing)
    actions = {one.title: one.action for one in found}
    assert offered.items() <= actions.items()
    assert len(actions) == len(found) == 13
    assert actions.keys() >= OTHERS
