"""The figures as a table (Markdown) and a plot (SVG)."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.bench.scale.commands import COMMANDS
from tests.bench.scale.plot import Line, Panel, draw

_FIRST_FITTED = 1000
Figures = dict[str, Any]
_Get = Callable[[Figures], object]

_ROWS: Sequence[tuple[str, str, _Get]] = (
    ("add, papers a second", "", lambda f: f["add"]["papers_per_s"]),
    ("add, CPU ms a paper (all processes)", "", lambda f: f["add"]["cpu_ms_per_paper"]),
    ("bare `collection.upsert`, papers a second", "", lambda f: f["bare"]["papers_per_s"]),
    (
        "add as a ratio to it",
        "≥ 0.6 at 10k, 100k",
        lambda f: round(f["add"]["papers_per_s"] / f["bare"]["papers_per_s"], 2),
    ),
    ("memory adding, MB (without mapped files)", "≤ 4000 at 1M", lambda f: _peak(f, "add")),
    (
        "warm search p50 / p95, ms",
        "≤ 10/25, 20/50, 50/150",
        lambda f: _pair(f["search"]["warm"]["all"]),
    ),
    ("– its CPU, ms", "", lambda f: f["search"]["warm"]["all"]["cpu_ms"]),
    ("– the word list alone, ms", "", lambda f: _pair(f["search"]["lists"]["words"])),
    ("– the dense list alone, ms", "", lambda f: _pair(f["search"]["lists"]["meaning"])),
    ("years that hold half, ms", "", lambda f: _pair(f["search"]["warm"]["half"])),
    ("– its CPU, ms", "", lambda f: f["search"]["warm"]["half"]["cpu_ms"]),
    (
        "years that hold half, and a tag, ms",
        "≤ 2 × unfiltered at 100k",
        lambda f: _pair(f["search"]["warm"]["half and tag"]),
    ),
    ("– its CPU, ms", "", lambda f: f["search"]["warm"]["half and tag"]["cpu_ms"]),
    (
        "memory searching, MB (without mapped files)",
        "≤ 300 at 10k, 3000 at 1M",
        lambda f: _peak(f, "search"),
    ),
    ("opening the library, ms", "", lambda f: f["search"]["open_ms"]),
    ("opening to the first result, s", "", lambda f: f["search"]["first_search_s"]),
    ("cold `quire search`, CPU s", "≤ 1.0 at 10k", lambda f: f["cold"]["cpu_s"]),
    ("cold `quire search`, s", "", lambda f: f["cold"]["wall_s"]),
    ("disk, bytes a paper", "", lambda f: round(sum(f["disk"].values()))),
    ("– ledger", "", lambda f: f["disk"]["ledger"]),
    ("– Chroma, text", "", lambda f: f["disk"]["chroma: text"]),
    ("– Chroma, graph", "", lambda f: f["disk"]["chroma: graph"]),
    ("– word index", "", lambda f: f["disk"]["lexical"]),
    ("– vectors to scan", "", lambda f: f["disk"]["vectors"]),
    ("rebuilding the word index, s", "", lambda f: f["rebuild"]["words_s"]),
    ("rebuilding the vectors to scan, s", "", lambda f: f["rebuild"]["vectors_s"]),
    ("rebuilding Chroma, s", "", lambda f: f["rebuild"]["chroma_s"]),
    ("load of the machine while adding / searching", "", lambda f: _loads(f)),
)


def write_report(figures: Figures, folder: Path) -> None:
    """Write `figures.md` and `growth.svg` into a folder."""
    sizes = sorted(figures, key=int)
    lines = [
        "# Growth",
        "",
        f"`python -m tests.bench.scale --sizes {','.join(sizes)} --out FOLDER`",
        "",
        f"{os.cpu_count()} cores, Python {platform.python_version()}. Where the machine had other"
        " work (the last row: a load of 2 is all of it), compare CPU times and ratios of one run,"
        " not seconds. Memory counts shared pages once, over all processes of a command.",
        "",
        "| papers | " + " | ".join(_number(size) for size in sizes) + " | to reach |",
        "|---" * (len(sizes) + 2) + "|",
    ]
    for name, wanted, get in _ROWS:
        cells = [_cell(figures[size], get) for size in sizes]
        if any(cells):
            lines.append(f"| {name} | " + " | ".join(cells) + f" | {wanted} |")
    lines += [*_kept_rows(figures, sizes), "", *_commands_table(figures, sizes)]
    lines += [*_stops(figures, sizes), "", "![Growth](growth.svg)", ""]
    (folder / "figures.md").write_text("\n".join(lines), "utf-8")
    (folder / "growth.svg").write_text(draw(_panels(figures, sizes)), "utf-8")


def exponent(points: Sequence[tuple[float, float]]) -> float | None:
    """The slope of log y over log x by least squares, None of fewer than two points."""
    logs = [(math.log(x), math.log(y)) for x, y in points if x > 0 and y > 0]
    if len(logs) < 2:
        return None
    x_mean = sum(x for x, _ in logs) / len(logs)
    y_mean = sum(y for _, y in logs) / len(logs)
    spread = sum((x - x_mean) ** 2 for x, _ in logs)
    return sum((x - x_mean) * (y - y_mean) for x, y in logs) / spread if spread else None


_MEASURES = (("CPU s", "cpu_s"), ("s", "wall_s"), ("MB", "peak_mb"), ("MB written", "written_mb"))


def _commands_table(figures: Figures, sizes: Sequence[str]) -> list[str]:
    """CPU, wall, memory and bytes written of each command by size, and how each grows."""
    names = [name for name in COMMANDS if any(name in figures[size] for size in sizes)]
    if not names:
        return []
    large = [size for size in sizes if int(size) >= _FIRST_FITTED]
    lines = [
        "## Commands",
        "",
        "Each as a whole process. The exponent is the slope of a line fitted to the logarithms at"
        f" {_FIRST_FITTED:,} papers and more; in brackets the slope between the two largest"
        " sizes. 0: no growth, 1: in proportion.".replace(",", " ", 1),
        "",
        "| | | " + " | ".join(_number(size) for size in sizes) + " | exponent |",
        "|---" * (len(sizes) + 3) + "|",
    ]
    for name in ("quire add", *names):
        shown = name
        for label, key in _MEASURES:
            values = [(size, _of_command(figures[size], name, key)) for size in sizes]
            if not any(value for _, value in values):
                continue
            cells = [_short(figures[size], name, value) for size, value in values]
            fitted = [(float(one), value) for one, value in values if value and one in large]
            grows = _grows(fitted)
            lines.append(f"| {shown} | {label} | " + " | ".join(cells) + f" | {grows} |")
            shown = ""
    return lines


def _of_command(figures: Figures, name: str, key: str) -> float | None:
    if name != "quire add":
        return figures.get(name, {}).get(key)
    added = figures.get("add", {})
    if added.get("held"):
        return None
    return added.get("peak_mb", {}).get("all") if key == "peak_mb" else added.get(key)


def _short(figures: Figures, name: str, value: float | None) -> str:
    if value is None:
        return ""
    text = f"{value:.0f}" if value >= 100 else f"{value:.3g}"
    return f"> {text}" if figures.get(name, {}).get("ended") else text


def _grows(points: Sequence[tuple[float, float]]) -> str:
    whole, last = exponent(points), exponent(points[-2:])
    return "" if whole is None or last is None else f"{whole:.2f} ({last:.2f})"


def _kept_rows(figures: Figures, sizes: Sequence[str]) -> list[str]:
    """A row for each part of the disk that the table above does not name."""
    named = {"ledger", "chroma: text", "chroma: graph", "lexical", "vectors"}
    parts = {part for size in sizes for part in figures[size].get("disk", {})} - named
    rows = []
    for part in sorted(parts):
        cells = [str(figures[size].get("disk", {}).get(part, "")) for size in sizes]
        rows.append(f"| – {part} | " + " | ".join(cells) + " | |")
    return rows


def _stops(figures: Figures, sizes: Sequence[str]) -> list[str]:
    """What adding kept when it was stopped, and that it came to its end."""
    lines = []
    for size in sizes:
        one = figures[size].get("stopped")
        if one:
            there = "each paper is there once" if one["once"] else "papers are lacking or doubled"
            lines.append(
                f"\nAdding {_number(size)} papers stopped by Ctrl-C and by a kill kept"
                f" {' and '.join(map(_number, one['kept']))}; gone on with, it ended with"
                f" {_number(one['papers'])}: {there}."
            )
    return lines


def _number(value: object) -> str:
    return f"{int(str(value)):,}".replace(",", " ")


def _cell(figures: Figures, get: _Get) -> str:
    try:
        return str(get(figures))
    except KeyError:
        return ""


def _pair(found: Figures) -> str:
    return f"{found['p50_ms']:g} / {found['p95_ms']:g}"


def _peak(figures: Figures, step: str) -> str:
    peak = figures[step]["peak_mb"]
    return f"{peak['all']:.0f} ({peak['own']:.0f})"


def _loads(figures: Figures) -> str:
    return f"{figures['add']['load']:.1f} / {figures['search']['load']:.1f}"


def _panels(figures: Figures, sizes: Sequence[str]) -> list[Panel]:
    def over_sizes(get: _Get) -> list[tuple[float, float]]:
        points = []
        for size in sizes:
            try:
                points.append((math.log10(int(size)), float(str(get(figures[size])))))
            except KeyError:
                continue
        return points

    searches = [
        Line(
            f"{name}, {share}",
            over_sizes(lambda f, n=kind, s=share: f["search"]["warm"][n][f"{s}_ms"]),
        )  # type: ignore[misc]
        for name, kind in (("all papers", "all"), ("half and a tag", "half and tag"))
        for share in ("p50", "p95")
    ]
    largest = figures[sizes[-1]].get("add", {}).get("points", [])
    rates, memory = _along(largest)
    commands = [
        [
            Line(name, over_sizes(lambda f, n=name, k=key: f[n][k]))  # type: ignore[misc]
            for name in COMMANDS
        ]
        for key in ("cpu_s", "peak_mb")
    ]
    return [
        Panel("CPU seconds of commands, by log10 of papers", commands[0], is_logarithmic=True),
        Panel("Memory of commands in MB, by log10 of papers", commands[1], is_logarithmic=True),
        Panel("Warm search, ms, by log10 of papers", searches),
        Panel(
            f"Adding {sizes[-1]} papers: papers a second, by thousands of papers",
            [Line("papers a second", rates)],
        ),
        Panel(
            f"Adding {sizes[-1]} papers: memory in MB, by thousands of papers",
            [Line(name, points) for name, points in memory.items()],
        ),
    ]


def _along(
    points: Sequence[Figures],
) -> tuple[list[tuple[float, float]], dict[str, list[tuple[float, float]]]]:
    """Rate and memory along one run of adding, in a few dozen steps."""
    held = [point for point in points if point.get("papers")]
    step = max(1, len(held) // 40)
    rates = [
        (
            after["papers"] / 1000,
            (after["papers"] - before["papers"]) / max(after["seconds"] - before["seconds"], 1e-3),
        )
        for before, after in zip(held[::step], held[step::step], strict=False)
    ]
    names = {"all": "all", "own": "without mapped files"}
    memory = {
        label: [(point["papers"] / 1000, point[name]) for point in held]
        for name, label in names.items()
    }
    return rates, memory
