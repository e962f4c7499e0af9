"""The help of `quire` itself: its texts, and writing them without click.

Importing click takes three times as long as starting the interpreter. The texts are those that
click shows too, for what it is asked with anything else beside `--help`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

USAGE = "[OPTIONS] [COMMAND] [ARGS]..."
ABOUT = """Ask a collection of paper abstracts; every sentence of an answer is cited and checked.

Without a command, quire opens the app. stdout is data, stderr is narration.

Exit codes: 0 done, 1 in part, 2 wrong use or nothing usable, 3 store, 4 endpoint,
5 not in the collection, 130 interrupted, 143 told to end (SIGTERM).
"""
VERSION = "Show the version and where the library is, and exit."
GLOBAL_OPTIONS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("--library",),
        "PATH|NAME",
        "The library to use (default: $QUIRE_HOME, else what quire library use chose).",
    ),
    (("--config",), "FILE", "The configuration file to use."),
    (("-q", "--quiet"), "", "Say nothing on stderr but errors."),
    (("-v", "--verbose"), "", "Say more on stderr."),
    (("--debug",), "", "Show the traceback of an error."),
)
"""What every command takes: names, the word for a value or nothing for a flag, help."""
COMMANDS = {
    "add": ("assistant.cli.add", "Read papers from files, folders or stdin into the library."),
    "ask": (
        "assistant.cli.ask",
        "Ask the collection a question; every sentence is cited and checked.",
    ),
    "backup": ("assistant.cli.backup", "Write all of a library into one file."),
    "chat": ("assistant.cli.chat", "Open the app."),
    "completion": (
        "assistant.cli.completion",
        "Have bash, fish or zsh complete commands, options and values.",
    ),
    "config": ("assistant.cli.config", "Say what is set and where from, set and explain it."),
    "demo": (
        "assistant.cli.demo",
        "Ask a bundled sample of landmark papers, in a library of its own.",
    ),
    "doctor": ("assistant.cli.upkeep", "Say what is there, behind or broken, and mend it."),
    "eval": ("assistant.cli.eval", "Measure answers to your own questions, models side by side."),
    "export": ("assistant.cli.export", "Write papers for other programs: BibTeX, RIS, CSV …"),
    "library": ("assistant.cli.libraries", "List, make, use and rename libraries by name."),
    "list": ("assistant.cli.listing", "List the papers of the library."),
    "man": ("assistant.cli.man", "Show or install the manual pages."),
    "mark": ("assistant.cli.marks", "Mark papers as unread, read, later, kept or skipped."),
    "mcp": ("assistant.cli.mcp", "Serve the collection to another assistant (MCP, over stdio)."),
    "merge": ("assistant.cli.changes", "Make several papers into one."),
    "models": (
        "assistant.cli.models",
        "List, add, use, test and remove chat models and embedders.",
    ),
    "note": ("assistant.cli.notes", "Write notes on papers, list and remove them."),
    "restore": ("assistant.cli.backup", "Put a backup in the place of the library."),
    "rm": ("assistant.cli.papers", "Remove papers from the library."),
    "search": ("assistant.cli.search", "Rank the papers of the library for a query."),
    "similar": ("assistant.cli.search", "Rank the papers nearest to one."),
    "sessions": (
        "assistant.cli.sessions",
        "List, show, search, name, export and remove saved conversations.",
    ),
    "show": ("assistant.cli.papers", "Show papers: abstract, where it came from, links."),
    "split": ("assistant.cli.changes", "Part a paper into the records it was joined of."),
    "status": ("assistant.cli.upkeep", "Say how the library stands."),
    "summarize": (
        "assistant.cli.ask",
        "Summarize papers, a topic, or the whole collection, with citations.",
    ),
    "tag": ("assistant.cli.marks", "Give tags to papers, take them, list them."),
    "tldr": ("assistant.cli.tldr", "Sum papers up in one sentence each."),
    "undo": ("assistant.cli.changes", "Take back the last add, rm, merge, split or marking."),
}
"""Every command: the module that holds it, and its line in the help."""

_SECTIONS = {
    "Papers": "add list show search similar rm undo merge split",
    "Questions": "ask summarize tldr sessions chat demo",
    "What you keep": "mark tag note export",
    "Models and settings": "models config eval",
    "The library": "status doctor library backup restore",
    "Around it": "completion man mcp",
}
"""The commands of the help by what they are for; what stands in none comes last."""

HELP_NAMES = ("-h", "--help")
WIDEST = 100
"""How many columns help may take at most."""

_NARROWEST, _USUAL = 50, 80
_GAP = 2


def write_top_help() -> None:
    """Write the help on stdout, as wide as the terminal; raises OSError."""
    sys.stdout.write(top_help(_columns()))
    sys.stdout.flush()


def top_help(columns: int) -> str:
    """The help for a terminal of so many columns, exactly as click writes it."""
    width = max(min(columns, WIDEST) - _GAP, _NARROWEST)
    options = [
        ("--version", VERSION),
        *((f"{', '.join(names)} {value}".rstrip(), text) for names, value, text in GLOBAL_OPTIONS),
        (", ".join(HELP_NAMES), "Show this message and exit."),
    ]
    about = ["\n".join(_wrapped(paragraph, width, "  ", "  ")) for paragraph in ABOUT.split("\n\n")]
    return (
        f"Usage: quire {USAGE}\n\n"
        + "\n\n".join(about)
        + f"\n\nOptions:\n{_table(options, width)}"
        + "".join(f"\n{title}:\n{_table(rows, width)}" for title, rows in sections())
    )


def sections() -> list[tuple[str, list[tuple[str, str]]]]:
    """The headings of the help, each with its commands and their lines."""
    named = [(title, names.split()) for title, names in _SECTIONS.items()]
    placed = {name for _, names in named for name in names}
    others = ("Others", [name for name in sorted(COMMANDS) if name not in placed])
    return [
        (title, [(name, COMMANDS[name][1]) for name in names])
        for title, names in (*named, others)
        if names
    ]


def _table(rows: list[tuple[str, str]], width: int) -> str:
    second = max(len(first) for first, _ in rows) + 2 * _GAP
    lines = (
        line
        for first, text in rows
        for line in _wrapped(text, width, f"  {first}".ljust(second), " " * second)
    )
    return "".join(f"{line}\n" for line in lines)


def _wrapped(text: str, width: int, first: str, later: str) -> Iterator[str]:
    """The lines of a text, broken between words, each behind what stands before it."""
    line = first
    for word in text.split():
        is_begun = line not in (first, later)
        if is_begun and len(line) + 1 + len(word) > width:
            yield line
            line = later + word
        else:
            line += f" {word}" if is_begun else word
    yield line


def _columns() -> int:
    """How wide the terminal is, as `shutil.get_terminal_size` tells it, which takes longer."""
    try:
        columns = int(os.environ["COLUMNS"])
    except (KeyError, ValueError):
        columns = 0
    if columns > 0:
        return columns
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or _USUAL
    except (ValueError, OSError):
        return _USUAL
