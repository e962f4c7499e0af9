"""A turn from event to event."""

from __future__ import annotations

from functools import reduce

import pytest
from fake_service import (
    KELP,
    TIDES,
    make_answer,
    make_evidence,
    make_session,
    pieces,
)

from assistant.types.answers import Coverage
from assistant.types.events import (
    AnswerDone,
    AskedAgain,
    ClaimChecked,
    Event,
    EvidenceFound,
    Progress,
    TextDelta,
    Thinking,
)
from assistant.types.usage import Estimate
from tui.presenters import turn as turns
from tui.presenters.turn import TurnPage

ASKED = turns.begun("What lives in kelp?\x1b[2J")
FOUND = EvidenceFound(evidence=make_evidence(), estimate=Estimate(calls=1, input_tokens=812))
ANSWER = make_answer()
COUNTED = Coverage(asked=3, yes=2, failed=1)


def play(*events: Event) -> TurnPage:
    return reduce(turns.after, events, ASKED)


def test_a_turn_begins_with_its_question_alone() -> None:
    assert TurnPage("What lives in kelp?") == ASKED


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (Progress(text="waking\nthe model"), "waking the model"),
        (FOUND, "reading 2 of 12 papers found, about 812 tokens · Esc stops"),
        (AskedAgain(why="asking again with less"), "asking again with less"),
        (ClaimChecked(claim=ANSWER.claims[0]), "checked so far: ✓ 1"),
    ],
)
def test_what_is_waited_for_is_said(event: Event, line: str) -> None:
    assert play(event).progress == line


def test_papers_found_are_candidates_until_a_sentence_cites_them() -> None:
    page = play(FOUND)
    assert [(one.kind, one.number) for one in page.items] == [("candidate", None)] * 2
    assert page.addresses == ("https://reef.example/papers/1",)
    page = turns.after(page, ClaimChecked(claim=ANSWER.claims[0]))
    assert [(one.kind, one.number) for one in page.items] == [("cited", 1), ("candidate", None)]


def test_thoughts_are_the_last_of_one_line_and_go_with_the_first_word() -> None:
    page = play(*(Thinking(text=f"and so\n{number} ") for number in range(500)))
    assert page.thoughts.startswith("thinking … ")
    assert page.thoughts.endswith("so 499")
    assert len(page.thoughts) < 90
    assert "\n" not in page.thoughts
    assert turns.after(page, TextDelta(text="It")).thoughts == ""


def test_an_answer_that_begins_anew_takes_text_and_verdicts_away() -> None:
    page = play(FOUND, ClaimChecked(claim=ANSWER.claims[0]), AskedAgain(why="cut"))
    assert (page.text, page.claims) == ("", ())
    assert turns.after(page, TextDelta(text="It")).text is None, "pieces come again"


def test_a_turn_is_unchanged_by_pieces_of_its_text() -> None:
    page = play(FOUND, TextDelta(text="It"))
    assert turns.after(page, TextDelta(text="is")) is page


def test_a_whole_answer_replaces_all_that_was_waited_for() -> None:
    page = play(FOUND, Thinking(text="hm"), *pieces(ANSWER.text), AnswerDone(answer=ANSWER))
    assert page.is_answered
    assert (page.progress, page.thoughts) == ("", "")
    assert [(one.kind, one.number) for one in page.items] == [("cited", 1), ("cited", 2)]
    assert page.account.startswith("✓ 1  ~ 1  ○ 1")
    assert page.text is not None
    assert turns.copied(page, "").startswith(ANSWER.text)


def test_an_explanation_stands_under_the_answer() -> None:
    assert turns.finished(ASKED, ANSWER, "Word for word.").ending == "Word for word."


def test_the_addresses_of_sources_and_those_they_state_may_be_links() -> None:
    reference = ANSWER.references[1].model_copy(
        update={"abstract": "Code: https://owl.example.org/x.", "url": "javascript:alert(1)"}
    )
    answer = make_answer(references=(ANSWER.references[0], reference))
    assert turns.finished(play(FOUND), answer).addresses == (
        "https://reef.example/papers/1",
        "https://owl.example.org/x",
    )


def test_what_came_before_a_stop_stays_with_what_it_cites() -> None:
    page = play(FOUND, ClaimChecked(claim=ANSWER.claims[0]), Thinking(text="hm"))
    page = turns.stopped(page, f"{ANSWER.claims[0].text} And th", "Stopped.", is_error=True)
    assert (page.ending, page.is_error, page.progress, page.thoughts) == ("Stopped.", True, "", "")
    assert [one.id for one in page.items] == ["pkelp"]
    assert turns.copied(page, page.text or "") == f"{ANSWER.text[:40]}✓. And th"


def test_a_failure_after_a_whole_answer_leaves_its_text() -> None:
    page = turns.finished(ASKED, ANSWER)
    assert turns.stopped(page, "", "It failed.").text == page.text


def test_a_saved_turn_is_whole() -> None:
    (saved,) = make_session(1).turns
    page = turns.saved(saved)
    assert (page.question, page.is_answered, len(page.items)) == ("Question 1?", True, 2)
    counted = saved.model_copy(update={"answer": make_answer(coverage=COUNTED)})
    assert turns.saved(counted).question == "To 3 papers: Question 1?"


@pytest.mark.parametrize(
    ("number", "claim", "quotes"),
    [
        (1, None, (KELP[1],)),
        (2, 1, (TIDES[2],)),
        (2, 0, (TIDES[2],)),
        (2, 99, (TIDES[2],)),
        (3, None, None),
    ],
)
def test_a_source_is_found_by_its_number(
    number: int, claim: int | None, quotes: tuple[str, ...] | None
) -> None:
    """A claim that does not cite the source, or is none, narrows nothing."""
    found = turns.item(turns.finished(ASKED, ANSWER), number, claim)
    assert (found.quotes if found else None) == quotes


def test_a_number_without_a_source_is_explained() -> None:
    assert turns.no_source(turns.finished(ASKED, ANSWER), 9) == "This answer has no source 9."
    assert "when the answer is done" in turns.no_source(ASKED, 1)


@pytest.mark.parametrize(
    ("page", "refusal"),
    [
        (None, "There is no answer to check yet."),
        (ASKED, "There is no answer to check yet."),
        (turns.finished(ASKED, make_answer(claims=())), "There is no answer to check yet."),
        (turns.finished(ASKED, make_answer(coverage=COUNTED)), "Nothing to check: these are"),
        (turns.finished(ASKED, ANSWER), ""),
    ],
)
def test_what_cannot_be_checked_is_said(page: TurnPage | None, refusal: str) -> None:
    said = turns.check_refusal(page)
    assert said.startswith(refusal)
    assert bool(said) is bool(refusal)


@pytest.mark.parametrize(
    ("changes", "is_cut", "is_asked_again"),
    [
        ({}, False, False),
        ({"outcome": "interrupted"}, True, False),
        ({"coverage": COUNTED}, False, True),
        ({"coverage": Coverage(asked=2, yes=2)}, False, False),
    ],
)
def test_when_the_question_is_given_back(
    changes: dict[str, object], is_cut: bool, is_asked_again: bool
) -> None:
    page = turns.finished(ASKED, make_answer(**changes))
    assert (turns.is_cut(page), turns.is_asked_again(page)) == (is_cut, is_asked_again)
    assert not turns.is_cut(ASKED)
    assert not turns.is_asked_again(ASKED)
