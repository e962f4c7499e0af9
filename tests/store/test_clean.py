"""Text from outside, made safe, and the addresses in it."""

from __future__ import annotations

import time
import unicodedata
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tables import Row, compare, table

from store.clean import StreamCleaner, clean_line, clean_text, shorten
from store.text_links import ends_in_link, find_links


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


def test_shorten() -> None:
    assert shorten("abcdef", 4) == "abc…"
    assert shorten("abc", 3) == "abc"


def test_addresses_are_found_as_they_stand() -> None:
    def came(row: Row) -> object:
        links = find_links(row["text"])
        assert [row["text"][link.start : link.end] for link in links] == [
            link.text for link in links
        ]
        return [link.url for link in links]

    compare(table(__file__, "text_links.jsonl"), came)


def test_a_text_that_ends_in_an_address() -> None:
    rows = table(__file__, "text_links_at_the_end.jsonl")
    compare(rows, lambda row: ends_in_link(row["text"]))


def test_time_grows_with_length_alone() -> None:
    for unit in ("a.", "https://", "www.", "a-", "x.com/", "https://a.b-", "(", "https://a.org/("):
        started = time.process_time()
        find_links(unit * (50_000 // len(unit)))
        assert time.process_time() - started < 1, unit


def test_every_address_of_the_saved_pages_is_found(shared: Path) -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted((shared / "pages").iterdir())]
    links = [link for text in texts for link in find_links(text)]
    written = sum(text.count("http://") + text.count("https://") for text in texts)
    assert sum("://" in link.text for link in links) == written
    assert {link.text for link in links if "://" not in link.text} == {
        "v-iashin.github.io/SpecVQGAN"
    }
    assert not [link.url for link in links if link.url.endswith((".", ",", ")", "}", "{", ":"))]
