"""One-shot commands one after another in one process, so that one terminal shows them all."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from terminal_fixture import OnTerminal, Terminals

_PROGRAM = """
import json, sys
from assistant.cli.root import main
for arguments in json.loads(sys.argv[1]):
    code = main(arguments, lambda *_: 99)
    print(f"\\n=== ended with {code}", flush=True)
"""
_END = re.compile(r"\n=== ended with (\d+)\n")


@dataclass(frozen=True)
class Shown:
    """What one of the commands wrote, the lines that stood on the terminal, its exit code."""

    output: str
    lines: list[str]
    code: int


def several(on_terminal: Terminals, *commands: Sequence[str]) -> OnTerminal:
    """Start commands on one terminal; each begins when the one before it has ended."""
    return on_terminal(json.dumps(commands), program=_PROGRAM)


def each_of(shown: OnTerminal) -> list[Shown]:
    """What each command did, once all have ended."""
    assert shown.end() == 0, shown.output
    outputs = _END.split(shown.output.replace("\r\n", "\n"))
    lines = _END.split("\n".join(shown.lines))
    return [
        Shown(output, standing.split("\n"), int(code))
        for output, standing, code in zip(outputs[:-1:2], lines[:-1:2], outputs[1::2], strict=True)
    ]
