"""What the program imports, and when."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from store.ledger.database import Ledger

HEAVY = (
    *("chromadb", "openai", "httpx2", "textual", "tantivy", "numpy", "tokenizers", "rich"),
    "pydantic",
)
WITH_HELP = ("ask", "summarize", "add", "search", "similar", "models", "models add")
_PROGRAM = """
import contextlib, io, json, sys
from tui.__main__ import main

heavy, commands = json.load(sys.stdin)
for arguments in commands:
    sys.argv = ["quire", *arguments]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        code = main()
    print(json.dumps([arguments, code, [name for name in heavy if name in sys.modules]]))
"""


def test_light_commands_import_nothing_heavy(filled: Path) -> None:
    """In one process, so that the first that imports something is the one that is named."""
    with closing(Ledger.open(filled)) as ledger:
        title = ledger.value("SELECT title FROM papers WHERE key = 3")
    added = ["models", "add", "x", "--url", "http://127.0.0.1:1/v1", "--model", "m"]
    commands = [
        *(["--help"], ["--version"], ["list"], ["list", "--json"], ["show", title], ["status"]),
        *([*name.split(), "--help"] for name in WITH_HELP),
        ["nonsense"],
        added,
    ]
    ran = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        input=json.dumps([HEAVY, commands]),
        env={**os.environ, "QUIRE_HOME": str(filled)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    came = [json.loads(line) for line in ran.stdout.splitlines()]
    # A configuration is checked by pydantic, once there is one.
    right = [
        [one, 2 if one == ["nonsense"] else 0, ["pydantic"] if one is added else []]
        for one in commands
    ]
    assert came == right, ran.stderr


_IMPORTS = """
import socket, sys

def refuse(*arguments, **named):
    raise AssertionError("a socket")

socket.socket.connect = refuse
import assistant.types.answers, assistant.types.events, store.types
store.types.Rejection(source="-", reason="no").model_dump_json()
print("pydantic" in sys.modules)
import assistant.answers.ask, assistant.workspace, assistant.wiring.models
import assistant.generation.openai.endpoint, store.library.library
import store.chroma.worker, store.chroma.projection
print([name for name in ("chromadb", "openai", "textual") if name in sys.modules])
"""


def test_importing_the_packages_opens_nothing_and_values_need_no_pydantic() -> None:
    """Nothing downloads, connects or writes on import."""
    ran = subprocess.run(
        [sys.executable, "-c", _IMPORTS], capture_output=True, text=True, timeout=60
    )
    assert ran.stdout.split() == ["False", "[]"], ran.stderr
