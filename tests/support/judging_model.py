"""A scripted model that judges every paper of a request, for tests of questions to all papers."""

from __future__ import annotations

import re
from typing import Any

from store.types import Record

ADDRESS = re.compile(r"\[(\d+)\.(\d+)\] (.*)")


def papers_in(body: dict[str, Any]) -> dict[int, dict[int, str]]:
    """The sentences of each paper of a request, by its number."""
    found: dict[int, dict[int, str]] = {}
    for line in body["messages"][-1]["content"].splitlines():
        if match := ADDRESS.match(line):
            found.setdefault(int(match[1]), {})[int(match[2])] = match[3]
    return found


def judge(body: dict[str, Any]) -> str:
    """Say yes to codecs, and show the sentence."""
    lines = []
    for number, sentences in papers_in(body).items():
        shows = [index for index, text in sentences.items() if index and "odec" in text]
        lines.append(f"{number}: yes {number}.{shows[0]}" if shows else f"{number}: no")
    return "\n".join(lines)


def codecs_and_owls(number: int) -> list[Record]:
    """So many records: every third speaks of codecs, the first ten of owls."""
    return [
        Record(
            title=f"Study {at} of {'owls' if at < 10 else 'things'}",
            abstract=f"Thing number {at} is studied. "
            + (f"We build codec {at} for it. " if at % 3 == 0 else "It is a stone. ")
            + "It works well in the field and in the laboratory. " * 4,
            source="own.jsonl",
            reader="jsonl",
        )
        for at in range(number)
    ]
