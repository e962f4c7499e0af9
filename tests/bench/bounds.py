"""What is large or equal beyond reason is answered or refused within 2 s and 300 MB.

    python -m tests.bench.bounds [--out FOLDER] [--papers 10000] [--only TEXT] [--other CHECKOUT]

Run from the root of the repository, with quire installed. Libraries are made under FOLDER (a
temporary one without it; kept, they are not made again): made-up papers for queries of 100 000
characters and of the longest that is read, one with the longest abstract, some of equal papers.
Each command runs as a whole process; told are its CPU seconds, children's included, its wall
seconds, its peak memory and its exit code, with ! where it is beyond the bound. On a busy machine
CPU seconds tell more than wall seconds, and they too are up to twice those of a quiet one. Adding
is told too: of 10 000 papers it takes longer than a command may, whether they are equal or not.
`--other` runs the commands of another checkout on the same libraries.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.query.length import QUERY_LIMIT
from store.readers.records import ABSTRACT_LIMIT
from tests.bench.scale.generator import Generator
from tests.bench.scale.measure import run

ROOT = Path(__file__).resolve().parents[2]
MOST_SECONDS, MOST_MB = 2.0, 300.0
_QUERY, _PAPER = 100_000, 5_000_000
_LENGTHS = (_QUERY, QUERY_LIMIT)
_AMONG = 1000
"""Made-up papers that the long queries are put to, and that stand beside the large paper."""
_LIMIT = 600.0


@dataclass(frozen=True)
class Case:
    """A command to run on a library, after which nothing is changed but by `add`."""

    group: str
    name: str
    library: Path
    arguments: tuple[str, ...]


def main() -> None:
    """Make the libraries, run the commands, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, metavar="FOLDER")
    parser.add_argument("--papers", type=int, default=10_000, help="equal papers")
    parser.add_argument("--only", default="", help="the rows that have this in their name")
    parser.add_argument("--other", type=Path, metavar="CHECKOUT", default=ROOT)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = (options.out or Path(scratch)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        beyond = 0
        print("| | | CPU s | s | MB | exit | |\n|---|---|---|---|---|---|---|")
        for case in _cases(folder, options.papers):
            if options.only not in f"{case.group} {case.name}":
                continue
            beyond += _measured(case, options.other.resolve())
    print(f"\n{beyond} beyond {MOST_SECONDS:g} s or {MOST_MB:g} MB")


def _measured(case: Case, checkout: Path) -> bool:
    """Print the row of a case; True where it is beyond the bound."""
    command = [sys.executable, "-m", "tui", "--library", str(case.library), *case.arguments]
    ran = run(command, cwd=checkout, limit_seconds=_LIMIT)
    memory = ran.peak_mb.get("all", 0.0)
    crashed = "Traceback" in ran.output or ran.code < 0
    is_adding = case.arguments[0] == "add" and not ran.code
    is_beyond = crashed or memory > MOST_MB or (ran.cpu > MOST_SECONDS and not is_adding)
    print(
        f"| {case.group} | {case.name} | {ran.cpu:.2f} | {ran.wall:.1f} | {memory:.0f} |"
        f" {ran.code} | {'!' if is_beyond else ''} |",
        flush=True,
    )
    return is_beyond


def long_queries(words: str, length: int) -> dict[str, str]:
    """Queries of so many characters by kind, of the words of a text where words are needed."""
    many = " ".join(words.split())
    different = " ".join(f"{word}{at}" for at, word in enumerate(many.split()))
    return {
        "words": _of_size(many, length),
        "words that no paper has": _of_size(different, length),
        "one word": "a" * length,
        "phrases": _of_size(" ".join(f'"{word}"' for word in many.split()), length),
        "one phrase": '"' + _of_size(many, length - 2) + '"',
        "exclusions": _of_size(" ".join(f"-{word}" for word in many.split()), length),
        "fields": _of_size(" ".join(f"title:{word}" for word in many.split()), length),
        "brackets": "(" * length,
    }


def _cases(folder: Path, equal: int) -> Iterator[Case]:
    made = list(Generator(seed=5).papers(_AMONG))
    text = " ".join(f"{one['title']} {one['abstract']}" for one in made)
    plain = _library(folder, "made", made)
    queries = [(size, *one) for size in _LENGTHS for one in long_queries(text, size).items()]
    for size, kind, query in queries:
        group = f"a query of {size} characters: {kind}"
        # A dash in front would be an option.
        for name, arguments in {
            "search": ("search", "--", query),
            "ask": ("ask", "-m", "extractive", "--", query),
            "ask --all": ("ask", "--all", "-m", "extractive", "--", query),
            "summarize --topic": ("summarize", "-m", "extractive", f"--topic={query}"),
            "similar": ("similar", "--", query),
            "show": ("show", "--", query),
            "list --author": ("list", f"--author={query}"),
        }.items():
            yield Case(group, name, plain, arguments)
    large = {"title": "A large one", "doi": "10.1000/large"}
    whole = _records(folder, "5-MB", [{**large, "abstract": _of_size(text, _PAPER)}])
    yield Case("a paper of 5 MB", "add", folder / "5-MB", ("add", str(whole)))
    longest = {**large, "abstract": _of_size(text, ABSTRACT_LIMIT)}
    library = _library(folder, "longest", [longest, *made])
    yield from _about("the longest abstract there may be", library, "10.1000/large", "a large one")
    for kind, rows in equal_papers(equal).items():
        group = f"{equal} equal papers, {kind}"
        source = _records(folder, kind, rows)
        library = folder / kind.replace(" ", "-")
        if not library.is_dir():
            yield Case(group, "add", library, ("add", str(source)))
        yield from _about(group, library, "10.1000/1", "Do owls sleep by day?")


def equal_papers(number: int) -> dict[str, list[dict[str, object]]]:
    """Records that say the same, by what of them differs."""
    title = "Owls sleep by day"
    abstract = "We watched owls for a year. They sleep by day and hunt by night. Day was 12 hours."
    same: dict[str, object] = {"title": title, "abstract": abstract}
    return {
        "nothing differs": [{**same, "doi": "10.1000/1"}] * number,
        "their DOIs differ": [{**same, "doi": f"10.1000/{at}"} for at in range(number)],
        "their titles differ": [
            {**same, "title": f"{title}, part {at}", "doi": f"10.1000/{at}"} for at in range(number)
        ],
        "their abstracts differ": [
            {**same, "abstract": f"{abstract} We saw {at} of them.", "doi": f"10.1000/{at}"}
            for at in range(number)
        ],
    }


def _about(group: str, library: Path, paper: str, query: str) -> Iterator[Case]:
    for name, arguments in {
        "search": ("search", query),
        "ask": ("ask", "-m", "extractive", query),
        "ask --all": ("ask", "--all", "-m", "extractive", query),
        "similar": ("similar", paper),
        "summarize": ("summarize", "-m", "extractive"),
        "summarize one": ("summarize", "-m", "extractive", paper),
        "show": ("show", paper),
        "tldr": ("tldr", "-m", "extractive", paper),
        "list": ("list",),
        "list --duplicates": ("list", "--duplicates"),
    }.items():
        yield Case(group, name, library, arguments)


def _of_size(text: str, size: int) -> str:
    return (f"{text} " * (size // len(text) + 1))[:size]


def _records(folder: Path, name: str, rows: list[dict[str, object]]) -> Path:
    file = folder / f"{name.replace(' ', '-')}.jsonl"
    if not file.is_file():
        file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def _library(folder: Path, name: str, rows: list[dict[str, object]]) -> Path:
    library = folder / name
    if not library.is_dir():
        source = _records(folder, name, rows)
        command = [sys.executable, "-m", "tui", "--library", str(library), "add", str(source)]
        ran = run(command, cwd=ROOT)
        if ran.code:
            shutil.rmtree(library, ignore_errors=True)
            raise SystemExit(f"quire add ended with {ran.code}: {ran.output[-2000:]}")
    return library


if __name__ == "__main__":
    main()
