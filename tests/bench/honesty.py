"""How many claims the check by words flags, with which reason, and how many it approves.

    python -m tests.bench.honesty FILE... [--shared ../shared] [--list]

Each line of a file is {"title", "sentences", "claim"}: the beginning of a paper's title among the
saved pages, or words of it, the numbers of the sentences cited (none: the whole paper), and what
is claimed of them. It needs the weights inside the package wordllama, no network.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from pathlib import Path

from tests.bench.calibration_data import Embedder, read_lines
from tests.bench.swaps import Bench


def main() -> None:
    """Print a line for each file, and one for each reason."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--list", action="store_true", help="print what is flagged")
    asked = parser.parse_args()
    if not (asked.shared / "pages").is_dir():
        print(f"skipped: no {asked.shared}/pages")
        sys.exit(0)
    bench = Bench(asked.shared / "pages", Embedder().similarity)
    for path in asked.files:
        report(bench, path, show=asked.list)


def report(bench: Bench, path: Path, *, show: bool) -> dict[str, int]:
    """Print and return how many claims of a file there are, flagged, approved, and with a note."""
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for row in read_lines(path):
        paper = place(bench, row.get("title") or row["paper"])
        claim = bench.verdict(paper, row["sentences"], row["claim"])
        flagged = claim.verdict != "matched"
        counts.update(
            claims=1,
            flagged=int(flagged),
            approved=int(claim.is_approved),
            noted=int(bool(claim.reasons) and not flagged),
        )
        if flagged:
            reasons.update({_kind(one) for one in claim.reasons})
            if show:
                print(f"  {claim.verdict}, {'; '.join(claim.reasons)}: {claim.text}")
    print(
        f"{path.name}: {counts['flagged']} of {counts['claims']} flagged,"
        f" {counts['approved']} approved, {counts['noted']} with a note on words"
    )
    for reason, often in reasons.most_common():
        print(f"  {often:3} {reason}")
    return dict(counts)


def place(bench: Bench, title: str) -> int:
    """The paper of the pages whose title begins so, or has it, or whose abstract names it."""
    low = title.lower()
    found = [at for at, one in enumerate(bench.papers) if one.title.lower().startswith(low)]
    found += [at for at, one in enumerate(bench.papers) if low in one.title.lower()]
    found += [at for at, one in enumerate(bench.papers) if low in one.abstract.lower()]
    if not found:
        raise SystemExit(f"no paper “{title}” in the pages")
    return found[0]


def _kind(reason: str) -> str:
    """A reason without the words of its claim."""
    reason = re.sub(r"'[^']*'", "'…'", reason.partition(":")[0])
    return re.sub(r"^.*(?= is not (?:there|in the cited paper))", "…", reason)


if __name__ == "__main__":
    main()
