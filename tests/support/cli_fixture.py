"""Running the one-shot commands in a test: a library with four papers, a scripted endpoint."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from endpoint_fixture import Script, ScriptedEndpoint
from library_fixture import Shelf

from assistant.cli.root import main

PAPERS = Path(__file__).with_name("four_papers.jsonl").read_text("utf-8")
"""Four papers, as JSON lines."""


@dataclass(frozen=True)
class Ran:
    """What a command did; `seconds` from Ctrl-C to its end, where it was interrupted."""

    code: int
    out: str
    err: str
    seconds: float = 0.0

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Quire = Callable[..., Ran]


@pytest.fixture
def quire(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Quire:
    """Run a command in this process."""

    def run(*arguments: str, stdin: str | None = None) -> Ran:
        text = io.TextIOWrapper(io.BytesIO((stdin or "").encode()), encoding="utf-8")
        monkeypatch.setattr(sys, "stdin", text)
        monkeypatch.setattr(sys, "argv", ["quire", *arguments])
        capsys.readouterr()
        code = main(arguments, lambda frame, question, model: 99)
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        assert "\x1b" not in out + err, "a pipe gets plain text"
        return Ran(code, out, err)

    return run


Add = Callable[..., Path]


@pytest.fixture
def added(shelf: Shelf, tmp_path: Path) -> Add:
    """The library at the default place, with these records; returns its folder."""

    def add(records: Iterable[Mapping[str, Any]], file: str = "records.jsonl") -> Path:
        path = tmp_path / file
        path.write_text("".join(json.dumps(one) + "\n" for one in records))

        def build(folder: Path) -> None:
            assert main(("--library", str(folder), "add", str(path)), lambda *_: 99) == 0

        return shelf.copy((file, path.read_text()), build, tmp_path / "quire-home")

    return add


@pytest.fixture
def stocked(added: Add) -> Path:
    """A library with four papers, at the default place."""
    return added(map(json.loads, PAPERS.splitlines()), "papers.jsonl")


@dataclass(frozen=True)
class ServedModel:
    """A scripted endpoint that commands ask as a model of this name, and their configuration."""

    endpoint: ScriptedEndpoint
    name: str
    quire: Quire
    config: Path

    def run(self, command: str, *arguments: str, code: int = 0) -> Ran:
        """Run a command with this model, which ends with this exit code."""
        ran = self.quire(command, "-m", self.name, *arguments)
        assert ran.code == code, f"{ran.code} is not {code}:\n{ran.out}\n{ran.err}"
        return ran

    def json(self, command: str, *arguments: str, code: int = 0) -> Any:
        """What a command prints with `--json`."""
        return self.run(command, "--json", *arguments, code=code).json

    @property
    def sent(self) -> int:
        """How many requests came."""
        return len(self.endpoint.requests)


Serving = Callable[..., ServedModel]


@pytest.fixture
def serving(
    quire: Quire,
    tmp_path: Path,
    scripted_endpoint: Callable[..., ScriptedEndpoint],
    monkeypatch: pytest.MonkeyPatch,
) -> Serving:
    """Start a model, without a price or with one for a million tokens in and one for those out.

    `serving(reply)`, `serving(reply, prices=(2.0, 10.0))`; what has a price is configured as `big`.
    """

    def start(reply: Script, prices: tuple[float, ...] = (), **options: Any) -> ServedModel:
        endpoint = scripted_endpoint(reply, **options)
        config = tmp_path / "config.toml"
        if not prices:
            monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
            return ServedModel(endpoint, "scripted", quire, config)
        config.write_text(
            f'[models.big]\nbase_url = "{endpoint.base_url}"\nmodel = "scripted"\n'
            f"price_in = {prices[0]}\nprice_out = {prices[1]}\n"
        )
        monkeypatch.setenv("QUIRE_CONFIG", str(config))
        return ServedModel(endpoint, "big", quire, config)

    return start


def interrupted(
    arguments: Sequence[str],
    come: Callable[[], int],
    wanted: int,
    *,
    pause: float = 0.0,
    environment: Mapping[str, str] | None = None,
) -> Ran:
    """Run a command in a process of its own, and press Ctrl-C once so many requests have come."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", *arguments],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Where tests run in the background, Ctrl-C is ignored unless it is asked for.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        deadline = time.monotonic() + 60
        while come() < wanted and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(pause)
        pressed = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        seconds = time.monotonic() - pressed
    finally:
        process.kill()
    return Ran(process.returncode, out, err, seconds)
