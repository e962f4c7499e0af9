"""Thoughts between tags, parted from the answer."""

from __future__ import annotations

from tables import Row, compare, table

from assistant.generation.openai.reasoning import ThoughtSplitter


def parted(row: Row) -> tuple[str, str]:
    """Answer and thought of a text that comes in pieces of a size."""
    text, size = row["text"], row["size"]
    splitter = ThoughtSplitter()
    parts = [one for at in range(0, len(text), size) for one in splitter.feed(text[at : at + size])]
    parts += splitter.finish()
    answer = "".join(part for is_thought, part in parts if not is_thought)
    return answer, "".join(part for is_thought, part in parts if is_thought)


def test_thoughts_are_parted_however_the_text_is_cut() -> None:
    """Case 68: tags split over deltas, and a thought that is never closed."""
    rows = [
        {**row, "size": size, "right": (row["answer"], row["thought"])}
        for row in table(__file__, "thoughts.jsonl")
        for size in range(1, len(row["text"]) + 1)
    ]
    compare(rows, parted)
