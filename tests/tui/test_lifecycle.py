"""What the app does with its own process, and with none of its own."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

from tui.app import QuireApp

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import gc, sys
sys.path.insert(0, {root!r})
from tui.lifecycle import Shell
app = Shell()
app._owns_process = True
app.settle()
assert gc.get_freeze_count() > 10_000, gc.get_freeze_count()
collections = gc.get_stats()[2]["collections"]
kept = []
for at in range(400_000):
    kept.append([at])
assert gc.get_stats()[2]["collections"] == collections
app.tidy()
assert gc.get_stats()[2]["collections"] == collections + 1
app.tidy()
assert gc.get_stats()[2]["collections"] == collections + 1
"""


def test_all_objects_are_gone_through_only_when_asked() -> None:
    program = PROGRAM.format(root=str(ROOT))
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def test_a_process_of_others_keeps_its_ways(app: QuireApp) -> None:
    before = gc.get_threshold(), gc.get_freeze_count()
    app.settle()
    assert (gc.get_threshold(), gc.get_freeze_count()) == before
