"""Hostile text through the commands: nothing crashes, nothing reaches the terminal."""

from __future__ import annotations

import importlib.util
import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import Quire
from endpoint_fixture import ScriptedEndpoint

Endpoint = Callable[..., ScriptedEndpoint]

OWN = {
    "clipboard": "\x1b]52;c;ZXZpbA==\x07",
    "title": "\x1b]0;mine\x07",
    "link": "\x1b]8;;https://bad.example\x07https://good.example\x1b]8;;\x07",
    "clear": "\x1b[2J\x1b[H",
    "report": "\x1b[6n\x1b[c",
    "eight bit": "\x9b31m\x9d0;t\x9c",
    "markup": "[/foo] [@click=app.quit]x[/] [0] $primary [red on red]y",
    "bidi": "abc \u202etxt.exe\u202c",
    "surrogate": "a\ud800b",
    "null": "a\x00b\x7f\x08",
}
BODY = " We measure owls at night and report a recall of 0.61 for a hundred owls."
# Bold and dim, and the waiting line, which is written over itself.
ALLOWED = re.compile(rb"\x1b\[(?:0|1|2)?m|\r\x1b\[K")


def check(output: bytes, *, styled: bool = False) -> None:
    """Nothing but text, line breaks, tabs and, on a terminal, our own bold and dim."""
    if styled:
        output = ALLOWED.sub(b"", output).replace(b"\r\n", b"\n")
    text = output.decode("utf-8")
    bad = [one for one in text if (ord(one) < 32 and one not in "\n\t") or 0x7F <= ord(one) <= 0x9F]
    assert not bad, ascii(bad[:5])
    assert not set(text) & set("\u202e\u202c\u2066\u200b\ufeff")
    assert "Traceback" not in text


def run(*arguments: str, **options: Any) -> tuple[int, bytes, bytes]:
    ran = subprocess.run(
        [sys.executable, "-m", "tui", *arguments], capture_output=True, timeout=90, **options
    )
    check(ran.stdout)
    check(ran.stderr)
    return ran.returncode, ran.stdout, ran.stderr


def add(tmp_path: Path, strings: dict[str, str]) -> None:
    records = [
        {
            "title": f"Owls {number} {text}",
            "abstract": f"{text}{BODY}",
            "authors": [f"A. {text} B."],
            "venue": text,
            "tags": [text[:30]],
            "url": f"https://example.org/{text}",
        }
        for number, text in enumerate(strings.values())
    ]
    path = tmp_path / "ha\x1b]0;x\x07rm.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in records))
    code, out, _ = run("add", str(path), "--json")
    report = json.loads(out)
    assert report["read"] == len(records)
    assert report["new"] + report["same"] + report["changed"] + report["refused"] == len(records)
    assert report["new"] > len(records) // 2
    assert code in (0, 1)


def through_every_command(count: int) -> None:
    assert run("list")[0] == 0
    listed = json.loads(run("list", "--json")[1])
    ids = [one["id"] for one in listed["papers"]]
    assert run("show", *ids)[0] == 0
    assert run("show", *ids, "--json")[0] == 0
    assert run("search", "owls at night", "-n", str(count))[0] == 0
    assert run("search", "owls at night", "--json", "-n", str(count))[0] == 0
    assert run("ask", "What recall is reported for owls?")[0] in (0, 5)
    assert run("ask", "What recall is reported for owls?", "--jsonl")[0] in (0, 5)
    assert run("summarize")[0] == 0


def test_our_own_strings(tmp_path: Path) -> None:
    """Case 78, at the command line."""
    add(tmp_path, OWN)
    through_every_command(len(OWN))
    assert run("ask", "what of \x1b]52;c;AAAA\x07 owls?")[0] in (0, 5)
    assert run("show", "\x1b[31mnope")[0] == 2
    assert run("--library", "/no\x1b]0;x\x07where", "list")[0] == 3


def test_the_hostile_strings(tmp_path: Path, shared: Path) -> None:
    """Case 78, at the command line."""
    strings = json.loads((shared / "faults" / "hostile_strings.json").read_text())
    add(tmp_path, {name: text for name, text in strings.items() if len(text) < 500})
    through_every_command(40)


@pytest.mark.parametrize("name", OWN)
def test_model_output_of_our_own(
    tmp_path: Path,
    scripted_endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """Cases 78 and 79."""
    add(tmp_path, {"plain": "plain"})
    text = OWN[name].replace("\ud800", "")
    endpoint = scripted_endpoint(f"Owls {text} have a recall of 0.61 [1.1]. Done {text}")
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    code, out, _ = run("ask", "-m", "scripted", "What recall do owls have?")
    assert code == 0
    assert b"0.61 [1]" in out
    assert run("ask", "-m", "scripted", "What recall do owls have?", "--json")[0] == 0


def on_a_terminal(arguments: list[str], seconds: float = 60) -> tuple[int, bytes]:
    """Run a command on a terminal of its own; returns exit code and all bytes it wrote."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-m", "tui", *arguments])
    written = b""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                break
            if not data:
                break
            written += data
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), written


SCENARIOS = [
    "ansi_output",
    "osc8_output",
    "osc52_output",
    "title_output",
    "markup_output",
    "exfil_markdown",
    "bidi_output",
    "zalgo_output",
    "deep_nesting_output",
    "huge_table_output",
    "bad_citations",
    "surrogate_escape",
    "nul_bytes",
]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_hostile_endpoint_on_a_terminal(
    tmp_path: Path, shared: Path, monkeypatch: pytest.MonkeyPatch, scenario: str
) -> None:
    """Cases 79 to 82 and 92, on a terminal and in a pipe."""
    spec = importlib.util.spec_from_file_location(
        "fault_server", shared / "faults" / "fault_server.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    server, port = module.serve()
    try:
        add(tmp_path, {"plain": "plain"})
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{port}/v1")
        monkeypatch.setenv("TERM", "xterm-256color")
        arguments = ["ask", "-m", f"fault:{scenario}", "What recall do owls have?"]
        code, written = on_a_terminal(arguments)
        check(written, styled=True)
        assert code in (0, 4, 5)
        code, _, _ = run(*arguments, "--json")
        assert code in (0, 4, 5)
    finally:
        server.close()


def test_a_record_that_repeats_itself_is_told(quire: Quire, tmp_path: Path) -> None:
    """Case 98: on the screen, in JSON, and where every paper is asked."""
    stuffed = {
        "title": "Owls of the north",
        "abstract": "Owls hunt 7 mice an hour by sound. " * 500,
    }
    honest = {"title": "Bees in June", "abstract": "Bees dance in June. We film 300 of them."}
    file = tmp_path / "stuffed.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in (stuffed, honest)))
    assert quire("add", str(file)).code == 0
    line = r"the abstract of “Owls of the north” says one sentence \d{3} times"
    question = "How many mice do owls hunt an hour by sound?"
    shown = quire("ask", question)
    assert shown.code == 0, shown.err
    assert re.search(line, shown.out + shown.err)
    assert re.search(line, quire("ask", question, "--json").json["note"])
    every = quire("ask", "--all", "Which papers say that owls hunt mice by sound?", "--json").json
    assert every["coverage"]["yes"] == 1
    assert re.search(line, every["note"])
    bees = quire("ask", "When do the bees dance in June?", "--json").json
    assert [one["title"] for one in bees["references"]] == ["Bees in June"]
    assert "times" not in bees["note"]
