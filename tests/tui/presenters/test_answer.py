"""The lines around an answer."""

from __future__ import annotations

import pytest
from fake_service import (
    make_answer,
)

from assistant.types.evidence import NearMiss
from assistant.types.usage import Usage
from tui.presenters import answer as lines

NEAR = NearMiss(id="ptide", title="T", score=0.1, why="no kelp in it")


@pytest.mark.parametrize(
    ("changes", "says", "does_not_say"),
    [
        ({}, "✓ 1  ~ 1  ○ 1 · checked: words and numbers, not meaning", "left out for cost"),
        ({}, "2 of 12 sources cited · 1 left out for length · tiny-model", ""),
        ({}, "1 call · 812 tokens in, 143 out", "about"),
        (
            {"usage": Usage(calls=2, input_tokens=5, output_tokens=6, cost=0.01, estimated=True)},
            "2 calls · about 5 tokens in, 6 out · $0.0100",
            "",
        ),
        ({"usage": Usage()}, "tiny-model", "tokens"),
        ({"claims": ()}, "tiny-model", "checked"),
    ],
)
def test_the_account_says_what_was_done(
    changes: dict[str, object], says: str, does_not_say: str
) -> None:
    line = lines.account(make_answer(**changes))
    assert says in line
    assert not does_not_say or does_not_say not in line


def test_a_check_by_the_model_is_called_that() -> None:
    claims = tuple(
        claim.model_copy(update={"checked_by": "model", "verdict": verdict})
        for claim, verdict in zip(
            make_answer().claims, ("supported", "contradicted", "not_stated"), strict=True
        )
    )
    line = lines.account(make_answer(claims=claims))
    assert "✔ 1  ✗ 1  – 1 · checked: by the model, claim by claim" in line
    assert "not meaning" not in line


def test_a_copied_answer_carries_its_references() -> None:
    copied = lines.copied(make_answer())
    assert copied.splitlines()[0].startswith("Rockfish were counted on eight reefs [1].")
    assert (
        "[1] Rockfish in kelp forests. Ada Moreno, Jon Blum, Kim Ito and 1 more · 2021. "
        "https://reef.example/papers/1" in copied
    )
    assert "[2] Surges on a sandy spit. no authors · no year." in copied


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ()),
        ({"outcome": "interrupted"}, ("Stopped before its end.",)),
        ({"outcome": "interrupted", "note": "cut\nhere"}, ("cut here",)),
        ({"outcome": "declined"}, ("The model declined to answer.",)),
        ({"outcome": "not_in_collection"}, ()),
        (
            {"outcome": "not_in_collection", "text": "", "near_misses": (NEAR,)},
            (
                "This library does not answer the question.",
                "What came closest is listed under Sources.",
            ),
        ),
        ({"standalone": "What lives in kelp? "}, ()),
        ({"standalone": "Which fish?"}, ("Understood as: Which fish?",)),
    ],
)
def test_how_an_answer_ended_is_said(changes: dict[str, object], said: tuple[str, ...]) -> None:
    assert lines.ending(make_answer(**changes)) == said


def test_what_the_model_finds_contradicted_comes_first() -> None:
    claim = make_answer().claims[1].model_copy(update={"verdict": "contradicted"})
    assert lines.ending(make_answer(claims=(claim,), note="noted")) == (
        "✗ Contradicted by its sources, says the model: Surges reshape the spit [2].",
        "noted",
    )


@pytest.mark.parametrize(
    ("model", "outcome", "is_explained"),
    [
        ("extractive", "answered", True),
        ("extractive", "not_in_collection", False),
        ("tiny-model", "answered", False),
    ],
)
def test_the_built_in_model_is_explained(model: str, outcome: str, is_explained: bool) -> None:
    said = lines.explanation(make_answer(model=model, outcome=outcome))
    assert ("word for word" in said) is is_explained
