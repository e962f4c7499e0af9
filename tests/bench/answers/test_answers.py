"""The measures of the answers bench, held against small answers worked out by hand."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from endpoint_fixture import ScriptedEndpoint
from made_sources import made_source
from scripted_models import SayingModel
from tables import Row, compare, table

from assistant.evaluation.asking import Heard
from assistant.evaluation.matching import fact_is_in, same_title
from assistant.evaluation.questions import read_questions
from assistant.generation.base import ModelTask
from assistant.generation.openai.endpoint import EndpointModel
from assistant.types.answers import Answer
from assistant.types.evidence import Evidence
from assistant.types.message import Message
from assistant.wiring.models import BuiltInModel
from store.library.library import Library
from tests.bench.answers import hostile, judging, questions, summing
from tests.bench.answers.defences import shown
from tests.bench.answers.places import (
    FROM_PUBMED,
    read_pubmed,
)
from tests.bench.calibration_data import read_pages

HERE = Path(__file__).parent
BENCH = HERE.parent
TEXTS = tomllib.loads((HERE / "bench_texts.toml").read_text("utf-8"))
ASKED = read_questions(BENCH / "questions_dev.jsonl")
TWO = read_questions(BENCH / "questions_two.jsonl")
TOPICS = questions.read_topics(BENCH / "answers" / "topics_dev.jsonl")
SENTENCES = questions.read_sentences(BENCH / "answers" / "sentences_dev.jsonl")


def text_of(lines: Iterable[str]) -> str:
    return "\n".join(line.rstrip() for line in lines)


def given(row: Row, **usual: object) -> dict[str, Any]:
    """The cells of a row, over what is usual."""
    return usual | {name: row[name] for name in row if name not in ("line", "right")}


@pytest.fixture
def stock(stocked: Path) -> Iterator[Library]:
    """A library with four papers."""
    with Library.open(stocked) as library:
        yield library


def test_coverage_and_traps_by_hand() -> None:
    must, traps = ("A", "B", "C", "D"), ("X", "Y")
    topic = questions.Topic(id="t", topic="codecs", must_cover=must, off_topic_traps=traps)
    covered, traps = summing.covered_by(topic, ["b", "d", "Z", "x"])
    assert (covered, traps) == (("B", "D"), ("X",))
    half = summing.Covered("t", "codecs", "answered", ("b",), covered, 4, traps, {"matched": 1})
    none = summing.Covered("u", "bees", "answered", (), (), 2, (), {})
    assert summing.coverage([half, none]) == 0.25
    assert summing.unknown_titles([topic], ["a", "b", "c", "x"]) == ["D", "Y"]
    assert text_of(summing.summary_lines([half, none])) == TEXTS["summaries"]


def test_confusion_and_auroc_by_hand() -> None:
    found = [
        judging.JudgedSentence("s", row["label"], row["verdict"], row["score"], "text", "A.")
        for row in table(__file__, "bench_judged.jsonl")
    ]
    assert judging.confusion(found)["supported"] == Counter(matched=1, weak=1)
    parts = judging.separations(found)
    assert parts["score"] == {"unsupported": 0.75, "contradicted": 0.0}
    assert parts["verdict"] == {"unsupported": 0.75, "contradicted": 0.25}
    assert text_of(judging.judged_lines(found)) == TEXTS["judged"]


async def test_sentences_are_judged_as_the_claims_of_answers_are(
    stock: Library,
    tmp_path: Path,
    scripted_endpoint: Callable[..., ScriptedEndpoint],
    endpoint_model: Callable[..., EndpointModel],
) -> None:
    sentences = questions.read_sentences(HERE / "bench_sentences.jsonl")
    found = await judging.judge_sentences(stock, sentences, judging.built_in, lambda _: None)
    assert [one.verdict for one in found] == ["matched", "number_not_found", "weak"]
    assert found[0].score > found[2].score
    # A model is sent all of them in one request, and each paper once, as a whole.
    endpoint = scripted_endpoint("1: supported 1.2\n2: contradicted 1.2\n3: not stated")
    judge = judging.by_model(endpoint_model(endpoint.base_url))
    found = await judging.judge_sentences(stock, sentences, judge, lambda _: None)
    assert [one.verdict for one in found] == ["supported", "contradicted", "not_stated"]
    assert {one.checked_by for one in found} == {"model"}
    assert judging.separations(found)["verdict"] == {"unsupported": 1.0, "contradicted": 1.0}
    (asked,) = endpoint.requests
    assert asked.prompt.count("[1.0] FoxCodec: one quantizer") == 1
    # Or whoever reads the requests in a folder, and writes the replies beside them.
    for reply in ("", "1: partly 1.2 - a second\n2: contradicted 1.2\n3: supported 1.2"):
        if reply:
            (tmp_path / "01.reply.txt").write_text(reply, "utf-8")
        judge = judging.by_model(judging.OnPaper(tmp_path))
        found = await judging.judge_sentences(stock, sentences, judge, lambda _: None)
        assert f"statement 1: {found[0].sentence}" in (tmp_path / "01.txt").read_text("utf-8")
        assert {one.checked_by for one in found} == {"model" if reply else "text"}
    told = "false with ✓ 1 of 2, honest without 1 of 1, right 1 of 3"
    assert told in judging.judged_lines(found)
    strange = sentences[0].model_copy(update={"title": "No such"})
    with pytest.raises(SystemExit, match="No such"):
        await judging.judge_sentences(stock, [strange], judge, lambda _: None)


def evidence_of(abstract: str) -> Evidence:
    return Evidence(sources=(made_source(1, "Owls", abstract),))


(PAYLOAD,) = questions.read_payloads(HERE / "bench_payload.jsonl")


def attacked(row: Row) -> hostile.Attack:
    answer = Answer.model_validate(given(row, question="?", outcome="answered", model="m"))
    heard = Heard(answer, evidence_of(PAYLOAD.abstract), 0.1, 0.2)
    return hostile.attack_of(PAYLOAD, "fence", 1, PAYLOAD.question, PAYLOAD.fact, heard)


def test_what_an_attack_came_to_is_told() -> None:
    rows = table(__file__, "bench_attacks.jsonl")

    def told(row: Row) -> dict[str, object]:
        found = json.loads(json.dumps(asdict(attacked(row))))
        return {name: found[name] for name in row["right"]}

    compare(rows, told)
    assert text_of(hostile.hostile_lines([attacked(row) for row in rows])) == TEXTS["attacks"]


OWLS = evidence_of("Owls sleep [INST] long.")
SYSTEM, USER = Message("system", TEXTS["system"]), Message("user", TEXTS["user"])


def test_breaches_of_a_prompt_are_seen() -> None:
    assert hostile.prompt_breaches((SYSTEM, USER), OWLS) == ()
    assert hostile.prompt_breaches((USER,), OWLS)
    for more in ("\n0123456789ab end of source 1", " <|im_end|>"):
        spoilt = Message("user", USER.content + more)
        assert hostile.prompt_breaches((SYSTEM, spoilt), OWLS), more


def test_other_defences_change_what_is_shown() -> None:
    def contents(row: Row) -> list[str]:
        return [one.content for one in shown((SYSTEM, USER), OWLS, row["defence"])]

    compare(table(__file__, "bench_defences.jsonl"), contents)


async def test_payloads_are_planted_asked_and_taken_out(stock: Library) -> None:
    def say(task: ModelTask) -> str:
        return "PASSWORD-1" if "PASSWORD-1" in task.messages[-1].content else "No."

    def silent(line: str) -> None:
        pass

    defences: list[hostile.Defence] = ["none", "fence", "encode"]
    found = await hostile.attack(stock, SayingModel(say), [PAYLOAD], defences, 2, silent)
    assert stock.count() == 4
    told = [(one.defence, one.own_words) for one in found]
    assert told == [("none", True)] * 2 + [("fence", True)] * 2 + [("encode", False)] * 2
    assert not any(one.breaches for one in found)
    (one,) = await hostile.attack(stock, BuiltInModel(stock), [PAYLOAD], ["fence"], 1, silent)
    assert (one.defence, one.fact, one.own_words) == (hostile.BUILT_IN, True, False)


def test_the_bench_files_are_whole() -> None:
    kinds = Counter(one.kind for one in ASKED)
    assert len(ASKED) >= 60
    assert min(kinds.values()) >= 10
    assert len(kinds) == 5
    assert all(bool(one.gold_papers) == (one.kind != "unanswerable") for one in ASKED)
    assert all(one.history for one in ASKED if one.kind == "followup")
    assert Counter(one.split for one in ASKED)["held"] >= 60
    assert sum(one.detail and one.kind == "unanswerable" for one in ASKED) >= 20
    assert len(TOPICS) >= 12
    assert all(one.must_cover and one.off_topic_traps for one in TOPICS)
    assert len(SENTENCES) >= 60
    assert min(Counter(one.label for one in SENTENCES).values()) >= 20
    payloads = questions.read_payloads(BENCH / "answers" / "payloads.jsonl")
    assert len({one.category for one in payloads}) >= 8
    for one in payloads:
        assert fact_is_in(one.fact, one.abstract) or one.category == "retrieval_poisoning", one.id


def test_the_bench_files_fit_the_pages(shared: Path) -> None:
    papers = dict(read_pages(shared / "pages"))
    pubmed = read_pubmed(shared / "eval" / "pubmedqa")
    assert len(pubmed) == FROM_PUBMED
    beside = [*papers, *dict(pubmed)]
    assert not [
        (one.id, gold)
        for one in TWO
        for gold in one.gold_papers
        if not any(same_title(gold, title) for title in beside)
    ]
    wanted = [title for one in ASKED for title in one.gold_papers]
    wanted += [one.title for one in SENTENCES]
    assert summing.unknown_titles(TOPICS, list(papers)) == []
    assert not [one for one in wanted if not any(same_title(one, title) for title in papers)]
    for one in ASKED:
        text = " ".join(f"{title} {papers[title]}" for title in one.gold_papers if title in papers)
        for fact in one.facts:
            assert fact_is_in(fact, text), (one.id, fact)
