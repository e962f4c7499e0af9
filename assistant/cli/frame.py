"""What every command shares: global options, output, narration, and the way it ends."""

from __future__ import annotations

import functools
import json
import os
import shutil
import sys
import textwrap
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from assistant.cli.printable import printable, writes_unicode
from assistant.cli.top_help import GLOBAL_OPTIONS

if TYPE_CHECKING:
    from assistant.config.libraries import Named
    from assistant.config.settings import Settings
    from assistant.wiring.embedders import AllEmbedders
    from store.ledger.database import Ledger
    from store.library.library import Library
    from store.library.marking import Marking

Command = TypeVar("Command", bound=Callable[..., Any])
OpenApp = Callable[["Frame", str | None, str | None, str | None], int]
"""Opens the app: the frame, a question, the names of a model and a conversation; an exit code."""


@dataclass
class Frame:
    """The global options of one run, and what follows from them.

    `partial` is what there is of a JSON document when a command fails, `is_told_to_end` that
    SIGTERM came, `ctrl_c` what the program did on Ctrl-C before the command was known, `jsonl`
    that events are printed, a line each.
    """

    open_app: OpenApp
    library: str | None = None
    config: str | None = None
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    debug: bool = False
    exit_code: int = 0
    partial: dict[str, Any] | None = None
    is_told_to_end: bool = False
    ctrl_c: Any = None
    jsonl: bool = False
    _narrated: set[str] = field(default_factory=set)
    _waits: bool = False

    @functools.cached_property
    def settings(self) -> Settings:
        """The configuration; raises WrongUse."""
        from assistant.config.settings import load_settings

        return load_settings(self.config)

    def cap(self, given: float | None) -> float | None:
        """What an answer may cost in USD: as given, else as configured."""
        return self.settings.max_cost if given is None else given

    def asks_to_check(self, given: bool | None) -> bool:
        """Whether the reader asks for a check: as given, else as configured."""
        return self.settings.check == "on" if given is None else given

    @functools.cached_property
    def folder(self) -> Path:
        """The folder of the library."""
        from assistant.config.libraries import library_folder

        return library_folder(self.library)

    @functools.cached_property
    def embedders(self) -> AllEmbedders:
        """The embedders that a library may use; raises WrongUse."""
        from assistant.wiring.embedders import AllEmbedders

        return AllEmbedders(self.settings, self.narrate)

    def open(self, *, create: bool = False) -> Library:
        """Open the library; raises StoreError, WrongUse. One that is made is said where named."""
        from assistant.wiring.embedders import paper_reader
        from store.errors import LibraryMissing
        from store.ledger.database import FILE_NAME
        from store.library.library import Library

        is_made = create and not (self.folder / FILE_NAME).exists()
        try:
            library = Library.open(
                self.folder,
                create=create,
                narrate=self.narrate,
                embedders=self.embedders,
                reader=paper_reader,
            )
        except LibraryMissing as failure:
            names = ", ".join(self._names().folders) if self.library else ""
            hint = f"{failure.hint}; libraries by name: {names}" if names else failure.hint
            raise LibraryMissing(failure.message, hint) from failure
        if is_made and self.library is not None:
            self.narrate(f"made a library at {self.folder}")
        library.key_pattern = self.settings.citation_key or library.key_pattern
        return library

    @property
    def library_name(self) -> str | None:
        """The name of the library, None where it has none; raises WrongUse."""
        return self._names().name_of(self.folder)

    @staticmethod
    def _names() -> Named:
        from assistant.config.libraries import registry

        return registry().read()

    def open_ledger(self) -> Ledger:
        """Open the ledger of the library alone, for what needs no index; raises StoreError."""
        from store.ledger.database import Ledger

        return Ledger.open(self.folder, narrate=self.narrate)

    def open_marking(self) -> Marking:
        """Open the library to name, list and mark papers; raises StoreError."""
        from store.library.marking import Marking

        return Marking.open(self.folder, narrate=self.narrate)

    def narrate(self, line: str) -> None:
        """Tell the reader something on stderr, once."""
        if self.quiet or line in self._narrated:
            return
        self._narrated.add(line)
        self.tell(line)

    def note_trouble(self, trouble: str) -> None:
        """Tell the reader that an index was not used, and what to do about it."""
        if trouble:
            self.narrate(
                f"note: {trouble}; answered from the ledger; quire doctor mends what it can"
            )

    def wait(self, line: str) -> None:
        """Show on stderr what is waited for, until anything else is written.

        A terminal alone shows it: a pipe gets nothing.
        """
        from store.clean import clean_line

        if self.quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
            return
        self._waits = True
        width = shutil.get_terminal_size((88, 24)).columns - 1
        sys.stderr.write(f"\r\x1b[K{printable(clean_line(line), sys.stderr)[:width]}")
        sys.stderr.flush()

    def end_waiting(self) -> None:
        """Take the line away that `wait` shows."""
        if self._waits:
            self._waits = False
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def tell(self, line: str) -> None:
        """Write a line on stderr, cleaned; folded between words on a terminal."""
        from store.clean import clean_line

        self.end_waiting()
        text = clean_line(line)
        if sys.stderr.isatty():
            width = shutil.get_terminal_size((88, 24)).columns
            text = textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)
        # What cannot be told is no failure of what is done.
        with suppress(OSError, ValueError):
            print(printable(text, sys.stderr), file=sys.stderr, flush=True)

    def data(self, text: str, *, bold: bool = False, dim: bool = False) -> None:
        """Write text on stdout, cleaned; styled where stdout takes styles."""
        from store.clean import clean_text

        self.end_waiting()
        text = printable(clean_text(text), sys.stdout)
        if text and (bold or dim) and self.has_colour:
            text = f"\x1b[{1 if bold else 2}m{text}\x1b[0m"
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except OSError as failure:
            failure.filename = "stdout"
            raise

    def line(self, text: str = "", *, bold: bool = False, dim: bool = False) -> None:
        """Write a line on stdout, cleaned; styled where stdout takes styles."""
        self.data(text, bold=bold, dim=dim)
        self.data("\n")

    def document(self, value: object, *, indent: int | None = 2) -> None:
        """Write one JSON document on stdout, with `indent=None` on one line."""
        plain = not writes_unicode(sys.stdout)
        text = json.dumps(value, ensure_ascii=plain, indent=indent, allow_nan=False)
        self.data(text + "\n")

    def event(self, name: str, **fields: object) -> None:
        """Write an event as JSON on one line of stdout."""
        self.document({"event": name, **fields}, indent=None)

    @property
    def is_terminal(self) -> bool:
        """True when stdout is a terminal that shows styles."""
        return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"

    @property
    def has_colour(self) -> bool:
        """True when stdout may be styled."""
        return self.is_terminal and not os.environ.get("NO_COLOR")


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    def callback(context: click.Context, _: click.Parameter, value: Any) -> Any:
        if value not in (None, False):
            setattr(context.find_object(Frame), name, value)
        return value

    return callback


