"""The check that a chat model's answer gets by itself: when, by whom, and what comes of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import Serving, interrupted
from endpoint_fixture import ScriptedEndpoint
from library_fixture import Shelf
from scripted_models import SayingModel
from tables import Row, for_each, holds, table

from assistant.answers.ask import Assistant
from assistant.answers.check_policy import decide
from assistant.answers.context import Judge
from assistant.answers.cost import Accounting
from assistant.config.prices import Tariff
from assistant.generation.base import ModelTask
from assistant.types.answers import Answer
from assistant.types.events import AnswerDone, AnswerWhole, ClaimJudged, Event, TextDelta
from assistant.types.questions import Question
from assistant.types.usage import Estimate
from store.library.library import Library


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
    *came, why = decision.is_on, decision.is_asked, decision.may_send, decision.why
    assert came == row["is"][:3]
    assert row["is"][3] in why
    assert bool(why) == bool(row["is"][3])


def test_when_a_model_judges() -> None:
    for_each(table(__file__, "check_policy.jsonl"), decided_rightly)


QUESTION = "How many quantizers does FoxCodec need?"
ASK = ("ask", QUESTION)
WRITTEN = (
    "FoxCodec needs a single quantizer [1.2]. FoxCodec reaches a score of 4.1 on speech [1.3]."
)
VERDICTS = "1: supported 1.2\n2: contradicted 1.3 - another score\n"
NO = ["--no-check"]
OUT_OF_ORDER = (500, {"error": {"message": "out of order"}})


def is_check(body: dict[str, Any]) -> bool:
    return str(body["messages"][0]["content"]).startswith("You compare")


def replying(verdicts: Any = VERDICTS) -> Callable[[dict[str, Any]], Any]:
    return lambda body: verdicts if is_check(body) else WRITTEN


# On the command line.


def test_a_check_follows_by_itself(stocked: Path, serving: Serving) -> None:
    model = serving(replying(), check="auto")
    dry = model.json(*ASK, "--dry-run")
    holds(dry, {"calls": 2, "judge": "scripted", "judge_sends_to": None})
    assert dry["at_most"]["calls"] == 3
    came = [json.loads(line) for line in model.run(*ASK, "--jsonl", code=1).out.splitlines()]
    kinds = [one["event"] for one in came]
    assert kinds[-3:] == ["judged", "judged", "done"]
    assert "delta" not in kinds[-3:], "the text is whole before it is judged"
    first, second = came[-3:-1]
    holds(first, {"claim": 1, "verdict": "supported", "approved": True, "reasons": []})
    holds(second, {"claim": 2, "verdict": "contradicted", "reasons": ["another score"]})
    shape = came[-1]["answer"]
    holds(shape, {"check": "done", "judged_by": "scripted", "usage": {"calls": 2}})
    assert [one["verdict"] for one in shape["claims"]] == ["supported", "contradicted"]
    # In a pipe the text does not wait: what is judged stands below it.
    ran = model.run(*ASK, "--no-cache", code=1)
    assert ran.out.startswith("FoxCodec needs a single quantizer [1]·. FoxCodec reaches")
    below = ran.out.split("\n\n")[1]
    assert "✗ FoxCodec reaches" in below
    assert "another score" in below
    assert "✓ FoxCodec needs a single quantizer" in below
    assert "judged by scripted" in ran.out
    # What it said is kept, for one who asks for it too, and not shown to who wants none of it.
    sent = model.sent
    holds(model.json(*ASK, code=1), {"cached": True, "check": "done", "usage": {"calls": 0}})
    holds(model.json(*ASK, "--no-check"), {"cached": True, "check": "none", "judged_by": ""})
    assert model.sent == sent
    calls = [model.json("tldr", "10.1000/ice", *more)[0]["usage"]["calls"] for more in ([], NO)]
    assert calls == [2, 0]


def test_a_check_that_fails_by_itself_is_no_fault_of_the_answer(
    stocked: Path, serving: Serving
) -> None:
    def is_said(row: Row) -> None:
        verdicts = OUT_OF_ORDER if row["verdicts"] is None else row["verdicts"]
        model = serving(replying(verdicts), check="auto")
        for options, code in (((), 0), (("--check",), 1)):
            shape = model.json(*ASK, *options, "--no-cache", code=code)
            assert row["says"] in shape["note"]
            assert {one["checked_by"] for one in shape["claims"]} == {"text"}
        # The text is kept all the same, and the check is asked for anew.
        model.endpoint.reply = replying()
        shape = model.json(*ASK, code=1)
        holds(shape, {"usage": {"calls": 1}, "check": "done"})

    rows = [
        {"verdicts": None, "says": "the check failed: "},
        {"verdicts": "What a nice day.", "says": "judged none of the statements"},
        {"verdicts": "0: supported 1.2\n1: supported 1.2", "says": "are not used: it approves"},
    ]
    for_each(rows, is_said)


def test_a_check_above_the_cap_is_left_out_and_the_answer_given(
    stocked: Path, serving: Serving
) -> None:
    model = serving(replying(), prices=(2.0, 10.0), check="auto")
    answer = model.json(*ASK, "--no-check", "--dry-run")["cost"]
    cap = ("--max-cost", f"{answer * 1.1:.6f}")
    dry = model.json(*ASK, *cap, "--dry-run")
    assert (dry["calls"], dry["cost"]) == (1, answer)
    shape = model.json(*ASK, *cap)
    holds(shape, {"outcome": "answered", "check": "none", "usage": {"calls": 1}})
    assert "not judged: the cost may come to" in shape["check_note"]
    assert shape["check_note"] in dry["note"]
    holds(model.json(*ASK, "--max-cost", "1", code=1), {"check": "done", "usage": {"calls": 1}})
    model.run(*ASK, "--check", "--no-check", code=2)


def test_another_model_judges(
    stocked: Path, serving: Serving, scripted_endpoint: Callable[..., ScriptedEndpoint]
) -> None:
    model = serving(replying(), prices=(0.0, 0.0), check="auto")
    other = scripted_endpoint(VERDICTS)
    configured = (
        f'check_model = "strict"\n{model.config.read_text()}[models.strict]\n'
        f'base_url = "{other.base_url}"\nmodel = "judge"\nprice_in = 2.0\nprice_out = 10.0\n'
    )
    model.config.write_text(configured)
    file = stocked / "recorded.jsonl"
    holds(model.json(*ASK, "--dry-run"), {"calls": 2, "judge": "strict"})
    shape = model.json(*ASK, "--record", str(file), code=1)
    holds(shape, {"model": "big", "judged_by": "strict", "check": "done", "usage": {"calls": 2}})
    assert shape["usage"]["cost"] > 0
    assert (model.sent, len(other.requests)) == (1, 1)
    assert other.requests[0].body["model"] == "judge"
    assert "judged by strict" in model.run(*ASK, code=1).out
    # A recording says itself what was judged; what it does not hold is passed over in silence.
    said = model.quire(*ASK, "-m", f"recorded:{file}", "--json").json
    holds(said, {"judged_by": f"recorded:{file}", "check": "done"})
    file.write_text(file.read_text().splitlines()[0] + "\n")
    model.config.write_text(configured.replace("auto", "on"))
    ran = model.quire(*ASK, "-m", f"recorded:{file}", "--json")
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


def test_ctrl_c_stops_the_check_alone(stocked: Path, serving: Serving) -> None:
    model = serving(replying("1: supported 1.2\n" + "word " * 400), check="auto", delay=0.02)
    ran = interrupted((*ASK, "-m", "scripted"), lambda: model.sent, 2, pause=1.0)
    assert ran.code == 130
    assert ran.out.startswith("FoxCodec needs a single quantizer [1]·. FoxCodec reaches")
    assert "the check was stopped by the reader" in ran.out
    assert "1 of 2" in ran.out, "what was judged until then stands"


# Line by line.


def say(task: ModelTask) -> str:
    if task.kind == "check":
        return "1: supported 1.1\n2: contradicted 1.1 - nothing\n"
    return "Kelp shelters rockfish [1.1]. Kelp feeds urchins [1.1]."


@pytest.fixture
def library(shelf: Shelf, tmp_path: Path) -> Any:
    from store.types import Record

    kelp = Record(
        title="Kelp forests", abstract="Kelp shelters rockfish.", source="kelp", reader="test"
    )
    with Library.open(shelf.library_of([kelp], tmp_path / "library")) as opened:
        yield opened


async def test_a_stop_keeps_what_was_judged_until_then(library: Library) -> None:
    writer, judge = SayingModel(say), SayingModel(say)
    judge.name = "judge"

    async def hold(task: ModelTask) -> None:
        await asyncio.Event().wait()

    judge.hold = hold
    tariff = Tariff("judge", "judge", is_near=True)
    assistant = Assistant(
        library,
        writer,
        lambda answer, _: answer,
        judge=Judge(judge, Accounting(tariff), "auto"),
    )
    events: list[Event] = []
    async with aclosing(assistant.ask(Question(text="What does kelp shelter?"))) as stream:
        async for event in stream:
            events.append(event)
            if isinstance(event, ClaimJudged) and event.index == 1:
                break
    kinds = [type(one) for one in events]
    last_word = max(at for at, kind in enumerate(kinds) if kind is TextDelta)
    assert last_word < kinds.index(AnswerWhole) < kinds.index(ClaimJudged)
    stopped = assistant.stopped
    assert isinstance(stopped, Answer)
    assert [one.verdict for one in stopped.claims] == ["supported", "contradicted"]
    assert (stopped.check, stopped.judged_by, stopped.outcome) == ("in_part", "judge", "answered")
    assert "stopped by the reader" in stopped.note


async def test_a_remote_judge_waits_for_a_cap(library: Library) -> None:
    writer = SayingModel(say)
    tariff = Tariff("far", "far", 2.0, 10.0)
    judge = Judge(writer, Accounting(tariff), "auto")
    keep, accounting = (lambda answer, _: answer), Accounting(tariff)
    assistant = Assistant(library, writer, keep, accounting=accounting, judge=judge)

    async def ask(most: float | None) -> Answer:
        question = Question(text="What does kelp shelter?", max_cost=most)
        done = [one async for one in assistant.ask(question)][-1]
        assert isinstance(done, AnswerDone)
        return done.answer

    left_out = await ask(None)
    assert (left_out.check, left_out.usage.calls) == ("none", 1)
    assert "no cap is set for a remote model" in left_out.note
    holds((await ask(1.0)).model_dump(), {"check": "done", "usage": {"calls": 2}})
