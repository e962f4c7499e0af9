"""Questions that lean on the one before."""

from __future__ import annotations

import pytest

from assistant.followup import carry_over, leans
from assistant.values import Answer, Reference, Turn

ANSWER = Answer(
    question="Which codecs use one quantizer?",
    outcome="answered",
    text="FoxCodec does [1]. OwlCodec does too [2].",
    model="extractive",
    references=(
        Reference(number=1, id="p1", title="FoxCodec: One Quantizer Is Enough"),
        Reference(number=2, id="p2", title="OwlCodec for Night Recordings"),
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


def test_ordinals_and_marks_name_references() -> None:
    assert "OwlCodec" in carry_over("How fast is the second one?", HISTORY)
    assert "FoxCodec" not in carry_over("How fast is the second one?", HISTORY)
    assert "FoxCodec" in carry_over("Does [1] work on music?", HISTORY)
    assert "OwlCodec" in carry_over("And the last?", HISTORY)


def test_other_questions_carry_the_one_before() -> None:
    carried = carry_over("And on music?", HISTORY)
    assert carried.startswith("And on music?")
    assert "one quantizer" in carried
    assert carry_over("And on music?", ()) == "And on music?"
