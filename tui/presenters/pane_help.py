"""What the help says of a pane: what it is for, its keys as they are, the marks that it shows."""

from __future__ import annotations

from typing import Literal, NamedTuple

from tui.presenters.paper_table import MARKS, UNREAD

Pane = Literal[
    "box", "answer", "openings", "sources", "filter", "library", "beginning", "preview", "paper"
]
"""A part of a place that may have the focus."""

PANES: dict[str, Pane] = {
    "ask": "box",
    "openings": "openings",
    "conversation": "answer",
    "sources-pane": "sources",
    "filter": "filter",
    "paper-list": "library",
    "preview": "preview",
    "beginning": "beginning",
    "reading": "paper",
}
"""The panes by the ids of their widgets."""


class PaneHelp(NamedTuple):
    """What a pane is called, and two sentences on it."""

    name: str
    about: str


ABOUT: dict[Pane, PaneHelp] = {
    "box": PaneHelp(
        "The question box",
        "What is typed here is put to the papers that its border names. "
        "Every sentence of the answer is cited and checked.",
    ),
    "answer": PaneHelp(
        "The answer",
        "A sign before each claim says what the check found. "
        "The source of the claim under the cursor stands beside it; a letter that is no key "
        "begins a question.",
    ),
    "openings": PaneHelp(
        "What may be asked",
        "These papers answer these questions: each was searched for. "
        "Enter or its digit asks one, or opens a chat; a letter begins a question of your own.",
    ),
    "sources": PaneHelp(
        "The sources",
        "The papers that the answer cites come first, those that were read and not cited behind. "
        "What is cited is marked in the abstract.",
    ),
    "filter": PaneHelp(
        "The filter",
        "Words and fields (tag:, year:, author:, is:unread) leave the papers that have them, while "
        "they are typed. Enter ranks all papers by meaning.",
    ),
    "library": PaneHelp(
        "The library",
        "Every paper is a row, and the one under the cursor stands beside. "
        "Keys act on the papers selected, else on that one.",
    ),
    "beginning": PaneHelp(
        "An empty library",
        "There is nothing to ask yet. A file of papers, an id, what you copied, or the sample is "
        "a beginning.",
    ),
    "preview": PaneHelp(
        "The preview",
        "This is the paper under the cursor of the list. Enter in the list reads it alone.",
    ),
    "paper": PaneHelp(
        "The paper",
        "This is one paper, whole. What an answer or a search cites is marked.",
    ),
}
"""What is said of each pane."""

HELP = "help"
"""The binding of the help, by its id."""

KEYS_HEAD = "Keys here"
MORE_HEAD = "More keys here"
EVERYWHERE_HEAD = "Keys everywhere"
MARKS_HEAD = "Marks of papers"
FOOT = "Tab  all keys      Esc  close"
FOOT_ALL = "Tab  keys here      Esc  close"

PAPER_MARKS = (
    ("▌", "the cursor; in an abstract, what is cited"),
    ("◆", "selected"),
    (UNREAD, "unread"),
    (MARKS["kept"], "kept"),
    (MARKS["later"], "for later"),
    (MARKS["skipped"], "skipped"),
)
"""The marks in lists of papers, and what they say."""

NAMES = {
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "tab": "Tab",
    "backspace": "⌫",
    "delete": "Del",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "shift+enter": "Shift+Enter",
    "shift+tab": "Shift+Tab",
}
"""Keys as they are spelt, by Textual's names, where the two differ."""


def key_name(key: str) -> str:
    """A key as it is spelt everywhere; "" for one that Textual spells as we do."""
    is_function = key[:1] == "f" and key[1:].isdecimal()
    return key.upper() if is_function else NAMES.get(key, "")


class Bound(NamedTuple):
    """A key as it is bound: its name, what it does, and the id of that."""

    id: str
    key: str
    does: str


def entries(bound: list[Bound]) -> list[tuple[str, str]]:
    """Keys with what they do, a line each; several keys for one thing stand together."""
    lines: dict[str, tuple[list[str], str]] = {}
    for one in bound:
        keys, _ = lines.setdefault(one.id, ([], one.does))
        if one.key not in keys:
            keys.append(one.key)
    return [(", ".join(keys), does) for keys, does in lines.values()]
