"""Details that a question asks for, whether an abstract gives them, and who says so."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from corpus_statistics import CorpusStatistics
from endpoint_fixture import ScriptedEndpoint
from made_sources import made_source

from assistant.generation.extractive.detail_selection import giving
from assistant.generation.extractive.several_papers import asks_to_weigh
from assistant.prompting.prompts import REFUSAL
from assistant.query.detail_forms import _FORMS, _filled, _table, detail_of
from assistant.query.details import absent_names, given, missing_details, unknown_names
from assistant.query.question import kind_of
from assistant.retrieval.retriever import Retriever
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

ASKED = [
    ("How many parameters does Heron have?", "the number of parameters", 2),
    ("How many GPUs were used to train Heron?", "the number of GPUs", 3),
    ("For how many epochs was Heron trained?", "the number of epochs", 3),
    ("How many hours of calls was Heron trained on?", "the number of hours of calls", 3),
    ("How many seconds did the training of Heron take?", "the number of seconds", 3),
    ("How many millimetres do the birds of Heron measure?", "the number of millimetres", None),
    ("What is the number of parameters of Heron?", "the number of parameters", 2),
    ("What is the parameter count of Heron?", "the parameter count", 2),
    ("What is the layer count of OwlNet?", "the layer count", None),
    ("How long did the training of Heron take?", "how long it takes", 3),
    ("What accuracy does Heron reach?", "an accuracy", 4),
    ("On which GPU does Heron run?", "the hardware", 4),
    ("In which country were the calls of Heron recorded?", "the place", 5),
    ("Under which licence are the calls of Heron?", "a licence", 5),
    ("Where can the calls of Heron be downloaded?", "where it is to be found", 5),
    ("In which year were the owls of OwlNet studied?", "a year", 4),
    ("How many authors does OwlNet have?", "the number of authors", None),
    ("How many layers does OwlNet have?", "the number of layers", None),
    ("How many GPUs were used to train OwlNet?", "the number of GPUs", None),
    ("How many annotators does OwlNet outperform?", "the number of annotators", None),
    ("Who wrote the OwlNet paper?", "who wrote it", None),
    ("Who invented Heron?", "who invented it", None),
    ("Who funded Heron?", "who funded it", None),
    ("Who are the authors of Heron?", "its authors", None),
    ("When was OwlNet published?", "when it was published", None),
    ("In which year was OwlNet released?", "when it was published", None),
    ("What batch size was used to train Heron?", "a batch size", None),
    ("What learning rate does Heron use?", "a learning rate", None),
    ("Which optimizer was used to train Heron?", "an optimizer", None),
    ("What word error rate does Heron reach?", "a word error rate", None),
    ("At which university was OwlNet developed?", "the institution", None),
    ("At which conference was OwlNet presented?", "where it was presented", None),
    ("How much did it cost to train Heron?", "a price", None),
    ("How many watts does Heron need?", "the energy used", None),
    ("How old are the birds of Heron?", "an age", None),
    ("How much memory does Heron need?", "how much memory", None),
    ("How much power does Heron need?", "how much power", None),
    ("number of epochs for Heron", "the number of epochs", 3),
    ("Heron parameter count", "the parameter count", 2),
    ("accuracy of Heron", "an accuracy", 4),
    ("How accurate is Heron?", "how accurate it is", 4),
    ("By what factor does OwlNet outperform annotators?", "a figure for it", None),
]


@pytest.mark.parametrize(("question", "what", "index"), ASKED, ids=[one[0] for one in ASKED])
def test_whether_an_abstract_gives_what_is_asked(
    question: str, what: str, index: int | None
) -> None:
    found = given(question, SOURCES, STATISTICS)
    assert found is not None
    assert found.detail.what == what
    (about,) = found.sources
    assert about.paper.title.split(":")[0] in question
    assert found.places[about.number] == (() if index is None else (index,))
    assert found.found is (index is not None)
    if index is None:
        misses = missing_details(found, SOURCES)
        assert f"the abstract does not give {what}" in misses[0].why
        assert misses[0].id == about.paper.id
    else:
        (chosen,) = giving(found, question, STATISTICS, None, 3)
        assert index in chosen.indices


@pytest.mark.parametrize(
    "question",
    [
        "Which papers count birds?",
        "How many papers count birds?",
        "What is Heron?",
        "How much of the noise does Heron remove?",
        "How does Heron count birds?",
        "Which learning rate schedule works best?",
        "Is Heron better than OwlNet?",
        "the one who counts birds, for the price of a song",
        "birds under a free licence",
        "How much of the training cost does Heron save?",
    ],
)
def test_other_questions_ask_for_no_detail(question: str) -> None:
    assert detail_of(question) is None


def test_a_detail_of_another_paper_does_not_count() -> None:
    found = given("How many parameters does OwlNet have?", SOURCES, STATISTICS)
    assert found is not None
    assert [one.number for one in found.sources] == [2]
    assert not found.found


def test_a_question_about_two_papers_looks_into_both() -> None:
    question = "How many parameters do Heron and OwlNet have?"
    found = given(question, SOURCES, STATISTICS)
    assert found is not None
    assert {one.number for one in found.sources} == {1, 2}
    assert found.found


def test_what_the_record_knows_is_said() -> None:
    for question, known in (
        ("Who wrote OwlNet?", "Ada Lovelace"),
        ("When was OwlNet published?", "2021"),
    ):
        found = given(question, SOURCES, STATISTICS)
        assert found is not None
        assert missing_details(found, SOURCES)[0].why.endswith(known)
        assert "record" not in missing_details(found, SOURCES[:1])[0].why or known


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


@pytest.mark.parametrize(
    ("question", "lacking"),
    [
        ("What does Heron reach on XenoCanto?", "XenoCanto"),
        ("Is Heron better than BirdGPT?", "BirdGPT"),
        ("Does Heron count better than the BirdGPT of 2020?", "BirdGPT"),
        ("What Problem Does Heron Solve?", ""),
        ("How Does Heron Count Birds On Recordings?", ""),
        ("Why is Heron used, in plain English?", ""),
        ("According to the ICLR paper, how does Heron work?", ""),
        ("Which Llama was used for Heron?", ""),
        ("What is Heron? Thanks, Anna", ""),
        ("How many GPUs were used to train Heron?", ""),
        ("Does Heron run on a V100?", ""),
        ("How does Heron do in 2024?", ""),
        ("Is Heron better than OwlNet?", ""),
        ("Which papers compare Heron with BirdGPT?", ""),
        ("How fast is it? (Heron: counting birds by sound; OwlNet: night vision)", ""),
        ("How are birds counted on XenoCanto?", ""),
    ],
)
def test_a_name_that_the_abstract_of_a_named_paper_lacks(question: str, lacking: str) -> None:
    misses = absent_names(question, SOURCES)
    assert [one.why for one in misses] == (
        [f"the abstract does not speak of “{lacking}”"] if lacking else []
    )


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


@pytest.fixture
def stock(library: Library) -> Library:
    """A library of four papers."""
    papers = (HERON, OWLNET, LISTED, ("Ice", "Ice melts in the Alps. We measure 12 glaciers."))
    library.ingest().run(
        Record(title=title, abstract=abstract, source="t", reader="t", record=number)
        for number, (title, abstract) in enumerate(papers, 1)
    )
    library.catch_up()
    return library


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


async def test_the_built_in_model_refuses_or_gives_the_sentence(stock: Library) -> None:
    from assistant.answers.ask import Assistant
    from assistant.types.events import AnswerDone

    assistant = Assistant(stock, BuiltInModel(stock), lambda answer, _: answer)
    answers = []
    for text in (
        "How many GPUs were used to train OwlNet?",
        "How many epochs was Heron trained for?",
    ):
        async for event in assistant.ask(Question(text=text)):
            if isinstance(event, AnswerDone):
                answers.append(event.answer)
    refused, answered = answers
    assert refused.outcome == "not_in_collection"
    assert refused.text == REFUSAL
    assert refused.near_misses[0].why == "the abstract does not give the number of GPUs"
    assert answered.outcome == "answered"
    assert "12 epochs" in answered.text
    assert (answered.usage.input_tokens, answered.usage.output_tokens) == (0, 0)
    assert [one.verdict for one in answered.claims] == ["matched"]
    assert "does not read" not in answered.note
    async for event in assistant.ask(Question(text="How are birds not counted by sound?")):
        if isinstance(event, AnswerDone):
            assert event.answer.claims
            assert "does not read “not”" in event.answer.note


Endpoint = Callable[..., ScriptedEndpoint]


@pytest.mark.parametrize(
    "reply", [REFUSAL, f"**{REFUSAL}**", "The abstracts do not mention the number of GPUs."]
)
async def test_a_model_that_refuses_comes_with_near_misses(
    stock: Library,
    scripted_endpoint: Endpoint,
    endpoint_model: Callable[..., object],
    reply: str,
) -> None:
    from assistant.answers.ask import Assistant
    from assistant.types.events import AnswerDone

    endpoint = scripted_endpoint(reply)
    model = endpoint_model(endpoint.base_url)
    assistant = Assistant(stock, model, lambda answer, _: answer)  # type: ignore[arg-type]
    asked = Question(text="How many GPUs were used to train OwlNet?")
    events = [event async for event in assistant.ask(asked)]
    last = events[-1]
    assert isinstance(last, AnswerDone)
    answer = last.answer
    assert len(endpoint.requests) == 1, "a model is asked: it may read what rules cannot"
    assert answer.outcome == "not_in_collection"
    assert answer.claims == ()
    assert answer.near_misses[0].title == OWLNET[0]
    assert answer.near_misses[0].why == "the abstract does not give the number of GPUs"


def test_a_long_question_is_read_for_its_kind_in_no_time() -> None:
    begun = time.monotonic()
    assert detail_of("which " * 20_000) is None
    asks_to_weigh("which " * 20_000)
    kind_of("which " * 20_000)
    assert time.monotonic() - begun < 5


def test_near_misses_speak_in_the_words_that_were_typed(stock: Library) -> None:
    found = Retriever(stock).gather("Which parlor serves the best infrarad soup?", None, Filter())
    assert not found.answerable
    assert any("infrared" in line for line in found.notes)
    assert all("“infrared”" not in one.why for one in found.near_misses)
    assert any("“infrarad”" in one.why for one in found.near_misses)
