"""The check of an answer on the command line: when, by whom, what comes of it, on demand too."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cli_fixture import Serving, interrupted, value_at
from endpoint_fixture import ScriptedEndpoint
from tables import Row, for_each, holds, table
from terminal_fixture import Terminals

from assistant.answers.check_policy import decide
from assistant.config.prices import Tariff
from assistant.sessions import Conversations
from assistant.types.usage import Estimate
from store.library.library import Library


def decided_rightly(row: Row) -> None:
    cost = row.get("checking", 0.1)
    decision = decide(
        row.get("asked"),
        row["mode"],
        Tariff(
            "far", "far", *([0.0, 0.0] * row.get("free", False)), is_near=row.get("near", False)
        ),
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
HEADING = "\n\nCheck by scripted, instead of the signs above\n"
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
    above, _, below = model.run(*ASK, "--no-cache", code=1).out.partition(HEADING)
    assert above.startswith("FoxCodec needs a single quantizer [1]·. FoxCodec reaches")
    worst, _, *rest = below.splitlines()
    assert worst == "  ✗ FoxCodec reaches a score of 4.1 on speech: another score"
    assert rest[0] == "  ✓ FoxCodec needs a single quantizer."
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
    assert "2 calls, about" in came.out


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
    dry = model.json(*ASK, *cap, "--check", "--no-cache", "--dry-run")
    assert (dry["calls"], "check would be refused: with it the cost" in dry["note"]) == (1, True)
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
    keys = stocked / "keys"
    configured = (
        f'check_model = "strict"\n{model.config.read_text()}[models.strict]\n'
        f'base_url = "{other.base_url}"\nmodel = "judge"\nprice_in = 2.0\nprice_out = 10.0\n'
        f'key_command = ["sh", "-c", "echo key | tee -a {keys}"]\n'
    )
    model.config.write_text(configured)
    file = stocked / "recorded.jsonl"
    holds(model.json(*ASK, "--dry-run"), {"calls": 2, "judge": "strict"})
    # Its key is fetched where it is to judge, and not before.
    for left_out in (("--no-check",), ("--max-cost", "0")):
        holds(model.json(*ASK, *left_out), {"check": "none"})
    assert not keys.exists()
    shape = model.json(*ASK, "--record", str(file), code=1)
    assert (keys.read_text(), other.requests[0].headers["authorization"]) == ("key\n", "Bearer key")
    holds(shape, {"model": "big", "judged_by": "strict", "check": "done", "usage": {"calls": 1}})
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
    # Without it the answer is given, unless the check was asked for.
    model.config.write_text(configured.replace("echo key", "exit 3 #"))
    shape, sent = model.json(*ASK, "--no-cache"), model.sent
    holds(shape, {"check": "failed", "usage": {"calls": 1}})
    assert "[models.strict] failed with exit code 3" in shape["note"]
    model.run(*ASK, "--no-cache", "--check", code=2)
    assert model.sent == sent
    for name, says in (
        ("strikt", "check_model: no model “strikt”; did you mean strict"),
        ("extractive", "check_model: the built-in model cannot judge"),
    ):
        model.config.write_text(configured.replace("strict", name, 1))
        assert says in model.run(*ASK, code=2).err


def test_contradictions_stand_above_a_text_that_waits(stocked: Path, serving: Serving) -> None:
    model = serving(replying("2: contradicted 1.3\n1: supported 1.2"))
    # JSON keeps the order of the text.
    judged = [
        {"verdict": "supported", "checked_by": "model", "basis": ["1.2"]},
        {"verdict": "contradicted", "checked_by": "model", "basis": ["1.3"]},
    ]
    shape = model.json(*ASK, "--check", code=1)
    holds(shape, {"claims": judged, "check": "done", "usage": {"calls": 2}, "cached": False})
    assert shape["contradicted"] == [shape["claims"][1]]
    ran = model.run(*ASK, "--check", "--no-cache", code=1)
    heading, flag, quote, gap, text, *_ = ran.out.splitlines()
    assert heading == "Contradicted by its sources, says the model"
    assert (flag, gap) == ("  ✗ FoxCodec reaches a score of 4.1 on speech: contradicted", "")
    assert "“It reaches a quality score of 4.1 on clean speech.”" in quote
    assert text.startswith("FoxCodec needs a single quantizer [1]✓. FoxCodec reaches")
    assert (ran.out.count(flag), "\nCheck\n" in ran.out) == (1, False)
    model.endpoint.reply = replying("1: not stated - a quantizer\n2: contradicted 1.3")
    out = model.run(*ASK, "--check", "--no-cache", "--no-stream", code=1).out
    assert out.startswith(heading)
    assert "\n\nCheck\n  – FoxCodec needs a single quantizer: not there: a quantizer\n" in out
    assert "1 ✓  1 ✗  judged by scripted · " in ran.out
    assert "2 calls" in ran.out
    # Papers in one sentence each say below it what was seen of it.
    written = "FoxCodec reaches a score of 4.1 [1.2]. It is so [1.3]."
    model = serving(replying("1: contradicted 1.2", written))
    ran = model.run("tldr", "10.1000/ice", "--check", code=1)
    assert "FoxCodec reaches a score of 4.1.✗\n    ✗ contradicted\n" in ran.out


def test_the_last_answer_of_a_conversation_is_judged(stocked: Path, serving: Serving) -> None:
    model = serving(replying("1: supported 1.2\n2: contradicted 1.3"))
    model.run("ask", "--check", "-c", code=2)
    first = model.json(*ASK)["session"]
    model.run(*ASK, "--session", first)
    model.run(*ASK, "-n", "1")
    sent = model.sent
    model.endpoint.reply = (500, {"error": {"message": "out of order"}})
    failed = model.json("ask", "--check", "--session", first, code=1)
    assert "out of order" in failed["note"]
    model.endpoint.reply = "1: supported 1.2\n2: contradicted 1.3"
    ran = model.run("ask", "--check", "--session", first, code=1)
    assert ran.out.startswith("Contradicted by its sources, says the model\n  ✗ FoxCodec")
    assert f"the answer to “{QUESTION}”" in ran.err
    assert ("only its check was sent" in ran.out, "nothing was sent" in ran.out) == (True, False)
    with Library.open(stocked) as library:
        turns = Conversations(library).open(first).turns
    assert [[one.verdict for one in turn.answer.claims] for turn in turns] == [
        ["matched", "matched"],
        ["supported", "contradicted"],
    ]
    assert "out of order" not in turns[1].answer.note
    assert model.json("ask", "--check", "-c", code=1)["session"] != first
    assert [one.prompt[:11] for one in model.endpoint.requests[sent:]][-2:] == ["You compare"] * 2
    out = model.run("ask", "--check", "-c", "-m", "extractive", code=1).out
    assert [one in out for one in ("judged by scripted", "not judged anew", "not checked")] == [
        1,
        1,
        0,
    ]


def test_verdicts_that_are_withdrawn_are_said_to_be_void(
    stocked: Path, serving: Serving, on_terminal: Terminals
) -> None:
    written, why = WRITTEN.replace("4.1", "4.7"), "it approves what no source says"
    model = serving(replying("1: not stated - speed\n0: supported 1.3", written), check="auto")
    *_, void, done = map(json.loads, model.run(*ASK, "--jsonl").out.splitlines())
    holds(void, {"event": "judged", "claim": 1, "void": True, "why": why, "verdict": "matched"})
    holds(done["answer"], {"check": "failed", "judged_by": ""})
    shown = on_terminal(*ASK, "-m", "scripted", "--no-cache", size=(160, 30))
    assert shown.end() == 0
    below = "\n".join(shown.lines).partition(HEADING)[2]
    assert below.splitlines()[:3] == [
        "  – FoxCodec needs a single quantizer: not there: speed",
        f"  void: scripted's verdicts are not used ({why})",
        "  #! FoxCodec reaches a score of 4.7 on speech: 4.7 is not there",
    ]
    assert below.count(why) == 2, "there, and in the account"
