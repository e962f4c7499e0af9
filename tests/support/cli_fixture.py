"""Running the one-shot commands in a test, one or several in turn as rows of a table."""

from __future__ import annotations

import io
import json
import os
import shutil
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
from tables import Row, for_each, table

from assistant.cli.root import main
from assistant.config.settings import load_settings

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
    """The library at the default place, with these records; returns its folder.

    The test has the file too, in a place where the library has read nothing: whose it read
    would be by which test came first.
    """

    def add(records: Iterable[Mapping[str, Any]], file: str = "records.jsonl") -> Path:
        path = tmp_path / file
        path.write_text("".join(json.dumps(one) + "\n" for one in records))

        def build(folder: Path) -> None:
            read = folder.with_name(f"read for {folder.name}") / file
            read.parent.mkdir()
            shutil.copy(path, read)
            # By the built-in embedder, whatever the test that came first has fetched.
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("QUIRE_MODELS", str(folder.with_name("no models")))
                assert main(("--library", str(folder), "add", str(read)), lambda *_: 99) == 0

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
def unjudged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration by which no answer is judged: a test counts the requests that it is on."""
    config = tmp_path / "config.toml"
    config.write_text('check = "off"\n')
    monkeypatch.setenv("QUIRE_CONFIG", str(config))
    return config


@pytest.fixture
def serving(
    quire: Quire,
    unjudged: Path,
    scripted_endpoint: Callable[..., ScriptedEndpoint],
    monkeypatch: pytest.MonkeyPatch,
) -> Serving:
    """Start a model, without a price or with one for a million tokens in and one for those out.

    `serving(reply)`, `serving(reply, prices=(2.0, 10.0))`; what has a price is configured as `big`.
    It judges by `check`.
    """

    def start(
        reply: Script, prices: tuple[float, ...] = (), check: str = "off", **options: Any
    ) -> ServedModel:
        endpoint = scripted_endpoint(reply, **options)
        unjudged.write_text(f'check = "{check}"\n')
        if not prices:
            monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
            return ServedModel(endpoint, "scripted", quire, unjudged)
        unjudged.write_text(
            f'{unjudged.read_text()}[models.big]\nbase_url = "{endpoint.base_url}"\n'
            f'model = "scripted"\n'
            f"price_in = {prices[0]}\nprice_out = {prices[1]}\n"
        )
        return ServedModel(endpoint, "big", quire, unjudged)

    return start


def interrupted(
    arguments: Sequence[str],
    come: Callable[[], int],
    wanted: int,
    *,
    pause: float = 0.0,
    environment: Mapping[str, str] | None = None,
    by: signal.Signals = signal.SIGINT,
) -> Ran:
    """Run a command in a process of its own, and press Ctrl-C once so many requests have come.

    `by` is another signal that it is sent: it runs as in the background then, where Ctrl-C is
    ignored.
    """
    at_ctrl_c = signal.default_int_handler if by == signal.SIGINT else signal.SIG_IGN
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", *arguments],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Where tests run in the background, Ctrl-C is ignored unless it is asked for.
        preexec_fn=lambda: signal.signal(signal.SIGINT, at_ctrl_c),
    )
    try:
        deadline = time.monotonic() + 60
        while come() < wanted and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(pause)
        pressed = time.monotonic()
        process.send_signal(by)
        out, err = process.communicate(timeout=60)
        seconds = time.monotonic() - pressed
    finally:
        process.kill()
    return Ran(process.returncode, out, err, seconds)


Walk = Callable[..., list[Ran]]
CONFIG = "xdg-config/quire/config.toml"
"""Where the configuration stands below a test's folder."""


@pytest.fixture
def walk(quire: Quire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Walk:
    """Run commands in turn: `walk(__file__, "added.jsonl", url=...)`, each step a row of a table.

    Before the command `run`, the `environment` is set (null: unset) and `files` are written
    below the test's folder; `stdin` is what it reads. Then its exit `code` (0 where none is
    given), words on stdout and stderr (`out`, `err`), each of them as a whole (`out_is`,
    `err_is`), the one line of an `error` (code 2), values of its `json` and of the `settings` by
    their path, and what files `hold` (null: there is none) are held against the row. `{url}`
    stands for what the test calls so, `{tmp}` for its folder, `{config}` for the configuration
    in it. A `part` is walked by itself.
    """

    def step(row: Row) -> Ran:
        for name, value in row.get("environment", {}).items():
            monkeypatch.delenv(name, raising=False)
            if value is not None:
                monkeypatch.setenv(name, value)
        for name, text in row.get("files", {}).items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
        ran = quire(*row["run"], stdin=row.get("stdin"))
        assert ran.code == row.get("code", 2 if "error" in row else 0), ran.err
        for came, name in ((ran.out, "out"), (ran.err, "err")):
            assert not [words for words in row.get(name, []) if words not in came], came
            assert came == row.get(f"{name}_is", came)
        if "error" in row:
            assert (ran.out, ran.err[:7], ran.err.count("\n")) == ("", "error: ", 1)
            assert row["error"] in ran.err
        for path, right in row.get("json", {}).items():
            assert (path, value_at(ran.json, path)) == (path, right)
        for path, right in row.get("settings", {}).items():
            assert (path, value_at(load_settings(), path)) == (path, right)
        for name, text in row.get("hold", {}).items():
            path = tmp_path / name
            assert (name, path.read_text() if path.exists() else None) == (name, text)
        return ran

    def take(test_file: str, name: str, part: str = "", **places: object) -> list[Ran]:
        places = {"tmp": tmp_path, "config": CONFIG, **places}
        came: list[Ran] = []
        rows = [row for row in table(test_file, name) if row.get("part", "") == part]
        assert rows, f"{name} has no part {part!r}"
        for_each((with_places(row, places) for row in rows), lambda row: came.append(step(row)))
        return came

    return take


def with_places(row: Row, places: dict[str, object]) -> Row:
    """A row in which each {name} is replaced by what it stands for."""
    text = json.dumps(row)
    for name, place in places.items():
        text = text.replace(f"{{{name}}}", json.dumps(str(place))[1:-1])
    whole: Row = json.loads(text)
    return whole


def value_at(document: Any, path: str) -> Any:
    """The value at a path such as "hits.0.title"; `*` is each of a list, `#` their number.

    `@` are the names in an object, sorted; the empty path is the whole.
    """
    head, _, rest = path.partition(".")
    match head:
        case "":
            return document
        case "#":
            return len(document)
        case "@":
            return sorted(document)
        case "*":
            return [value_at(one, rest) for one in document]
    if isinstance(document, dict | list):
        return value_at(document[int(head) if head.isdecimal() else head], rest)
    return value_at(getattr(document, head), rest)
