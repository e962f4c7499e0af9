"""`quire models` for chat models: in the configuration, on this machine, tried out."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cli_fixture import Quire, Ran, Walk
from endpoint_fixture import Endpoints, ScriptedEndpoint
from tables import Row, compare, table

from assistant.config.settings import load_settings
from assistant.generation.openai import local
from assistant.generation.openai.local import LocalServer, name_for

KEY = "sk-planted-0123456789abcdef"
QUESTION = "How many quantizers?"


def test_a_model_is_added_used_changed_and_removed(
    quire: Quire, walk: Walk, stocked: Path, scripted_endpoint: Endpoints
) -> None:
    endpoint = scripted_endpoint("FoxCodec needs a single quantizer [1.2].")
    lacking = scripted_endpoint((404, {"error": {"message": "model 'x' not found"}})).base_url
    walk(__file__, "models_walk.jsonl", url=endpoint.base_url, lacking=lacking)
    (asked,) = endpoint.requests
    assert (asked.body["model"], asked.body["reasoning_effort"]) == ("tide-7b", "low")
    assert "temperature" not in asked.body
    assert "--base-url" not in quire("models", "add", "--help").out, "a name that others give it"


def test_the_key_is_in_no_output(
    quire: Quire,
    stocked: Path,
    scripted_endpoint: Endpoints,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    """Cases 63 and 77: one key, planted everywhere, grepped for everywhere."""
    caplog.set_level("DEBUG")
    for variable in ("OPENAI_API_KEY", "MY_KEY"):
        monkeypatch.setenv(variable, KEY)
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"X-Token: {KEY}")
    monkeypatch.setenv("OPENAI_LOG", "debug")
    keyfile = tmp_path / "keyfile"
    keyfile.write_text(KEY)
    replies: list[Any] = [
        f"FoxCodec {KEY} needs a single quantizer [1.2].",
        (500, {"error": {"message": KEY}}),
        (404, {"error": {"message": f"model {KEY} not found"}}),
        (401, {"error": {"message": f"wrong key {KEY}", "code": KEY}}),
    ]
    endpoint = scripted_endpoint("", models=("m", f"m-{KEY}"), thinks=f"the key is {KEY}\n")
    address = ("--url", endpoint.base_url, "--model", "m")
    quire("models", "add", "a", *address, "--key-variable", "MY_KEY")
    quire("models", "add", "b", *address, "--key-command", f"cat {keyfile}")
    runs: list[Ran] = [quire("models", "list"), quire("models", "list", "--json")]

    def asked(name: str, *flags: str) -> Ran:
        runs.append(quire("ask", "--no-cache", "-m", name, QUESTION, *flags))
        return runs[-1]

    for name in ("a", "b"):
        for reply in replies if name == "a" else (replies[0], replies[-1]):
            endpoint.reply = reply
            asked(name, "-v")
            if reply != replies[1]:  # that one is waited for and asked again
                runs.append(quire("models", "test", name, "--short", "--json"))
    refused = [asked("a", *flags) for flags in ([], ["--json"], ["--jsonl"])]
    assert [one.code for one in refused] == [4, 4, 4]
    for one in refused:
        assert "[key]" in one.err
        assert "check MY_KEY" in one.err
    debug = [sys.executable, "-m", "tui", "ask", "--debug", "--no-cache", "-m", "b", QUESTION]
    apart = subprocess.run(debug, capture_output=True, text=True, timeout=60)
    assert "Traceback" in apart.stderr
    runs.append(Ran(apart.returncode, apart.stdout, apart.stderr))
    assert {one.headers["authorization"] for one in endpoint.requests} == {f"Bearer {KEY}"}
    for ran in runs:
        assert KEY not in ran.out + ran.err
    assert KEY not in caplog.text
    assert "authorization" not in caplog.text.lower()
    assert QUESTION not in caplog.text
    for path in tmp_path.rglob("*"):
        if path.is_file() and path != keyfile:
            assert KEY.encode() not in path.read_bytes(), path


# Looking on this machine.


@pytest.fixture
def usual_ports(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the usual ports of programs be those of servers, by address or by port."""

    def put(**places: str | int) -> None:
        servers = []
        for program, at in places.items():
            port = at if isinstance(at, int) else urlsplit(at).port
            servers.append(LocalServer(program, port or 0))
        monkeypatch.setattr(local, "LOCAL_SERVERS", tuple(servers))

    return put


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port: int = unused.getsockname()[1]
        return port


