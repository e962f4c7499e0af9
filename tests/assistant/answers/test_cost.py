"""Tokens, costs, caps, and answers given before."""

from __future__ import annotations

import json
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import ServedModel, Serving
from scripted_models import addresses_of, prompt_of
from tables import Row, compare, for_each, holds, table

from assistant.answers.cost import Accounting
from assistant.config.prices import FREE, Tariff, tariff_of
from assistant.config.settings import Settings, load_settings
from assistant.config.tables import ModelSettings
from assistant.errors import CostRefused
from assistant.types.events import AnswerDone
from assistant.types.message import Message
from assistant.types.questions import Question
from assistant.workspace.workspace import open_workspace
from store.ledger.answer_cache import FILE_NAME, AnswerCache
from store.library.library import Library
from store.types import Filter

QUESTION = "How many quantizers does OwlCodec have?"
ASK = ("ask", QUESTION)
DEAR = Tariff("big", "big", price_in=2.0, price_out=10.0)


def reply(body: dict[str, Any]) -> str:
    prompt = prompt_of(body)
    if "Last question" in prompt:
        return "How many tokens a second does OwlCodec need?"
    (address,) = addresses_of(prompt, "two quantizers")
    return f"OwlCodec has two quantizers [{address}]."


@pytest.fixture
def priced(stocked: Path, serving: Serving) -> ServedModel:
    """A model with a price, over a library with four papers."""
    return serving(reply, prices=(DEAR.price_in, DEAR.price_out))


def price(tokens: dict[str, Any]) -> Any:
    """About what these tokens cost."""
    return pytest.approx(DEAR.cost(tokens["input_tokens"], tokens["output_tokens"]))


def test_what_a_dry_run_tells_is_what_it_takes(priced: ServedModel) -> None:
    shape = priced.json(*ASK, "--dry-run")
    holds(shape, {"dry_run": True, "calls": 1, "model": "big", "cost": price(shape)})
    assert any(one["title"].startswith("OwlCodec") for one in shape["sources"])
    assert shape["messages"][0]["role"] == "system"
    assert QUESTION in shape["messages"][1]["content"]
    plain = priced.run(*ASK, "--dry-run").out
    assert "on this machine; nothing was sent" in plain
    assert f"cost at most {shape['cost']:.4f} USD" in plain
    assert priced.sent == 0
    usage = priced.json(*ASK)["usage"]
    assert usage["input_tokens"] == pytest.approx(shape["input_tokens"], rel=0.3)
    holds(usage, {"estimated": False, "cost": price(usage)})
    assert priced.sent == 1
    assert "cost 0.00" in priced.run(*ASK, "--no-cache", "-u").out


def test_a_cap_refuses_before_anything_is_sent(priced: ServedModel) -> None:
    models = priced.config.read_text("utf-8")

    def refused(row: Row) -> None:
        priced.config.write_text(f"{row['configured']}\n{models}", "utf-8")
        ran = priced.run(*row["run"], code=2)
        assert all(said in ran.err + ran.out for said in row["says"])
        assert priced.sent == 0

    for_each(table(__file__, "refused_costs.jsonl"), refused)
    priced.config.write_text(f"max_cost = 0.001\n{models}", "utf-8")
    priced.run(*ASK, "--max-cost", "1")
    assert priced.sent == 1


