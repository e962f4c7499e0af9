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

import pytest
from cli_fixture import Quire, Ran
from endpoint_fixture import ScriptedEndpoint

from assistant.config.settings import load_settings
from assistant.generation.openai import local
from assistant.generation.openai.local import LocalServer, name_for

Endpoint = Callable[..., ScriptedEndpoint]
KEY = "sk-planted-0123456789abcdef"
URL = "http://127.0.0.1:11434/v1"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "xdg-config" / "quire" / "config.toml"


def test_a_model_is_added_used_and_removed(quire: Quire, config: Path) -> None:
    ran = quire("models", "add", "mine", "--url", URL, "--model", "llama3.2",
                "--context-tokens", "8192", "--price-in", "0", "--price-out", "0.5",
                "--temperature", "none", "--reasoning", "low")  # fmt: skip
    assert ran.code == 0, ran.err
    assert "quire models use mine" in ran.out
    assert config.read_text().startswith('[models.mine]\nbase_url = "http')
    one = load_settings().models["mine"]
    assert (one.model, one.context_tokens, one.temperature) == ("llama3.2", 8192, None)
    assert (one.price_in, one.price_out, one.reasoning) == (0, 0.5, "low")
    assert quire("models", "use", "mine").out.startswith("mine answers from now on: llama3.2 at")
    shown = quire("models", "list", "--json").json["chat"]
    assert [(row["name"], row["in_use"]) for row in shown] == [
        ("extractive", False),
        ("mine", True),
    ]
    assert shown[1]["context_tokens"] == 8192
    assert "* mine " in quire("models").out
    assert quire("models", "rm", "mine").code == 2
    ran = quire("models", "rm", "mine", "--yes", "--json")
    assert ran.json == {"removed": "mine", "was_in_use": True}
    assert "extractive" in ran.err
    assert load_settings().model is None


def test_a_model_is_changed_in_place(quire: Quire, config: Path) -> None:
    config.parent.mkdir(parents=True)
    config.write_text(f'# mine\n[models.a] # home\nbase_url = "{URL}" # here\nmodel = "m"\n')
    assert quire("models", "add", "a", "--url", URL, "--model", "n").code == 2
    ran = quire("models", "add", "a", "--model", "n", "--replace", "--json")
    assert ran.json["model"] == "n"
    text = f'# mine\n[models.a] # home\nbase_url = "{URL}" # here\nmodel = "n"\n'
    assert config.read_text() == text


def test_a_file_that_is_named_need_not_be_there(quire: Quire, tmp_path: Path) -> None:
    path = tmp_path / "own" / "quire.toml"
    ran = quire("--config", str(path), "models", "add", "a", "--url", URL, "--model", "m")
    assert ran.code == 0, ran.err
    assert quire("--config", str(path), "models", "use", "a").code == 0
    assert path.read_text().startswith('model = "a"\n')


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["add"], "give one NAME"),
        (["add", "a", "b", "--url", URL, "--model", "m"], "give one NAME"),
        (["add", "a", "--url", URL], "--url and --model"),
        (["add", "a", "--model", "m"], "--url and --model"),
        (["add", "extractive", "--url", URL, "--model", "m"], "take another name"),
        (["add", "minilm", "--url", URL, "--model", "m"], "take another name"),
        (["add", "openai:x", "--url", URL, "--model", "m"], "take another name"),
        (["add", "a b", "--url", URL, "--model", "m"], "a name is made of"),
        (["add", "a", "--url", "127.0.0.1:1", "--model", "m"], "no scheme"),
        (["add", "a", "--url", f"{URL}/chat/completions", "--model", "m"], "quire adds itself"),
        (["add", "a", "--url", "http://me:hunter2@h/v1", "--model", "m"], "password"),
        (["add", "a", "--url", URL, "--model", "m", "--key-variable", KEY], "not the key itself"),
        (["add", "a", "--url", URL, "--model", "m", "--context-tokens", "9"], "context_tokens"),
        (["add", "a", "--url", URL, "--model", "m", "--price-in", "-1"], "price_in"),
        (["add", "a", "--url", URL, "--model", "m", "--temperature", "hot"], "a number or none"),
        (["add", "a", "--url", URL, "--model", "m", "--reasoning", "a b"], "reasoning"),
        (["add", "a", "--url", URL, "--model", "m", "--key-variable", "A", "--key-command", "b"],
         "exclude each other"),
        (["add", "--local", "--url", URL], "finds addresses"),
        (["add", "lama"], "quire models add lama --url"),
        (["use", "lama"], "no model or embedder “lama”"),
        (["rm", "lama", "--yes"], "no model or embedder “lama”"),
        (["rm", "extractive", "--yes"], "nothing to remove"),
        (["test", "lama"], "no model “lama”; there is"),
        (["test"], "built in: there is nothing to try"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "",
)  # fmt: skip
def test_wrong_use_is_one_line_and_writes_nothing(
    quire: Quire, config: Path, arguments: list[str], words: str
) -> None:
    """Case 75: an address that cannot be used is refused before it is written."""
    ran = quire("models", *arguments)
    assert ran.code == 2, ran.out
    assert words in ran.err
    assert len(ran.err.splitlines()) == 1
    assert "hunter2" not in ran.err
    assert KEY not in ran.err
    assert not config.exists()


