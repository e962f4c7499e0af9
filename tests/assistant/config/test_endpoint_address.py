"""Where a model is asked, and where its key comes from."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest
from tables import Row, for_each, table

from assistant.config import keys
from assistant.config.endpoint_address import check_base_url, check_key
from assistant.config.keys import key_about, key_of, key_place
from assistant.config.tables import ModelSettings
from assistant.errors import WrongUse
from assistant.generation.openai.endpoint import EndpointModel
from assistant.generation.openai.limits import EndpointSettings

USUAL = {"OPENAI_API_KEY": "sk-usual", "OTHER": "sk-other"}


def test_usable_addresses() -> None:
    """Case 75: plain http to a private address is allowed with one line of warning."""

    def check(row: Row) -> None:
        checked = check_base_url(row["text"])
        warned = row["reach"] == "private" and checked.url.startswith("http:")
        warning = f"plain http: questions and abstracts travel unencrypted to {checked.host}"
        assert checked.warning == (warning if warned else "")
        assert checked.reach == row["reach"]
        assert checked.is_loopback is (row["reach"] == "loopback")
        assert checked.url == row.get("url", checked.url)
        assert checked.host == row.get("host", checked.host)

    for_each(table(__file__, "addresses.jsonl"), check)


def test_refused_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Case 75: each wrong address is refused with its reason, before any look-up."""

    def no_look_up(*_: object, **__: object) -> None:
        raise AssertionError("a name was looked up")

    def check(row: Row) -> None:
        with pytest.raises(WrongUse) as caught:
            EndpointModel(EndpointSettings(name="m", base_url=row["text"], model="m"))
        assert row["reason"] in caught.value.message
        assert row["hint"] in caught.value.hint
        both = caught.value.message + caught.value.hint
        assert "hunter2" not in both
        assert both.isprintable()

    monkeypatch.setattr(socket, "getaddrinfo", no_look_up)
    for_each(table(__file__, "refused_addresses.jsonl"), check)


def test_keys_are_not_shown_where_they_are_refused_or_kept() -> None:
    """Case 76: a key with a newline, and one outside ASCII."""
    for key in ("sk-secret\n", "sk-secret\r\nX-Evil: 1", "sk secret", "sk-sécret", "sk-\0secret"):
        with pytest.raises(WrongUse) as caught:
            check_key(key)
        assert "OPENAI_API_KEY" in caught.value.hint
        assert "secret" not in repr(caught.value)
    for blank in (None, "", "  "):
        assert check_key(blank) is None
    settings = EndpointSettings("m", "http://localhost/v1", "m", api_key="sk-secret")
    assert "secret" not in repr(settings) + repr(EndpointModel(settings))


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


def printed(command: object) -> str | None:
    """The key that a command prints."""
    settings = model("http://127.0.0.1:1/v1", key_command=command)
    return key_of("n", settings, {"PATH": "/usr/bin:/bin"})


def test_a_command_prints_the_key_and_no_shell_runs_it(tmp_path: Path) -> None:
    kept, made = tmp_path / "key file", tmp_path / "made"
    kept.write_text("sk-from-file\n")
    for command, key in (
        (f"cat '{kept}'", "sk-from-file"),
        (("cat", str(kept)), "sk-from-file"),
        (f"echo k; touch {made}", f"k; touch {made}"),
    ):
        assert printed(command) == key
    assert not made.exists()


def test_a_command_that_fails_says_nothing_of_its_output() -> None:
    def check(row: Row) -> None:
        with pytest.raises(WrongUse) as caught:
            printed(row["command"])
        assert f"key_command of [models.n] {row['says']}" in caught.value.message
        assert "leak" not in caught.value.message + caught.value.hint
        assert caught.value.__cause__ is None

    for_each(table(__file__, "key_commands.jsonl"), check)
    with pytest.raises(ValueError, match="exclude each other"):
        model("https://x.example/v1", key_variable="A", key_command="b")
    with pytest.raises(ValueError, match="at least 1 character"):
        model("https://x.example/v1", key_command="")


def test_a_command_that_hangs_ends_with_what_it_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "COMMAND_SECONDS", 0.5)
    begun = time.monotonic()
    with pytest.raises(WrongUse, match="took longer"):
        printed(["sh", "-c", "sleep 60 & sleep 60"])
    assert time.monotonic() - begun < 20
