"""From the start of the program to its end: the app for no command or `chat`, else a command."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress

TYPE_CHECKING = False  # typing takes a third of the time of --help
if TYPE_CHECKING:
    from typing import Any

    from assistant.cli.frame import Frame
    from assistant.config.file import ConfigFile
    from assistant.types.sessions import SessionChoice
    from assistant.workspace.workspace import Workspace
    from tui.terminal.typed_ahead import TypedAhead

_INTERRUPTED = 130
_STDOUT, _STDERR = 1, 2
_VALUED = ("--library", "--config")
_FINALIZER_SECONDS = 0.01
_YOUNG_OBJECTS = 200_000
"""Objects made, less those gone, between two looks for cycles. There are few cycles, and nearly all
that is imported or read lives on: with Python's 700 the looks take a twentieth of a command."""


def run(arguments: list[str], ctrl_c: object = None) -> int:
    """Run quire; returns its exit code. `ctrl_c` is the handler of SIGINT so far."""
    if (shell := os.environ.get("_QUIRE_COMPLETE")) is not None:
        from assistant.cli.completing.answer import answer

        return answer(shell, arguments)
    # Products here are small, and memory sets their pace: the threads of BLAS gain nothing, and
    # starting them, and their waiting for work, takes a sixth of the time of a command.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    usual, hook = gc.get_threshold(), sys.unraisablehook
    gc.set_threshold(_YOUNG_OBJECTS)
    typed: TypedAhead | None = None
    code = _INTERRUPTED
    ending = _Ending()
    try:
        _stand_in_for_stdout()
        if arguments in (["--help"], ["-h"]) and _helps():
            return 0
        if opens_app(arguments):
            # Before all else: what is imported next takes as long as a reader's first words.
            from tui.terminal.typed_ahead import TypedAhead

            typed = TypedAhead()
            _raise_on_ctrl_c()  # the terminal is given back then
            sys.unraisablehook = press_again
            typed.begin()
        with nullcontext() if "--debug" in arguments else apart():
            code = _run(arguments, typed, ctrl_c)
    except KeyboardInterrupt:
        pass
    finally:
        gc.set_threshold(*usual)
        sys.unraisablehook = hook
        if typed is not None:
            typed.end(drop=code != 0)
    ending.begin(code)
    _settle()
    # As it ends, the interpreter looks through everything that lives for cycles: 0.3 s with the
    # client of the endpoints, in which Ctrl-C seems not to have worked.
    gc.freeze()
    return code


class _Ending:
    """The last of what the interpreter does at its end: Ctrl-C gives no other code any more."""

    def __init__(self) -> None:
        import atexit

        self._code: int | None = None
        atexit.register(self._last)

    def begin(self, code: int) -> None:
        """End with a code on Ctrl-C from now on: all is done."""
        import signal

        self._code = code
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            with suppress(ValueError):  # not the main thread
                signal.signal(signal.SIGINT, lambda *_: os._exit(code))

    def _last(self) -> None:
        if self._code is None:
            return
        import signal

        with suppress(ValueError):
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        if self._code == _INTERRUPTED:
            # Where Ctrl-C fell into code made from a text, as dataclasses are, Python would end
            # itself by the signal in place of the code.
            _settle()
            os._exit(self._code)


