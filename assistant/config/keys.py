"""Where the key of a model comes from: an environment variable, or a command's output."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from assistant.errors import WrongUse

if TYPE_CHECKING:
    from assistant.config.tables import ModelSettings

USUAL_VARIABLE = "OPENAI_API_KEY"
"""The variable that is looked at where a model names neither a variable nor a command."""

COMMAND_SECONDS = 20.0
"""How long a key command may take; a password manager may ask its owner first."""

_LONGEST_KEY = 10_000
_BY_HAND = "run it by hand to see why"


def key_of(name: str, model: ModelSettings, environment: Mapping[str, str]) -> str | None:
    """The key of a configured model, None for none; a key command is run.

    Raises WrongUse, which holds nothing of what a command wrote.
    """
    if model.key_command is not None:
        return run_key_command(name, model.key_command, environment)
    if model.key_variable is not None:
        return environment.get(model.key_variable)
    return environment.get(USUAL_VARIABLE) if _is_https(model) else None


def key_place(name: str, model: ModelSettings) -> str:
    """What a reader sets to give a model its key."""
    if model.key_command is not None:
        return f"key_command in [models.{name}]"
    if model.key_variable is not None:
        return model.key_variable
    return USUAL_VARIABLE if _is_https(model) else f"key_variable in [models.{name}]"


def key_about(model: ModelSettings, environment: Mapping[str, str]) -> str:
    """Where a key comes from and whether it is there, without it; no command is run."""
    if model.key_command is not None:
        return "key from a command"
    variable = model.key_variable or (USUAL_VARIABLE if _is_https(model) else None)
    if variable is None:
        return "no key"
    return f"key from {variable}" + ("" if environment.get(variable) else ", which is not set")


def run_key_command(name: str, command: str | Sequence[str], environment: Mapping[str, str]) -> str:
    """Run a key command without a shell and return what it writes on stdout, stripped.

    Neither its output nor its arguments reach a message. Raises WrongUse.
    """
    place = f"key_command of [models.{name}]"
    try:
        arguments = shlex.split(command) if isinstance(command, str) else list(command)
    except ValueError:
        raise WrongUse(f"the {place} has a quote that is not closed", "mend it") from None
    if not arguments or not arguments[0]:
        raise WrongUse(f"the {place} is empty", "name a command, or take it out")
    try:
        output, code = _output(arguments, environment)
    except TimeoutError:
        what = f"the {place} took longer than {COMMAND_SECONDS:.0f} s and was ended"
        raise WrongUse(what, _BY_HAND) from None
    except (OSError, ValueError) as failure:
        reason = getattr(failure, "strerror", None) or "it holds a NUL"
        raise WrongUse(f"the {place} cannot be run: {reason}", "check its path") from None
    if len(output) > _LONGEST_KEY:
        raise WrongUse(f"the {place} wrote more than a key", _BY_HAND)
    if code != 0:
        raise WrongUse(f"the {place} failed with exit code {code}", _BY_HAND)
    if not output.strip():
        raise WrongUse(f"the {place} wrote nothing", _BY_HAND)
    return output.decode("utf-8", "replace").strip()


def _output(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[bytes, int]:
    """What a command writes, cut behind the longest key, and its exit code.

    Raises TimeoutError after ending it and what it started, OSError when it does not start.
    """
    timed_out = threading.Event()
    with subprocess.Popen(
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=dict(environment),
        process_group=0,
    ) as process:

        def end() -> None:
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)

        def end_late() -> None:
            timed_out.set()
            end()

        timer = threading.Timer(COMMAND_SECONDS, end_late)
        timer.start()
        try:
            output = process.stdout.read(_LONGEST_KEY + 1) if process.stdout else b""
            if len(output) > _LONGEST_KEY:
                end()
            code = process.wait()
        except BaseException:
            end()
            raise
        finally:
            timer.cancel()
    if timed_out.is_set():
        raise TimeoutError
    return output, code


def _is_https(model: ModelSettings) -> bool:
    return model.base_url.strip().lower().startswith("https://")
