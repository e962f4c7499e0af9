"""How fast the app is while an answer comes, and how soon a long conversation is there.

    python -m tests.bench.app.talking --library FOLDER [--question TEXT] [--turns 1000] [--rounds 5]

The library is copied first. A server on loopback writes 200 tokens a second for half a minute;
meanwhile letters are typed into the box: milliseconds until each is drawn, median, 95th percentile
and the longest. Then a conversation of so many turns, each one that quire answered, is opened from
the list of chats: seconds from Enter until its last question is drawn, and memory then.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from assistant.types.answers import Answer
from store.ledger.database import now
from store.ledger.sessions import StoredTurn
from store.library.library import Library
from tests.bench.app.terminal import Terminal
from tests.bench.scale.measure import percentile, run

ROOT = Path(__file__).resolve().parents[3]
TOKENS_A_SECOND = 200
_SECONDS = 30
_BOX = b"sk the library"
_LETTERS = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩЖЗИЙЛЦЧШЩЪЫЬЭЮЯ"
"""Letters that stand in no answer, so that what is drawn of them is what was typed."""


class _Writer(BaseHTTPRequestHandler):
    """Streams words for half a minute, whatever is asked."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        data = json.dumps({"object": "list", "data": [{"id": "writer", "object": "model"}]})
        self._begin("application/json", len(data))
        self.wfile.write(data.encode())

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._begin("text/event-stream")
        began = time.monotonic()
        try:
            for at in range(_SECONDS * TOKENS_A_SECOND):
                word = "found.[1]\n\n" if at % 25 == 24 else f"word{at % 97} "
                chunk = {"index": 0, "delta": {"content": word}, "finish_reason": None}
                self._send({"choices": [chunk]})
                time.sleep(max(0, began + at / TOKENS_A_SECOND - time.monotonic()))
            self._send({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
            self.wfile.write(b"data: [DONE]\n\n")
        except OSError:
            pass  # the app went

    def _send(self, chunk: dict[str, object]) -> None:
        whole = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "writer"}
        self.wfile.write(b"data: " + json.dumps(whole | chunk).encode() + b"\n\n")
        self.wfile.flush()

    def _begin(self, kind: str, length: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.send_header("Connection", "close")
        self.end_headers()


@contextmanager
def _server() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Writer)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()


def main() -> None:
    """Measure both, print the figures."""
    options = _options()
    with tempfile.TemporaryDirectory() as home:
        library = Path(home) / "library"
        shutil.copytree(options.library, library)
        with _server() as address:
            waits = _typed_while_it_comes(library, Path(home), address)
        told = (statistics.median(waits), percentile(waits, 0.95), max(waits))
        print(
            f"a letter while {TOKENS_A_SECOND} tokens a second come, ms: "
            "median {:.0f}, p95 {:.0f}, longest {:.0f}, n {}".format(*told, len(waits))
        )
        _converse(library, options.question, options.turns)
        opened = [_opened(library, Path(home), options.turns) for _ in range(options.rounds)]
        seconds = statistics.median(one[0] for one in opened)
        memory = statistics.median(one[1] for one in opened)
        print(f"a chat of {options.turns} turns opened, s: {seconds:.2f}; memory, MB: {memory:.0f}")


def _start(library: Path, home: Path, **environment: str) -> Terminal:
    command = (sys.executable, "-m", "tui", "--library", str(library))
    terminal = Terminal(
        command,
        cwd=ROOT,
        environment={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_STATE_HOME": str(home / "state"),
            **environment,
        },
    )
    terminal.until(_BOX)
    terminal.until(b" papers")  # the library is open
    terminal.press(b" ")  # until it is quiet
    return terminal


def _typed_while_it_comes(library: Path, home: Path, address: str) -> list[float]:
    """Milliseconds from each letter to where it is drawn, while an answer comes."""
    terminal = _start(library, home, OPENAI_BASE_URL=address, QUIRE_MODEL="writer")
    waits = []
    try:
        os.write(terminal.terminal, b"what is a network?\r")
        terminal.until(b"word42")
        for letter in _LETTERS:
            began = time.monotonic()
            os.write(terminal.terminal, letter.encode())
            terminal.until(letter.encode())
            waits.append((time.monotonic() - began) * 1000)
            terminal.rest(0.25)
    finally:
        terminal.close()
    return waits


def _converse(library: Path, question: str, turns: int) -> None:
    """Save a conversation of answers that quire gave to one question."""
    command = [sys.executable, "-m", "tui", "--library", str(library), "ask", "--session", "bench"]
    run([*command, question], cwd=ROOT)
    with Library.open(library) as opened:
        answer = Answer.model_validate_json(opened.session(opened.sessions()[0].id)[1][-1].answer)
        stored = []
        for number in range(1, turns + 1):
            asked = f"Number {number} of many?"
            one = answer.model_copy(update={"question": asked, "session": None})
            stored.append(StoredTurn(now(), asked, one.model_dump_json()))
        opened.save_turns(None, stored)


def _opened(library: Path, home: Path, turns: int) -> tuple[float, float]:
    """Seconds until the last question of the chat used last is drawn, and memory then, in MB."""
    terminal = _start(library, home)
    try:
        last = f"Number {turns} of many?".encode()
        terminal.press_until(
            b"\x12", last
        )  # ^r: the chat used last has its last question beside it
        terminal.rest(0.5)
        return terminal.press_until(b"\r", last)[1], terminal.memory_mb()
    finally:
        terminal.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--question", default="What is known about networks?")
    parser.add_argument("--turns", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
