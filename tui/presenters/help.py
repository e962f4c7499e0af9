"""What the help and the palette tell: keys, symbols and commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from assistant.checking.verdicts import SIGNS

if TYPE_CHECKING:
    from tui.presenters.key_words import Spelt

_KEYS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("place.library", "place.ask", "place.paper"), "Library; Ask; Paper, the one read last"),
    (("ask.send", "papers.open", "sources.open"), "send the question; in a list, read the paper"),
    (("ask.new_line",), "new line in the question"),
    (
        ("back",),
        "stop the answer; else one step back; in the box, stop a long job; in the empty box, go "
        "to the answer, where the keys below hold, and back",
    ),
    (("=Tab",), "next pane"),
    (
        ("chats",),
        "chats: find, open, rename, delete, export; again, or {back}, goes back",
    ),
    (
        ("cite.1", "=…", "cite.9"),
        "show that source, in the answer or the sources; while typing {cite.go}, then {cite.1} … "
        "{cite.9}",
    ),
    (("answer.sources",), "the list of sources, and back"),
    (("papers.sort",), "in the library: sort"),
    (("papers.through",), "in the library: go through what is unread, and end that"),
    (("conversation.previous", "conversation.next"), "the answer before, after"),
    (("paper.previous", "paper.next"), "of papers read, the one before, after"),
    (
        ("claim.next", "claim.previous"),
        "the next claim, the one before, and the source of it; else down, up",
    ),
    (("scroll.top", "scroll.bottom"), "top, bottom"),
    (
        ("copy", "papers.copy", "paper.copy"),
        "copy: the answer, the claim at hand, what it cites; of papers BibTeX, link, …",
    ),
    (("unfold",), "the whole account of the answer: how it was checked, by what, what it took"),
    (("check",), "have the model check the answer; where it may cost money, asks first"),
    (("again",), "ask the question of the answer again, of the papers that are here now"),
    (
        ("answer.again_with",),
        "ask it again with another model, this once; both answers stand side by side",
    ),
    (("open",), "open the address of the paper shown; asks first"),
    (
        ("papers.filter",),
        "filter the papers by words and fields (tag:, year:, author:, is:unread); {papers.rank} "
        "ranks them by meaning",
    ),
    (
        ("papers.select",),
        "in the library: select, for the keys below and for {papers.ask}; {back} selects none",
    ),
    (
        ("papers.keep", "papers.skip", "papers.later", "papers.read"),
        "mark papers kept (★), skipped (×), for later (»), read; once more: unread (●)",
    ),
    (
        ("papers.tag", "papers.undo"),
        "give papers tags, or take them; take back what was changed last",
    ),
    (
        ("papers.export", "papers.remove"),
        "write those selected, or those listed, to a file; take papers out of the library",
    ),
    (("paper.summarize", "paper.ask"), "summarize the paper; ask about it alone"),
    (
        ("paper.lead.1", "=…", "paper.lead.9", "paper.note", "paper.unfold"),
        "of the paper read: open what carries the digit, write the note, tell all or less; {back} "
        "goes back to the paper before",
    ),
    (("papers.preview",), "in the library: hide the preview, or show it"),
    (
        ("ask.every",),
        "put the question in the box to every paper; in the library {papers.ask}: ask those "
        "selected, or those that its filter leaves, until ⌫ in the empty box; stopped, it goes on "
        "where it was",
    ),
    (("model",), "choose the model that answers, connect one, test it"),
    (
        ("add", "papers.add"),
        "add papers from a file or folder (in the library {papers.add}); {add} again stops",
    ),
    (("conversation.new",), "new conversation"),
    (("palette",), "all commands: change the embedder, themes, …"),
    (("quit",), "quit"),
)
"""The ids of what keys do, and what is said of it; behind = stands what no binding has."""

CHANGE_KEYS = "The names of the keys, for: quire config set keys.NAME KEY"
"""What stands over the names of all keys."""


def all_keys(spelt: Spelt) -> list[tuple[str, str]]:
    """All keys as they are now, and what they do; what no key does is left out."""
    lines = []
    for ids, does in _KEYS:
        keys = dict.fromkeys(
            key for one in ids for key in ([one[1:]] if one[:1] == "=" else spelt.get(one, ()))
        )
        shown = ", ".join(keys).replace(", …, ", " … ")
        lines.append((shown, with_keys(does, spelt)))
    return lines


def names_of_keys(spelt: Spelt) -> list[tuple[str, str]]:
    """The names by which the configuration gives other keys, and the keys there are now."""
    return [(name, ", ".join(keys)) for name, keys in sorted(spelt.items())]


def with_keys(text: str, spelt: Spelt) -> str:
    """A text in which the ids of bindings stand in braces, with the first key of each."""
    for name, keys in spelt.items():
        if keys:
            text = text.replace(f"{{{name}}}", keys[0])
    return text


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
    "again_with",
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
_OF_LIBRARY = (
    "papers.filter",
    "papers.sort",
    "papers.select",
    "papers.through",
    "papers.ask",
    "papers.preview",
)
_TOLD_APART = ("papers.add", "papers.open", "sources.open", "answer.again_with")


def bound_title(binding: str, does: str) -> str:
    """The title of what a key does, by the id of its binding; "" for what is no command."""
    group = "library" if binding in _OF_LIBRARY else _GROUPS.get(binding.partition(".")[0])
    if group is None or not does or binding in _TOLD_APART:
        return ""
    return f"{group}: {does[0].upper()}{does[1:]}"


def commands(*, is_adding: bool, is_changing: bool) -> tuple[Command, ...]:
    """What the palette offers while papers are added, or the embedder is changed, or neither.

    `with_keys` puts the keys into what it says of each.
    """
    add = Command("library", "Add papers", "{add}: from a file or a folder", "add")
    if is_adding:
        add = Command("library", "Stop adding", "{add}: what was read is kept", "stop_job")
    change = Command("model", "Change embedder", "what finds papers by meaning", "embedders")
    if is_changing:
        change = Command(
            "model", "Stop changing the embedder", "{back}: what was made is kept", "stop_job"
        )
    return (
        Command("answer", "New conversation", "{conversation.new}", "new"),
        Command("view", "Library", "{place.library}: all papers, with a filter", "library"),
        Command("view", "Ask", "{place.ask}: questions and their answers", "ask"),
        Command("view", "Paper", "{place.paper}: the paper read last", "paper"),
        Command("answer", "Chats", "{chats}: the saved conversations", "chats"),
        add,
        Command(
            "model",
            "Choose the model",
            "{model}: which one answers; connects and tests one",
            "model",
        ),
        change,
        Command(
            "answer",
            "Ask every paper",
            "{ask.every}: the question in the box, with a count",
            "ask_all",
        ),
        Command("answer", "Check the answer", "{check}: the model judges each sentence", "check"),
        Command(
            "answer",
            "Ask again with another model",
            "{answer.again_with}: of the same papers, this once",
            "again_with",
        ),
        Command("answer", "Copy", "{copy}: the answer with its signs and references", "copy"),
        Command("paper", "Open address", "{open}: of the paper shown", "open_address"),
        Command("view", "Help", "{help}: the keys, and what the symbols mean", "help"),
        Command("view", "Theme", "light, dark and others", "theme"),
        Command("view", "Settings", "what each does, and changing it", "settings"),
        Command("view", "Quit", "{quit}", "quit"),
    )
