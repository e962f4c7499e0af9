"""Names that a claim has from the record of another paper than the one whose record it cites."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from assistant.types.paper_records import record_line
from store.types import Paper


def names_elsewhere(claim: str, own: Sequence[Paper], others: Iterable[Paper]) -> tuple[str, ...]:
    """The authors, by surname or in full, and venues of others that no paper of a claim has."""
    held = "\n".join(map(whole_text, own))
    named = dict.fromkeys(name for one in others for name in _names(one))
    found = [name for name in named if _stands(name, claim) and not _stands(name, held)]
    return tuple(one for one in found if not any(one in other for other in found if other != one))


def whole_text(paper: Paper) -> str:
    """All that a name of a claim may come from: title, abstract and record, a line each."""
    return f"{paper.title}\n{paper.abstract}\n{record_line(paper)}"


def _names(paper: Paper) -> Iterator[str]:
    for author in paper.authors:
        last, comma, _ = author.partition(",")
        yield author.strip()
        yield last.strip() if comma else author.split()[-1] if author.split() else ""
    yield (paper.venue or "").strip()


def _stands(name: str, text: str) -> bool:
    return bool(name) and bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text))
