"""What the help and the palette tell: keys, symbols and commands."""

from __future__ import annotations

from typing import Literal, NamedTuple

from assistant.checking.verdicts import SIGNS

KEYS = (
    ("F2, F3, F4", "Library; Ask; Paper, the one read last"),
    ("Enter", "send the question; in a list, read the paper"),
    ("^j", "new line in the question"),
    (
        "Esc",
        "stop the answer; else one step back; in the box, stop a long job; in the empty box, go "
        "to the answer, where the keys below hold, and back",
    ),
    ("Tab", "next pane"),
    ("^r", "chats: find, open, rename, delete, export; again, or Esc, goes back"),
    ("1 … 9", "show that source, in the answer or the sources; while typing ^g, then 1 … 9"),
    ("s", "the list of sources, and back; in the library: sort"),
    ("p, n", "the answer before, after; of papers the one before, after"),
    ("j, k", "the next claim, the one before, and the source of it; else down, up"),
    ("g, G", "top, bottom"),
    ("y", "copy: the answer, the claim at hand, what it cites; of papers BibTeX, link, …"),
    ("i", "the whole account of the answer: how it was checked, by what, what it took"),
    ("c", "have the model check the answer; where it may cost money, asks first"),
    ("a", "ask the question of the answer again, of the papers that are here now"),
    ("o", "open the address of the paper shown; asks first"),
    (
        "/",
        "filter the papers by words and fields (tag:, year:, author:, is:unread); Enter ranks "
        "them by meaning",
    ),
    ("Space", "in the library: select, for the keys below and for F6; Esc selects none"),
    (
        "*, x, l, r",
        "mark papers kept (★), skipped (×), for later (»), read; once more: unread (●)",
    ),
    ("t, u", "give papers tags, or take them; take the last mark, tag or note back"),
    ("S, A", "summarize the paper; ask about it alone"),
    (
        "1 … 9, N, i",
        "of the paper read: open what carries the digit, write the note, tell all or less; Esc "
        "goes back to the paper before",
    ),
    ("p", "in the library: hide the preview, or show it"),
    (
        "F6",
        "put the question in the box to every paper; in the library: ask those selected, or those "
        "that its filter leaves, until ⌫ in the empty box; stopped, it goes on where it was",
    ),
    ("F7", "choose the model that answers, connect one, test it"),
    ("F5, a", "add papers from a file or folder (a: in the library); F5 again stops"),
    ("^n", "new conversation"),
    ("^p", "all commands: change the embedder, themes, …"),
    ("^q", "quit"),
)
"""Keys, and what they do."""

LEGEND_HEAD = "What the check says of each sentence of an answer"
LEGEND = tuple(SIGNS.values())
"""The signs in the order of alarm."""

LEGEND_FOOT = (
    "A comparison of words and numbers gives #! ?! ○ ~ ∅ ·, a model that is asked about each "
    "sentence ✗ – ◐ ✓; ✓ also stands behind what is in the abstract word for word. "
    "Behind a web address, ?! says that no source of the answer has it. Before a sentence of an "
    "abstract, ○ says that it holds the words of a sentence without citation."
)

Action = Literal[
    "new",
    "library",
    "ask",
    "paper",
    "chats",
    "add",
    "stop_job",
    "embedders",
    "model",
    "ask_all",
    "check",
    "copy",
    "open_address",
    "help",
    "theme",
    "settings",
    "quit",
]
"""What a command does."""


Group = Literal["paper", "answer", "library", "model", "view"]
"""What commands are about."""


class Command(NamedTuple):
    """A command as it is listed: its group and title, and its key or what it is about."""

    group: Group
    title: str
    about: str
    action: Action


_GROUPS: dict[str, Group] = {
    "papers": "paper",
    "paper": "paper",
    "claim": "answer",
    "answer": "answer",
    "conversation": "answer",
    "sources": "answer",
    "again": "answer",
}
_OF_LIBRARY = ("papers.filter", "papers.sort", "papers.select", "papers.ask", "papers.preview")
_TOLD_APART = ("papers.add", "papers.open", "sources.open")


def bound_title(binding: str, does: str) -> str:
    """The title of what a key does, by the id of its binding; "" for what is no command."""
    group = "library" if binding in _OF_LIBRARY else _GROUPS.get(binding.partition(".")[0])
    if group is None or not does or binding in _TOLD_APART:
        return ""
    return f"{group}: {does[0].upper()}{does[1:]}"


def commands(*, is_adding: bool, is_changing: bool) -> tuple[Command, ...]:
    """What the palette offers while papers are added, or the embedder is changed, or neither."""
    add = Command("library", "Add papers", "F5: from a file or a folder", "add")
    if is_adding:
        add = Command("library", "Stop adding", "F5: what was read is kept", "stop_job")
    change = Command("model", "Change embedder", "what finds papers by meaning", "embedders")
    if is_changing:
        change = Command(
            "model", "Stop changing the embedder", "Esc: what was made is kept", "stop_job"
        )
    return (
        Command("answer", "New conversation", "^n", "new"),
        Command("view", "Library", "F2: all papers, with a filter", "library"),
        Command("view", "Ask", "F3: questions and their answers", "ask"),
        Command("view", "Paper", "F4: the paper read last", "paper"),
        Command("answer", "Chats", "^r: the saved conversations", "chats"),
        add,
        Command(
            "model", "Choose the model", "F7: which one answers; connects and tests one", "model"
        ),
        change,
        Command(
            "answer", "Ask every paper", "F6: the question in the box, with a count", "ask_all"
        ),
        Command("answer", "Check the answer", "c: the model judges each sentence", "check"),
        Command("answer", "Copy", "y: the answer with its signs and references", "copy"),
        Command("paper", "Open address", "o: of the paper shown", "open_address"),
        Command("view", "Help", "F1: the keys, and what the symbols mean", "help"),
        Command("view", "Theme", "light, dark and others", "theme"),
        Command("view", "Settings", "what each does, and changing it", "settings"),
        Command("view", "Quit", "^q", "quit"),
    )
