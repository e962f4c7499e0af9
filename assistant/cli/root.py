"""The command line: finding a command, running it, and ending with the right code."""

from __future__ import annotations

import errno
import importlib
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import click

from assistant.cli.frame import Frame, OpenApp, global_options
from assistant.cli.signals import ended_in_order
from assistant.cli.top_help import ABOUT, COMMANDS, HELP_NAMES, VERSION, WIDEST, sections
from assistant.errors import Exit
from store.wording import with_hint

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from store.errors import StoreError


@contextmanager
def _reader_may_leave() -> Iterator[None]:
    """End a command here where who reads its pipe has closed it, which is no failure.

    Behind this click ends the program with 1 for any pipe or connection that is closed, in
    silence: one that is not stdout is a failure, and is told as such.
    """
    try:
        yield
    except BrokenPipeError as failure:
        if not _stdout_has_no_reader():
            raise ConnectionError(f"a pipe or connection is closed: {failure}") from failure
        _silence_stdout()
        raise click.exceptions.Exit(Exit.DONE) from None


def _stdout_has_no_reader() -> bool:
    from store.files import is_abandoned

    try:
        return is_abandoned(sys.stdout.fileno())
    except (OSError, ValueError):
        return False


class _Commands(click.Group):
    """A group whose commands are imported when they run, not when they are listed."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        with _reader_may_leave():  # the help is written here
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        with _reader_may_leave():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands by their lines in the help, so that none is imported."""
        from click.shell_completion import CompletionItem

        named = [
            CompletionItem(name, help=line)
            for name, (_, line) in sorted(COMMANDS.items())
            if name.startswith(incomplete)
        ]
        return [*named, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, rows in sections():
            with formatter.section(title):
                formatter.write_dl(rows)


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": list(HELP_NAMES), "max_content_width": WIDEST},
    help=ABOUT,
)
@click.option("--version", is_flag=True, help=VERSION)
@global_options
@click.pass_context
def cli(context: click.Context, version: bool) -> None:
    """Open the app where no command is named."""
    frame = context.find_object(Frame)
    assert frame is not None, "every command has one"
    if version:
        _tell_version(frame)
        context.exit(0)
    if context.invoked_subcommand is None:
        frame.exit_code = frame.open_app(frame, None, None, None)


def _tell_version(frame: Frame) -> None:
    """Print what a report of a fault begins with: the version, and which library would be used."""
    from importlib.metadata import version

    from store.ledger.database import FILE_NAME

    there = "" if (frame.folder / FILE_NAME).is_file() else " (none there yet)"
    frame.line(f"quire {version('quire')}")
    name = f" ({frame.library_name})" if frame.library_name else ""
    frame.line(f"library: {frame.folder}{name}{there}")


