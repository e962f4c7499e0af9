"""The papers in a saved page of Hugging Face: daily, weekly and trending papers, one paper.

Such a page holds what it shows once more as JSON, in an attribute of the elements from which its
program starts: `data-target` "DailyPapers" or "PaperContent", with `data-props`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from store.pattern import pattern
from store.readers.html.tags import Tag

PAGE = "https://huggingface.co/papers/"
_DAY = pattern(r"\d{4}-\d\d-\d\d")


def papers_of(tags: list[Tag]) -> Iterator[tuple[Tag, str | None, dict[str, object]]]:
    """Each paper as named values, with the tag that holds it and the day of the page."""
    for tag in tags:
        props = _props(tag)
        if props is None:
            continue
        day = props.get("dateString") or props.get("date")
        page_date = day if isinstance(day, str) and _DAY.fullmatch(day) else None
        listed = props.get("dailyPapers")
        for entry in listed if isinstance(listed, list) else [props]:
            paper = entry.get("paper") if isinstance(entry, dict) else None
            if isinstance(paper, dict):
                yield tag, page_date, _values(paper, entry)


def _props(tag: Tag) -> dict[str, Any] | None:
    text = tag.attributes.get("data-props", "")
    if not text.startswith("{") or "summary" not in text:
        return None
    try:
        props = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return props if isinstance(props, dict) else None


def _values(paper: dict[str, Any], entry: dict[str, Any]) -> dict[str, object]:
    identifier = paper.get("id")
    return {
        "id": identifier,
        "arxiv_id": identifier,
        "title": paper.get("title") or entry.get("title"),
        "abstract": paper.get("summary") or entry.get("summary"),
        "authors": paper.get("authors"),
        "date": paper.get("publishedAt") or entry.get("publishedAt"),
        "url": f"{PAGE}{identifier}" if isinstance(identifier, str) else None,
        "type": "preprint",
    }
