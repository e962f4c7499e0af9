"""Values of every shape that services and programs give the fields of a paper."""

from __future__ import annotations

import json

from tables import Row, compare, table

from store.readers.fields import items_of
from store.readers.records import Place
from store.readers.values import citing
from store.types import Notice, Record, Rejection

PLACE = Place("papers.jsonl", "jsonl", 1, 1)


def _read(values: dict[str, object]) -> tuple[dict[str, object] | str, list[str]]:
    """What the record has, with its details beside the rest, or why there is none; what is said."""
    whole = {"title": "T", "abstract": "A sentence."} | values
    item, *said = items_of(PLACE, whole)
    if isinstance(item, Rejection):
        return item.reason, []
    assert isinstance(item, Record)
    found = json.loads(item.model_dump_json())
    names = [
        one.message.split("”")[0].removeprefix("field “") for one in said if type(one) is Notice
    ]
    return {**found.pop("details"), **found}, names


def test_fields_of_every_shape() -> None:
    """Nothing but title and abstract costs a record; what is not understood is said."""

    def came(row: Row) -> object:
        found, said = _read(row["given"])
        assert said == row.get("said", []), said
        return found if isinstance(found, str) else {name: found[name] for name in row["right"]}

    compare(table(__file__, "shapes.jsonl"), came)


def test_any_value_may_stand_in_any_side_field() -> None:
    odd = [True, False, 0, -1, 3.5, float("nan"), 10**30, "x", "\ud800", [], [None], [[[1]]], {}]
    odd += [{"a": {"b": [None]}}, [{"name": None}], {"name": {"name": 1}}, "0" * 5000, ["x", 7]]
    odd += [10**400, -(10**5000), [10**5000], {"year": 10**5000}, "9" * 400, "99999-01-01", 1e308]
    names = "authors year date venue type doi arxiv_id pmid pmcid openalex_id s2_id url keywords"
    names += " language tags notes status retracted id number"
    for name in (*names.split(), *citing.NAMES):
        for value in odd:
            found, _ = _read({name: value})
            assert isinstance(found, dict), (name, value)


def test_a_field_of_very_many_values_is_not_said_of_each() -> None:
    _, said = _read({"notes": [f"note {number}" for number in range(5_000)]})
    assert said == ["notes"] * 4


def test_what_publishers_set_around_an_abstract() -> None:
    def came(row: Row) -> object:
        found, _ = _read({"abstract": row["text"]})
        return found if isinstance(found, str) else found["abstract"]

    compare(table(__file__, "boilerplate.jsonl"), came)


def test_what_says_that_there_is_no_abstract() -> None:
    def came(row: Row) -> bool:
        return _read({"abstract": row["text"]})[0] == "no abstract"

    compare(table(__file__, "absence.jsonl"), came)
