"""Patterns that are compiled late."""

from __future__ import annotations

import copy
import pickle
import re

import pytest

from store.pattern import pattern


def test_it_does_what_a_pattern_does() -> None:
    words = pattern(r"[a-z]+", re.IGNORECASE)
    assert words.findall("One two") == ["One", "two"]
    assert words.sub("x", "One two") == "x x"
    assert words.fullmatch("One") is not None
    assert (words.pattern, words.groups) == ("[a-z]+", 0)
    assert pattern(rb"\d+").split(b"a1b") == [b"a", b"b"]


def test_it_is_compiled_when_it_is_first_used_and_once() -> None:
    broken = pattern("(")
    with pytest.raises(re.error):
        broken.search("(")
    words = pattern("[a-z]+")
    assert words.search is words.search
    assert words.search.__self__ is re.compile("[a-z]+")  # type: ignore[attr-defined]
    assert copy.copy(pattern("a+")).fullmatch("aa")
    assert pickle.loads(pickle.dumps(pattern("a+"))).fullmatch("aa")
