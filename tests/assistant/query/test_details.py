"""Details that a question asks for, whether an abstract gives them, and who says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from corpus_statistics import CorpusStatistics
from endpoint_fixture import ScriptedEndpoint
from growth import grows_in_proportion
from library_fixture import Shelf
from made_sources import made_source
from tables import Row, compare, for_each, table

from assistant.answers.ask import Assistant
from assistant.generation.base import ChatModel
from assistant.generation.extractive.detail_selection import giving
from assistant.generation.extractive.several_papers import asks_to_weigh
from assistant.generation.openai.endpoint import EndpointModel
from assistant.prompting.prompts import REFUSAL
from assistant.query.detail_forms import _FORMS, _filled, _table, detail_of
from assistant.query.details import Given, absent_names, given, missing_details, unknown_names
from assistant.query.question import kind_of
from assistant.retrieval.retriever import Retriever
from assistant.types.answers import Answer
from assistant.types.events import AnswerDone
from assistant.types.evidence import Source
from assistant.types.questions import Question
from assistant.wiring.models import BuiltInModel
from store.library.library import Library
from store.types import Filter, Record

HERON = (
    "Heron: counting birds by sound",
    "Birds can be counted by their calls. We present Heron, a network with 3.0M parameters that "
    "counts birds. Heron was trained for 12 epochs on eight GPUs within 30 h, on 1,200 hours of "
    "calls. It reaches an accuracy of 91.4% and runs on an NVIDIA V100. The calls were recorded "
    "at two sites in Norway under a Creative Commons license, and are found at "
    "https://heron.example.org.",
)
OWLNET = (
    "OwlNet: night vision for bird counting",
    "Counting birds at night is hard. We propose OwlNet, a detector of birds in infrared video. "
    "It outperforms human annotators. Owls were studied in 2014 as well.",
)


def source(number: int, paper: tuple[str, str], **rest: object) -> Source:
    return made_source(number, *paper, score=1.0 / number, **rest)


SOURCES = (source(1, HERON), source(2, OWLNET, authors=("Ada Lovelace",), year=2021))
STATISTICS = CorpusStatistics.from_texts(
    [" ".join(HERON), " ".join(OWLNET), "A network for images.", "Ice melts in the Alps."]
)


def looked_for(question: str) -> Given:
    """Where the detail that a question asks for is given; it asks for one."""
    there = given(question, SOURCES, STATISTICS)
    assert there is not None
    return there


def test_whether_an_abstract_gives_what_is_asked() -> None:
    def check(row: Row) -> None:
        question, what, index = row["question"], row["what"], row.get("index")
        if what is None:
            assert detail_of(question) is None
            return
        there = looked_for(question)
        assert there.detail.what == what
        (about,) = there.sources
        assert about.paper.title.split(":")[0] in question
        assert there.places[about.number] == (() if index is None else (index,))
        assert there.found is (index is not None)
        if index is None:
            misses = missing_details(there, SOURCES)
            assert f"the abstract does not give {what}" in misses[0].why
            assert misses[0].id == about.paper.id
        else:
            (chosen,) = giving(there, question, STATISTICS, None, 3)
            assert index in chosen.indices

    for_each(table(__file__, "details.jsonl"), check)


def test_a_detail_of_another_paper_does_not_count() -> None:
    there = looked_for("How many parameters does OwlNet have?")
    assert [one.number for one in there.sources] == [2]
    assert not there.found


def test_a_question_about_two_papers_looks_into_both() -> None:
    there = looked_for("How many parameters do Heron and OwlNet have?")
    assert {one.number for one in there.sources} == {1, 2}
    assert there.found


def test_what_the_record_knows_is_said() -> None:
    known = {"Who wrote OwlNet?": "Ada Lovelace", "When was OwlNet published?": "2021"}
    for question, said in known.items():
        (miss,) = missing_details(looked_for(question), SOURCES)
        assert miss.why.endswith(said)


def test_names_that_no_paper_has() -> None:
    assert unknown_names("What does LoRA-Shear report?", STATISTICS) == ("LoRA-Shear",)
    assert unknown_names("Is Heron better than BirdGPT?", STATISTICS) == ()
    assert unknown_names("What is known of birds?", STATISTICS) == ()


def test_a_figure_without_the_name_of_its_measure_may_answer() -> None:
    paper = (
        "Wren: boosting bird classifiers",
        "We boost the BirdNet-50 to 80% top-1 accuracy. On the smaller BirdNet-18 Wren improves "
        "from 69.7% to 73.1%. It was trained on 12 farms.",
    )
    known = CorpusStatistics.from_texts([" ".join(one) for one in (paper, HERON, OWLNET)])
    question = "What accuracy does the small BirdNet-18 of Wren get?"
    found = given(question, (source(1, paper),), known)
    assert found is not None
    assert found.places[1] == (1, 2), "both per cents, not the farms"
    (chosen,) = giving(found, question, known, None, 1)
    assert chosen.indices == (2,)


def test_a_name_that_the_abstract_of_a_named_paper_lacks() -> None:
    def lacking(row: Row) -> str:
        whys = [one.why for one in absent_names(row["question"], SOURCES)]
        return " and ".join(whys).removeprefix("the abstract does not speak of ").strip("“”")

    compare(table(__file__, "absent_names.jsonl"), lacking)


def test_the_table_of_details_is_whole() -> None:
    for kind in _table()["kinds"]:
        re.compile(_filled("|".join(kind["asks"])))
        assert kind.get("form") in _FORMS or kind["what"], kind
        for one in kind.get("gives", ()):
            re.compile(_filled(one.get("pattern", "")))
            assert set(one) <= {"pattern", "number", "case"} or set(one) == {"units"}, kind
    for pattern in (*_table()["metrics"], *_table()["metrics"].values()):
        re.compile(pattern)
    for one in _table()["doing"]:
        re.compile(f"{one['forms']}{one.get('gives', '')}")


LISTED = (
    "FoxCodec: one quantizer is enough",
    "Codecs with few quantizers are often sought after. Many codecs need eight quantizers. "
    "We propose FoxCodec, a codec which has one. Code is available online.",
)


ICE = ("Ice", "Ice melts in the Alps. We measure 12 glaciers.")
STOCK = [
    Record(title=title, abstract=abstract, source="t", reader="t", record=number)
    for number, (title, abstract) in enumerate((HERON, OWLNET, LISTED, ICE), 1)
]


@pytest.fixture(scope="module")
def stock(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A library of four papers, which is only read."""
    with Library.open(shelf.library_of(STOCK, tmp_path_factory.mktemp("stock"))) as library:
        yield library


