"""The check that a chat model's answer gets by itself: when, by whom, and what comes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cli_fixture import Serving, interrupted, value_at
from endpoint_fixture import ScriptedEndpoint
from tables import Row, for_each, holds, table

from assistant.answers.check_policy import decide
from assistant.config.prices import Tariff
from assistant.types.usage import Estimate


def decided_rightly(row: Row) -> None:
    cost = row.get("checking", 0.1)
    decision = decide(
        row.get("asked"),
        row["mode"],
        Tariff("far", "far", is_near=row.get("near", False)),
        most=row.get("most"),
        before=row.get("before", 0.0),
        checking=Estimate(cost=0.0) if cost is None else Estimate(calls=1, cost=cost),
    )
    *right, why = row["is"]
    assert [decision.is_on, decision.is_asked, decision.may_send] == right
    assert why in decision.why
    assert bool(why) == bool(decision.why)


def test_when_a_model_judges() -> None:
    for_each(table(__file__, "check_policy.jsonl"), decided_rightly)


# On the command line.

QUESTION = "How many quantizers does FoxCodec need?"
ASK = ("ask", QUESTION)
WRITTEN = (
    "FoxCodec needs a single quantizer [1.2]. FoxCodec reaches a score of 4.1 on speech [1.3]."
)
VERDICTS = "1: supported 1.2\n2: contradicted 1.3 - another score\n"


def replying(verdicts: str | None = VERDICTS, written: str = WRITTEN) -> Any:
    def reply(body: dict[str, Any]) -> Any:
        is_check = str(body["messages"][0]["content"]).startswith("You compare")
        return (verdicts or (403, {"error": {"message": "lost"}})) if is_check else written

    return reply


def test_a_check_follows_by_itself(stocked: Path, serving: Serving) -> None:
    model = serving(replying(), check="auto")

    def ran(row: Row) -> None:
        given = row.get("verdicts", VERDICTS), row.get("written", WRITTEN)
        model.endpoint.reply = replying(*given)
        shape = model.json(*ASK, *row["run"], code=row.get("code", 0))
        assert {path: value_at(shape, path) for path in row["json"]} == row["json"]
        assert row["says"] in shape["note"]

    for_each(table(__file__, "checks_by_default.jsonl"), ran)
    model.endpoint.reply = replying()
    # The text does not wait: it is whole before a line comes for each claim, in a pipe too.
    out = model.run(*ASK, "--jsonl", "--no-cache", code=1).out
    *_, text, first, second, done = map(json.loads, out.splitlines())
    assert [text["event"], done["event"]] == ["delta", "done"]
    holds(first, {"claim": 1, "verdict": "supported", "approved": True, "reasons": []})
    holds(second, {"claim": 2, "verdict": "contradicted", "reasons": ["another score"]})
    above, _, below = model.run(*ASK, "--no-cache", code=1).out.partition("\n\nCheck\n")
    assert above.startswith("FoxCodec needs a single quantizer [1]·. FoxCodec reaches")
    assert "✗ FoxCodec reaches a score of 4.1 on speech: another score" in below
    assert "judged by scripted" in below
    tldr = ("tldr", "10.1000/ice")
    assert model.json(*tldr)[0]["usage"]["calls"] == 2
    assert model.json(*tldr, "--no-check")[0]["usage"]["calls"] == 0
    # Stopped, it leaves the answer with what was judged until then.
    model.endpoint.reply = replying("1: supported 1.2\n" + "word " * 400)
    model.endpoint.delay = 0.02
    asking, wanted = (*ASK, "-m", "scripted", "--no-cache"), model.sent + 2
    came = interrupted(asking, lambda: model.sent, wanted, pause=1.0)
    assert came.code == 130
    assert came.out.startswith("FoxCodec needs a single quantizer [1]·. FoxCodec reaches")
    assert "the check was stopped by the reader" in came.out


def test_a_check_above_the_cap_is_left_out_and_the_answer_given(
    stocked: Path, serving: Serving
) -> None:
    model = serving(replying(), prices=(2.0, 10.0), check="auto")
    answer = model.json(*ASK, "--no-check", "--dry-run")["cost"]
    cap = ("--max-cost", f"{answer * 1.1:.6f}")
    dry, shape = model.json(*ASK, *cap, "--dry-run"), model.json(*ASK, *cap)
    assert (dry["calls"], dry["cost"]) == (1, answer)
    holds(shape, {"outcome": "answered", "check": "none", "usage": {"calls": 1}})
    assert "not judged: the cost may come to" in shape["check_note"]
    assert shape["check_note"] in dry["note"]
    holds(model.json(*ASK, "--max-cost", "1", code=1), {"check": "done", "usage": {"calls": 1}})
    model.run(*ASK, "--check", "--no-check", code=2)
    # One that is far away is not asked unless it is said what that may cost; nothing is sent here.
    models = model.config.read_text().replace(model.endpoint.base_url, "https://far.example/v1")
    model.config.write_text(models)
    dry = model.json(*ASK, "--no-cache", "--dry-run")
    assert (dry["calls"], "no cap is set for a remote model" in dry["note"]) == (1, True)
    capped = model.json(*ASK, "--no-cache", "--dry-run", "--max-cost", "1")
    assert (capped["calls"], capped["judge_sends_to"]) == (2, "far.example")


def test_another_model_judges(
    stocked: Path, serving: Serving, scripted_endpoint: Callable[..., ScriptedEndpoint]
) -> None:
    model, other = serving(replying(), prices=(0.0, 0.0), check="auto"), scripted_endpoint(VERDICTS)
    configured = (
        f'check_model = "strict"\n{model.config.read_text()}[models.strict]\n'
        f'base_url = "{other.base_url}"\nmodel = "judge"\nprice_in = 2.0\nprice_out = 10.0\n'
    )
    model.config.write_text(configured)
    file = stocked / "recorded.jsonl"
    holds(model.json(*ASK, "--dry-run"), {"calls": 2, "judge": "strict"})
    shape = model.json(*ASK, "--record", str(file), code=1)
    holds(shape, {"model": "big", "judged_by": "strict", "check": "done", "usage": {"calls": 2}})
    assert (model.sent, len(other.requests), shape["usage"]["cost"] > 0) == (1, 1, True)
    assert "judged by strict" in model.run(*ASK, code=1).out
    # A recording says itself what was judged; what it does not hold is passed over in silence.
    replay = (*ASK, "-m", f"recorded:{file}", "--json")
    holds(model.quire(*replay).json, {"judged_by": f"recorded:{file}", "check": "done"})
    file.write_text(file.read_text().splitlines()[0] + "\n")
    model.config.write_text(configured.replace("auto", "on"))
    ran = model.quire(*replay)
    holds(ran.json, {"check": "none", "check_note": "", "usage": {"calls": 1}})
    assert (ran.code, ran.err) == (0, "")
    # The built-in model's sentences stand in the abstracts: they are judged where that is wanted.
    for more, calls in (((), 0), (("--check",), 1)):
        shape = model.quire(*ASK, "-m", "extractive", *more, "--json").json
        holds(shape, {"model": "extractive", "usage": {"calls": calls}})
    for name, says in (
        ("strikt", "check_model: no model “strikt”; there is strict"),
        ("extractive", "check_model: the built-in model cannot judge"),
    ):
        model.config.write_text(configured.replace("strict", name, 1))
        assert says in model.run(*ASK, code=2).err
