"""Summaries of topics: what must be covered, and look-alikes that must not be cited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from assistant.evaluation.asking import hear
from assistant.evaluation.matching import same_title
from assistant.evaluation.measures import MATCHED, shared_titles
from assistant.evaluation.report import aligned
from assistant.types.questions import SummaryRequest
from assistant.workspace.workspace import Workspace
from store.types import Narrate
from tests.bench.answers.questions import Topic


@dataclass(frozen=True)
class Covered:
    """What one summary covers: titles cited, needed ones and traps among them."""

    id: str
    topic: str
    outcome: str
    cited: tuple[str, ...]
    covered: tuple[str, ...]
    needed: int
    traps: tuple[str, ...]
    verdicts: Mapping[str, int]
    input_tokens: int = 0
    output_tokens: int = 0
    calls: int = 0
    total_s: float = 0.0
    text: str = ""


def covered_by(topic: Topic, cited: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The needed titles and the traps that are cited."""
    needed = shared_titles(cited, topic.must_cover)
    return needed, shared_titles(cited, topic.off_topic_traps)


async def sum_up(workspace: Workspace, topics: Sequence[Topic], tell: Narrate) -> list[Covered]:
    """Summarize every topic as `quire summarize --topic T --length long` does."""
    found = []
    for number, one in enumerate(topics, 1):
        request = SummaryRequest(topic=one.topic, length="long")
        heard = await hear(workspace.summarize(request))
        answer = heard.answer
        cited = [reference.title for reference in answer.references] if answer else []
        covered, traps = covered_by(one, cited)
        found.append(
            Covered(
                id=one.id,
                topic=one.topic,
                outcome=answer.outcome if answer else "failed",
                cited=tuple(cited),
                covered=covered,
                needed=len(one.must_cover),
                traps=traps,
                verdicts=dict(Counter(one.verdict for one in answer.claims)) if answer else {},
                input_tokens=answer.usage.input_tokens if answer else 0,
                output_tokens=answer.usage.output_tokens if answer else 0,
                calls=answer.usage.calls if answer else 0,
                total_s=heard.total_s,
                text=answer.text if answer else str(heard.failure or ""),
            )
        )
        tell(f"{number} of {len(topics)}: {one.id} {found[-1].outcome}")
    return found


def coverage(found: Sequence[Covered]) -> float:
    """The mean share of needed papers that a summary cites; 0 of nothing."""
    shares = [len(one.covered) / one.needed for one in found if one.needed]
    return sum(shares) / len(shares) if shares else 0.0


def summary_lines(found: Sequence[Covered]) -> list[str]:
    """A line for each topic, and the sums."""
    rows = [["", "covered", "cited", "traps", "carried", "tok.in", "s", "topic"]]
    for one in found:
        total = sum(one.verdicts.values())
        carried = sum(one.verdicts.get(verdict, 0) for verdict in MATCHED)
        rows.append(
            [
                one.id,
                f"{len(one.covered)}/{one.needed}",
                str(len(one.cited)),
                str(len(one.traps)),
                f"{carried}/{total}",
                str(one.input_tokens),
                f"{one.total_s:.1f}",
                one.topic,
            ]
        )
    traps = sum(len(one.traps) for one in found)
    cited = sum(len(one.cited) for one in found)
    failed = [one.id for one in found if one.outcome != "answered"]
    lines = [aligned(rows), ""]
    lines.append(
        f"{len(found)} topics: coverage {coverage(found):.1%}, {traps} traps among {cited} papers"
        f" cited" + (f"; not answered: {', '.join(failed)}" if failed else "")
    )
    for one in found:
        lines += [f"  {one.id} cites the trap: {title}" for title in one.traps]
    return lines


def as_json(found: Sequence[Covered], model: str) -> dict[str, Any]:
    """The run as plain values."""
    return {
        "model": model,
        "coverage": coverage(found),
        "traps": sum(len(one.traps) for one in found),
        "topics": [asdict(one) for one in found],
    }


def unknown_titles(topics: Sequence[Topic], titles: Sequence[str]) -> list[str]:
    """Titles of a summaries file that no paper has."""
    wanted = [title for one in topics for title in (*one.must_cover, *one.off_topic_traps)]
    return [
        one for one in dict.fromkeys(wanted) if not any(same_title(one, other) for other in titles)
    ]
