"""Text from outside, made safe."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tables import compare, table

from store.clean import StreamCleaner, clean_line, clean_text, shorten


def test_cleaning() -> None:
    compare(table(__file__, "cleaning.jsonl"), lambda row: clean_text(row["text"]))


def test_marks_on_one_letter_are_capped() -> None:
    cleaned = clean_text("e" + "\u0301" * 20_000)
    assert len(unicodedata.normalize("NFD", cleaned)) <= 9


@given(st.text(alphabet=st.characters() | st.sampled_from("\x1b[]0;m\x07\x9b\\e\u0301\r\n")))
def test_no_control_gets_through(text: str) -> None:
    cleaned = clean_text(text)
    assert not any(
        unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\t" for letter in cleaned
    )
    assert clean_text(cleaned) == cleaned
    assert "\n" not in clean_line(text)


@given(st.lists(st.sampled_from(["a", "\x1b", "[", "3", "1m", "]0;t", "\x07", "\r", "\n", "é"])))
def test_pieces_clean_as_the_whole(pieces: list[str]) -> None:
    cleaner = StreamCleaner()
    joined = "".join(cleaner.feed(piece) for piece in pieces) + cleaner.finish()
    assert joined == clean_text("".join(pieces))


def test_hostile_strings(shared: Path) -> None:
    """Case 78, at the one place where text is made safe."""
    for text in json.loads((shared / "faults" / "hostile_strings.json").read_text()).values():
        cleaned = clean_text(text)
        assert not any(ord(letter) < 32 and letter not in "\n\t" for letter in cleaned)
        assert not any(0x7F <= ord(letter) <= 0x9F for letter in cleaned)


def test_shorten() -> None:
    assert shorten("abcdef", 4) == "abc…"
    assert shorten("abc", 3) == "abc"