def test_a_repeated_question_is_free_and_identical_and_no_key_is_kept(
    priced: ServedModel, stocked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret-1234")
    first = priced.json(*ASK)
    again = priced.json(*ASK, "--max-cost", "0")
    assert (first["cached"], priced.sent) == (False, 1)
    same = ("text", "claims", "references", "outcome", "evidence", "prompt")
    free = {"calls": 0, "input_tokens": 0, "cost": 0.0}
    holds(again, {"cached": True, "usage": free, **{name: first[name] for name in same}})
    assert again["session"] != first["session"]
    assert "nothing was sent" in again["note"]
    plain = priced.run(*ASK).out
    assert "OwlCodec has two quantizers [1]·." in plain
    assert "0 calls" in plain
    events = [json.loads(line) for line in priced.run(*ASK, "--jsonl").out.splitlines()]
    assert events[0]["event"] == "evidence"
    assert "".join(one["text"] for one in events if one["event"] == "delta") == first["text"]
    assert priced.json(*ASK, "--dry-run")["cached"] is True
    assert priced.sent == 1
    assert priced.json(*ASK, "--no-cache")["cached"] is False
    assert priced.sent == 2
    path = stocked / FILE_NAME
    assert b"quantizers" in path.read_bytes()
    assert b"sk-very-secret" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600


def test_other_evidence_or_settings_are_asked_anew(priced: ServedModel, stocked: Path) -> None:
    priced.run(*ASK)
    priced.run(*ASK, "-n", "1")
    assert priced.sent == 2
    priced.config.write_text(priced.config.read_text() + "temperature = 0.5\n")
    priced.run(*ASK)
    assert priced.sent == 3
    with Library.open(stocked) as library:
        papers = library.papers_by_id(library.ids(Filter()))
        library.remove([name for name, one in papers.items() if "FoxCodec" in one.title])
    priced.run(*ASK)
    assert priced.sent == 4, "a paper less is other evidence"
    # An answer that is cut is not kept.
    priced.endpoint.finish = None
    priced.run(*ASK, "-n", "2", code=4)
    priced.endpoint.finish = "stop"
    assert priced.json(*ASK, "-n", "2")["cached"] is False


def test_a_follow_up_counts_its_planning(priced: ServedModel) -> None:
    first = priced.json(*ASK)["usage"]
    follow = ("ask", "How many tokens a second does it need?", "-c")
    dry = priced.json(*follow, "--dry-run")
    priced.run(*follow, "--max-cost", "0.0001", code=2)
    assert priced.sent == 1
    usage = priced.json(*follow)["usage"]
    assert usage["calls"] == dry["calls"] == 2
    assert first["cost"] < usage["cost"] <= dry["cost"]


def test_prices_of_models() -> None:
    def tariff(address: str, **prices: float | None) -> Tariff:
        model = ModelSettings(base_url=address, model="m", **prices)  # type: ignore[arg-type]
        return tariff_of("one", Settings(models={"one": model}), {})

    def came(row: Row) -> list[object]:
        one = tariff(row["address"], **row.get("prices", {}))
        return [one.cost(1_000_000, 500_000), one.is_near]

    compare(table(__file__, "tariffs.jsonl"), came)
    far, priced = (tariff("https://far.example/v1", price_in=one) for one in (None, 1.0))
    assert priced.identity == far.identity, "a price changes no answer"
    assert far.identity != tariff("https://other.example/v1").identity
    assert tariff_of(None, Settings(), {}) == FREE


def test_what_a_cap_refuses() -> None:
    accounting, unknown = Accounting(DEAR), Accounting(Tariff("far", "far"))
    estimate, unpriced = accounting.estimate(1000, 100), unknown.estimate(1000, 100)
    assert estimate.cost == pytest.approx(0.003)
    accounting.allow(estimate, None)
    accounting.allow(estimate, 0.003)
    unknown.allow(unpriced, None)
    for most, spent in ((0.0029, 0.0), (0.0, 0.0), (float("nan"), 0.0), (0.004, 0.002)):
        with pytest.raises(CostRefused):
            accounting.allow(estimate, most, spent=spent)
    with pytest.raises(CostRefused, match="not known"):
        unknown.allow(unpriced, 5.0)


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


def test_a_check_above_the_cap_is_not_sent_and_the_answer_kept(priced: ServedModel) -> None:
    # The answer takes more than was thought, so that the check would lead above the cap.
    priced.endpoint.counts = lambda body: 5_000
    check = (*ASK, "--check")
    assert priced.json(*check, "--dry-run")["calls"] == 2
    cap = 0.0139
    shape = priced.json(*check, "--max-cost", str(cap), code=1)
    assert priced.sent == 1, "the check was not sent"
    holds(shape, {"outcome": "answered", "check": "failed"})
    assert {one["checked_by"] for one in shape["claims"]} == {"text"}
    spent = f"({shape['usage']['cost']:.4f} are spent), more than the {cap:g} allowed"
    assert spent in shape["note"]
    assert "the check was not sent" in shape["note"]
    shape = priced.json(*check, "--max-cost", "1", code=1)
    assert (shape["usage"]["calls"], priced.sent) == (1, 2), "it was kept, and not as checked"


async def test_the_check_of_an_answer_that_is_there_has_a_cap(
    priced: ServedModel, stocked: Path
) -> None:
    settings = load_settings(str(priced.config))
    workspace = await open_workspace(stocked, "big", settings, lambda line: None)
    async with aclosing(workspace):
        answer = [one async for one in workspace.ask(Question(text=QUESTION))][-1]
        assert isinstance(answer, AnswerDone)
        with pytest.raises(CostRefused, match=r"more than the 0\.0001 allowed"):
            await anext(workspace.check(answer.answer, 0.0001))
        assert priced.sent == 1
        done = [one async for one in workspace.check(answer.answer, 1.0)][-1]
    assert isinstance(done, AnswerDone)
    assert priced.sent == 2
