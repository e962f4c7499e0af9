"""What the chats say, and instants as a person says them."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import pytest
from tables import Row, compare, table

from assistant.types.sessions import SessionLine, TurnText
from tui.presenters import chats
from tui.presenters.days import when


def line(title: str, turns: int = 2) -> SessionLine:
    return SessionLine(id="s0", title=title, updated_at="2020-02-03T12:00:00Z", turns=turns)


def test_an_instant_is_said_in_the_time_of_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    def came(row: Row) -> str:
        monkeypatch.setenv("TZ", row["zone"])
        time.tzset()
        return when(row["given"], datetime.fromisoformat(row["now"]))

    try:
        compare(table(__file__, "days.jsonl"), came)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_chat_has_two_lines_and_a_file() -> None:
    assert chats.row(line("Owls\x1b[2J at night", 1)) == (
        "Owls at night",
        "2020-02-03 · 1 question",
    )
    for title, right in (
        ("Which methods reduce forgetting?", "which-methods-reduce-forgetting.md"),
        ("../../etc/passwd", "etc-passwd.md"),
        ("¿?", "chat.md"),
        ("Größe der Wörter", "größe-der-wörter.md"),
        ("a" * 200, f"{'a' * 60}.md"),
    ):
        assert chats.file_name(line(title)) == right


def test_how_many_are_shown() -> None:
    assert chats.count(1, 1, is_filtered=False) == "1 chat"
    assert chats.count(3, 1000, is_filtered=True) == "3 of 1,000 chats"
    assert chats.count(3, 9, is_filtered=True, left_out=1200).endswith(
        "9 chats · the answers of 1,200 older questions are not searched"
    )


def test_a_turn_is_shown_clean_and_cut() -> None:
    shown = chats.beside(TurnText(question="a<b [MASK]", asked_at="2020-02-03", text="x" * 5000))
    assert (shown.question, shown.when, len(shown.text)) == (
        "a<b [MASK]",
        "2020-02-03",
        1500,
    )
    assert chats.beside(TurnText(question="a", asked_at="", text="")).text == chats.UNREADABLE
    assert chats.beside(None) == chats.Beside("", "", "")


def test_keys_that_have_no_room_go_and_the_way_out_stays() -> None:
    assert chats.keys(100).endswith("^s export  Esc close")
    for width in (0, 20, 40, 60):
        assert chats.keys(width).endswith("Esc close")
        assert len(chats.keys(width)) <= max(width, 9)
    assert chats.written([Path("a.md"), Path("a.bib")]) == "Written: a.md and a.bib"
