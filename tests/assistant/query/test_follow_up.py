"""Questions that lean on the one before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from endpoint_fixture import ScriptedEndpoint

from assistant.answers.ask import Assistant
from assistant.generation.openai.endpoint import EndpointModel
from assistant.query.follow_up import carry_over, leans, pointed_at
from assistant.types.answers import Answer, Reference
from assistant.types.events import AnswerDone, Progress
from assistant.types.questions import Question
from assistant.types.sessions import Turn
from store.library.library import Library
from store.types import Record

ANSWER = Answer(
    question="Which codecs use one quantizer?",
    outcome="answered",
    text="FoxCodec does [1]. OwlCodec does too [2].",
    model="extractive",
    references=(
        Reference(number=1, id="p1", title="FoxCodec: One Quantizer Is Enough"),
        Reference(
            number=2,
            id="p2",
            title="OwlCodec for Night Recordings",
            abstract="OwlCodec keeps clean speech clean, at night too.",
        ),
    ),
)
HISTORY = (Turn(question="Which codecs use one quantizer?", answer=ANSWER),)


@pytest.mark.parametrize(
    "question",
    [
        "How fast is it?",
        "And on music?",
        "What about speech?",
        "Does the second one handle noise in long outdoor recordings?",
        "Why?",
        "Which data sets do they use for training?",
        "What bitrate does [2] reach on clean speech recordings?",
    ],
)
def test_these_lean(question: str) -> None:
    assert leans(question)


@pytest.mark.parametrize(
    "question",
    [
        "Which methods reduce catastrophic forgetting in class-incremental learning?",
        "How does DenseNet training differ from its pruned variants on ImageNet classification?",
        "What accuracy do vision transformers reach on CIFAR-100 with few labels?",
    ],
)
def test_these_stand_alone(question: str) -> None:
    assert not leans(question)


TITLES = {"fox": ANSWER.references[0].title, "owl": ANSWER.references[1].title}
BEFORE = "Which codecs use one quantizer?"
TABLE = [
    ("How fast is the second one?", ["owl"]),
    ("How fast is the first paper on a phone?", ["fox"]),
    ("And the last?", ["owl"]),
    ("And the last one?", ["owl"]),
    ("Is the former better by night?", ["fox"]),
    ("Is the latter better by night?", ["owl"]),
    ("Does [1] work on music?", ["fox"]),
    ("Compare [1] and [2].", ["fox", "owl"]),
    ("What does paper 2 say of noise?", ["owl"]),
    ("How fast are both?", ["fox", "owl"]),
    ("How fast are these two?", ["fox", "owl"]),
    ("Do both papers use wavelets?", ["fox", "owl"]),
    ("Which one is faster?", ["fox", "owl"]),
    ("Which of them is faster?", ["fox", "owl"]),
    ("Which is faster?", ["fox", "owl"]),
    ("How fast is it?", ["fox", "owl"]),
    ("Which data sets do they use for training?", ["fox", "owl"]),
    ("What are their bitrates?", ["fox", "owl"]),
    ("Why?", [BEFORE, "fox", "owl"]),
    ("How so?", [BEFORE, "fox", "owl"]),
    ("And on music?", [BEFORE]),
    ("What about with two quantizers?", [BEFORE]),
    ("And music?", ["fox", "owl"]),
    ("And HeronCodec?", [BEFORE]),
    ("What about HeronCodec?", [BEFORE]),
    ("And clean night speech?", ["fox", "owl"]),
    ("And batch normalization?", []),
    ("What about the training of diffusion models?", []),
    ("And how fast is HeronCodec on a phone?", []),
    ("Is HeronCodec fast?", [BEFORE]),
    ("Does HeronCodec need training?", []),
    ("And who is the president of France?", []),
    ("What does [9] say?", None),
]


@pytest.mark.parametrize(("question", "carried"), TABLE, ids=[one[0] for one in TABLE])
def test_what_is_carried_over(question: str, carried: list[str] | None) -> None:
    got = carry_over(question, HISTORY)
    assert got.startswith(question)
    rest = got[len(question) :]
    if carried is None:
        assert got, "a number that names no reference carries something else, or nothing"
        return
    wanted = "; ".join(TITLES.get(one, one) for one in carried)
    assert rest == (f" ({wanted})" if carried else "")


def turn(question: str, *titles: str, standalone: str | None = None) -> Turn:
    references = tuple(
        Reference(number=number, id=f"p{number}", title=title, abstract=f"{title} is good.")
        for number, title in enumerate(titles, 1)
    )
    answer = Answer(
        question=question,
        standalone=standalone,
        outcome="answered" if titles else "not_in_collection",
        text="x",
        model="m",
        references=references,
    )
    return Turn(question=question, answer=answer)


FOX = "FoxCodec: One Quantizer Is Enough"
CHAINS = [
    # The old name goes, what was asked for stays.
    (turn("What SDR does SCNet reach?", "SCNet"), "And BSRNN?", "(What SDR does … reach?)"),
    (
        turn("How many tokens does FoxCodec need?", FOX),
        "And OwlCodec?",
        "(How many tokens does … need?)",
    ),
    (turn("What is FoxCodec?", FOX), "And OwlCodec?", ""),
    # A name of the question that no title has comes along with "it".
    (turn("What does FC2 change?", FOX), "How fast is it?", f"(FC2; {FOX})"),
    # Many references are not all meant by "it": the question says what it is.
    (
        turn("Which codecs are small?", "A", "B", "C"),
        "How fast are they?",
        "(Which codecs are small?)",
    ),
    # A refusal had no papers.
    (turn("What is BirdNet?"), "How fast is it?", "(What is BirdNet?)"),
    # A chain of follow-ups goes on from how the last one was understood.
    (
        turn("How fast is it?", "A", "B", "C", standalone="How fast is it? (What is FoxCodec?)"),
        "And how large is it?",
        "(How fast is it? (What is FoxCodec?))",
    ),
]


@pytest.mark.parametrize(("before", "question", "carried"), CHAINS, ids=[one[1] for one in CHAINS])
def test_what_is_carried_from_other_questions(before: Turn, question: str, carried: str) -> None:
    assert carry_over(question, (before,)) == f"{question} {carried}".strip()


def test_only_the_turn_before_counts() -> None:
    older = turn("What is HeronCodec?", "HeronCodec")
    assert "Heron" not in carry_over("How fast is it?", (older, *HISTORY))
    assert carry_over("And on music?", ()) == "And on music?"


def test_a_place_that_no_reference_has_names_nothing() -> None:
    assert pointed_at("What does [7] say?", ANSWER) == ()
    assert pointed_at("the fifth one?", ANSWER) == ()
    assert pointed_at("In the first second of audio, what is heard?", ANSWER) == ()
    assert [one.number for one in pointed_at("[2], then [1], then [2]", ANSWER)] == [2, 1]


Endpoint = Callable[..., ScriptedEndpoint]


async def test_a_model_rewrites_a_follow_up_in_one_short_call(
    library: Library,
    scripted_endpoint: Endpoint,
    endpoint_model: Callable[..., EndpointModel],
) -> None:
    library.ingest().run(
        [
            Record(
                title="OwlCodec for Night Recordings",
                abstract="OwlCodec needs 80 tokens a second at night.",
                source="t",
                reader="t",
                record=1,
            )
        ]
    )
    library.catch_up()

    def reply(body: dict[str, Any]) -> str:
        asked = str(body["messages"][-1]["content"])
        if "Last question:" in asked:
            return "How many tokens a second does OwlCodec need?"
        return "OwlCodec needs 80 tokens a second [1.1]."

    endpoint = scripted_endpoint(reply)
    model = endpoint_model(endpoint.base_url)
    assistant = Assistant(library, model, lambda answer, _: answer)
    question = Question(text="How many tokens does the second one need?", history=HISTORY)
    events = [event async for event in assistant.ask(question)]
    lines = [event.text for event in events if isinstance(event, Progress)]
    assert lines == ["read as: How many tokens a second does OwlCodec need?"]
    rewriting, answering = endpoint.requests
    assert "[2] OwlCodec for Night Recordings" in rewriting.prompt
    assert "Last question: How many tokens does the second one need?" in rewriting.prompt
    assert (
        rewriting.body["max_tokens" if "max_tokens" in rewriting.body else "max_completion_tokens"]
        <= 200
    )
    assert "Question: How many tokens a second does OwlCodec need?" in answering.prompt
    last = events[-1]
    assert isinstance(last, AnswerDone)
    assert last.answer.standalone == "How many tokens a second does OwlCodec need?"
    assert last.answer.usage.calls == 2


async def test_a_question_that_stands_alone_is_not_rewritten(
    library: Library,
    scripted_endpoint: Endpoint,
    endpoint_model: Callable[..., EndpointModel],
) -> None:
    endpoint = scripted_endpoint("x")
    assistant = Assistant(library, endpoint_model(endpoint.base_url), lambda answer, _: answer)
    text = "Which methods reduce catastrophic forgetting in class-incremental learning?"
    events = [event async for event in assistant.ask(Question(text=text, history=HISTORY))]
    assert not [event for event in events if isinstance(event, Progress)]
    assert endpoint.requests == []
