"""The small parts of the store: locks, patterns, values, and text from outside made safe."""

from __future__ import annotations

import copy
import json
import pickle
import re
import time
import unicodedata
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tables import Row, compare, table

from store import identifiers
from store.clean import StreamCleaner, clean_line, clean_text, shorten
from store.files import try_lock
from store.nearest import nearest
from store.pattern import pattern
from store.text_links import ends_in_link, find_links
from store.types import Paper, Provenance, Rejection
from store.value import Value


def test_a_lock_is_held_by_one_and_free_again_after(tmp_path: Path) -> None:
    path = tmp_path / "one.lock"
    with try_lock(path) as mine:
        assert mine
        with try_lock(path) as another:
            assert not another
        with try_lock(path) as another:
            assert not another, "asking in vain lets nobody in"
    with pytest.raises(KeyError), try_lock(path) as mine:
        raise KeyError
    with try_lock(path) as mine:
        assert mine, "a failure lets go"
    assert path.stat().st_mode & 0o777 == 0o600
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"), try_lock(tmp_path / "file" / "one.lock"):
        pytest.fail("nothing was locked")


def test_it_does_what_a_pattern_does_and_is_compiled_when_it_is_first_used() -> None:
    words = pattern(r"[a-z]+", re.IGNORECASE)
    assert words.findall("One two") == ["One", "two"]
    assert words.sub("x", "One two") == "x x"
    assert words.fullmatch("One") is not None
    assert (words.pattern, words.groups) == ("[a-z]+", 0)
    assert pattern(rb"\d+").split(b"a1b") == [b"a", b"b"]
    broken = pattern("(")
    with pytest.raises(re.error):
        broken.search("(")
    words = pattern("[a-z]+")
    assert words.search is words.search
    assert words.search.__self__ is re.compile("[a-z]+")  # type: ignore[attr-defined]
    assert copy.copy(pattern("a+")).fullmatch("aa")
    assert pickle.loads(pickle.dumps(pattern("a+"))).fullmatch("aa")


PLACE = Provenance(source="-", reader="jsonl", line=3, added_at="2026-01-01")
GIVEN = {"id": "p1", "title": "Glätte “ice”", "abstract": "A.\nB.", "tags": ["a", "b"]}
PAPER = Paper.model_validate(
    {**GIVEN, "provenance": [PLACE], "content_hash": "h", "added_at": "2026-01-01"}
)
NO = Rejection(source="-", reason="no")


class Weighed(Value):
    """A value with what JSON has more ways to write."""

    weights: dict[str, float]
    about: Rejection | None = None


def test_a_value_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        PAPER.title = "x"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del PAPER.title
    changed = PAPER.model_copy(update={"title": "x"})
    assert (changed.title, changed.abstract, PAPER.title) == ("x", PAPER.abstract, "Glätte “ice”")
    assert replace(PAPER, title="x") == changed
    with pytest.raises(TypeError, match="name"):
        PAPER.model_copy(update={"name": "x"})
    again = Provenance(added_at="2026-01-01", line=3, reader="jsonl", source="-")
    assert again == PLACE
    assert {again: 1}[PLACE] == 1
    assert PLACE.model_copy(update={"line": 4}) != PLACE
    assert NO != PLACE
    assert pickle.loads(pickle.dumps(PAPER)) == copy.deepcopy(PAPER) == PAPER
    assert (PAPER.title, PAPER.year, PAPER.status) == ("Glätte “ice”", None, "unread")
    said = "source='-', line=None, record=None, reason='no', title=None, ids=()"
    assert repr(NO) == f"Rejection({said})"
    with pytest.raises(TypeError, match="reason"):
        Rejection(source="-")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="why"):
        Rejection(source="-", reason="no", why="no")  # type: ignore[call-arg]


def test_json_and_back() -> None:
    text = PAPER.model_dump_json()
    assert text.startswith('{"id":"p1","title":"Glätte “ice”","abstract":"A.\\nB.","authors":[]')
    assert Paper.model_validate_json(text) == PAPER
    assert Paper.model_validate(json.loads(text)) == PAPER
    assert hash(Paper.model_validate_json(text)) == hash(PAPER)
    said = {"source": "-", "reason": "no"}
    value = Weighed(weights={"a": 0.5}, about=NO)
    assert value.model_dump() == {
        "weights": {"a": 0.5},
        "about": {**dict.fromkeys(("line", "record", "title")), **said, "ids": []},
    }
    assert PLACE.model_dump(include=("line", "source")) == {"source": "-", "line": 3}
    assert set(PLACE.model_dump(exclude=("line",))) == {*PLACE.model_dump()} - {"line"}
    for text in ('{"source":"-"', '{"source":"-"}', '{"source":1,"reason":""}', "7"):
        with pytest.raises(ValueError, match="Rejection"):
            Rejection.model_validate_json(text)


def test_identifiers_have_one_form() -> None:
    def came(row: Row) -> object:
        found = getattr(identifiers, row["of"])(row["given"])
        return list(found) if isinstance(found, tuple) else found

    compare(table(__file__, "identifiers.jsonl"), came)


def test_cleaning_and_shortening() -> None:
    compare(table(__file__, "cleaning.jsonl"), lambda row: clean_text(row["text"]))
    cleaned = clean_text("e" + "\u0301" * 20_000)
    assert len(unicodedata.normalize("NFD", cleaned)) <= 9
    assert shorten("abcdef", 4) == "abc…"
    assert shorten("abc", 3) == "abc"


@given(st.text(alphabet=st.characters() | st.sampled_from("\x1b[]0;m\x07\x9b\\e\u0301\r\n")))
def test_no_control_gets_through(text: str) -> None:
    cleaned = clean_text(text)
    assert not any(
        unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\t" for letter in cleaned
    )
    assert clean_text(cleaned) == cleaned
    assert "\n" not in clean_line(text)


@given(st.lists(st.sampled_from(["a", "\x1b", "[", "3", "1m", "]0;t", "\x07", "\r", "\n", "é"])))
@example(["\r", "\x1b", "a", "\n"])
def test_pieces_clean_as_the_whole(pieces: list[str]) -> None:
    cleaner = StreamCleaner()
    joined = "".join(cleaner.feed(piece) for piece in pieces) + cleaner.finish()
    assert joined == clean_text("".join(pieces))


def test_addresses_are_found_as_they_stand() -> None:
    def came(row: Row) -> object:
        links = find_links(row["text"])
        assert [row["text"][link.start : link.end] for link in links] == [
            link.text for link in links
        ]
        return [link.url for link in links]

    compare(table(__file__, "text_links.jsonl"), came)
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


@pytest.mark.parametrize("in_part", [False, True])
def test_a_name_longer_than_any_title_is_like_none(in_part: bool) -> None:
    known = ["Owls hunt by night", "Bees dance"]
    assert nearest("owls hunt by nigt", known, in_part=in_part) == known[:1]
    assert nearest("owls hunt by nigt " * 5000, known, in_part=in_part) == []
