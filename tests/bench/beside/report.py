"""What was found, as a table of Markdown: a row a measure, a column a tool, the best one marked."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Found = dict[str, Any]

_ROWS: Sequence[tuple[str, Callable[[Found], float], int]] = (
    ("adding, papers a CPU s", lambda f: f["papers"] / f["add"]["cpu_s"], 1),
    ("adding, papers a second", lambda f: f["papers"] / f["add"]["wall_s"], 1),
    ("adding, requests", lambda f: f["add"]["calls"], -1),
    ("warm search p50, ms", lambda f: f["search"]["p50_ms"], -1),
    ("warm search p95, ms", lambda f: f["search"]["p95_ms"], -1),
    ("warm search, CPU ms", lambda f: f["search"]["cpu_ms"], -1),
    ("cold search, CPU s", lambda f: f["once"]["cpu_s"], -1),
    ("cold search, s", lambda f: f["once"]["wall_s"], -1),
    ("nDCG@10", lambda f: f["search"]["nDCG@10"], 1),
    ("R@100", lambda f: f["search"]["R@100"], 1),
    ("one question, calls of the chat model", lambda f: f["ask"]["chats"], -1),
    ("one question, tokens sent to it", lambda f: f["ask"]["tokens"], -1),
    ("one question, s beside the endpoint", lambda f: f["ask"]["wall_s"], -1),
    ("one question, CPU s", lambda f: f["ask"]["cpu_s"], -1),
    ("memory adding, MB", lambda f: f["add"]["peak_mb"], -1),
    ("memory searching warm, MB", lambda f: f["search"]["peak_mb"], -1),
    ("memory of one question, MB", lambda f: f["ask"]["peak_mb"], -1),
    ("library on the disk, kB a paper", lambda f: 1000 * f["library_mb"] / f["papers"], -1),
)
"""Name, value of a round, and 1 where more is better."""
_ENVIRONMENT = (("packages installed", "packages"), ("environment on the disk, MB", "disk_mb"))


def write_report(found: Found, folder: Path) -> None:
    """Write `beside.md` into a folder."""
    (folder / "beside.md").write_text(report(found), "utf-8")


def report(found: Found) -> str:
    """The table and what stands below it."""
    tools: dict[str, Found] = found["tools"]
    measured = [name for name, one in tools.items() if one["rounds"]]
    lines = [
        f"{found['day']}, {found['papers']} papers, {found['queries']} queries,"
        f" {os.cpu_count()} cores, medians of {found['rounds']} rounds, vectors by"
        f" {found['embedder']}. The best of a row is **bold**; what the endpoint takes is taken off"
        " all seconds.",
        "",
        "| | " + " | ".join(_title(name, tools[name]) for name in measured) + " |",
        "|---" * (len(measured) + 1) + "|",
    ]
    for label, get, better in _ROWS:
        values = [_median(tools[name]["rounds"], get, found["papers"]) for name in measured]
        lines.append(_row(label, values, better))
    for label, key in _ENVIRONMENT:
        lines.append(_row(label, [float(tools[name]["environment"][key]) for name in measured], -1))
    lines.append("")
    for name, one in tools.items():
        said = one.get("error") or one["apart"] or one["how"]
        lines.append(f"- {name}: {said}{_size(one) if name not in measured else ''}")
    return "\n".join([*lines, ""])


def best(values: Sequence[float], better: int) -> float:
    """The best of a row: the largest where `better` is 1, else the smallest."""
    return max(values) if better > 0 else min(values)


def _row(label: str, values: Sequence[float], better: int) -> str:
    first = best(values, better) if values else 0.0
    shown = [f"**{_short(one)}**" if one == first else _short(one) for one in values]
    return f"| {label} | " + " | ".join(shown) + " |"


def _median(rounds: Sequence[Found], get: Callable[[Found], float], papers: int) -> float:
    return statistics.median(get({**one, "papers": papers}) for one in rounds)


def _title(name: str, one: Found) -> str:
    made = one["environment"]
    minor = ".".join(made["python"].split(".")[:2])
    here = ".".join(platform.python_version_tuple()[:2])
    return f"{name} {made['version']}" + (f" (Python {minor})" if minor != here else "")


def _size(one: Found) -> str:
    made = one.get("environment")
    return f" ({made['packages']} packages, {made['disk_mb']:.0f} MB)" if made else ""


def _short(value: float) -> str:
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}" if value >= 1 else f"{value:.4f}".rstrip("0").rstrip(".")
