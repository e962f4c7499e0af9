"""Commands one after another as rows of a table, each with what is then seen of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import Quire, Ran
from tables import Row, for_each, table

from assistant.config.settings import load_settings

Walk = Callable[..., list[Ran]]
CONFIG = "xdg-config/quire/config.toml"
"""Where the configuration stands below a test's folder."""


@pytest.fixture
def walk(quire: Quire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Walk:
    """Run commands in turn: `walk(__file__, "added.jsonl", url=...)`, each step a row of a table.

    Before the command `run`, the `environment` is set (null: unset) and `files` are written
    below the test's folder; `stdin` is what it reads. Then its exit `code` (0 where none is
    given), words on stdout and stderr (`out`, `err`), each of them as a whole (`out_is`,
    `err_is`), the one line of an `error` (code 2), values of its `json` and of the `settings` by
    their path, and what files `hold` (null: there is none) are held against the row. `{url}`
    stands for what the test calls so, `{tmp}` for its folder, `{config}` for the configuration
    in it. A `part` is walked by itself.
    """

    def step(row: Row) -> Ran:
        for name, value in row.get("environment", {}).items():
            monkeypatch.delenv(name, raising=False)
            if value is not None:
                monkeypatch.setenv(name, value)
        for name, text in row.get("files", {}).items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
        ran = quire(*row["run"], stdin=row.get("stdin"))
        assert ran.code == row.get("code", 2 if "error" in row else 0), ran.err
        for came, name in ((ran.out, "out"), (ran.err, "err")):
            assert not [words for words in row.get(name, []) if words not in came], came
            assert came == row.get(f"{name}_is", came)
        if "error" in row:
            assert (ran.out, ran.err[:7], ran.err.count("\n")) == ("", "error: ", 1)
            assert row["error"] in ran.err
        for path, right in row.get("json", {}).items():
            assert (path, value_at(ran.json, path)) == (path, right)
        for path, right in row.get("settings", {}).items():
            assert (path, value_at(load_settings(), path)) == (path, right)
        for name, text in row.get("hold", {}).items():
            path = tmp_path / name
            assert (name, path.read_text() if path.exists() else None) == (name, text)
        return ran

    def take(test_file: str, name: str, part: str = "", **places: object) -> list[Ran]:
        places = {"tmp": tmp_path, "config": CONFIG, **places}
        came: list[Ran] = []
        rows = [row for row in table(test_file, name) if row.get("part", "") == part]
        assert rows, f"{name} has no part {part!r}"
        for_each((filled(row, places) for row in rows), lambda row: came.append(step(row)))
        return came

    return take


def filled(row: Row, places: dict[str, object]) -> Row:
    """A row in which each {name} is replaced by what it stands for."""
    text = json.dumps(row)
    for name, place in places.items():
        text = text.replace(f"{{{name}}}", json.dumps(str(place))[1:-1])
    whole: Row = json.loads(text)
    return whole


def value_at(document: Any, path: str) -> Any:
    """The value at a path such as "hits.0.title"; `*` is each of a list, `#` their number.

    `@` are the names in an object, sorted; the empty path is the whole.
    """
    head, _, rest = path.partition(".")
    match head:
        case "":
            return document
        case "#":
            return len(document)
        case "@":
            return sorted(document)
        case "*":
            return [value_at(one, rest) for one in document]
    if isinstance(document, dict | list):
        return value_at(document[int(head) if head.isdecimal() else head], rest)
    return value_at(getattr(document, head), rest)
