"""Recorded models: what is written while a model replies, and what is said again of it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import Quire, Serving, Walk
from made_sources import made_source
from scripted_models import SayingModel, addresses_of, judge, prompt_of
from tables import Row, compare, for_each, holds, table

from assistant.errors import EndpointError, EndpointTimeout, RecordMissing, WrongUse
from assistant.generation.base import Finished, ModelTask, Piece
from assistant.generation.recorded import RecordedModel
from assistant.generation.recorder import RecordingModel
from assistant.generation.records import RecordFile, read_records
from assistant.types.evidence import Evidence
from assistant.types.message import Message

PAPERS = {
    "owls": ("Owls", "Owls hunt at night. They hear 9 m away."),
    "bees": ("Bees", "Bees dance. The dance tells 7.4% of the way. It is long. It is old."),
    "kelp": ("Kelp", "Kelp grows 40 cm a day."),
}


def task_of(row: Row, fence: str = "feedc0ffee12") -> ModelTask:
    """A request as a row tells it: papers in order, a stage, a question and words of the prompt."""
    sources = [made_source(at, *PAPERS[name]) for at, name in enumerate(row["papers"], 1)]
    return ModelTask(
        row.get("stage", "answer"),
        row.get("question", "What do they do?"),
        (Message("user", f"{fence} {row.get('prompt', 'Answer')} {row['papers']}"),),
        Evidence(sources=tuple(sources)),
        fence=fence,
        inputs=tuple(row.get("inputs", ())),
    )


async def said(model: Any, task: ModelTask) -> tuple[str, Finished | None]:
    text, ending = "", None
    async for part in model.stream(task):
        if isinstance(part, Piece):
            text += part.text
        elif isinstance(part, Finished):
            ending = part
    return text, ending


def test_what_is_said_again(tmp_path: Path) -> None:
    """By stage and question first, then the prompt; else from the same papers, numbered anew."""

    def came(row: Row) -> list[str]:
        path = tmp_path / f"{row['line']}.jsonl"
        for one in row["recorded"]:
            model = SayingModel(lambda _, text=one["says"]: text)  # type: ignore[misc]
            recording = RecordingModel(model, RecordFile(path))
            asyncio.run(said(recording, task_of({**row, **one}, "0123456789ab")))
        told: list[str] = []
        replaying = RecordedModel("recorded:file", read_records(path), told.append)
        try:
            text, _ = asyncio.run(said(replaying, task_of(row)))
        except RecordMissing as missing:
            text = missing.message
        return [text, *(" ".join(line.split()[1:6]) for line in told)]

    compare(table(__file__, "recorded.jsonl"), came)


@pytest.mark.parametrize("how", ["whole", "failed", "stopped"])
async def test_a_reply_is_recorded_with_its_ending(tmp_path: Path, how: str) -> None:
    """An address of the server stands nowhere; a failure is one again."""
    model = SayingModel(lambda task: f"Owls {task.fence} hunt [1.1]. \ud800 They")
    held = asyncio.Event()

    async def hold(task: ModelTask) -> None:
        held.set()
        await asyncio.sleep(60)

    if how == "failed":
        model.failure = EndpointTimeout("no word from my-server.lan:81 (http://10.0.0.9:81/v1)")
    elif how == "stopped":
        model.hold = hold
    path = tmp_path / "one.jsonl"
    asked = {"papers": ["owls"]}
    recording = RecordingModel(model, RecordFile(path), "my-server.lan:81")
    asking = asyncio.create_task(said(recording, task_of(asked)))
    if how == "stopped":
        await held.wait()
        asking.cancel()
    await asyncio.wait([asking])
    assert not [one for one in ("10.0.0.9", "my-server", "feedc0ffee12") if one in path.read_text()]
    assert path.stat().st_mode & 0o777 == 0o600
    (kept,) = read_records(path)
    replaying = said(RecordedModel("recorded:one", [kept], print), task_of(asked, "abcabcabcabc"))
    if how == "whole":
        text, ending = await replaying
        assert (text, ending) == ("Owls abcabcabcabc hunt [1.1]. ? They", Finished("stop", None, 6))
        return
    with pytest.raises(EndpointError, match="as recorded") as caught:
        await replaying
    assert isinstance(caught.value, EndpointTimeout) == (how == "failed")


def test_a_file_that_is_no_recording_is_refused(tmp_path: Path) -> None:
    """Lines that hold no record are named; what an editor left open is gone on with."""
    good = {"quire_recording": 1, "stage": "answer", "question": "What?", "text": "This [1.1]."}

    def refused(row: Row) -> None:
        path = tmp_path / "some.jsonl"
        lines = (json.dumps({**good, **one}) if isinstance(one, dict) else one for one in row["is"])
        path.write_text("\n".join(lines))
        if "says" not in row:
            RecordFile(path).add(read_records(path)[0].record)
            assert len(read_records(path)) == row["records"]
            return
        for opening in (read_records, RecordFile):
            with pytest.raises(WrongUse) as caught:
                opening(path)
            assert row["says"] in caught.value.message

    for_each(table(__file__, "recordings.jsonl"), refused)
    for path in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(WrongUse):
            read_records(path)


# On the command line.


def reply(body: dict[str, Any]) -> str:
    """What a model replies in each stage."""
    prompt, system = prompt_of(body), str(body["messages"][0]["content"])
    if system.startswith("You compare"):
        return "1: supported 1.2"
    if "one by one" in system:
        return judge(body)
    if "Last question" in prompt:
        return "How many tokens does OwlCodec need?"
    address = (addresses_of(prompt, "two quantizers") or ["1.1"])[0]
    return f"OwlCodec has two quantizers [{address}]."


def test_one_recording_carries_a_whole_conversation(
    stocked: Path, serving: Serving, quire: Quire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step is recorded with a server, and said again without one."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret-1234")
    model, file = serving(reply), str(tmp_path / "demo.jsonl")
    same = ("outcome", "text", "claims", "references", "check", "standalone", "evidence")
    steps = table(__file__, "conversation.jsonl")
    first = []
    for row in steps:
        if "sent" in row:
            model.run(*row["run"])  # kept from here on
        sent = model.sent
        first.append(model.json(*row["run"], "--record", file))
        assert (row["run"], model.sent - sent) == (row["run"], row.get("sent", model.sent - sent))
    text = Path(file).read_text()
    assert "sk-very" not in text
    assert "127.0.0.1" not in text
    stages = [json.loads(line)["stage"] for line in text.splitlines()]
    assert set(stages) == {"answer", "plan", "check", "all", "summary"}
    monkeypatch.delenv("OPENAI_BASE_URL")
    sent = model.sent
    for row, given in zip(steps, first, strict=True):
        ran = quire(*row["run"], "-m", f"recorded:{file}", "--json")
        assert (row["run"], ran.code, "note:" in ran.err) == (row["run"], 0, False)
        came, given = (one if isinstance(one, list) else [one] for one in (ran.json, given))
        for now, then in zip(came, given, strict=True):
            holds(now, {name: then[name] for name in same} | {"usage": {"cost": 0.0}})
    assert model.sent == sent


def test_a_recording_is_a_model_of_commands(stocked: Path, serving: Serving, walk: Walk) -> None:
    """What differs is said, what is missing is an error of the endpoint: rows of a table."""
    serving(reply)
    walk(__file__, "recorded_walk.jsonl")
