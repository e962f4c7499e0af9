"""What cleaning titles and abstracts of their markup costs.

    python -m tests.bench.markup [--shared ../shared] [--rounds N]

Prints microseconds an abstract of 1 200 characters: made safe alone (clean_abstract), and readable
as well, for texts without markup, with non-ASCII letters, with some LaTeX and as JATS; then the
rate on JSON lines of such records against json.loads on the same lines; with ../shared, what
changes in the five pages, and the longest time for 100 000 characters that mean nothing.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from store.clean import clean_text
from store.readers.markup.readable import readable
from store.readers.records import Place, clean_abstract, make_record
from tests.bench.calibration_data import read_pages

_SENTENCE = (
    "We resurveyed 41 kelp forests over two summers and found that cover fell by 23 percent "
    "wherever the water was warmer than in the years before, while urchins stayed as they were. "
)
_LATEX = (
    r"The error is $\epsilon \leq 10^{-3}$ for $n$ samples of $\mathcal{O}(n^2)$ steps, "
    r"which na\"ive methods of M\"uller miss by 38\% \cite{kelp}. "
)
_ODD = "{ } {} $ \\ < <p & &amp; $x {$ \\( `` ~ \\frac{ ^{ x_{ <sub> <math><msub> \\text{ -- <!--"
KINDS = {
    "no markup": (_SENTENCE * 7)[:1200],
    "other letters": ("Größe der Fläche β ± 0.5 " + _SENTENCE * 7)[:1200],
    "some LaTeX": (_SENTENCE * 5)[:880] + _LATEX * 2,
    "JATS": "<jats:title>Abstract</jats:title><jats:sec><jats:title>Results</jats:title><jats:p>"
    + (_SENTENCE * 6)[:1000]
    + "CO<jats:sub>2</jats:sub> fell by 23&#xA0;%</jats:p></jats:sec>",
}
"""Abstracts of about 1 200 characters, by what is in them."""


def seconds(call: Callable[[], object], rounds: int) -> float:
    """The shortest time of a call among five tries, each of so many rounds."""
    best = float("inf")
    for _ in range(5):
        begun = time.perf_counter()
        for _ in range(rounds):
            call()
        best = min(best, (time.perf_counter() - begun) / rounds)
    return best


def _nonsense(odd: str) -> float:
    text = odd * (100_000 // len(odd))
    return seconds(lambda: readable(text), 1)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--rounds", type=int, default=300)
    asked = parser.parse_args(arguments)
    place = Place(source="bench", reader="bench", line=1, record=1)
    for kind, text in KINDS.items():
        safe = seconds(lambda text=text: clean_abstract(text), asked.rounds)  # type: ignore[misc]
        clean = clean_text(text)
        read = seconds(lambda clean=clean: readable(clean), asked.rounds)  # type: ignore[misc]
        print(f"{kind:14}  safe {safe * 1e6:6.1f} µs   readable {read * 1e6:6.1f} µs more")
    lines = [json.dumps({"title": "Kelp", "abstract": text}) for text in KINDS.values()]
    parse = seconds(lambda: [json.loads(line) for line in lines], asked.rounds)
    records = [json.loads(line) for line in lines]
    make = seconds(
        lambda: [make_record(place, one["title"], one["abstract"]) for one in records],
        asked.rounds,
    )
    rate = len("".join(lines)) / make / 1e6
    print(f"records        {rate:.1f} MB/s, {parse / make:.3f} of json.loads")
    slowest, odd = max((_nonsense(odd), odd) for odd in _ODD.split())
    print(f"nonsense       {slowest * 1e3:.0f} ms at most for 100 000 characters: {odd!r}")
    if asked.shared.is_dir():
        texts = [text for pair in read_pages(asked.shared / "pages") for text in pair]
        changed = sum(readable(text) != text for text in texts)
        print(f"pages          {changed} of {len(texts)} titles and abstracts change")


if __name__ == "__main__":
    main()
