"""Runs commands of quire and presses Ctrl-C at them, each in a fork of this process.

Arguments: "fresh" or "warm", and a list, as JSON, of [press, again, name, command...]: Ctrl-C is
pressed after `press`, counted from where the program takes it, as a share of the time that the last
command of this name took which was left alone (press null), in seconds where there was none; and
`again` seconds later. "warm" imports what a command left alone has imported of some packages: the
next fork is at work at once. A line of JSON a command is printed: code, out and err.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from tui import __main__ as program

PRELOADED = ("assistant", "store", "tui", "prompts", "click", "numpy", "pydantic")


def press(moments: list[float]) -> None:
    """Press Ctrl-C at each of some moments, once the program would take it."""
    while signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        time.sleep(0.0005)
    began = time.monotonic()
    for moment in moments:
        time.sleep(max(0.0, began + moment - time.monotonic()))
        os.kill(os.getpid(), signal.SIGINT)


def run(folder: Path, moments: list[float], arguments: list[str]) -> None:
    """Be the program; does not return."""
    for descriptor, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT), descriptor)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv[1:] = arguments
    if moments:
        threading.Thread(target=press, args=(moments,), daemon=True).start()
    code = program.main()
    if not moments:
        (folder / "modules").write_text("\n".join(sorted(sys.modules)))
    sys.exit(code)


def main(is_warm: bool, rows: list[list[object]]) -> None:
    usual: dict[object, float] = {}
    for press, again, name, *arguments in rows:
        moment = None if press is None else float(str(press)) * usual.get(name, 1.0)
        moments = [] if moment is None else [moment, moment + float(str(again))]
        folder = Path(tempfile.mkdtemp())
        began = time.monotonic()
        child = os.fork()
        if not child:
            run(folder, moments, list(map(str, arguments)))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out, err = ((folder / one).read_text() for one in ("out", "err"))
        if is_warm and not moments:
            usual[name] = time.monotonic() - began
            for module in (folder / "modules").read_text().split():
                if module.split(".")[0] in PRELOADED:
                    importlib.import_module(module)
        shutil.rmtree(folder)
        row = {"code": code, "out": out, "err": err}
        sys.stdout.write(json.dumps(row) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1] == "warm", json.loads(sys.argv[2]))
