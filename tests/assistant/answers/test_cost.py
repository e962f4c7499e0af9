"""Tokens, costs, caps, and answers given before."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import Quire
from endpoint_fixture import ScriptedEndpoint

from assistant.answers.cost import Accounting
from assistant.config.prices import FREE, Tariff, tariff_of
from assistant.config.settings import Settings, load_settings
from assistant.config.tables import ModelSettings
from assistant.errors import CostRefused
from assistant.types.events import AnswerDone
from assistant.types.message import Message
from assistant.types.questions import Question
from assistant.workspace import open_workspace
from store.ledger.answer_cache import FILE_NAME, AnswerCache

Endpoint = Callable[..., ScriptedEndpoint]
QUESTION = "How many quantizers does OwlCodec have?"
PRICED = Tariff("big", "big", price_in=2.0, price_out=10.0)


def cited(body: dict[str, Any], sign: str) -> str:
    """The address of the sentence with this sign in a prompt."""
    prompt = body["messages"][-1]["content"]
    line = next(line for line in prompt.splitlines() if sign in line)
    return str(line.split("]")[0].lstrip("["))


def reply(body: dict[str, Any]) -> str:
    return f"OwlCodec has two quantizers [{cited(body, 'two quantizers')}]."


@pytest.fixture
def priced(tmp_path: Path, scripted_endpoint: Endpoint) -> tuple[ScriptedEndpoint, str]:
    """A scripted model with a price, in a configuration."""
    endpoint = scripted_endpoint(reply)
    config = tmp_path / "config.toml"
    config.write_text(
        f'[models.big]\nbase_url = "{endpoint.base_url}"\nmodel = "scripted"\n'
        "price_in = 2.0\nprice_out = 10.0\n"
    )
    return endpoint, str(config)


def test_a_dry_run_sends_nothing(
    quire: Quire, stocked: Path, priced: tuple[ScriptedEndpoint, str]
) -> None:
    endpoint, config = priced
    ran = quire("--config", config, "ask", "-m", "big", QUESTION, "--dry-run", "--json")
    assert ran.code == 0, ran.err
    shape = ran.json
    assert shape["dry_run"] is True
    assert shape["calls"] == 1
    assert shape["model"] == "big"
    assert any(one["title"].startswith("OwlCodec") for one in shape["sources"])
    assert shape["messages"][0]["role"] == "system"
    assert QUESTION in shape["messages"][1]["content"]
    told = (shape["input_tokens"] * 2 + shape["output_tokens"] * 10) / 1_000_000
    assert shape["cost"] == pytest.approx(told)
    plain = quire("--config", config, "ask", "-m", "big", QUESTION, "--dry-run")
    assert plain.code == 0
    assert "on this machine; nothing was sent" in plain.out
    assert f"cost at most {told:.4f} USD" in plain.out
    assert endpoint.requests == []
    # The estimate is near what the server then counts.
    asked = quire("--config", config, "ask", "-m", "big", QUESTION, "--json").json
    assert asked["usage"]["input_tokens"] == pytest.approx(shape["input_tokens"], rel=0.3)
    assert len(endpoint.requests) == 1


def test_a_dry_run_of_the_built_in_model_and_of_a_summary(quire: Quire, stocked: Path) -> None:
    ran = quire("ask", QUESTION, "--dry-run", "--json").json
    assert (ran["calls"], ran["cost"], ran["model"]) == (0, 0.0, "extractive")
    assert "nothing would be sent" in quire("summarize", "--dry-run").out
    assert quire("summarize", "--topic", "codecs", "--dry-run", "--json").json["calls"] == 0


def test_usage_and_its_cost(
    quire: Quire, stocked: Path, priced: tuple[ScriptedEndpoint, str]
) -> None:
    _, config = priced
    ran = quire("--config", config, "ask", "-m", "big", QUESTION, "--json")
    usage = ran.json["usage"]
    told = (usage["input_tokens"] * 2 + usage["output_tokens"] * 10) / 1_000_000
    assert usage["cost"] == pytest.approx(told)
    assert usage["estimated"] is False
    plain = quire("--config", config, "ask", "-m", "big", "What is FoxCodec?", "-u")
    assert "cost 0.00" in plain.out


def test_a_cap_refuses_before_anything_is_sent(
    quire: Quire, stocked: Path, priced: tuple[ScriptedEndpoint, str]
) -> None:
    endpoint, config = priced
    asks = ("--config", config, "ask", "-m", "big", QUESTION)
    ran = quire(*asks, "--max-cost", "0.001", "--json")
    assert ran.code == 2
    assert ran.json["error"]["code"] == "cost_refused"
    assert "more than the 0.001 allowed" in ran.json["error"]["message"]
    assert quire(*asks, "--max-cost", "nan").code == 2
    assert quire(*asks, "--max-cost", "-1").code == 2
    assert endpoint.requests == []
    assert quire(*asks, "--max-cost", "1").code == 0
    assert len(endpoint.requests) == 1


def test_the_cap_of_the_configuration_holds_where_none_is_given(
    quire: Quire, stocked: Path, priced: tuple[ScriptedEndpoint, str]
) -> None:
    endpoint, config = priced
    path = Path(config)
    path.write_text("max_cost = 0.001\n" + path.read_text("utf-8"), "utf-8")
    asks = ("--config", config, "ask", "-m", "big", QUESTION)
    ran = quire(*asks)
    assert ran.code == 2
    assert "more than the 0.001 allowed" in ran.err
    assert "max_cost in the configuration" in ran.err
    assert quire(*asks, "--all", "--yes").code == 2
    assert quire("--config", config, "summarize", "-m", "big", "--topic", "codecs").code == 2
    assert endpoint.requests == []
    assert quire(*asks, "--max-cost", "1").code == 0
    path.write_text(path.read_text("utf-8").replace("0.001", "-1"), "utf-8")
    ran = quire(*asks)
    assert ran.code == 2
    assert "is wrong at max_cost" in ran.err


def test_a_repeated_question_is_free_and_identical(
    quire: Quire, stocked: Path, priced: tuple[ScriptedEndpoint, str]
) -> None:
    endpoint, config = priced
    asks = ("--config", config, "ask", "-m", "big", QUESTION)
    first = quire(*asks, "--json").json
    again = quire(*asks, "--json", "--max-cost", "0").json
    assert len(endpoint.requests) == 1
    assert (first["cached"], again["cached"]) == (False, True)
    assert again["usage"] == {**again["usage"], "calls": 0, "input_tokens": 0, "cost": 0.0}
    for name in ("text", "claims", "references", "outcome", "evidence", "prompt"):
        assert again[name] == first[name], name
    assert again["session"] != first["session"]
    assert "nothing was sent" in again["note"]
    plain = quire(*asks)
    assert "OwlCodec has two quantizers [1]. ✓" in plain.out
    assert "0 calls" in plain.out
    events = [json.loads(line) for line in quire(*asks, "--jsonl").out.splitlines()]
    assert events[0]["event"] == "evidence"
    assert "".join(one["text"] for one in events if one["event"] == "delta") == first["text"]
    assert quire(*asks, "--dry-run", "--json").json["cached"] is True
    assert len(endpoint.requests) == 1
    assert quire(*asks, "--no-cache", "--json").json["cached"] is False
    assert len(endpoint.requests) == 2


def test_other_evidence_model_or_settings_are_asked_anew(
    quire: Quire, stocked: Path, tmp_path: Path, priced: tuple[ScriptedEndpoint, str]
) -> None:
    endpoint, config = priced
    asks = ("--config", config, "ask", "-m", "big")
    quire(*asks, QUESTION)
    quire(*asks, QUESTION, "-n", "1")
    assert len(endpoint.requests) == 2
    Path(config).write_text(Path(config).read_text() + "temperature = 0.5\n")
    quire(*asks, QUESTION)
    assert len(endpoint.requests) == 3
    before = len(endpoint.requests)
    record = {"title": "OwlCodec two", "abstract": "OwlCodec two has two quantizers too."}
    (tmp_path / "more.jsonl").write_text(json.dumps(record))
    assert quire("add", str(tmp_path / "more.jsonl")).code == 0
    quire(*asks, QUESTION)
    assert len(endpoint.requests) == before + 1, "a new paper is new evidence"


def test_a_follow_up_counts_its_rewriting(
    quire: Quire, stocked: Path, priced: tuple[ScriptedEndpoint, str]
) -> None:
    endpoint, config = priced

    def rewrites(body: dict[str, Any]) -> str:
        if "Last question" in body["messages"][-1]["content"]:
            return "How many tokens a second does OwlCodec need?"
        return reply(body)

    endpoint.reply = rewrites
    asks = ("--config", config, "ask", "-m", "big")
    first = quire(*asks, QUESTION, "--json").json
    follow = (*asks, "-c", "How many tokens a second does it need?", "--json")
    dry = quire(*follow, "--dry-run").json
    assert dry["calls"] == 2
    assert quire(*follow, "--max-cost", "0.0001").code == 2
    assert len(endpoint.requests) == 1
    usage = quire(*follow).json["usage"]
    assert usage["calls"] == 2
    assert first["usage"]["cost"] < usage["cost"] <= dry["cost"]


def test_a_cut_answer_is_not_kept(
    quire: Quire, stocked: Path, priced: tuple[ScriptedEndpoint, str]
) -> None:
    endpoint, config = priced
    asks = ("--config", config, "ask", "-m", "big", QUESTION)
    endpoint.finish = None
    assert quire(*asks).code == 4
    endpoint.finish = "stop"
    ran = quire(*asks, "--json")
    assert ran.code == 0
    assert ran.json["cached"] is False


def test_no_key_is_kept(
    quire: Quire,
    stocked: Path,
    priced: tuple[ScriptedEndpoint, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, config = priced
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret-1234")
    quire("--config", config, "ask", "-m", "big", QUESTION)
    path = stocked / FILE_NAME
    assert b"quantizers" in path.read_bytes()
    assert b"sk-very-secret" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600


def test_prices_of_models() -> None:
    def tariff(address: str, **prices: float) -> Tariff:
        model = ModelSettings(base_url=address, model="m", **prices)  # type: ignore[arg-type]
        return tariff_of("one", Settings(models={"one": model}), {})

    assert tariff("http://127.0.0.1:11434/v1").cost(10, 10) == 0.0
    assert tariff("https://far.example/v1").cost(10, 10) is None
    assert tariff("https://far.example/v1", price_in=1.0).cost(10, 10) is None
    priced = tariff("https://far.example/v1", price_in=1.0, price_out=2.0)
    assert priced.cost(1_000_000, 500_000) == 2.0
    assert priced.identity == tariff("https://far.example/v1").identity, "a price changes no answer"
    assert priced.identity != tariff("https://other.example/v1").identity
    assert tariff_of(None, Settings(), {}) == FREE


def test_what_a_cap_refuses() -> None:
    accounting = Accounting(PRICED)
    estimate = accounting.estimate(1000, 100)
    assert estimate.cost == pytest.approx(0.003)
    accounting.allow(estimate, None)
    accounting.allow(estimate, 0.003)
    for most in (0.0029, 0.0, float("nan")):
        with pytest.raises(CostRefused):
            accounting.allow(estimate, most)
    with pytest.raises(CostRefused):
        accounting.allow(estimate, 0.004, spent=0.002)
    unknown = Accounting(Tariff("far", "far"))
    unknown.allow(unknown.estimate(1000, 100), None)
    with pytest.raises(CostRefused, match="not known"):
        unknown.allow(unknown.estimate(1000, 100), 5.0)


def test_the_estimate_learns_from_what_the_server_counts(tmp_path: Path) -> None:
    kept = AnswerCache(tmp_path)
    accounting = Accounting(PRICED, kept)
    messages = (Message("user", "word " * 720),)
    before = accounting.order(messages, 100).estimate.input_tokens
    for _ in range(30):
        accounting.learn(1000, 1400)
    assert accounting.ratio == pytest.approx(1.4, abs=0.02)
    later = Accounting(PRICED, kept)
    assert later.order(messages, 100).estimate.input_tokens == pytest.approx(1.4 * before, rel=0.03)
    assert Accounting(Tariff("other", "other"), kept).ratio == 1.0, "each model learns for itself"
    # A server that cut the prompt, or counts nonsense, teaches nothing.
    for reported in (0, 100, 10_000):
        later.learn(1000, reported)
    assert later.ratio == pytest.approx(accounting.ratio)


def test_the_key_of_an_answer_is_that_of_its_request() -> None:
    accounting = Accounting(PRICED)
    one = (Message("user", "What lives in kelp?"),)
    assert accounting.order(one, 10).key == Accounting(PRICED).order(one, 10).key
    assert accounting.order(one, 10).key != accounting.order(one, 20).key
    assert accounting.order(one, 10).key != accounting.order(one, 10, ["other"]).key
    other = Accounting(Tariff("big", "elsewhere"))
    assert accounting.order(one, 10).key != other.order(one, 10).key


def test_a_check_above_the_cap_is_not_sent_and_the_answer_kept(
    quire: Quire, stocked: Path, priced: tuple[ScriptedEndpoint, str]
) -> None:
    endpoint, config = priced
    # The answer takes more than was thought, so that the check would lead above the cap.
    endpoint.counts = lambda body: 5_000
    asks = ("--config", config, "ask", "-m", "big", QUESTION, "--check", "--json")
    dry = quire(*asks, "--dry-run").json
    assert dry["calls"] == 2
    cap = 0.0135
    ran = quire(*asks, "--max-cost", str(cap))
    assert ran.code == 1, ran.err
    assert len(endpoint.requests) == 1, "the check was not sent"
    shape = ran.json
    assert (shape["outcome"], shape["check"]) == ("answered", "failed")
    assert {one["checked_by"] for one in shape["claims"]} == {"text"}
    spent = shape["usage"]["cost"]
    assert f"({spent:.4f} are spent), more than the {cap:g} allowed" in shape["note"]
    assert "the check was not sent" in shape["note"]
    ran = quire(*asks, "--max-cost", "1")
    assert len(endpoint.requests) == 3, "it was not kept as checked"
    assert ran.json["usage"]["calls"] == 2


async def test_the_check_of_an_answer_that_is_there_has_a_cap(
    quire: Quire, stocked: Path, priced: tuple[ScriptedEndpoint, str]
) -> None:
    endpoint, config = priced
    workspace = await open_workspace(stocked, "big", load_settings(config), lambda line: None)
    try:
        answer = [one async for one in workspace.ask(Question(text=QUESTION))][-1]
        assert isinstance(answer, AnswerDone)
        with pytest.raises(CostRefused, match=r"more than the 0\.0001 allowed"):
            async for _ in workspace.check(answer.answer, 0.0001):
                pass
        assert len(endpoint.requests) == 1
        done = [one async for one in workspace.check(answer.answer, 1.0)][-1]
    finally:
        await workspace.aclose()
    assert isinstance(done, AnswerDone)
    assert len(endpoint.requests) == 2
