from __future__ import annotations

import socket

import pytest

from assistant.config.endpoint_address import check_base_url, check_key
from assistant.errors import WrongUse
from assistant.generation.openai.endpoint import EndpointModel
from assistant.generation.openai.limits import EndpointSettings


@pytest.mark.parametrize(
    ("text", "url", "reach", "host"),
    [
        ("http://localhost:11434/v1", "http://localhost:11434/v1", "loopback", "localhost:11434"),
        ("  HTTP://LocalHost:8080/v1/ ", "http://localhost:8080/v1", "loopback", "localhost:8080"),
        ("http://ollama.localhost/v1", "http://ollama.localhost/v1", "loopback", None),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", "loopback", "127.0.0.1:8080"),
        ("http://127.1:8080/v1", "http://127.0.0.1:8080/v1", "loopback", None),
        ("http://2130706433/v1", "http://127.0.0.1/v1", "loopback", None),
        ("http://0x7f.1/v1", "http://127.0.0.1/v1", "loopback", None),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1", "loopback", "[::1]:8080"),
        ("http://[::ffff:127.0.0.1]/v1", None, "loopback", None),
        ("http://192.168.1.9:8000/v1", "http://192.168.1.9:8000/v1", "private", None),
        ("http://10.0.0.4/v1", "http://10.0.0.4/v1", "private", None),
        ("http://100.100.3.4/v1", "http://100.100.3.4/v1", "private", None),
        ("http://[fd12::3]/v1", "http://[fd12::3]/v1", "private", None),
        ("http://gpu-box:8000/v1", "http://gpu-box:8000/v1", "private", None),
        ("http://gpu.local/v1", "http://gpu.local/v1", "private", None),
        ("https://api.openai.com/v1", "https://api.openai.com/v1", "public", "api.openai.com"),
        ("https://api.example.com./v1//", "https://api.example.com/v1", "public", None),
        ("https://8.8.8.8/v1", "https://8.8.8.8/v1", "public", None),
    ],
)
def test_usable_addresses(text: str, url: str | None, reach: str, host: str | None) -> None:
    checked = check_base_url(text)
    assert checked.reach == reach
    assert checked.is_loopback is (reach == "loopback")
    assert url is None or checked.url == url
    assert host is None or checked.host == host


@pytest.mark.parametrize(
    ("text", "reason", "hint"),
    [
        ("", "blank", "http://"),
        (" \t ", "blank", "http://"),
        ("file:///etc/passwd", "file:", "http://"),
        ("file:/etc/passwd", "file:", "http://"),
        ("ftp://host/v1", "ftp:", "http://"),
        ("localhost:11434/v1", "no scheme", "http://localhost:11434/v1"),
        ("127.0.0.1:8080", "no scheme", "http://127.0.0.1:8080"),
        ("api.example.com/v1", "no scheme", "https://api.example.com/v1"),
        ("http://", "no host", "http://"),
        ("http:///v1", "no host", "http://"),
        ("http:/v1", "no host", "http://"),
        ("https://:8080/v1", "no host", "http://"),
        ("https://me:hunter2@host.example/v1", "password", "https://host.example/v1"),
        ("me:hunter2@host.example/v1", "no scheme", ""),
        ("https://host.example/v1/chat/completions", "/chat/completions", "host.example/v1"),
        ("https://host.example/v1/Chat/Completions/", "/chat/completions", "host.example/v1"),
        ("https://host.example/v1/models", "/models", "https://host.example/v1"),
        ("https://host.example/v1?key=hunter2", "query", "https://host.example/v1"),
        ("https://host.example/v1#hunter2", "fragment", "https://host.example/v1"),
        ("http://api.example.com/v1", "unencrypted", "https://api.example.com/v1"),
        ("http://8.8.8.8/v1", "unencrypted", "https://8.8.8.8/v1"),
        ("http://134744072/v1", "unencrypted", "https://8.8.8.8/v1"),
        ("http://169.254.169.254/v1", "link-local", ""),
        ("https://169.254.169.254/latest", "link-local", ""),
        ("http://0xa9fea9fe/v1", "link-local", ""),
        ("http://169.254.43518/v1", "link-local", ""),
        ("http://[fe80::1]/v1", "link-local", ""),
        ("http://[::ffff:169.254.169.254]/v1", "link-local", ""),
        ("http://0.0.0.0:11434/v1", "every address", "127.0.0.1"),
        ("http://[::]:11434/v1", "every address", "127.0.0.1"),
        ("http://224.0.0.1/v1", "one machine", ""),
        ("http://255.255.255.255/v1", "one machine", ""),
        ("http://host:99999/v1", "makes no sense", ""),
        ("http://host:0/v1", "port 0", ""),
        ("http://host:abc/v1", "makes no sense", ""),
        ("http://[::1/v1", "makes no sense", ""),
        ("http://999.999.999.999/v1", "neither a name nor an address", ""),
        ("http://a..b/v1", "neither a name nor an address", ""),
        ("http://host name/v1", "space", ""),
        ("http://host\n.example/v1", "space", ""),
        ("http://127.0.0.1\\@evil.example/v1", "backslash", ""),
        ("https://exämple.org/v1", "outside ASCII", ""),
        ("https://\x1b[31mred/v1", "outside ASCII", ""),
    ],
)
def test_refused_addresses(
    text: str, reason: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case 75: each wrong address is refused with its reason, before any look-up."""

    def no_look_up(*_: object, **__: object) -> None:
        raise AssertionError("a name was looked up")

    monkeypatch.setattr(socket, "getaddrinfo", no_look_up)
    with pytest.raises(WrongUse) as caught:
        EndpointModel(EndpointSettings(name="m", base_url=text, model="m"))
    assert reason in caught.value.message
    assert hint in caught.value.hint
    both = caught.value.message + caught.value.hint
    assert "hunter2" not in both
    assert both.isprintable()


def test_plain_http_in_the_own_network_is_warned_of_once() -> None:
    """Case 75: private addresses are allowed with one line of warning."""
    warning = check_base_url("http://192.168.1.9:8000/v1").warning
    assert "unencrypted" in warning
    assert "192.168.1.9:8000" in warning
    assert "\n" not in warning
    for quiet in ("http://127.0.0.1/v1", "https://192.168.1.9/v1", "https://api.example.com/v1"):
        assert check_base_url(quiet).warning == ""


@pytest.mark.parametrize(
    "key", ["sk-secret\n", "sk-secret\r\nX-Evil: 1", "sk secret", "sk-sécret", "sk-\x00secret"]
)
def test_unusable_keys_are_refused_without_being_shown(key: str) -> None:
    """Case 76: a key with a newline, and one outside ASCII."""
    with pytest.raises(WrongUse) as caught:
        check_key(key)
    assert "OPENAI_API_KEY" in caught.value.hint
    assert "secret" not in repr(caught.value)


@pytest.mark.parametrize("key", [None, "", "  "])
def test_a_blank_key_is_none(key: str | None) -> None:
    assert check_key(key) is None


def test_the_key_is_not_in_the_settings_repr() -> None:
    settings = EndpointSettings(name="m", base_url="http://localhost/v1", model="m", api_key="sk-9")
    assert "sk-9" not in repr(settings)
    assert "sk-9" not in repr(EndpointModel(settings))
