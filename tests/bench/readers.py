"""What reading a format costs beside the bare parser of it, and how much memory it takes.

    python -m tests.bench.readers FORMAT [--megabytes N] [--runs N] [--peak N]

Writes a file of N MB (8) of made records, and reads it in turn with quire, cleaning included, and
with the bare parser, `--runs` times (3). Prints MB/s of CPU time, the median of each, and their
ratio. With `--peak N` a file of N MB is read in a process of its own, whose peak memory is told.
The bare parsers are no part of quire: a format whose parser is not installed is read alone.
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from store.readers.registry import read_source
from store.readers.source import Source

_TEXT = """
kelp tides boats measured light under deep water shows that models of currents rank sites by depth
while earlier methods were slow and few of them held over twelve seasons of storms
"""
_WORDS = _TEXT.split()
_MEGA = 10**6


def words(draw: random.Random, count: int) -> str:
    """A sentence of so many words, without its full stop."""
    return " ".join(draw.choice(_WORDS) for _ in range(count)).capitalize()


def abstract(draw: random.Random) -> str:
    """Nine sentences, some 1 000 characters."""
    return " ".join(f"{words(draw, 18)}." for _ in range(9))


def bibtex(draw: random.Random, at: int) -> str:
    """An entry with accents, names and some LaTeX, as reference managers write it."""
    return (
        f"@article{{key{at},\n  title = {{{words(draw, 9)} of {{DNA}} and \\'etudes}},\n"
        "  author = {M{\\\"u}ller, J. K. and Garc{\\'\\i}a, Ana and van der Berg, P.},\n"
        f"  year = {{{1990 + at % 35}}},\n  month = mar,\n"
        f"  journal = {{Journal of {words(draw, 2)}}},\n"
        f"  doi = {{10.5555/abc_{at}}},\n  url = {{https://example.org/p/{at}}},\n"
        f"  abstract = {{{abstract(draw)} At 50\\% of $x^2$ \\& more {{\\'e}}t\\'e.}},\n"
        "  keywords = {kelp, tides}\n}\n\n"
    )


def row(draw: random.Random, at: int) -> str:
    """A row with quoted cells."""
    head = '"Title","Authors","Year","DOI","Abstract","Author Keywords"\n' if not at else ""
    return (
        f'{head}"{words(draw, 9)}, {at}","Müller, J. K.; García, Ana","{1990 + at % 35}",'
        f'"10.5555/abc_{at}","{abstract(draw)}","kelp; tides"\n'
    )


def bare_bibtex(path: Path) -> object:
    """bibtexparser as it is, of either line of versions."""
    import bibtexparser

    parser: Any = bibtexparser
    text = path.read_text("utf-8")
    return parser.parse_string(text) if hasattr(parser, "parse_string") else parser.loads(text)


def bare_csv(path: Path) -> object:
    """The csv module, into dictionaries."""
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.DictReader(file))


@dataclass(frozen=True)
class Format:
    """How a record of a format is written, and what reads the format bare."""

    suffix: str
    record: Callable[[random.Random, int], str]
    bare: Callable[[Path], object]


FORMATS = {
    "bibtex": Format(".bib", bibtex, bare_bibtex),
    "csv": Format(".csv", row, bare_csv),
}


def records(name: str, size: int) -> Iterator[str]:
    """Records of a format until they have so many characters."""
    draw, written, at = random.Random(1), 0, 0
    while written < size:
        record = FORMATS[name].record(draw, at)
        written += len(record)
        at += 1
        yield record


def write(folder: Path, name: str, size: int) -> Path:
    """A file of so many bytes, more or less."""
    path = folder / f"records{FORMATS[name].suffix}"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(records(name, size))
    return path


def read(path: Path) -> int:
    """Read a file with quire; how many items came."""
    return sum(1 for _ in read_source(Source(str(path), path)))


def rate(path: Path, act: Callable[[Path], object]) -> float:
    """MB a second of CPU time."""
    began = time.process_time()
    act(path)
    return path.stat().st_size / _MEGA / (time.process_time() - began)


def compare(path: Path, name: str, runs: int) -> None:
    """Print the rates of both, in turn, and the ratio of their medians."""
    ours, bare = [], []
    for _ in range(runs):
        ours.append(rate(path, read))
        try:
            bare.append(rate(path, FORMATS[name].bare))
        except ImportError as failure:
            print(f"{name}: not compared, {failure}")
    line = f"{name}: quire {statistics.median(ours):.2f} MB/s"
    if bare:
        ratio = statistics.median(ours) / statistics.median(bare)
        line += f", bare {statistics.median(bare):.2f} MB/s, ratio {ratio:.2f}"
    print(line)


def peak(path: Path) -> None:
    """Print the peak memory of a process that reads the file and nothing else."""
    code = "import sys; from tests.bench import readers; readers.tell_peak(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)


def tell_peak(path: str) -> None:
    """Read a file in this process and print what it took."""
    count = read(Path(path))
    unit = 1 if sys.platform == "darwin" else 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / _MEGA
    size = Path(path).stat().st_size / _MEGA
    print(f"peak {most:.0f} MB over {size:.0f} MB, {count} items")


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("format", choices=sorted(FORMATS))
    parser.add_argument("--megabytes", type=float, default=8)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peak", type=float, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), asked.format, int(asked.megabytes * _MEGA))
        compare(path, asked.format, asked.runs)
        if asked.peak:
            peak(write(Path(folder), asked.format, int(asked.peak * _MEGA)))


if __name__ == "__main__":
    main()
