"""The libraries that are damaged: made once, whole, with everything a reader may have in one.

Papers come from the generator of the scale bench, tags with them. Notes and statuses are set,
two conversations saved, and the answer of a model kept. A variant "wal" was copied while a
neighbour had it open: its write-ahead log holds papers that the ledger's file lacks.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.damage.driver import Job, Ran
from tests.bench.damage.harm import CONFIGURATION, files_by_kind
from tests.bench.scale.generator import Generator

if TYPE_CHECKING:
    from tests.support.endpoint_fixture import ScriptedEndpoint

_SEED = 12
_LATER = 20
"""How many papers the write-ahead log holds."""
_CONFIG = '# The models that answer.\nmodel = "extractive"\n\n[models.scripted]\n'
_OLDER = '# Kept for comparison.\nmodel = "extractive"\ntheme = "dark"\n'
REPLY = "One of them says so [1.1]. Another sentence is not much like it [1.2]."

Run = Callable[[Job], Ran]
"""Runs a job in a process or in this one."""


@dataclass(frozen=True)
class Home:
    """A library and its configuration file, in a folder of their own."""

    folder: Path

    @property
    def library(self) -> Path:
        """The folder of the library."""
        return self.folder / "library"

    @property
    def configuration(self) -> Path:
        """The configuration file; another one stands beside it."""
        return self.folder / "configuration" / "config.toml"

    def command(self, *arguments: str) -> Job:
        """A job that runs a command on this library."""
        where = ("--library", str(self.library), "--config", str(self.configuration))
        return {"argv": [*where, *arguments]}

    def call(self, name: str, **more: object) -> Job:
        """A job that looks into this library."""
        where = {"library": str(self.library), "config": str(self.configuration)}
        return {"call": name, **where, **more}

    def copy(self, folder: Path) -> Home:
        """A fresh copy; the configuration's and the library's files alone."""
        shutil.copytree(self.folder, folder)
        return Home(folder)

    def kinds(self) -> list[str]:
        """The kinds of files there are."""
        return [*sorted(files_by_kind(self.library)), CONFIGURATION]


@dataclass(frozen=True)
class Asked:
    """What is searched and asked: the first query is the title of a paper."""

    queries: tuple[str, ...]
    question: str


def environment(folder: Path) -> dict[str, str]:
    """The variables of a process that knows nothing of the reader's own files and keys."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("QUIRE_", "OPENAI_", "XDG_"))
    }
    names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
    own = {name: str(folder / name.lower()) for name in (*names, "QUIRE_MODELS", "QUIRE_HOME")}
    return {**clean, **own}


def make(
    folder: Path,
    sizes: Sequence[int],
    run: Run,
    endpoint: ScriptedEndpoint,
    *,
    live: bool = True,
    queries: int = 3,
) -> tuple[dict[str, Home], Asked]:
    """Make the libraries, by the names of their variants, and what to ask of them.

    With `live` each has a variant with a live write-ahead log too.
    """
    generator = Generator(_SEED)
    [title] = [str(one["title"]) for one in generator.papers(1)]
    some = generator.queries(2)
    asked = Asked((title, *some)[:queries], f"What is said of {' '.join(title.split()[2:6])}?")
    homes: dict[str, Home] = {}
    for size in sizes:
        home = Home(folder / str(size))
        _configure(home, endpoint.base_url)
        records = folder / f"{size}.jsonl"
        generator.write(records, size)
        _must(run, home.command("add", str(records)))
        _mark(home.library)
        for question in (asked.question, some[0]):
            run(home.command("ask", "--json", question))
            run(home.command("ask", "--json", "-c", f"{question} What else?"))
        _must(run, home.command("ask", "--json", "-m", "scripted", asked.question))
        homes[str(size)] = home
        if live:
            homes[f"{size} wal"] = _with_log(home, generator, size, run)
    return homes, asked


def _configure(home: Home, address: str) -> None:
    home.configuration.parent.mkdir(parents=True)
    text = f'{_CONFIG}base_url = "{address}"\nmodel = "scripted"\ncontext_tokens = 16000\n'
    home.configuration.write_text(text, "utf-8")
    home.configuration.with_name("older.toml").write_text(_OLDER, "utf-8")


def _mark(library: Path) -> None:
    """Set what no command sets: notes on some papers, and a status."""
    from store.ledger.database import Ledger, now

    ledger = Ledger.open(library)
    keys = [key for (key,) in ledger.rows("SELECT key FROM papers ORDER BY key LIMIT 24")]
    with ledger.write():
        for key in keys[::3]:
            text = f"A note on paper {key}: read it again."
            ledger.run(
                "INSERT INTO notes(paper, text, written_at) VALUES (?, ?, ?)", (key, text, now())
            )
        for key, status in zip(keys, ("read", "later", "kept", "skipped") * 6, strict=False):
            ledger.run("UPDATE papers SET status = ? WHERE key = ?", (status, key))
    ledger.close()


def _with_log(home: Home, generator: Generator, size: int, run: Run) -> Home:
    """A copy of a library to which papers are added while another connection is open."""
    from store.ledger.database import Ledger

    made = home.copy(home.folder.with_name(f"{size}-open"))
    more = made.folder.parent / f"{size}-more.jsonl"
    generator.write(more, size + _LATER)
    with ExitStack() as stack:
        # The last connection that closes would empty the log.
        ledger = Ledger.open(made.library)
        stack.callback(ledger.close)
        ledger.rows("SELECT count(*) FROM papers")
        _must(run, made.command("add", str(more)))
        copied = made.copy(home.folder.with_name(f"{size}-wal"))
    if not (copied.library / "ledger.sqlite3-wal").stat().st_size:
        raise SystemExit("the write-ahead log is empty: nothing was copied while it was in use")
    return copied


def _must(run: Run, job: Job) -> None:
    ran = run(job)
    if ran.code or ran.ended:
        raise SystemExit(f"{job} ended with {ran.code} {ran.ended}: {ran.err[-1000:]}")
