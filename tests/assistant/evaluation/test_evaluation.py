"""Questions asked and measured: the figures by hand, the walk of a file through `quire eval`."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import Quire, Serving, interrupted
from tables import Row, compare, table

from assistant.answers.ask import Assistant
from assistant.answers.context import keep_nothing
from assistant.answers.cost import FREE_OF_CHARGE
from assistant.cli.filters import parsed_filter
from assistant.config.settings import Settings
from assistant.errors import WrongUse
from assistant.evaluation import comparison, measures, report
from assistant.evaluation.asking import ask_all
from assistant.evaluation.candidates import candidate
from assistant.evaluation.matching import fact_is_in, same_title
from assistant.evaluation.papers import PaperNames
from assistant.evaluation.questions import read_questions
from store.library.library import Library
from store.types import Filter
from tests.bench.answers.asking import PromptCounter

HERE = Path(__file__).parent
TEXTS = tomllib.loads((HERE / "texts.toml").read_text("utf-8"))


def text_of(lines: Iterable[str]) -> str:
    return "\n".join(line.rstrip() for line in lines)


@pytest.fixture
def stock(stocked: Path) -> Iterator[Library]:
    """A library with four papers."""
    with Library.open(stocked) as library:
        yield library


def test_a_fact_is_found_however_it_is_written() -> None:
    rows = table(__file__, "facts.jsonl")
    compare(rows, lambda row: fact_is_in(row["fact"], row["text"]))


def test_titles_differ_in_writing_only() -> None:
    assert same_title("NU-Wave 2: A General Model", "nu wave 2 — a general model")
    assert not same_title("NU-Wave: A Model", "NU-Wave 2: A Model")


def given(row: Row, **usual: object) -> dict[str, Any]:
    """The cells of a row, over what is usual."""
    return usual | {name: row[name] for name in row if name not in ("line", "right")}


def record(row: Row) -> measures.Record:
    usual = {"id": "q", "kind": "single", "question": "?", "outcome": "answered"}
    return measures.Record(**given(row, **usual))


RECORDS = [record(row) for row in table(__file__, "records.jsonl")]


def test_measures_by_hand() -> None:
    def measured(row: Row) -> list[float | None]:
        one = record(row)
        return [measures.precision(one), measures.recall(one), measures.facts_share(one)]

    compare(table(__file__, "measures.jsonl"), measured)


def test_figures_by_hand() -> None:
    found = measures.by_kind(RECORDS)

    def told(row: Row) -> dict[str, object]:
        return {name: getattr(found[row["kind"]], name) for name in row["right"]}

    rows = table(__file__, "figures.jsonl")
    compare(rows, told)
    assert list(found) == [row["kind"] for row in rows]
    assert measures.figures([]).recall is None
    assert measures.refusals(RECORDS) == {
        "unanswerable": (1, 2),
        "detail": (1, 1),
        "elsewhere": (0, 1),
        "answerable": (1, 3),
        "answerable detail": (0, 0),
    }


def test_a_run_is_saved_read_and_compared(tmp_path: Path) -> None:
    one = report.Run("model-a", "none", 4, "q.jsonl", tuple(RECORDS))
    right = {"gold": ["A"], "cited": ["A"]}
    known = {"facts": ["1"], "facts_found": ["1"]}
    better = [{"id": "b", **right, **known}, {"id": "c", **right}, {"id": "z", **right}]
    other = report.Run("model-b", "none", 4, "q.jsonl", tuple(map(record, better)))
    one.save(tmp_path / "a.json")
    saved = json.loads((tmp_path / "a.json").read_text())
    assert saved["figures"]["single"]["precision"] == 0.5
    assert saved["refusals"]["answerable"] == [1, 3]
    again = report.Run.load(tmp_path / "a.json")
    assert measures.by_kind(again.records) == measures.by_kind(one.records)
    assert text_of(comparison.compare_lines(again, other)) == TEXTS["compared"]
    assert text_of(report.run_lines(one)) == TEXTS["run"]
    (tmp_path / "b.json").write_text("{}")
    with pytest.raises(WrongUse, match="no run"):
        report.Run.load(tmp_path / "b.json")


async def test_questions_go_through_the_code_of_ask(stock: Library) -> None:
    asked = read_questions(HERE / "questions.jsonl")
    names = PaperNames(stock)
    asked = [names.named(one) for one in asked]
    assert not names.missing
    filters = {one.arguments: parsed_filter(one.arguments, stock) for one in asked}
    assert filters[asked[3].arguments] == Filter(year_from=2022, year_to=2024)
    async with candidate(stock, None, Settings(), pytest.fail) as made:
        assert await made.estimate(asked, filters) == FREE_OF_CHARGE
        one, two, three, four = [each async for each in made.ask(asked, filters)]
    assert one.facts_found == ("40 tokens",)
    assert measures.recall(one) == 1.0
    assert one.gold_shown == 1
    assert one.verdicts["matched"] == sum(one.verdicts.values()) > 0
    assert one.first_s is not None
    assert one.first_s <= one.total_s
    assert two.refused
    assert two.near_misses > 0
    assert three.facts_found == ("two quantizers",)
    assert "OwlCodec" in (three.standalone or "")
    assert (four.gold, len(asked[3].history)) == (asked[0].gold_papers, 2)
    assert four.excluded_cited == 0
    assert one.requests == {"answer": 0}
    # What a chat model would be sent is counted without one.
    asker = Assistant(stock, PromptCounter(), keep_nothing)
    (one,) = [each async for each in ask_all(asker, asked[:1])]
    assert one.refused
    assert one.gold_shown == 1
    assert 300 < one.input_tokens < 4000, "the prompt itself and the sources"


def told(path: Path, text: str) -> str:
    """What is said of a file with this text; empty where all is well."""
    path.write_text(text, "utf-8")
    try:
        read_questions(path)
    except WrongUse as failure:
        return failure.message
    return ""


def test_lines_that_are_wrong_are_named(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"

    def said(row: Row) -> str:
        text = told(path, "\n".join(json.dumps(one) if one else "{" for one in row["lines"]))
        return row["right"] if row["right"] and row["right"] in text else text

    compare(table(__file__, "wrong.jsonl"), said)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(WrongUse, match="not UTF-8"):
        read_questions(path)
    with pytest.raises(WrongUse, match="cannot be read"):
        read_questions(tmp_path)


def test_forms_of_facts() -> None:
    facts = ("40 tokens", ("three million", "3.0M"), r"/\b(?:two|2) quantiz/", "no such")
    text = "It has 40 tokens, 3 million weights and 2 quantizers. [1]"
    assert measures.facts_found(facts, text) == (
        "40 tokens",
        "three million or 3.0M",
        r"/\b(?:two|2) quantiz/",
    )


@pytest.fixture
def file() -> str:
    return str(HERE / "own_questions.jsonl")


def test_a_file_is_measured(quire: Quire, stocked: Path, file: str) -> None:
    ran = quire("eval", file, "-v")
    assert ran.code == 0
    assert "note: no paper “no such paper” in the library" in ran.err
    rows = dict(line.rsplit("  ", 1) for line in ran.out.splitlines() if "  " in line)
    shown = {name.strip(): value.strip() for name, value in rows.items()}
    assert shown["papers cited, of those that should be"] == "2/3"
    assert (shown["facts stated"], shown["rightly refused"]) == ("2/3", "1/1")
    assert "extractive 2: answered, 1 of 1 papers cited, 1 of 2 facts stated: How much" in ran.out
    assert "    not stated: no such thing\n" in ran.out
    document = quire("eval", file, "--json").json
    (one,) = document["models"]
    assert (document["papers"], one["model"], len(one["questions"])) == (4, "extractive", 4)
    assert one["figures"]["facts_found"] == 2
    events = [json.loads(line) for line in quire("eval", file, "--jsonl").out.splitlines()]
    assert [one["event"] for one in events] == ["answer"] * 4 + ["done"]
    assert events[0]["answer"]["facts_found"] == ["40 tokens"]
    assert quire("sessions", "list", "--json").out.count('"id"') == 0, "nothing is saved"


def test_two_models_side_by_side_cost_and_failures(
    serving: Serving, quire: Quire, stocked: Path, file: str, tmp_path: Path
) -> None:
    served = serving("FoxCodec needs 40 tokens a second [1.2].", prices=(100.0, 100.0))
    priced = quire("eval", file, "-m", "big")
    assert (priced.code, served.sent) == (2, 0)
    assert "quire eval asks on a terminal; elsewhere give --yes or --max-cost" in priced.err
    assert quire("eval", file, "-m", "big", "--max-cost", "0.01").code == 2
    assert served.sent == 0
    record = str(tmp_path / "replies.jsonl")
    assert quire("eval", file, "-m", "big", "-m", "extractive", "--record", record).code == 2
    ran = served.run("eval", file, "--yes", "--record", record)
    assert "cost, USD" in ran.out
    both = quire("eval", file, "-m", "extractive", "-m", f"recorded:{record}")
    assert both.code == 0
    assert both.out.split()[:2] == ["extractive", f"recorded:{record}"]
    assert "citation recall: recorded:" in both.out
    served.endpoint.reply = (401, {"error": {"message": "no such key"}})
    assert quire("eval", file, "-m", "big", "--yes").code == 4


def test_what_came_is_kept_when_it_is_interrupted(
    serving: Serving, stocked: Path, file: str
) -> None:
    served = serving("FoxCodec needs 40 tokens [1.2].", delay=0.05)
    ran = interrupted(("eval", file, "-m", served.name, "--yes", "--json"), lambda: served.sent, 3)
    assert ran.code == 130
    assert ran.json["error"]["code"] == "interrupted"
    assert len(ran.json["models"][0]["questions"]) >= 1