def test_local_servers_are_found_and_added(
    walk: Walk, scripted_endpoint: Endpoints, usual_ports: Callable[..., None]
) -> None:
    ollama = scripted_endpoint("", models=("llama3.2:latest", "nomic-embed-text", "qwen3:8b"))
    studio = scripted_endpoint("", models=("org/qwen3:8b",))
    usual_ports(Ollama=ollama.base_url, Studio=studio.base_url, vLLM=free_port())
    walk(__file__, "local_walk.jsonl", studio=studio.base_url)
    assert (ollama.requests, studio.requests) == ([], []), "nothing was asked but the list"


def test_looking_is_quick_whatever_listens(
    quire: Quire,
    raw_endpoint: Any,
    usual_ports: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing at all, a page, a lock that asks for a key, a server that says nothing."""
    assert {one.port for one in local.LOCAL_SERVERS} == {11434, 1234, 8080, 8000}
    assert all(one.base_url.startswith("http://127.0.0.1:") for one in local.LOCAL_SERVERS)
    usual_ports(Ollama=free_port(), vLLM=free_port())
    ran = quire("models", "add", "--local", "--yes")
    assert (ran.code, "ollama serve" in ran.err) == (4, True)
    monkeypatch.setattr(local, "LOOK_SECONDS", 1.5)  # the client has been loaded by now
    head = "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: 2\r\n\r\n{}"
    page = raw_endpoint(head.format("200 OK", "text/html", "hi").encode())
    locked = raw_endpoint(head.format("401 No", "application/json", "{}").encode())
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        usual_ports(Ollama=port, llama=page.base_url, vLLM=locked.base_url)
        ran = quire("models", "add", "--local", "--json", "--yes")
    assert [one["program"] for one in ran.json["servers"]] == ["vLLM"]
    assert "key is needed" in ran.json["servers"][0]["trouble"]


def test_windows_are_stated_and_names_made_from_ids(
    quire: Quire, raw_endpoint: Any, usual_ports: Callable[..., None]
) -> None:
    body = Path(__file__).with_name("windows.json").read_bytes()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    usual_ports(vLLM=raw_endpoint(head % len(body) + body).base_url)
    assert quire("models", "add", "--local", "--yes").code == 0
    windows = {name: one.context_tokens for name, one in load_settings().models.items()}
    assert windows == {"a": 32_768, "b": 2048, "c": None}
    names = table(__file__, "model_names.jsonl")
    compare(names, lambda row: name_for(row["model"], ["taken", "taken-2"]))


# Trying one out.


@pytest.fixture
def tried(quire: Quire) -> Callable[..., tuple[Ran, dict[str, Any]]]:
    """Try the model at an endpoint: what the command did, and what works, by name."""

    def attempt(endpoint: ScriptedEndpoint, *flags: str) -> tuple[Ran, dict[str, Any]]:
        address = ("--url", endpoint.base_url, "--model", "scripted")
        assert quire("models", "add", "tried", *address, *flags, "--replace").code == 0
        ran = quire("models", "test", "tried", "--json")
        return ran, {one["name"]: one["works"] for one in ran.json["findings"]}

    return attempt


Tried = Callable[..., tuple[Ran, dict[str, Any]]]
CITED = "The Corvid buoy carries 14 sensors [1.2]."


def both_words(body: dict[str, Any]) -> str:
    """A model that reads all of its prompt, and cites as it is asked to."""
    prompt = body["messages"][-1]["content"]
    words = re.findall(r"The (?:first|last) word is (\w+)\.", prompt)
    return " ".join(words) if words else CITED


def test_a_good_model_is_good(quire: Quire, tried: Tried, scripted_endpoint: Endpoints) -> None:
    endpoint = scripted_endpoint(both_words, delay=0.02, thinks="let me see")
    ran, found = tried(endpoint)
    assert ran.code == 0, ran.err
    names = ("models", "answers", "cites", "streams", "usage", "reasoning", "long prompts")
    assert found == {**dict.fromkeys(names, True), "context": None}, "no window is stated"
    assert ran.json["works"] is True
    assert ran.json["prompt"]["name"] == "answer"
    assert ran.json["seconds"] > 0
    short, long = (len(one.prompt) for one in endpoint.requests)
    assert long > 9_000 * 3
    assert short < 5_000
    plain = quire("models", "test", "tried", "--short")
    assert plain.code == 0
    assert "yes  cites         cites the sentence that says it" in plain.out
    assert "long prompts" not in plain.out
    assert "asking a short question" in plain.err


def test_a_trial_is_shown_without_being_sent(
    quire: Quire, tried: Tried, scripted_endpoint: Endpoints
) -> None:
    endpoint = scripted_endpoint(both_words)
    tried(endpoint)
    sent, body = len(endpoint.requests), endpoint.requests[0].body
    shown = quire("models", "test", "tried", "--dry-run", "--json").json
    assert (shown["dry_run"], shown["model"]) == (True, "tried")
    would = json.loads(shown["request"]["body"])
    token = re.compile(r"[0-9a-f]{12}")
    assert token.sub("", json.dumps(would)) == token.sub("", json.dumps(body))
    plain = quire("models", "test", "tried", "--dry-run")
    assert "would be sent to tried at this machine; nothing was sent" in plain.out
    assert len(endpoint.requests) == sent


def test_a_cut_is_found_by_the_servers_count(tried: Tried, scripted_endpoint: Endpoints) -> None:
    endpoint = scripted_endpoint(both_words, counts=lambda body: min(4096, len(str(body)) // 4))
    ran, found = tried(endpoint)
    assert (ran.code, found["long prompts"]) == (1, False)
    (about,) = [one["about"] for one in ran.json["findings"] if one["name"] == "long prompts"]
    assert "read only 4096 of more than" in about
    assert "OLLAMA_CONTEXT_LENGTH" in about
    _, found = tried(endpoint, "--context-tokens", "4096")
    assert found["long prompts"] is True


def test_a_cut_is_found_by_words_and_no_citation(
    tried: Tried, scripted_endpoint: Endpoints
) -> None:
    """A server without token counts: the word at the beginning is missing."""

    def only_the_end(body: dict[str, Any]) -> Any:
        if "stream_options" in body:
            return 400, {"error": {"message": "unknown field stream_options"}}
        words = re.findall(r"The last word is (\w+)\.", body["messages"][-1]["content"])
        return f"The last is {words[0]}." if words else CITED.replace("[1.2]", "[1]")

    ran, found = tried(scripted_endpoint(only_the_end, models=("other",)))
    assert ran.code == 1
    assert (found["long prompts"], found["usage"], found["models"]) == (False, False, False)
    assert found["cites"] is None, "a source without its sentence is not what was asked for"
    ran, found = tried(scripted_endpoint("It is twelve, I think."))
    assert (ran.code, found["long prompts"]) == (1, None)


def test_whether_a_model_answers_and_cites(quire: Quire, scripted_endpoint: Endpoints) -> None:
    """What it writes down of its prompt, addresses and all, is neither."""
    reply = ""

    def said(body: dict[str, Any]) -> str:
        return reply.replace("PROMPT", "\n".join(one["content"] for one in body["messages"]))

    address = ("--url", scripted_endpoint(said).base_url, "--model", "scripted")
    assert quire("models", "add", "tried", *address).code == 0

    def found(row: Row) -> list[object]:
        nonlocal reply
        reply = row["reply"]
        shown = quire("models", "test", "tried", "--short", "--json").json["findings"]
        works = {one["name"]: one["works"] for one in shown}
        about = "; ".join(one["about"] for one in shown)
        words = row["right"][2]
        return [works["answers"], works["cites"], words if words in about else about]

    compare(table(__file__, "tried.jsonl"), found)
