"""The lines of the status line: where text goes, how the library stands, what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.clean import clean_line

if TYPE_CHECKING:
    from store.types import LibraryStatus


def failure(error: Exception) -> str:
    """One line for a failure: what happened, then the next step."""
    parts = [str(getattr(error, "message", "") or error), str(getattr(error, "hint", ""))]
    return " ".join(_sentence(clean_line(part)) for part in parts if part.strip())


def _sentence(text: str) -> str:
    # An id, a path or the name of a setting is written as it is.
    is_name = any(mark in text.split(" ", 1)[0][:-1] for mark in ":/_.")
    begins = text[:1] if is_name else text[:1].upper()
    return f"{begins}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


def destination(
    model: str,
    sends_to: str | None,
    embeds_at: str | None = None,
    judges_at: str | None = None,
) -> str:
    """Which model answers, where questions and abstracts go, and where for vectors and checks."""
    parts = [f"sends to {clean_line(sends_to)}"] if sends_to else []
    for place, why in ((embeds_at, "vectors"), (judges_at, "checks")):
        if place and place != sends_to:
            parts.append(f"sends to {clean_line(place)} for {why}")
    return " · ".join([clean_line(model), *(parts or ["nothing leaves this machine"])])


def papers(number: int) -> str:
    """So many papers: "1 paper", "30,000 papers"."""
    return "1 paper" if number == 1 else f"{number:,} papers"


def standing(status: LibraryStatus) -> str:
    """How many papers the library holds, and how many wait to be indexed."""
    return papers(status.papers) + (f", {status.pending:,} to index" if status.pending else "")
