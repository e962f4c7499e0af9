"""Tokens, costs, caps, and answers given before."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import Quire, Ran
from endpoint_fixture import ScriptedEndpoint
from priced_model import PricedModel, priced_model
from shown_sources import addresses_of

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
from store.library.library import Library
from store.types import Filter

Endpoint = Callable[..., ScriptedEndpoint]
Ask = Callable[..., Ran]
QUESTION = "How many quantizers does OwlCodec have?"
DEAR = Tariff("big", "big", price_in=2.0, price_out=10.0)


def reply(body: dict[str, Any]) -> str:
    (address,) = addresses_of(body["messages"][-1]["content"], "two quantizers")
    return f"OwlCodec has two quantizers [{address}]."


@pytest.fixture
def priced(quire: Quire, stocked: Path, tmp_path: Path, scripted_endpoint: Endpoint) -> PricedModel:
    """A model with a price, over a library with four papers."""
    return priced_model(quire, tmp_path, scripted_endpoint(reply), 2.0, 10.0)


@pytest.fixture
def ask(priced: PricedModel) -> Ask:
    """Ask `QUESTION` of that model."""
    return partial(priced.run, "ask", QUESTION)


def test_what_a_dry_run_tells_is_what_it_takes(priced: PricedModel, ask: Ask) -> None:
    ran = ask("--dry-run", "--json")
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
    plain = ask("--dry-run")
    assert plain.code == 0
    assert "on this machine; nothing was sent" in plain.out
    assert f"cost at most {told:.4f} USD" in plain.out
    assert priced.sent == 0
    usage = ask("--json").json["usage"]
    assert usage["input_tokens"] == pytest.approx(shape["input_tokens"], rel=0.3)
    taken = (usage["input_tokens"] * 2 + usage["output_tokens"] * 10) / 1_000_000
    assert usage["cost"] == pytest.approx(taken)
    assert usage["estimated"] is False
    assert priced.sent == 1
    assert "cost 0.00" in ask("--no-cache", "-u").out


def test_a_dry_run_of_the_built_in_model_and_of_a_summary(quire: Quire, stocked: Path) -> None:
    ran = quire("ask", QUESTION, "--dry-run", "--json").json
    assert (ran["calls"], ran["cost"], ran["model"]) == (0, 0.0, "extractive")
    assert "nothing would be sent" in quire("summarize", "--dry-run").out
    assert quire("summarize", "--topic", "codecs", "--dry-run", "--json").json["calls"] == 0


def test_a_cap_refuses_before_anything_is_sent(priced: PricedModel, ask: Ask) -> None:
    ran = ask("--max-cost", "0.001", "--json")
    assert ran.code == 2
    assert ran.json["error"]["code"] == "cost_refused"
    assert "more than the 0.001 allowed" in ran.json["error"]["message"]
    assert ask("--max-cost", "nan").code == 2
    assert ask("--max-cost", "-1").code == 2
    # The cap of the configuration holds where none is given.
    uncapped = priced.config.read_text("utf-8")
    priced.config.write_text(f"max_cost = 0.001\n{uncapped}", "utf-8")
    ran = ask()
    assert ran.code == 2
    assert "more than the 0.001 allowed" in ran.err
    assert "max_cost in the configuration" in ran.err
    assert ask("--all", "--yes").code == 2
    assert priced.run("summarize", "--topic", "codecs").code == 2
    assert priced.sent == 0
    assert ask("--max-cost", "1").code == 0
    assert priced.sent == 1
    priced.config.write_text(f"max_cost = -1\n{uncapped}", "utf-8")
    ran = ask()
    assert ran.code == 2
    assert "is wrong at max_cost" in ran.err


def test_a_repeated_question_is_free_and_identical(priced: PricedModel, ask: Ask) -> None:
    first = ask("--json").json
    again = ask("--json", "--max-cost", "0").json
    assert priced.sent == 1
    assert (first["cached"], again["cached"]) == (False, True)
    assert again["usage"] == {**again["usage"], "calls": 0, "input_tokens": 0, "cost": 0.0}
    for name in ("text", "claims", "references", "outcome", "evidence", "prompt"):
        assert again[name] == first[name], name
    assert again["session"] != first["session"]
    assert "nothing was sent" in again["note"]
    plain = ask()
    assert "OwlCodec has two quantizers [1]. ✓" in plain.out
    assert "0 calls" in plain.out
    events = [json.loads(line) for line in ask("--jsonl").out.splitlines()]
    assert events[0]["event"] == "evidence"
    assert "".join(one["text"] for one in events if one["event"] == "delta") == first["text"]
    assert ask("--dry-run", "--json").json["cached"] is True
    assert priced.sent == 1
    assert ask("--no-cache", "--json").json["cached"] is False
    assert priced.sent == 2


def test_other_evidence_or_settings_are_asked_anew(
    priced: PricedModel, ask: Ask, stocked: Path
) -> None:
    ask()
    ask("-n", "1")
    assert priced.sent == 2
    priced.config.write_text(priced.config.read_text() + "temperature = 0.5\n")
    ask()
    assert priced.sent == 3
    with Library.open(stocked) as library:
        papers = library.papers_by_id(library.ids(Filter()))
        library.remove([name for name, one in papers.items() if "FoxCodec" in one.title])
    ask()
    assert priced.sent == 4, "a paper less is other evidence"


def test_a_follow_up_counts_its_rewriting(priced: PricedModel, ask: Ask) -> None:
    def rewrites(body: dict[str, Any]) -> str:
        if "Last question" in body["messages"][-1]["content"]:
            return "How many tokens a second does OwlCodec need?"
        return reply(body)

    priced.endpoint.reply = rewrites
    first = ask("--json").json
    follow = ("ask", "How many tokens a second does it need?", "-c", "--json")
    dry = priced.run(*follow, "--dry-run").json
    assert dry["calls"] == 2
    assert priced.run(*follow, "--max-cost", "0.0001").code == 2
    assert priced.sent == 1
    usage = priced.run(*follow).json["usage"]
    assert usage["calls"] == 2
    assert first["usage"]["cost"] < usage["cost"] <= dry["cost"]


def test_a_cut_answer_is_not_kept(priced: PricedModel, ask: Ask) -> None:
    priced.endpoint.finish = None
    assert ask().code == 4
    priced.endpoint.finish = "stop"
    ran = ask("--json")
    assert ran.code == 0
    assert ran.json["cached"] is False


def test_no_key_is_kept(ask: Ask, stocked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret-1234")
    ask()
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
    accounting = Accounting(DEAR)
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
    accounting = Accounting(DEAR, kept)
    messages = (Message("user", "word " * 720),)
    before = accounting.order(messages, 100).estimate.input_tokens
    for _ in range(30):
        accounting.learn(1000, 1400)
    assert accounting.ratio == pytest.approx(1.4, abs=0.02)
    later = Accounting(DEAR, kept)
    assert later.order(messages, 100).estimate.input_tokens == pytest.approx(1.4 * before, rel=0.03)
    assert Accounting(Tariff("other", "other"), kept).ratio == 1.0, "each model learns for itself"
    # A server that cut the prompt, or counts nonsense, teaches nothing.
    for reported in (0, 100, 10_000):
        later.learn(1000, reported)
    assert later.ratio == pytest.approx(accounting.ratio)


def test_the_key_of_an_answer_is_that_of_its_request() -> None:
    accounting = Accounting(DEAR)
    one = (Message("user", "What lives in kelp?"),)
    assert accounting.order(one, 10).key == Accounting(DEAR).order(one, 10).key
    assert accounting.order(one, 10).key != accounting.order(one, 20).key
    assert accounting.order(one, 10).key != accounting.order(one, 10, ["other"]).key
    assert accounting.order(one, 10).key != accounting.order((*one, *one), 10).key
    other = Accounting(Tariff("big", "elsewhere"))
    assert accounting.order(one, 10).key != other.order(one, 10).key


def test_a_check_above_the_cap_is_not_sent_and_the_answer_kept(
    priced: PricedModel, ask: Ask
) -> None:
    # The answer takes more than was thought, so that the check would lead above the cap.
    priced.endpoint.counts = lambda body: 5_000
    assert ask("--check", "--dry-run", "--json").json["calls"] == 2
    cap = 0.0135
    ran = ask("--check", "--json", "--max-cost", str(cap))
    assert ran.code == 1, ran.err
    assert priced.sent == 1, "the check was not sent"
    shape = ran.json
    assert (shape["outcome"], shape["check"]) == ("answered", "failed")
    assert {one["checked_by"] for one in shape["claims"]} == {"text"}
    spent = shape["usage"]["cost"]
    assert f"({spent:.4f} are spent), more than the {cap:g} allowed" in shape["note"]
    assert "the check was not sent" in shape["note"]
    ran = ask("--check", "--json", "--max-cost", "1")
    assert priced.sent == 3, "it was not kept as checked"
    assert ran.json["usage"]["calls"] == 2


async def test_the_check_of_an_answer_that_is_there_has_a_cap(
    priced: PricedModel, stocked: Path
) -> None:
    settings = load_settings(str(priced.config))
    workspace = await open_workspace(stocked, "big", settings, lambda line: None)
    try:
        answer = [one async for one in workspace.ask(Question(text=QUESTION))][-1]
        assert isinstance(answer, AnswerDone)
        with pytest.raises(CostRefused, match=r"more than the 0\.0001 allowed"):
            async for _ in workspace.check(answer.answer, 0.0001):
                pass
        assert priced.sent == 1
        done = [one async for one in workspace.check(answer.answer, 1.0)][-1]
    finally:
        await workspace.aclose()
    assert isinstance(done, AnswerDone)
    assert priced.sent == 2
