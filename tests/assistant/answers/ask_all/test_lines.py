"""Reading what models write of each paper, from tidy to wild."""

from __future__ import annotations

from tables import Row, compare, table

from assistant.answers.ask_all.lines import read_lines


def said(row: Row) -> dict[str, str]:
    """What is read of each paper: the verdict, the sentences named, whether only others were."""
    return {
        str(number): " ".join([line.said, *map(str, line.sentences), *["strays"] * line.strays])
        for number, line in read_lines(row["text"], {1, 2, 3}).items()
    }


def test_what_models_write() -> None:
    compare(table(__file__, "lines.jsonl"), said)


def test_a_thousand_lines_are_read_quickly() -> None:
    text = "\n".join(f"{at % 3 + 1}: {'(' * 500}" for at in range(3000))
    assert read_lines(text, {1, 2, 3}) == {}
