"""What the program imports, and when."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from store.library.library import Library

HEAVY = (
    *("chromadb", "openai", "httpx2", "textual", "tantivy", "numpy", "tokenizers", "rich"),
    "pydantic",
)
_PROGRAM = (
    "import sys\n"
    "from tui.__main__ import main\n"
    "sys.argv = ['quire', *sys.argv[1:]]\n"
    "code = main()\n"
    f"heavy = [name for name in {HEAVY!r} if name in sys.modules]\n"
    "print('heavy:', heavy, 'code:', code, file=sys.stderr)\n"
)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["list"],
        ["list", "--json"],
        ["show", "Study 3 of"],
        ["status"],
        ["ask", "--help"],
        ["summarize", "--help"],
        ["add", "--help"],
        ["search", "--help"],
        ["similar", "--help"],
        ["models", "--help"],
        ["models", "add", "--help"],
        ["models", "add", "x", "--url", "http://127.0.0.1:1/v1", "--model", "m"],
        ["nonsense"],
    ],
    ids=" ".join,
)
def test_light_commands_import_nothing_heavy(
    tmp_path: Path, arguments: list[str], made_up_papers: list[object]
) -> None:
    with Library.open(tmp_path / "quire-home", create=True) as library:
        library.ingest().run(made_up_papers)  # type: ignore[arg-type]
        title = library.papers()[3].title
    arguments = [title if one.startswith("Study") else one for one in arguments]
    ran = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *arguments], capture_output=True, text=True, timeout=60
    )
    expected = 2 if arguments == ["nonsense"] else 0
    # A configuration is checked by pydantic, once there is one.
    heavy = ["pydantic"] if "--url" in arguments else []
    assert f"heavy: {heavy} code: {expected}" in ran.stderr, ran.stderr


def test_importing_the_packages_opens_nothing() -> None:
    """Nothing downloads, connects or writes on import."""
    program = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise AssertionError('a socket')\n"
        "socket.socket.connect = refuse\n"
        "import assistant.answers.ask, assistant.workspace, assistant.wiring.models\n"
        "import assistant.generation.openai.endpoint, store.library.library\n"
        "import store.chroma.worker, store.chroma.projection\n"
        "print([name for name in ('chromadb', 'openai', 'textual') if name in sys.modules])\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert ran.stdout.strip() == "[]", ran.stderr
