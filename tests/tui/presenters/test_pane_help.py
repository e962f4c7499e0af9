"""What the help says of a pane, and how keys are spelt."""

from __future__ import annotations

from tables import compare, table

from tui.presenters import pane_help
from tui.presenters.help import bound_title
from tui.presenters.pane_help import ABOUT, PANES, Bound


def test_every_pane_is_told_in_two_sentences() -> None:
    assert set(PANES.values()) == ABOUT.keys()
    for told in ABOUT.values():
        assert told.about.count(". ") == 1
        assert told.about.endswith(".")


def test_keys_of_one_action_stand_together_in_the_order_they_came() -> None:
    bound = [Bound("a", "j", "down"), Bound("b", "g", "top"), Bound("a", "↓", "down")]
    assert pane_help.entries([*bound, bound[0]]) == [("j, ↓", "down"), ("g", "top")]


def test_keys_are_spelt_one_way_and_commands_have_groups() -> None:
    compare(table(__file__, "keys.jsonl"), _right)


def _right(row: dict[str, str]) -> str:
    if "id" in row:
        return bound_title(row["id"], row["does"])
    return pane_help.key_name(row["key"])