def _stand_in_for_stdout() -> None:
    """Have what is written fail where the caller closed stdout, and no file take its number."""
    if sys.stdout is not None:
        return
    unwritable = os.open(os.devnull, os.O_RDONLY)
    if unwritable != _STDOUT:
        os.dup2(unwritable, _STDOUT)
        os.close(unwritable)
    sys.stdout = open(_STDOUT, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def _settle() -> None:
    """Keep the interpreter from complaining of a stream that cannot be written; all is told."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _helps() -> bool:
    """Write the help; False where stdout does not take it, which is not said here."""
    from assistant.cli.top_help import write_top_help

    try:
        write_top_help()
    except (AttributeError, OSError):
        return False
    return True


def opens_app(arguments: Sequence[str]) -> bool:
    """True when a command line opens the app, as far as can be told before it is read."""
    rest = iter(arguments)
    for one in rest:
        if one in ("-h", "--help", "--version"):
            return False
        if one in _VALUED:
            next(rest, None)
        elif not one.startswith("-"):
            return one == "chat" and not {"-h", "--help"} & set(arguments)
    return True


@contextmanager
def apart() -> Iterator[None]:
    """Keep sys.stderr for the program alone: the descriptor below it leads nowhere meanwhile.

    A library written in Rust prints the text of a panic there before it raises, which is noise
    before our own line on it. Only the entry of the program does this: what is narrated goes
    through sys.stderr, every process that is started is given its own stderr, and whoever
    looks for a fault with --debug is shown everything.
    """
    before = sys.stderr
    if before is None:  # closed by the caller: what has the number now is a file of another's
        yield
        return
    own = os.dup(_STDERR)
    sys.stderr = open(own, "w", 1, before.encoding, before.errors)  # noqa: SIM115
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, _STDERR)
    os.close(null)
    try:
        yield
    finally:
        with suppress(OSError, ValueError):
            sys.stderr.flush()
        os.dup2(own, _STDERR)
        mine, sys.stderr = sys.stderr, before
        with suppress(OSError, ValueError):
            mine.close()


def _run(arguments: list[str], typed: TypedAhead | None, ctrl_c: object) -> int:
    from assistant.cli.root import main as run_command_line

    def open_app(frame: Frame, question: str | None, model: str | None, session: str | None) -> int:
        return _open_app(frame, question, model, session, typed)

    return run_command_line(arguments, open_app, ctrl_c)


def _open_app(
    frame: Frame,
    question: str | None,
    model: str | None,
    session: str | None,
    typed: TypedAhead | None,
) -> int:
    """Open the app on the terminal; textual is imported only here."""
    import click

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("the app needs a terminal; for scripts see: quire --help")
    settings, folder = frame.settings, frame.folder
    from assistant.config.model_choice import judge_name, model_name, model_settings, recording_of

    name = model_name(model, settings)
    model_settings(name, settings)
    judge_name(name, settings)
    if (path := recording_of(name)) is not None:
        from assistant.generation.records import read_records

        read_records(path)  # a damaged one is said here, where there is a line for it
    # Which conversation is meant may be asked.
    with nullcontext() if typed is None or session is None else typed.given_back():
        going = _conversation(frame, session)

    import asyncio
    from importlib import import_module

    from assistant.config.file import ConfigFile
    from assistant.config.settings import config_file
    from tui.app import QuireApp

    async def open_this_workspace() -> Workspace:
        # What works on the library takes as long to import as what paints the screen.
        await asyncio.to_thread(import_module, "assistant.workspace.workspace")
        from assistant.workspace.workspace import open_workspace

        return await open_workspace(folder, model, settings, lambda line: None)

    config = ConfigFile(config_file(frame.config, os.environ))
    _raise_on_ctrl_c()
    app = QuireApp(
        open_this_workspace,
        question=question,
        going=going,
        max_cost=settings.max_cost,
        theme=(settings.theme or "", lambda name: _keep_theme(config, name)),
        config=config,
        keys=settings.keys,
    )
    return app.run_to_exit(typed)


def _keep_theme(config: ConfigFile, name: str) -> None:
    """Write the theme into the configuration; raises WrongUse."""
    from assistant.config.choices import set_value

    set_value(config, ("theme",), name)


def _conversation(frame: Frame, name: str | None) -> SessionChoice | None:
    """The conversation to go on with or to begin; what is wrong with the library is said here.

    Where there is none at the usual place, an empty one is begun.
    """
    from assistant.config.libraries import is_begun_unasked

    with frame.open(create=is_begun_unasked(frame.library)) as library:
        if name is None:
            return None
        from assistant.cli.session_names import chosen
        from assistant.sessions import Conversations

        return chosen(frame, Conversations(library).choose(name))


def press_again(what: Any) -> None:
    """Press Ctrl-C once more where Python dropped it: in a finalizer, as imports run some.

    To be set as `sys.unraisablehook`; anything else is told as Python does.
    """
    if what.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(what)
        return
    import _thread
    import signal
    import time

    main = _thread.get_ident()  # signals are handled in no other

    def press() -> None:
        time.sleep(_FINALIZER_SECONDS)
        if sys.platform == "win32":
            _thread.interrupt_main()
        else:
            # What waits in the system is woken as well.
            signal.pthread_kill(main, signal.SIGINT)

    _thread.start_new_thread(press, ())


def _raise_on_ctrl_c() -> None:
    import signal

    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