_GLOBAL = tuple(
    click.option(
        *names,
        metavar=value or None,
        is_flag=not value,
        expose_value=False,
        callback=_keep(names[-1].removeprefix("--")),
        help=text,
    )
    for names, value, text in GLOBAL_OPTIONS
)


def global_options(command: Command) -> Command:
    """Take the global options here too."""
    for option in reversed(_GLOBAL):
        command = option(command)
    return command


json_option = click.option(
    "--json",
    is_flag=True,
    expose_value=False,
    callback=_keep("json"),
    help="Print one JSON document.",
)
"""Take --json."""


def _keep_jsonl(context: click.Context, _: click.Parameter, value: bool) -> bool:
    if value and (frame := context.find_object(Frame)) is not None:
        frame.json = frame.jsonl = True
    return value


jsonl_option = click.option(
    "--jsonl",
    is_flag=True,
    expose_value=False,
    callback=_keep_jsonl,
    help="Print one JSON event a line, as they come.",
)
"""Take --jsonl."""


def confirm(frame: Frame, question: str, refused: str) -> None:
    """Ask the reader on the terminal; no is an answer too: it ends the command, which is done.

    `refused` is the line for no. Raises Exit then, and Abort when the reader interrupts.
    """
    if not click.confirm(question, err=True):
        frame.tell(refused)
        if frame.json:
            frame.document({"done": False, "message": refused})
        raise click.exceptions.Exit(0)


def joined(words: tuple[str, ...], what: str = "question") -> str:
    """The words of a question, or of a query, as one text; `-` alone reads it from stdin."""
    if words == ("-",):
        if sys.stdin is None or sys.stdin.closed:
            raise click.UsageError(f"stdin is closed: there is no {what} to read")
        if sys.stdin.isatty():
            print(f"reading the {what} from the terminal; end it with Ctrl-D", file=sys.stderr)
        text = sys.stdin.read(100_001)
        if len(text) > 100_000:
            raise click.UsageError(f"the {what} on stdin is longer than 100 000 characters")
    else:
        text = " ".join(words)
    if not text.strip():
        raise click.UsageError(f"the {what} is empty")
    return text
