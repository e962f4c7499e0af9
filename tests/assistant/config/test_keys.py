"""Where the key of a configured model comes from."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tables import Row, for_each, table

from assistant.config import keys
from assistant.config.keys import key_about, key_of, key_place
from assistant.config.tables import ModelSettings
from assistant.errors import WrongUse

USUAL = {"OPENAI_API_KEY": "sk-usual", "OTHER": "sk-other"}


def model(base_url: str, **more: object) -> ModelSettings:
    return ModelSettings.model_validate({"base_url": base_url, "model": "m", **more})


def test_which_key_goes_where() -> None:
    """Case 76: a local server needs no key, and gets none that was not named for it."""

    def check(row: Row) -> None:
        settings = model(row["base_url"], **row["more"])
        assert key_of("n", settings, USUAL) == row["key"]
        assert key_place("n", settings) == row["place"]
        about = key_about(settings, USUAL)
        assert "sk-" not in about
        assert ("not set" in about) == (row["more"].get("key_variable") == "NONE")

    for_each(table(__file__, "keys.jsonl"), check)


def test_a_command_prints_the_key_and_no_shell_runs_it(tmp_path: Path) -> None:
    kept, made = tmp_path / "key file", tmp_path / "made"
    kept.write_text("sk-from-file\n")
    for command, key in (
        (f"cat '{kept}'", "sk-from-file"),
        (("cat", str(kept)), "sk-from-file"),
        (f"echo k; touch {made}", f"k; touch {made}"),
    ):
        settings = model("http://127.0.0.1:1/v1", key_command=command)
        assert key_of("n", settings, {"PATH": "/usr/bin:/bin"}) == key
    assert not made.exists()


def test_a_command_that_fails_says_nothing_of_its_output() -> None:
    def check(row: Row) -> None:
        settings = model("http://127.0.0.1:1/v1", key_command=row["command"])
        with pytest.raises(WrongUse) as caught:
            key_of("n", settings, {"PATH": "/usr/bin:/bin"})
        assert f"key_command of [models.n] {row['says']}" in caught.value.message
        assert "leak" not in caught.value.message + caught.value.hint
        assert caught.value.__cause__ is None

    for_each(table(__file__, "key_commands.jsonl"), check)


def test_a_command_that_hangs_is_ended_with_what_it_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keys, "COMMAND_SECONDS", 0.5)
    begun = time.monotonic()
    settings = model("http://127.0.0.1:1/v1", key_command=["sh", "-c", "sleep 60 & sleep 60"])
    with pytest.raises(WrongUse, match="took longer"):
        key_of("n", settings, {"PATH": "/usr/bin:/bin"})
    assert time.monotonic() - begun < 20


def test_both_ways_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="exclude each other"):
        model("https://x.example/v1", key_variable="A", key_command="b")
    with pytest.raises(ValueError, match="at least 1 character"):
        model("https://x.example/v1", key_command="")
