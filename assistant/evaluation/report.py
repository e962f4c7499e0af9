"""Tables of figures for a terminal, and a run as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

from assistant.errors import WrongUse
from assistant.evaluation.measures import (
    OVERALL,
    Figures,
    Record,
    by_kind,
    refusals,
)

NOTHING = "-"
REQUESTS = ("plan", "answer", "check")
"""What requests are for, as they are told apart."""


def _requests(one: Figures, name: str) -> float | None:
    whole = one.questions - one.failed
    return one.requests.get(name, 0) / whole if whole else None


def whole_number(mean: float | None) -> int | None:
    """A mean without its fraction."""
    return None if mean is None else round(mean)


def fraction(part: int, whole: int) -> str | None:
    """So many of so many, None of nothing."""
    return f"{part}/{whole}" if whole else None


COLUMNS: tuple[tuple[str, Callable[[Figures], object]], ...] = (
    ("n", lambda one: one.questions),
    ("failed", lambda one: one.failed),
    ("gold in", lambda one: fraction(one.gold_shown, one.gold)),
    ("cited", lambda one: fraction(one.gold_cited, one.gold)),
    ("beyond", lambda one: one.beyond),
    ("barred", lambda one: one.excluded_cited),
    ("facts", lambda one: fraction(one.facts_found, one.facts)),
    ("refused", lambda one: one.refused),
    ("falsely", lambda one: one.falsely),
    ("unsure", lambda one: one.unsure),
    ("claims", lambda one: one.claims),
    ("✓", lambda one: one.signs.get("success", 0)),
    ("·", lambda one: one.signs.get("muted", 0)),
    ("!", lambda one: one.signs.get("warning", 0) + one.signs.get("error", 0)),
    ("sources", lambda one: one.sources),
    ("tok.in", lambda one: whole_number(one.input_tokens)),
    ("tok.out", lambda one: whole_number(one.output_tokens)),
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
            raise WrongUse(f"{path} is no run of this harness: {failure}") from failure


def table(rows: Mapping[str, Figures]) -> str:
    """The figures of each kind, one line each."""
    lines = [["", *(title for title, _ in COLUMNS)]]
    lines += [[kind, *cells_of(one)] for kind, one in rows.items()]
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


def table_of_kinds(run: Run) -> list[str]:
    """The figures of a run by kind of question, and what they mean."""
    head = f"{run.model} on {run.papers} papers ({run.embedder}), {run.file}"
    rows = by_kind(run.records)
    lines = [head, *(f"note: {one}" for one in run.notes), "", table(rows), LEGEND, ""]
    return [*lines, verdict_line(rows[OVERALL]), *refusal_lines(run.records)]


def run_lines(run: Run) -> list[str]:
    """All that is printed of a run."""
    lines = table_of_kinds(run)
    for split in ("dev", "held"):
        part = [one for one in run.records if one.split == split]
        if part:
            lines += [f"  {split}: {line}" for line in refusal_lines(part)]
    return lines


def run_shape(run: Run) -> dict[str, Any]:
    """The figures of a run, of its kinds of questions, and what came of each, as JSON."""
    every = {kind: asdict(one) for kind, one in by_kind(run.records).items()}
    whole = every.pop(OVERALL)
    return {"figures": whole, "kinds": every, "questions": [asdict(one) for one in run.records]}


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


def cells_of(one: Figures) -> list[str]:
    """The figures as cells of a row under COLUMNS."""
    return [cell_of(get(one)) for _, get in COLUMNS]


def cell_of(value: object) -> str:
    """A figure as a table has it."""
    if isinstance(value, float):
        return f"{value:.3f}"
    return NOTHING if value is None else str(value)
