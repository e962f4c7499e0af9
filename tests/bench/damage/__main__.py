"""Damage done to libraries file by file, and what quire makes of it: a table.

    python -m tests.bench.damage --cases 400 --seed 1 [--papers 60] [--size 2000] [--only KIND]
        [--app] [--case K] [--jobs 2] [--workdir FOLDER]

Run from the root of the repository, with quire installed. Libraries of two sizes are made
(each also with a live write-ahead log), and for each case a fresh copy, in which one file is
flipped in a byte, truncated, zeroed, removed, or exchanged with a neighbour. Then `status`,
`search`, `ask`, `doctor`, and again, `list`, `show`, and the saved conversations, each in
a process that is ended after 20 s; what must hold is in `verdict.py`. With --app a case is what
the app's searches through Chroma find instead, before and after the long work it does. --case
repeats one of a run with the same seed and sizes, as far as the partly random files of a new
library allow. Ends with 1 when a case failed. About 5 s a case on one core.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from tests.bench.damage.harm import Case, plan
from tests.bench.damage.libraries import REPLY, Run, environment, make
from tests.bench.damage.report import Examined, failures, reasons, table
from tests.bench.damage.run import Known, examine, learn
from tests.bench.damage.watch import Watched
from tests.support.endpoint_fixture import scripted_endpoints

_LOOKED_THROUGH = 100_000


def main() -> int:
    """Run the cases and print what came of them; 1 when one failed."""
    options = _options()
    with (
        tempfile.TemporaryDirectory(prefix="quire-damage-", dir=options.workdir) as place,
        scripted_endpoints() as start,
    ):
        folder = Path(place)
        endpoint = start(REPLY)
        watched = Watched(environment(folder / "own"))
        sizes = [size for size in (options.papers, options.size) if size]
        homes, asked = make(folder / "whole", sizes, watched.run, endpoint)
        known = {
            name: learn(home, asked, folder / "learning", watched.run, options.extent)
            for name, home in homes.items()
        }
        watched.close()
        cases = _chosen(options, {name: home.kinds() for name, home in homes.items()})
        print(f"libraries made: {', '.join(homes)}; {len(cases)} cases", flush=True)
        examined = _run(cases, options, known, folder)
    print("\n\n".join(filter(None, (table(examined), reasons(examined), failures(examined)))))
    failed = sum(bool(one.verdict.reasons) for one in examined)
    slowest = max((one.seconds for one in examined), default=0.0)
    print(f"\n{len(examined)} cases, {failed} failed; the slowest took {slowest:.1f} s")
    return int(failed > 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--papers", type=int, default=60, help="papers in the small library")
    parser.add_argument("--size", type=int, default=2000, help="in the large one; 0: none")
    parser.add_argument("--only", help="kinds of files that begin with this")
    parser.add_argument("--case", type=int, help="this case alone")
    parser.add_argument(
        "--app",
        dest="extent",
        action="store_const",
        const="app",
        default="all",
        help="search as the app does",
    )
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--workdir", type=Path, help="where temporary libraries are made")
    return parser.parse_args()


def _chosen(options: argparse.Namespace, kinds: dict[str, list[str]]) -> list[Case]:
    if options.case is not None:
        return list(islice(plan(options.seed, kinds), options.case, options.case + 1))
    wanted = (
        one
        for one in islice(plan(options.seed, kinds), _LOOKED_THROUGH)
        if one.kind.startswith(options.only or "")
    )
    return list(islice(wanted, options.cases))


def _run(
    cases: list[Case], options: argparse.Namespace, known: dict[str, Known], folder: Path
) -> list[Examined]:
    def one(case: Case) -> Examined:
        begun = time.monotonic()
        place = folder / f"case-{case.number}"
        started: list[Watched] = []

        def start(where: Path) -> Run:
            started.append(Watched(environment(where / "own")))
            return started[0].run

        try:
            said, verdict = examine(case, options.seed, known[case.variant], place, start)
        finally:
            for watched in started:
                watched.close()
        return Examined(case, said, verdict, time.monotonic() - begun)

    with ThreadPoolExecutor(options.jobs) as pool:
        return list(_told(pool.map(one, cases), len(cases)))


def _told(examined: Iterator[Examined], number: int) -> Iterator[Examined]:
    for at, one in enumerate(examined, 1):
        if at % 20 == 0:
            print(f"{at} of {number}", file=sys.stderr, flush=True)
        yield one


if __name__ == "__main__":
    sys.exit(main())
