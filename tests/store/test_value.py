"""What all values have in common."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import FrozenInstanceError, replace

import pytest

from store.types import Paper, Provenance, Rejection
from store.value import Value

PLACE = Provenance(source="-", reader="jsonl", line=3, added_at="2026-01-01")
PAPER = Paper(
    id="p1",
    title="Glätte “ice”",
    abstract="A.\nB.",
    tags=("a", "b"),
    provenance=(PLACE,),
    content_hash="h",
    added_at="2026-01-01",
)
NO = Rejection(source="-", reason="no")


class Weighed(Value):
    """A value with what JSON has more ways to write."""

    weights: dict[str, float]
    about: Rejection | None = None


def test_fields_are_given_by_name_and_the_others_have_their_defaults() -> None:
    assert (PAPER.title, PAPER.year, PAPER.status) == ("Glätte “ice”", None, "unread")
    assert repr(NO) == "Rejection(source='-', line=None, record=None, reason='no')"
    with pytest.raises(TypeError, match="reason"):
        Rejection(source="-")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="why"):
        Rejection(source="-", reason="no", why="no")  # type: ignore[call-arg]


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


def test_values_with_the_same_fields_are_the_same() -> None:
    again = Provenance(added_at="2026-01-01", line=3, reader="jsonl", source="-")
    assert again == PLACE
    assert {again: 1}[PLACE] == 1
    assert PLACE.model_copy(update={"line": 4}) != PLACE
    assert NO != PLACE
    assert pickle.loads(pickle.dumps(PAPER)) == copy.deepcopy(PAPER) == PAPER


def test_json_and_back() -> None:
    text = PAPER.model_dump_json()
    assert text.startswith('{"id":"p1","title":"Glätte “ice”","abstract":"A.\\nB.","authors":[]')
    assert Paper.model_validate_json(text) == PAPER
    assert Paper.model_validate(json.loads(text)) == PAPER
    assert hash(Paper.model_validate_json(text)) == hash(PAPER)
    value = Weighed(weights={"a": 0.5}, about=NO)
    assert value.model_dump() == {
        "weights": {"a": 0.5},
        "about": {"source": "-", "line": None, "record": None, "reason": "no"},
    }
    assert PLACE.model_dump(include=("line", "source")) == {"source": "-", "line": 3}
    assert set(PLACE.model_dump(exclude=("line",))) == {*PLACE.model_dump()} - {"line"}


def test_json_that_is_no_such_value_is_refused() -> None:
    for text in ('{"source":"-"', '{"source":"-"}', '{"source":1,"reason":""}', "7"):
        with pytest.raises(ValueError, match="Rejection"):
            Rejection.model_validate_json(text)
