"""Runs over the same questions side by side: their figures, and what differs between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from assistant.evaluation.intervals import paired_bootstrap
from assistant.evaluation.measures import (
    Figures,
    Record,
    by_kind,
    facts_share,
    figures,
    precision,
    recall,
    shared_titles,
)
from assistant.evaluation.report import (
    COLUMNS,
    Run,
    aligned,
    cell_of,
    cells_of,
    fraction,
    whole_number,
)


def _rightly(one: Figures) -> int:
    return one.refused - one.falsely


_ROWS: tuple[tuple[str, Callable[[Figures], object]], ...] = (
    ("questions", lambda one: one.questions),
    ("  failed", lambda one: one.failed or None),
    ("papers cited, of those that should be", lambda one: fraction(one.gold_cited, one.gold)),
    ("  among the sources read", lambda one: fraction(one.gold_shown, one.gold)),
    ("other papers cited", lambda one: one.beyond if one.gold else None),
    ("papers cited that must not be", lambda one: one.excluded_cited or None),
    ("facts stated", lambda one: fraction(one.facts_found, one.facts)),
    ("rightly refused", lambda one: fraction(_rightly(one), one.unanswerable)),
    (
        "falsely answered",
        lambda one: fraction(one.unanswerable - _rightly(one), one.unanswerable),
    ),
    (
        "falsely refused",
        lambda one: fraction(one.falsely, one.questions - one.failed - one.unanswerable),
    ),
    ("nearest sentences alone", lambda one: one.unsure or None),
    ("sentences of answers", lambda one: one.claims),
    ("  ✓ approved", lambda one: one.signs.get("success", 0)),
    ("  · words found", lambda one: one.signs.get("muted", 0)),
    ("  ! flagged", lambda one: one.signs.get("warning", 0) + one.signs.get("error", 0)),
    ("requests", lambda one: sum(one.requests.values())),
    ("tokens in, a question", lambda one: whole_number(one.input_tokens)),
    ("tokens out, a question", lambda one: whole_number(one.output_tokens)),
    ("cost, USD", lambda one: "not known" if one.cost is None else f"{one.cost:.4f}"),
    ("seconds to the first word", lambda one: one.first_s),
    ("seconds to the end", lambda one: one.total_s),
)


def side_by_side(runs: Sequence[Run]) -> str:
    """The figures of runs over the same questions: a row a measure, a column a run."""
    every = [figures(run.records) for run in runs]
    rows = [["", *(run.model for run in runs)]]
    for title, get in _ROWS:
        values = [get(one) for one in every]
        if any(value is not None for value in values):
            rows.append([title, *map(cell_of, values)])
    return aligned(rows)


def compare_lines(one: Run, other: Run) -> list[str]:
    """Two runs side by side, on the questions that both have, by kind."""
    left, right = _in_common(one, other)
    if not left:
        return ["the runs have no question in common"]
    lines = [f"A: {one.model}, {one.file}", f"B: {other.model}, {other.file}"]
    lines.append(f"{len(left)} questions in common")
    rows_left, rows_right = by_kind(left), by_kind(right)
    cells = [["", "", *(title for title, _ in COLUMNS)]]
    for kind in rows_left:
        here, there = rows_left[kind], rows_right.get(kind)
        cells.append([kind, "A", *cells_of(here)])
        if there is not None:
            cells.append(["", "B", *cells_of(there)])
    lines += ["", aligned(cells), "", *differences(one, other, "B - A")]
    return [*lines, "", *changes(one, other)]


def differences(one: Run, other: Run, what: str = "") -> list[str]:
    """How far the second run is ahead on the questions of both, with 95 % intervals."""
    left, right = _in_common(one, other)
    words = what or f"{other.model} - {one.model}"
    lines = []
    measures = (("citation precision", precision), ("citation recall", recall))
    for title, measure in (*measures, ("facts", facts_share)):
        pairs = [(measure(b), measure(a)) for a, b in zip(left, right, strict=True)]
        known = [(b, a) for b, a in pairs if a is not None and b is not None]
        if known:
            gain, low, high = paired_bootstrap([b for b, _ in known], [a for _, a in known])
            lines.append(
                f"{title}: {words} {gain:+.3f}, 95 % [{low:+.3f}, {high:+.3f}], n {len(known)}"
            )
    return lines


def changes(one: Run, other: Run) -> list[str]:
    """What differs between the answers to each question of both."""
    pairs = zip(*_in_common(one, other), strict=True)
    told = ((a.id, _change(a, b)) for a, b in pairs)
    return [f"{name}: {change}" for name, change in told if change]


def _in_common(one: Run, other: Run) -> tuple[list[Record], list[Record]]:
    """The records of the questions that both have, in the order of the first."""
    right = {record.id: record for record in other.records}
    left = [record for record in one.records if record.id in right]
    return left, [right[record.id] for record in left]


def record_lines(model: str, record: Record) -> list[str]:
    """What came of one question: the outcome, and what of it is wrong."""
    gold, cited = len(record.gold), len(shared_titles(record.cited, record.gold))
    parts = [record.outcome]
    parts += [f"{cited} of {gold} papers cited"] if gold else []
    facts = len(record.facts)
    parts += [f"{len(record.facts_found)} of {facts} facts stated"] if facts else []
    lines = [f"{model} {record.id}: {', '.join(parts)}: {record.question}"]
    missing = [one for one in record.facts if one not in record.facts_found]
    lines += [f"    not stated: {one}" for one in missing]
    there = shared_titles(record.cited, record.gold)
    lines += [f"    not cited: {one}" for one in record.gold if one not in there]
    return [*lines, f"    {record.error}"] if record.error else lines


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