def test_a_name_that_is_both_needs_a_flag(quire: Quire, stocked: Path, config: Path) -> None:
    config.parent.mkdir(parents=True)
    config.write_text(
        f'[models.both]\nbase_url = "{URL}"\nmodel = "m"\n'
        f'[embedders.both]\nbase_url = "{URL}"\nmodel = "v"\n'
        f'[models.minilm]\nbase_url = "{URL}"\nmodel = "m"\n'
    )
    for name in ("both", "minilm"):
        ran = quire("models", "use", name)
        assert (ran.code, "--chat or --embedder" in ran.err) == (2, True)
        assert quire("models", "use", name, "--chat").code == 0
        assert load_settings().model == name
    assert quire("models", "use", "wordllama").code == 0
    assert load_settings().model == "minilm", "an embedder's name keeps meaning the embedder"
    assert quire("models", "use", "openai:gpt-x", "--chat").code == 0
    assert load_settings().model == "openai:gpt-x"
    assert quire("models", "use", "extractive").code == 0
    assert quire("ask", "How many quantizers?", "--json").json["model"] == "extractive"


def test_what_is_used_answers(
    quire: Quire, stocked: Path, scripted_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = scripted_endpoint("FoxCodec needs a single quantizer [1.2].")
    quire("models", "add", "mine", "--url", endpoint.base_url, "--model", "tide-7b",
          "--reasoning", "high", "--temperature", "none")  # fmt: skip
    quire("models", "use", "mine")
    ran = quire("ask", "How many quantizers?", "--json")
    assert (ran.code, ran.json["model"]) == (0, "mine")
    body = endpoint.requests[0].body
    assert body["model"] == "tide-7b"
    assert body["reasoning_effort"] == "high"
    assert "temperature" not in body
    monkeypatch.setenv("QUIRE_MODEL", "extractive")
    assert "QUIRE_MODEL is set" in quire("models", "use", "mine").err


def test_messages_name_what_is_to_be_changed(quire: Quire, stocked: Path, config: Path) -> None:
    config.parent.mkdir(parents=True)
    config.write_text(
        '[models.gone]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\n'
        '[models.far]\nbase_url = "https://api.example.com/v1"\nmodel = "m"\nkey_variable = "FAR"\n'
    )
    assert (
        "or set base_url in [models.gone]" in quire("ask", "-m", "gone", "How many quantizers?").err
    )
    ran = quire("ask", "-m", "far", "How many quantizers?")
    assert (ran.code, "set FAR" in ran.err) == (4, True)


def test_the_key_is_in_no_output(
    quire: Quire,
    stocked: Path,
    scripted_endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Cases 63 and 77: one key, planted everywhere, grepped for everywhere."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("MY_KEY", KEY)
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"X-Token: {KEY}")
    monkeypatch.setenv("OPENAI_LOG", "debug")
    keyfile = tmp_path / "keyfile"
    keyfile.write_text(KEY)
    answers: list[Any] = [
        f"FoxCodec {KEY} needs a single quantizer [1.2].",
        (401, {"error": {"message": f"wrong key {KEY}", "code": KEY}}),
        (404, {"error": {"message": f"model {KEY} not found"}}),
        (500, {"error": {"message": KEY}}),
    ]
    endpoint = scripted_endpoint("", models=("m", f"m-{KEY}"), thinks=f"the key is {KEY}\n")
    quire("models", "add", "a", "--url", endpoint.base_url, "--model", "m",
          "--key-variable", "MY_KEY")  # fmt: skip
    quire("models", "add", "b", "--url", endpoint.base_url, "--model", "m",
          "--key-command", f"cat {keyfile}")  # fmt: skip
    runs: list[Ran] = [quire("models", "list"), quire("models", "list", "--json")]
    for name in ("a", "b"):
        for answer in answers[:3]:
            endpoint.reply = answer
            runs += [
                quire("ask", "-v", "--no-cache", "-m", name, "How many quantizers?"),
                quire("models", "test", name, "--short", "--json"),
            ]
        with_debug = subprocess.run(
            [
                sys.executable,
                "-m",
                "tui",
                "ask",
                "--debug",
                "--no-cache",
                "-m",
                name,
                "How many quantizers?",
            ],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert "Traceback" in with_debug.stderr
        runs.append(Ran(with_debug.returncode, with_debug.stdout, with_debug.stderr))
    endpoint.reply = answers[3]
    runs.append(quire("ask", "--no-cache", "-m", "a", "How many quantizers?"))
    assert endpoint.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert any("[key]" in ran.out + ran.err for ran in runs)
    for ran in runs:
        assert KEY not in ran.out + ran.err
    for path in tmp_path.rglob("*"):
        if path.is_file() and path != keyfile:
            assert KEY.encode() not in path.read_bytes(), path


# Looking on this machine.


def servers_at(monkeypatch: pytest.MonkeyPatch, *places: tuple[str, str | int]) -> None:
    ports = [
        (program, int(place.rsplit(":")[-1].split("/")[0]) if isinstance(place, str) else place)
        for program, place in places
    ]
    found = tuple(LocalServer(program, port) for program, port in ports)
    monkeypatch.setattr(local, "LOCAL_SERVERS", found)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port: int = unused.getsockname()[1]
        return port


def test_local_servers_are_found_and_added(
    quire: Quire, config: Path, scripted_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.delenv("OLLAMA_CONTEXT_LENGTH", raising=False)
    ollama = scripted_endpoint("", models=("llama3.2:latest", "nomic-embed-text", "qwen3:8b"))
    studio = scripted_endpoint("", models=("org/qwen3:8b",))
    servers_at(
        monkeypatch, ("Ollama", ollama.base_url), ("LM Studio", studio.base_url),
        ("llama.cpp", free_port()),
    )  # fmt: skip
    ran = quire("models", "add", "--local")
    assert ran.code == 2, "elsewhere than on a terminal nothing is added unasked"
    assert "give --yes" in ran.err
    assert not config.exists()
    assert "llama3.2:latest" in ran.out
    assert "not for answers" in ran.out
    assert "OLLAMA_CONTEXT_LENGTH" in ran.out
    ran = quire("models", "add", "--local", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (2, "wrong_use")
    assert [one["program"] for one in ran.json["servers"]] == ["Ollama", "LM Studio"]
    assert quire("models", "add", "--local", "qwen3:8b").code == 0
    assert list(load_settings().models) == ["qwen3:8b"]
    ran = quire("models", "add", "--local", "--yes", "--json")
    assert ran.json["added"] == ["llama3.2", "qwen3:8b-2"]
    models = load_settings().models
    assert models["llama3.2"].context_tokens == 4096, "Ollama's default"
    assert models["qwen3:8b-2"].base_url == studio.base_url
    assert models["qwen3:8b-2"].context_tokens == 16_000
    assert "nothing to add" in quire("models", "add", "--local", "--yes").out
    assert (ollama.requests, studio.requests) == ([], []), "nothing was asked but the list"
    monkeypatch.setenv("OLLAMA_CONTEXT_LENGTH", "32768")
    quire("models", "rm", "llama3.2", "--yes")
    quire("models", "add", "--local", "llama3.2")
    assert load_settings().models["llama3.2"].context_tokens == 32_768
    assert "no model “mistral” was found" in quire("models", "add", "--local", "mistral").err


def test_no_local_server(quire: Quire, monkeypatch: pytest.MonkeyPatch) -> None:
    servers_at(monkeypatch, ("Ollama", free_port()), ("vLLM", free_port()))
    ran = quire("models", "add", "--local", "--yes")
    assert (ran.code, "ollama serve" in ran.err) == (4, True)


def test_looking_is_quick_whatever_listens(
    quire: Quire, raw_endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page, a lock that asks for a key, and a server that says nothing."""
    monkeypatch.setattr(local, "LOOK_SECONDS", 0.5)
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi"
    locked = b"HTTP/1.1 401 No\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        servers_at(
            monkeypatch,
            ("Ollama", silent.getsockname()[1]),
            ("llama.cpp", raw_endpoint(page).base_url),
            ("vLLM", raw_endpoint(locked).base_url),
        )
        ran = quire("models", "add", "--local", "--json", "--yes")
    assert [one["program"] for one in ran.json["servers"]] == ["vLLM"]
    assert "key is needed" in ran.json["servers"][0]["trouble"]


def test_only_loopback_is_asked() -> None:
    assert {one.port for one in local.LOCAL_SERVERS} == {11434, 1234, 8080, 8000}
    assert all(one.base_url.startswith("http://127.0.0.1:") for one in local.LOCAL_SERVERS)


def test_windows_that_servers_tell(
    quire: Quire, raw_endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = json.dumps(
        {
            "data": [
                {"id": "a", "max_model_len": 32768},
                {"id": "b", "meta": {"n_ctx": 2048, "n_ctx_train": 131072}},
                {"id": "c", "max_model_len": True},
            ]
        }
    ).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    servers_at(monkeypatch, ("vLLM", raw_endpoint(head % len(body) + body).base_url))
    assert quire("models", "add", "--local", "--yes").code == 0
    windows = {name: one.context_tokens for name, one in load_settings().models.items()}
    assert windows == {"a": 32_768, "b": 2048, "c": 16_000}


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("llama3.2:latest", "llama3.2"),
        ("meta-llama/Llama-3.1-8B", "Llama-3.1-8B"),
        ("/models/tiny q4.gguf", "tiny-q4"),
        ("taken", "taken-3"),
        ("///", "model"),
    ],
)
def test_names_are_made_from_ids(model: str, name: str) -> None:
    assert name_for(model, ["taken", "taken-2"]) == name


# Trying one out.


def both_words(body: dict[str, Any]) -> str:
    """A model that reads all of its prompt, and cites as it is asked to."""
    prompt = body["messages"][-1]["content"]
    words = re.findall(r"The (?:first|last) word is (\w+)\.", prompt)
    return " ".join(words) if words else "The Corvid buoy carries 14 sensors [1.2]."


def only_the_end(body: dict[str, Any]) -> str:
    words = re.findall(r"The last word is (\w+)\.", body["messages"][-1]["content"])
    return f"The last is {words[0]}." if words else "The Corvid buoy carries 14 sensors [1]."


def findings(ran: Ran) -> dict[str, Any]:
    return {one["name"]: one["works"] for one in ran.json["findings"]}


def test_a_good_model_is_found_good(quire: Quire, scripted_endpoint: Endpoint) -> None:
    endpoint = scripted_endpoint(both_words, delay=0.02, thinks="let me see")
    quire("models", "add", "good", "--url", endpoint.base_url, "--model", "scripted")
    ran = quire("models", "test", "good", "--json")
    assert ran.code == 0, ran.err
    names = ("models", "answers", "cites", "streams", "usage", "reasoning", "long prompts")
    assert findings(ran) == dict.fromkeys(names, True)
    assert ran.json["works"] is True
    assert ran.json["prompt"]["name"] == "answer"
    assert ran.json["seconds"] > 0
    short, long = (len(one.prompt) for one in endpoint.requests)
    assert long > 9_000 * 3
    assert short < 5_000
    plain = quire("models", "test", "good", "--short")
    assert plain.code == 0
    assert "yes  cites         cites the sentence that says it" in plain.out
    assert "long prompts" not in plain.out
    assert "asking a short question" in plain.err


def test_a_cut_is_found_by_the_servers_count(quire: Quire, scripted_endpoint: Endpoint) -> None:
    endpoint = scripted_endpoint(both_words, counts=lambda body: min(4096, len(str(body)) // 4))
    quire("models", "add", "cut", "--url", endpoint.base_url, "--model", "scripted")
    ran = quire("models", "test", "cut", "--json")
    assert (ran.code, findings(ran)["long prompts"]) == (1, False)
    (about,) = [one["about"] for one in ran.json["findings"] if one["name"] == "long prompts"]
    assert "read only 4096 of more than" in about
    assert "OLLAMA_CONTEXT_LENGTH" in about
    quire("models", "add", "cut", "--context-tokens", "4096", "--replace")
    assert findings(quire("models", "test", "cut", "--json"))["long prompts"] is True


def test_a_cut_is_found_by_the_words(
    quire: Quire, raw_endpoint: Any, scripted_endpoint: Endpoint
) -> None:
    """A server without token counts: the word at the beginning is missing."""

    def script(body: dict[str, Any]) -> Any:
        if "stream_options" in body:
            return 400, {"error": {"message": "unknown field stream_options"}}
        return only_the_end(body)

    endpoint = scripted_endpoint(script)
    quire("models", "add", "cut", "--url", endpoint.base_url, "--model", "other")
    ran = quire("models", "test", "cut", "--json")
    assert ran.code == 1
    found = findings(ran)
    assert (found["long prompts"], found["usage"], found["models"]) == (False, False, False)
    assert found["cites"] is None, "a source without its sentence is not what was asked for"


def test_a_model_that_cites_nothing(quire: Quire, scripted_endpoint: Endpoint) -> None:
    endpoint = scripted_endpoint("It is twelve, I think.")
    quire("models", "add", "bad", "--url", endpoint.base_url, "--model", "scripted")
    ran = quire("models", "test", "bad", "--json")
    found = findings(ran)
    assert (ran.code, found["cites"], found["answers"]) == (1, False, None)
    assert found["long prompts"] is None


def test_a_model_that_does_not_answer(
    quire: Quire, scripted_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = scripted_endpoint((500, {"error": {"message": "boom"}}), models=("scripted",))
    quire("models", "add", "a", "--url", "http://127.0.0.1:9/v1", "--model", "m")
    ran = quire("models", "test", "a")
    assert (ran.code, "nothing listens there" in ran.err) == (4, True)
    endpoint.reply = (404, {"error": {"message": "model 'x' not found"}})
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    ran = quire("models", "test", "x", "--json")
    assert (ran.code, ran.json["error"]["hint"]) == (4, "it has scripted")


def test_help_is_quick_and_names_all(quire: Quire) -> None:
    for command in ("list", "add", "use", "test", "rm"):
        ran = quire("models", command, "--help")
        assert ran.code == 0
        assert "Usage:" in ran.out


def test_the_address_has_the_name_that_others_give_it_too(quire: Quire, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    given = ("--base-url", "http://127.0.0.1:11434/v1", "--model", "m")
    ran = quire("--config", str(config), "models", "add", "lama", *given)
    assert ran.code == 0, ran.err
    assert 'base_url = "http://127.0.0.1:11434/v1"' in config.read_text()
    shown = quire("models", "add", "--help").out
    assert "--url URL" in shown
    assert "--base-url" not in shown


@pytest.mark.parametrize(
    ("arguments", "right"),
    [
        (["search", "x", "--limit", "3"], "-n?"),
        (["search", "x", "-k", "3"], "-n?"),
        (["ask", "x", "--top-k", "3"], "-n?"),
        (["list", "--max", "3"], "-n?"),
        (["ask", "x", "--model-name", "m"], "--model?"),
        (["models", "add", "x", "--endpoint", "u"], "--url?"),
        (["models", "add", "x", "-m", "m"], "--model?"),
        (["models", "add", "x", "--api-key", "sk"], "--key-variable or --key-command?"),
        (["rm", "p1", "-y"], "--yes?"),
        (["rm", "p1", "--force"], "--yes?"),
        (["search", "x", "--from", "2020"], "--year?"),
        (["search", "x", "--output-format", "json"], "--json?"),
        (["ask", "x", "--nocache"], "--no-cache?"),
        (["doctor", "--repair"], "--fix?"),
        (["tldr", "x", "--db", "y"], "--library?"),
        (["add", "x", "--tags", "y"], "--tag?"),
        (["ask", "x", "--modle", "y"], "--model"),
    ],
)
def test_an_option_by_another_name_is_told_the_right_one(
    quire: Quire, arguments: list[str], right: str
) -> None:
    ran = quire(*arguments)
    assert ran.code == 2
    assert len(ran.err.splitlines()) == 1
    assert "did you mean" in ran.err.lower()
    assert right in ran.err
    assert "sk" not in ran.err.replace("ask", "")
