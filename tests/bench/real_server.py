"""One walk with a real OpenAI-compatible server program: llama.cpp's, from its Python package.

    python -m tests.bench.real_server --python VENV/bin/python [--context N] [--json FILE]
        [--model FILE] [--chat-format NAME]

The fakes of the tests say what their author thinks a server says. Here a server that was
written by others answers: it is started on a free port of this machine with a tiny model,
made on the spot with random weights, so that its words mean nothing and its bytes are often
no text. VENV is an environment of its own, for the package builds a C++ library (six minutes
on two cores) and is no part of the project:

    python3 -m venv VENV && VENV/bin/pip install 'llama-cpp-python[server]' gguf

For each step the walk prints what quire said, and whether what has to hold did:

    add       the model goes into a configuration of its own
    test      quire models test: what works with this server
    ask       a question with --json, with --jsonl and plainly; no traceback, the pieces that
              were streamed are the text at the end, an answer that ends early is marked
    context   sources that do not fit into the model's window: fewer are tried, or it is said
    stop      Ctrl-C in the middle: exit 130, and the server answers the next question
    gone      the server is ended: exit 4, one line

With --model the walk is made with a model of yours, a file in the format GGUF, in place of the
one with random weights: any instruct model will do that the machine has memory for. Its own
template of a conversation is used, unless --chat-format names one of llama.cpp's; --context
should be no more than it was trained for. What is held to is the same, for a model may say what
it likes; beside that the steps tell how many sentences had which verdict. Where no first word
comes in the time that quire waits for one, a smaller --context makes smaller prompts. The file
is read where it lies, and nothing is fetched.

Exit code 1 when something did not hold. Nothing leaves this machine.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
QUESTION = "Which methods learn without labels, and how do they compare?"

MAKER = '''
"""Writes a llama model with random weights: 2 layers of 64, 4 heads, a vocabulary of bytes."""
import sys
import gguf
import numpy as np

path, context = sys.argv[1], int(sys.argv[2])
words = "the of and in to a is method model data learning results show we with for on".split()
tokens = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
kinds = [2, 3, 3] + [6] * 256
pieces = ["\\u2581"] + list("etaoinsrhldcumfpgwybvkxjqz.,[]0123456789")
pieces += ["\\u2581" + word for word in words]
tokens += pieces
kinds += [1] * len(pieces)
scores = [0.0] * 259 + [-float(at) for at in range(len(pieces))]
width, inner, layers, heads = 64, 128, 2, 4
random = np.random.default_rng(7)

def weights(*shape):
    return (random.standard_normal(shape) * 0.05).astype(np.float32)

writer = gguf.GGUFWriter(path, "llama")
writer.add_name("tiny")
writer.add_context_length(context)
writer.add_embedding_length(width)
writer.add_block_count(layers)
writer.add_feed_forward_length(inner)
writer.add_head_count(heads)
writer.add_head_count_kv(heads)
writer.add_rope_dimension_count(width // heads)
writer.add_layer_norm_rms_eps(1e-5)
writer.add_vocab_size(len(tokens))
writer.add_file_type(0)
writer.add_tokenizer_model("llama")
writer.add_tokenizer_pre("default")
writer.add_token_list([one.encode() for one in tokens])
writer.add_token_scores(scores)
writer.add_token_types(kinds)
writer.add_bos_token_id(1)
writer.add_eos_token_id(2)
writer.add_unk_token_id(0)
writer.add_tensor("token_embd.weight", weights(len(tokens), width))
writer.add_tensor("output_norm.weight", np.ones(width, dtype=np.float32))
writer.add_tensor("output.weight", weights(len(tokens), width))
for at in range(layers):
    for name, shape in (
        ("attn_q", (width, width)), ("attn_k", (width, width)), ("attn_v", (width, width)),
        ("attn_output", (width, width)), ("ffn_gate", (inner, width)),
        ("ffn_up", (inner, width)), ("ffn_down", (width, inner)),
    ):
        writer.add_tensor(f"blk.{at}.{name}.weight", weights(*shape))
    for name in ("attn_norm", "ffn_norm"):
        writer.add_tensor(f"blk.{at}.{name}.weight", np.ones(width, dtype=np.float32))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
'''


class Walk:
    """The steps of one walk, and what did not hold."""

    def __init__(self, home: Path, base_url: str) -> None:
        self._home = home
        self.base_url = base_url
        self.report: dict[str, Any] = {}
        self.failed: list[str] = []

    def environment(self) -> dict[str, str]:
        """Surroundings of its own: the reader's library, settings and keys stay out."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        places = {
            f"XDG_{name}_HOME": str(self._home / name) for name in ("CONFIG", "DATA", "STATE")
        }
        return {**kept, **places, "HOME": str(self._home), "PYTHONPATH": str(ROOT)}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command of quire."""
        return subprocess.Popen(
            [sys.executable, "-u", "-m", "tui", *arguments],
            cwd=ROOT,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def quire(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command to its end: exit code, stdout, stderr."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=900)
        self.hold("no traceback", "Traceback" not in err, err)
        self.hold("no control character", "\x1b" not in out + err, ascii(out + err))
        return process.returncode, out, err

    def hold(self, what: str, holds: bool, seen: str = "") -> None:
        """Note what has to hold."""
        if not holds:
            self.failed.append(what)
            print(f"  DOES NOT HOLD: {what}: {seen.strip()[-600:]}")

    def say(self, step: str, about: object) -> None:
        """Print and keep what came of a step."""
        self.report[step] = about
        print(f"{step}: {about if isinstance(about, str) else json.dumps(about)}", flush=True)

    def add_and_test(self, model: str, context: int) -> None:
        """The model by name, then what `models test` finds."""
        code, out, err = self.quire(
            *("models", "add", "tiny", "--url", self.base_url, "--model", model),
            *("--context-tokens", str(context)),
        )
        self.hold("the model is added", code == 0, err)
        self.say("add", out.splitlines()[0] if out else err)
        code, out, err = self.quire("models", "test", "tiny", "--json")
        self.hold("test ends with 0, 1 or 4", code in (0, 1, 4), err)
        self.hold("one document", bool(out) and isinstance(json.loads(out), dict), out)
        findings = json.loads(out).get("findings", [])
        found = {one["name"]: f"{one['works']}: {one['about']}" for one in findings}
        self.say("test", {"exit": code, **(found or {"error": err.strip()})})

    def ask(self, *flags: str) -> tuple[int, str, str]:
        """One question of the bundled sample's library."""
        return self.quire("--library", self.library, "ask", "-m", "tiny", QUESTION, *flags)

    @property
    def library(self) -> str:
        """The library of the bundled sample."""
        return str(self._home / "sample")

    def questions(self) -> None:
        """A question in each form of output."""
        code, _, err = self.quire("--library", self.library, "demo")
        self.hold("the sample is there", code == 0, err)
        begun = time.monotonic()
        code, out, err = self.ask("--json")
        seconds = time.monotonic() - begun
        self.hold("ask ends with 0, 4 or 5", code in (0, 4, 5), err)
        document = json.loads(out)
        outcome = document.get("outcome", "none")
        self.hold(
            "cut is not answered", (outcome == "answered") == (code == 0), f"{code} {outcome}"
        )
        self.say(
            "ask --json",
            {
                "exit": code,
                "seconds": round(seconds, 1),
                "outcome": outcome,
                "characters": len(document.get("text", "")),
                "verdicts": Counter(one["verdict"] for one in document.get("claims", [])),
                "usage": document.get("usage"),
                "note": document.get("note", ""),
                "stderr": err.strip().splitlines()[-3:],
            },
        )
        code, out, err = self.ask("--jsonl")
        events = [json.loads(line) for line in out.splitlines()]
        kinds = [one["event"] for one in events]
        anew = len(kinds) - 1 - kinds[::-1].index("again") if "again" in kinds else 0
        text = "".join(one["text"] for one in events[anew:] if one["event"] == "delta")
        done = [one["answer"]["text"] for one in events if one["event"] == "done"]
        self.hold("the pieces are the text", not done or done[-1] == text, f"{done} {text}")
        counts = {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
        self.say("ask --jsonl", {"exit": code, "events": counts})
        code, out, err = self.ask()
        self.hold("plain ends with 0, 4 or 5", code in (0, 4, 5), err)
        self.say("ask", {"exit": code, "stderr": err.strip().splitlines()[-3:]})

    def too_much(self, model: str) -> None:
        """A window that is told too large: what the server does with what does not fit."""
        self.quire(
            *("models", "add", "greedy", "--url", self.base_url, "--model", model),
            *("--context-tokens", "32000"),
        )
        code, out, err = self.quire(
            *("--library", self.library, "ask", "-m", "greedy", QUESTION, "-n", "40", "--json")
        )
        self.hold("it ends with 0, 4 or 5", code in (0, 4, 5), err)
        told = "asking again" in err or "context" in err
        self.hold("fewer sources are tried, or it is said", told, err)
        self.say("context", {"exit": code, "stderr": err.strip().splitlines()})
        code, out, err = self.quire("models", "test", "greedy", "--json")
        findings = json.loads(out).get("findings", [])
        about = [one["about"] for one in findings if one["name"] == "long prompts"]
        self.say("context, test", {"exit": code, "long prompts": about or err.strip()})

    def stop(self) -> None:
        """Ctrl-C in the middle of an answer, then another question."""
        process = self.start("--library", self.library, "ask", "-m", "tiny", QUESTION, "--jsonl")
        assert process.stdout is not None
        for line in process.stdout:
            if '"delta"' in line:
                break
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        seconds = time.monotonic() - begun
        # An answer may have been whole before the key came.
        self.hold("Ctrl-C leaves", process.returncode in (130, 0, 4), err)
        code, _, err = self.ask("--json")
        self.hold("the server answers again", code in (0, 4, 5) and "listens" not in err, err)
        self.say("stop", {"exit": process.returncode, "seconds": round(seconds, 2), "next": code})

    def gone(self) -> None:
        """The server has ended."""
        code, _, err = self.ask()
        lines = err.strip().splitlines()
        self.hold("exit 4, one line", code == 4 and lines[-1].startswith("error: "), err)
        self.say("gone", {"exit": code, "stderr": lines[-1:]})


def make_model(path: Path, options: argparse.Namespace) -> Path:
    """Write a model with random weights; returns its path."""
    make = [options.python, "-c", MAKER, str(path), str(options.context)]
    subprocess.run(make, check=True, timeout=300)
    return path


def main() -> int:
    """Make the model, start the server, walk, end the server."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", required=True, help="of the environment with llama.cpp")
    parser.add_argument("--context", type=int, default=4096, help="the server's window")
    parser.add_argument("--json", type=Path, help="write the findings here")
    parser.add_argument("--model", type=Path, help="a GGUF file in place of random weights")
    parser.add_argument("--chat-format", help="one of llama.cpp's, in place of the model's own")
    options = parser.parse_args()
    if options.model and not options.model.is_file():
        parser.error(f"{options.model} is no file")
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        model = options.model or make_model(home / "tiny.gguf", options)
        with socket.create_server(("127.0.0.1", 0)) as unused:
            port = unused.getsockname()[1]
        base_url = f"http://127.0.0.1:{port}/v1"
        # Random weights have no template of their own.
        form = options.chat_format or ("" if options.model else "chatml")
        with (home / "server.log").open("w") as log:
            server = subprocess.Popen(
                [
                    *(options.python, "-m", "llama_cpp.server", "--model", str(model)),
                    *("--model_alias", "tiny", "--n_ctx", str(options.context)),
                    *("--host", "127.0.0.1", "--port", str(port), "--n_threads", "2"),
                    *(("--chat_format", form) if form else ()),
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        walk = Walk(home, base_url)
        try:
            if not _is_up(base_url, server):
                print((home / "server.log").read_text()[-3000:])
                return 1
            walk.add_and_test("tiny", options.context)
            walk.questions()
            walk.too_much("tiny")
            walk.stop()
            told = (home / "server.log").read_text(errors="replace")
            walk.hold("the server did not end by itself", server.poll() is None, told)
        finally:
            server.terminate()
            server.wait(30)
        walk.gone()
    if options.json:
        found = {"steps": walk.report, "failed": walk.failed}
        options.json.write_text(json.dumps(found, indent=1, ensure_ascii=False))
    print(f"did not hold: {', '.join(walk.failed)}" if walk.failed else "all held")
    return 1 if walk.failed else 0


def _is_up(base_url: str, server: subprocess.Popen[bytes]) -> bool:
    """True once the server lists its model."""
    end = time.monotonic() + 120
    while time.monotonic() < end and server.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"{base_url}/models", timeout=2) as reply:
            return bool(json.load(reply)["data"])
        time.sleep(0.3)
    return False


if __name__ == "__main__":
    sys.exit(main())
