"""Tables of figures for a terminal, a run as JSON, and two runs side by side."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

from tests.bench.answers.measures import (
    OVERALL,
    Figures,
    Record,
    by_kind,
    facts_share,
    precision,
    recall,
    refusals,
)
from tests.bench.retrieval.metrics import paired_bootstrap

NOTHING = "-"
REQUESTS = ("plan", "answer", "check")
"""What requests are for, as they are told apart."""


def _requests(one: Figures, name: str) -> float | None:
    whole = one.questions - one.failed
    return one.requests.get(name, 0) / whole if whole else None


def _whole(mean: float | None) -> int | None:
    return None if mean is None else round(mean)


def _of(part: int, whole: int) -> str | None:
    return f"{part}/{whole}" if whole else None


_COLUMNS: tuple[tuple[str, Callable[[Figures], object]], ...] = (
    ("n", lambda one: one.questions),
    ("failed", lambda one: one.failed),
    ("gold in", lambda one: _of(one.gold_shown, one.gold)),
    ("cited", lambda one: _of(one.gold_cited, one.gold)),
    ("beyond", lambda one: one.beyond),
    ("barred", lambda one: one.excluded_cited),
    ("facts", lambda one: _of(one.facts_found, one.facts)),
    ("refused", lambda one: one.refused),
    ("falsely", lambda one: one.falsely),
    ("unsure", lambda one: one.unsure),
    ("claims", lambda one: one.claims),
    ("✓", lambda one: one.signs.get("success", 0)),
    ("·", lambda one: one.signs.get("muted", 0)),
    ("!", lambda one: one.signs.get("warning", 0) + one.signs.get("error", 0)),
    ("sources", lambda one: one.sources),
    ("tok.in", lambda one: _whole(one.input_tokens)),
    ("tok.out", lambda one: _whole(one.output_tokens)),
    *((name, partial(_requests, name=name)) for name in REQUESTS),
    ("cit.prec", lambda one: one.precision),
    ("cit.rec", lambda one: one.recall),
    ("facts", lambda one: one.facts_share),
    ("cost $", lambda one: one.cost),
    ("first s", lambda one: one.first_s),
    ("end s", lambda one: one.total_s),
)
LEGEND = (
    "gold in, cited: needed papers among the sources, and cited; beyond: other papers cited;"
    " barred: papers cited that must not be; falsely: answerable ones refused; unsure: nearest"
    " sentences; ✓, ·, !: claims approved, matched, flagged; plan, answer, check: requests a"
    " question; sources, tok., cit.prec, cit.rec and the second facts: means over questions;"
    " seconds: medians"
)


@dataclass(frozen=True)
class Run:
    """One run of the harness: with what, over what, and what came of it."""

    model: str
    embedder: str
    papers: int
    file: str
    records: tuple[Record, ...]
    notes: tuple[str, ...] = ()

    def save(self, path: Path) -> None:
        """Write the run with its figures as JSON."""
        found = {kind: asdict(one) for kind, one in by_kind(self.records).items()}
        whole = {**asdict(self), "figures": found, "refusals": refusals(self.records)}
        path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", "utf-8")

    @classmethod
    def load(cls, path: Path) -> Run:
        """Read a saved run; figures are computed anew from its records."""
        try:
            held: dict[str, Any] = json.loads(path.read_text("utf-8"))
            names = {one.name for one in fields(Record)}
            records = tuple(
                Record(**{name: value for name, value in one.items() if name in names})
                for one in held["records"]
            )
            return cls(
                held["model"],
                held["embedder"],
                held["papers"],
                held["file"],
                records,
                tuple(held["notes"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as failure:
            raise SystemExit(f"{path} is no run of this harness: {failure}") from failure


def table(rows: Mapping[str, Figures]) -> str:
    """The figures of each kind, one line each."""
    lines = [["", *(title for title, _ in _COLUMNS)]]
    lines += [[kind, *_cells(one)] for kind, one in rows.items()]
    return aligned(lines)


def verdict_line(all_figures: Figures) -> str:
    """The share of each verdict among all claims."""
    shares = ", ".join(f"{name} {share:.1%}" for name, share in all_figures.verdicts.items())
    return f"{all_figures.claims} claims: {shares or 'none'}"


def refusal_lines(records: Sequence[Record]) -> list[str]:
    """How many were refused, of the unanswerable questions and of the others."""
    found = refusals(records)
    lines = []
    for name, of in (("refused", "unanswerable"), ("falsely refused", "answerable")):
        number, total = found[of]
        if total:
            line = f"{name}: {number} of {total} {of} questions ({number / total:.1%})"
            parts = ("detail", "elsewhere") if of == "unanswerable" else ("answerable detail",)
            inside = [f"{part} {found[part][0]} of {found[part][1]}" for part in parts]
            lines.append(f"{line}; {', '.join(inside)}")
    return lines


def run_lines(run: Run) -> list[str]:
    """All that is printed of a run."""
    rows = by_kind(run.records)
    head = f"{run.model} on {run.papers} papers ({run.embedder}), {run.file}"
    lines = [head, *(f"note: {one}" for one in run.notes), "", table(rows), LEGEND, ""]
    lines += [verdict_line(rows[OVERALL]), *refusal_lines(run.records)]
    for split in ("dev", "held"):
        part = [one for one in run.records if one.split == split]
        if part:
            lines += [f"  {split}: {line}" for line in refusal_lines(part)]
    return lines


def compare_lines(one: Run, other: Run) -> list[str]:
    """Two runs side by side, on the questions that both have."""
    left = {record.id: record for record in one.records}
    right = {record.id: record for record in other.records}
    both = [name for name in left if name in right]
    if not both:
        return ["the runs have no question in common"]
    lines = [f"A: {one.model}, {one.file}", f"B: {other.model}, {other.file}"]
    lines.append(f"{len(both)} questions in common")
    rows_left = by_kind([left[name] for name in both])
    rows_right = by_kind([right[name] for name in both])
    cells = [["", "", *(title for title, _ in _COLUMNS)]]
    for kind in rows_left:
        here, there = rows_left[kind], rows_right.get(kind)
        cells.append([kind, "A", *_cells(here)])
        if there is not None:
            cells.append(["", "B", *_cells(there)])
    lines += ["", aligned(cells), ""]
    measures = (("citation precision", precision), ("citation recall", recall))
    for title, measure in (*measures, ("facts", facts_share)):
        pairs = [(measure(right[name]), measure(left[name])) for name in both]
        known = [(b, a) for b, a in pairs if a is not None and b is not None]
        if known:
            gain, low, high = paired_bootstrap([b for b, _ in known], [a for _, a in known])
            lines.append(
                f"{title}: B - A {gain:+.3f}, 95 % [{low:+.3f}, {high:+.3f}], n {len(known)}"
            )
    lines += [""] + [
        f"{name}: {_change(left[name], right[name])}"
        for name in both
        if _change(left[name], right[name])
    ]
    return lines


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows as columns of equal width, the first one to the left."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _change(one: Record, other: Record) -> str:
    """What differs between two answers to a question, in words; empty for nothing."""
    parts = []
    if one.outcome != other.outcome:
        parts.append(f"{one.outcome} -> {other.outcome}")
    parts += _moved("fact", one.facts_found, other.facts_found)
    parts += _moved("citation", one.cited, other.cited)
    return "; ".join(parts)


def _moved(what: str, before: Iterable[str], after: Iterable[str]) -> list[str]:
    old, new = set(before), set(after)
    lost, gained = len(old - new), len(new - old)
    return [f"{what}s {sign}{number}" for sign, number in (("-", lost), ("+", gained)) if number]


def _cells(one: Figures) -> list[str]:
    return [_cell(get(one)) for _, get in _COLUMNS]


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    return NOTHING if value is None else str(value)
