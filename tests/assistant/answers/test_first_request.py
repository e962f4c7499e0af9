"""`--dry-run` shows the first request as the server then receives it, byte for byte."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cli_fixture import Quire, Serving
from tables import Row, for_each, table

_TOKEN = re.compile(r"(?<![0-9a-f])[0-9a-f]{12}(?![0-9a-f])")


@pytest.mark.usefixtures("stocked")
def test_what_is_shown_is_what_comes(
    quire: Quire, serving: Serving, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    questions = tmp_path / "questions.jsonl"
    questions.write_text('{"question": "Why?", "history": ["How do bees dance?"]}')
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789abcdef")

    (bee, *_) = (one["id"] for one in quire("list", "--json").json["papers"])

    def check(row: Row) -> None:
        model = serving(row.get("reply", "Owls hear [1.1]."))
        given = {"{bee}": bee, "{questions}": str(questions)}
        command = [given.get(one, one) for one in row["run"]]
        command += ["--no-cache"] if row.get("caches", True) else []
        shown = model.json(*command, "--dry-run")
        assert model.sent == 0, "a dry run sends nothing"
        shown = shown["models"] if command[0] == "eval" else shown
        shown = (shown[0] if isinstance(shown, list) else shown)["request"]
        plain = model.run(*command, "--dry-run").out
        assert _alike(shown["body"]) in _alike(plain)
        model.quire(*command, "-m", model.name)
        came = model.endpoint.requests[0]
        assert _alike(shown["body"]) == _alike(came.raw.decode())
        assert (shown["method"], shown["url"].endswith(came.path)) == ("POST", True)
        assert shown["headers"] | {"authorization": ""} == came.headers | {"authorization": ""}
        assert shown["headers"].get("authorization", "Bearer (hidden)") == "Bearer (hidden)"
        assert "sk-0123" not in plain

    for_each(table(__file__, "first_requests.jsonl"), check)


def _alike(text: str) -> str:
    """A text with one token for those that are drawn anew."""
    return _TOKEN.sub("0" * 12, text)
