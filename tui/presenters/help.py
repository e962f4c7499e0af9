"""The text of the help: the keys, and what the symbols mean."""

from __future__ import annotations

from assistant.checking.verdicts import SIGNS

KEYS = (
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
"""Keys, and what they do."""

LEGEND_HEAD = "What the check says of each sentence of an answer"
LEGEND = tuple((sign.symbol, sign.words) for sign in SIGNS.values())
"""The symbols in the order of the list of verdicts, and their meaning."""

LEGEND_FOOT = (
    "The first five come from comparing words and numbers: ✓ means that they were found, not "
    "that the sentence is true. The last three come from a model that was asked claim by claim. "
    "Behind a web address, ?! says that no source of the answer has it. Before a sentence of an "
    "abstract, ○ says that it holds the words of a sentence without citation."
)
