"""Files as reference managers, services and table programs write them, and what is read of them."""

from __future__ import annotations

import pytest
import reading
from tables import Row, for_each, holds, table

from store.errors import UnusableSource


@pytest.mark.parametrize(("name", "reader"), [("bibtex.toml", "bibtex"), ("csv.toml", "csv")])
def test_what_is_read_of_files_of_programs(name: str, reader: str) -> None:
    def check(row: Row) -> None:
        asked = {"mapping": tuple(map(tuple, row.get("map", ()))), "titles": "titles" in row}
        data = row["text"].encode(row.get("in", "utf-8"))
        if "whole" in row:
            with pytest.raises(UnusableSource) as caught:
                reading.read(data, reader, **asked)
            for part in row["whole"]:
                assert part in f"{caught.value.message}; {caught.value.hint}"
            return
        items = reading.read(data, reader if "as" in row else None, **asked)
        records = reading.as_rows(items)
        assert {one["reader"] for one in records} <= {reader}
        holds(records, row["records"])
        came, right = reading.refused(items), row.get("refused", [])
        assert [line for line, _ in came] == [line for line, _ in right]
        for (_, reason), (_, part) in zip(came, right, strict=True):
            assert part in reason
        said = [one.message for one in reading.notices(items)]
        assert len(said) == len(row.get("said", [])), said
        for message, part in zip(said, row.get("said", []), strict=True):
            assert part in message

    for_each(table(__file__, name), check)
