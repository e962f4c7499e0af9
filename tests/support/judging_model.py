"""A scripted model that judges every paper of a request, for tests of questions to all papers."""

from __future__ import annotations

import re
from typing import Any

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
