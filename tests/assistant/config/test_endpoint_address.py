from __future__ import annotations

import socket

import pytest
from tables import Row, for_each, table

from assistant.config.endpoint_address import check_base_url, check_key
from assistant.errors import WrongUse
from assistant.generation.openai.endpoint import EndpointModel
from assistant.generation.openai.limits import EndpointSettings


def test_usable_addresses() -> None:
    def check(row: Row) -> None:
        checked = check_base_url(row["text"])
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


def test_plain_http_in_the_own_network_is_warned_of_once() -> None:
    """Case 75: private addresses are allowed with one line of warning."""
    warning = check_base_url("http://192.168.1.9:8000/v1").warning
    assert "unencrypted" in warning
    assert "192.168.1.9:8000" in warning
    assert "\n" not in warning
    for quiet in ("http://127.0.0.1/v1", "https://192.168.1.9/v1", "https://api.example.com/v1"):
        assert check_base_url(quiet).warning == ""


def test_unusable_keys_are_refused_without_being_shown() -> None:
    """Case 76: a key with a newline, and one outside ASCII."""
    for key in ("sk-secret\n", "sk-secret\r\nX-Evil: 1", "sk secret", "sk-sécret", "sk-\0secret"):
        with pytest.raises(WrongUse) as caught:
            check_key(key)
        assert "OPENAI_API_KEY" in caught.value.hint
        assert "secret" not in repr(caught.value)
    for blank in (None, "", "  "):
        assert check_key(blank) is None


def test_the_key_is_not_in_the_settings_repr() -> None:
    settings = EndpointSettings(name="m", base_url="http://localhost/v1", model="m", api_key="sk-9")
    assert "sk-9" not in repr(settings)
    assert "sk-9" not in repr(EndpointModel(settings))