def test_evidence_says_that_a_detail_is_missing(stock: Library) -> None:
    retriever = Retriever(stock)
    lacking = retriever.gather("How many GPUs were used to train OwlNet?", None, Filter())
    assert not lacking.answerable
    assert lacking.near_misses[0].why == "the abstract does not give the number of GPUs"
    assert lacking.near_misses[0].title == OWLNET[0]
    close = "How many GPUs does OwlNet, the detector of birds in infrared video, need?"
    quoted = retriever.gather(close, None, Filter()).near_misses[0]
    assert quoted.quote == "We propose OwlNet, a detector of birds in infrared video."
    assert quoted.sentence == 2
    there = retriever.gather("How many GPUs were used to train Heron?", None, Filter())
    assert there.answerable
    unknown = retriever.gather("How does BirdGPT count birds by sound?", None, Filter())
    assert not unknown.answerable
    assert unknown.near_misses[0].why.startswith("does not speak of “BirdGPT”")
    foreign = retriever.gather("Who won the chess match in Reykjavik?", None, Filter())
    assert not foreign.answerable
    assert all(one.quote == "" and one.sentence is None for one in foreign.near_misses)


def test_a_paper_that_is_named_is_what_the_question_is_about(stock: Library) -> None:
    retriever = Retriever(stock)
    strange = "which rival does heron trounce by counting"
    assert retriever.gather(strange, None, Filter()).answerable
    other = strange.replace("heron", "toaster")
    assert not retriever.gather(other, None, Filter()).answerable


async def answered(library: Library, model: ChatModel, question: str) -> Answer:
    assistant = Assistant(library, model, lambda answer, _: answer)
    events = [event async for event in assistant.ask(Question(text=question))]
    last = events[-1]
    assert isinstance(last, AnswerDone)
    return last.answer


async def test_the_built_in_model_refuses_or_gives_the_sentence(stock: Library) -> None:
    model = BuiltInModel(stock)
    refused = await answered(stock, model, "How many GPUs were used to train OwlNet?")
    assert refused.outcome == "not_in_collection"
    assert refused.text == REFUSAL
    assert refused.near_misses[0].why == "the abstract does not give the number of GPUs"
    told = await answered(stock, model, "How many epochs was Heron trained for?")
    assert told.outcome == "answered"
    assert "12 epochs" in told.text
    assert (told.usage.input_tokens, told.usage.output_tokens) == (0, 0)
    assert [one.verdict for one in told.claims] == ["matched"]
    assert "does not read" not in told.note
    turned = await answered(stock, model, "How are birds not counted by sound?")
    assert turned.claims
    assert "does not read “not”" in turned.note


@pytest.mark.parametrize(
    "reply", [REFUSAL, f"**{REFUSAL}**", "The abstracts do not mention the number of GPUs."]
)
async def test_a_model_that_refuses_comes_with_near_misses(
    stock: Library,
    scripted_endpoint: Callable[..., ScriptedEndpoint],
    endpoint_model: Callable[..., EndpointModel],
    reply: str,
) -> None:
    endpoint = scripted_endpoint(reply)
    model = endpoint_model(endpoint.base_url)
    answer = await answered(stock, model, "How many GPUs were used to train OwlNet?")
    assert len(endpoint.requests) == 1, "a model is asked: it may read what rules cannot"
    assert answer.outcome == "not_in_collection"
    assert answer.claims == ()
    assert answer.near_misses[0].title == OWLNET[0]
    assert answer.near_misses[0].why == "the abstract does not give the number of GPUs"


def test_a_long_question_is_read_for_its_kind_in_time_in_proportion() -> None:
    assert detail_of("which " * 1_000) is None
    for read in (detail_of, asks_to_weigh, kind_of):
        grows_in_proportion(read, ["which "])


def test_near_misses_speak_in_the_words_that_were_typed(stock: Library) -> None:
    found = Retriever(stock).gather("Which parlor serves the best infrarad soup?", None, Filter())
    assert not found.answerable
    assert any("infrared" in line for line in found.notes)
    assert all("“infrared”" not in one.why for one in found.near_misses)
    assert any("“infrarad”" in one.why for one in found.near_misses)