def main(arguments: Sequence[str], open_app: OpenApp, ctrl_c: object = None) -> int:
    """Run one command; returns the exit code of the program.

    `ctrl_c` is the handler of SIGINT that the program set for the time before.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller: what is written goes nowhere
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115
    options = list(arguments)[: arguments.index("--")] if "--" in arguments else arguments
    jsonl = "--jsonl" in options
    frame = Frame(open_app, json="--json" in options or jsonl, jsonl=jsonl, ctrl_c=ctrl_c)
    with ended_in_order(frame):
        try:
            cli.main(list(arguments), prog_name="quire", standalone_mode=False, obj=frame)
            sys.stdout.flush()
        except BaseException as failure:  # every way to end is turned into an exit code here
            return _end(failure, frame)
        return int(frame.exit_code)


def _end(failure: BaseException, frame: Frame) -> int:
    """Say what went wrong, in one line or in JSON, and give the exit code for it."""
    match failure:
        case SystemExit():
            return int(failure.code or 0) if isinstance(failure.code, int | None) else 1
        case click.exceptions.Exit():
            return failure.exit_code
        case click.exceptions.NoArgsIsHelpError():
            print(failure.ctx.get_help() if failure.ctx else "", file=sys.stderr)
            return Exit.WRONG_USE
        case BrokenPipeError():
            _silence_stdout()
            return frame.exit_code or Exit.DONE
        case KeyboardInterrupt() | click.Abort() if frame.is_told_to_end:
            return _say(frame, Exit.TERMINATED, "terminated", "told to end", "", failure)
        case KeyboardInterrupt() | click.Abort():
            return _say(frame, Exit.INTERRUPTED, "interrupted", "interrupted", "", failure)
        case click.ClickException():
            hint = ""
            if isinstance(failure, click.UsageError) and failure.ctx is not None:
                hint = f"see: {failure.ctx.command_path} --help"
            from assistant.cli.wrong_use import message_of

            message = message_of(failure)
            return _say(frame, Exit.WRONG_USE, "wrong_use", message, hint, failure)
    return _end_of_package(failure, frame)


_REMEDIES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "free some space, or choose another place"),
    **dict.fromkeys(
        (errno.EACCES, errno.EPERM, errno.EROFS), "change its permissions, or choose another place"
    ),
}
"""What to do about a failure of the system, by its number."""


def _end_of_package(failure: BaseException, frame: Frame) -> int:
    from assistant.errors import AssistantError, EndpointError, RecordMissing, ServiceFailed
    from store.errors import EmbeddingFailed, FetchFailed, InputError, StoreError

    if isinstance(failure, AssistantError | StoreError):
        match failure:
            case (
                EndpointError()
                | RecordMissing()
                | EmbeddingFailed()
                | FetchFailed()
                | ServiceFailed()
            ):
                code = Exit.ENDPOINT
            case InputError() | AssistantError():
                code = Exit.WRONG_USE
            case _:
                code = Exit.STORE
        return _say(frame, code, failure.code, failure.message, failure.hint, failure)
    if isinstance(failure, UnicodeError | OverflowError):
        return _say(
            frame,
            Exit.WRONG_USE,
            "wrong_use",
            f"something given cannot be used: {failure}",
            "give text in UTF-8 and numbers of a usual size",
            failure,
        )
    if isinstance(failure, OSError):
        place = failure.filename or ("stdout" if _is_of_help(failure) else "")
        where = f" ({place})" if place else ""
        message = f"{failure.strerror or failure}{where}"
        hint = _REMEDIES.get(failure.errno or 0, "")
        return _say(frame, Exit.STORE, "system", message, hint, failure)
    damage = _damage(frame)
    if damage is not None:
        return _say(frame, Exit.STORE, damage.code, damage.message, damage.hint, failure)
    name = type(failure).__name__
    return _say(
        frame,
        Exit.PARTLY,
        "internal",
        f"something broke inside quire ({name})",
        "run it again with --debug and report what it shows",
        failure,
    )


def _is_of_help(failure: OSError) -> bool:
    """Whether click failed to write on stdout, as it does the help of a command."""
    stack = traceback.walk_tb(failure.__traceback__)
    return any(
        one.f_code is click.echo.__code__ and not one.f_locals.get("err") for one, _ in stack
    )


def _damage(frame: Frame) -> StoreError | None:
    """What is wrong with the ledger of the library when a command broke, if anything is."""
    from store.errors import LibraryMissing, StoreError
    from store.ledger.check import is_damaged
    from store.ledger.database import Ledger

    try:
        with closing(Ledger.open(frame.folder)) as ledger:
            return is_damaged(ledger)
    except LibraryMissing:
        return None
    except StoreError as failure:
        return failure


def _say(
    frame: Frame, exit_code: Exit, code: str, message: str, hint: str, failure: BaseException
) -> int:
    if frame.debug:
        traceback.print_exception(failure)
    try:
        frame.tell(f"error: {with_hint(message, hint)}")
        if frame.json:
            error: dict[str, Any] = {"code": code, "message": message, "hint": hint}
            _print_error({"error": error, **(frame.partial or {})}, frame)
    except OSError:  # it has been told on stderr
        _silence_stdout()
    return int(exit_code)


def _print_error(document: dict[str, Any], frame: Frame) -> None:
    if frame.jsonl:
        frame.document({"event": "error", **document}, indent=None)
    else:
        frame.document(document)


def _silence_stdout() -> None:
    """Keep the interpreter from complaining about a closed stdout at its end."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        pass
