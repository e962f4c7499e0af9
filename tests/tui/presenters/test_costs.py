"""What is told of costs."""

from __future__ import annotations

import pytest

from assistant.answers.preview import Sending
from assistant.types.usage import Estimate
from tui.presenters import costs


@pytest.mark.parametrize(
    ("estimate", "says"),
    [
        (None, ""),
        (Estimate(calls=1, input_tokens=4312, output_tokens=1200), ", about 4,312 tokens"),
        (Estimate(calls=1, input_tokens=9, cost=0.0), ", about 9 tokens"),
        (Estimate(calls=1, input_tokens=9, cost=0.02), ", about 9 tokens, at most 0.0200 USD"),
    ],
)
def test_what_a_question_will_take(estimate: Estimate | None, says: str) -> None:
    assert costs.takes(estimate) == says


@pytest.mark.parametrize(
    ("estimate", "cap", "asks"),
    [
        (Estimate(calls=2, cost=0.0), None, False),
        (Estimate(calls=0, cost=0.0), None, False),
        (Estimate(calls=2, cost=0.001), None, True),
        (Estimate(calls=2, cost=None), None, True),
        (Estimate(calls=2, cost=0.001), 0.001, True),
        (Estimate(calls=2, cost=0.001), 0.0009, False),
        (Estimate(calls=2, cost=None), 5.0, False),
    ],
)
def test_what_is_asked_for_first(estimate: Estimate, cap: float | None, asks: bool) -> None:
    """What is above the cap, or cannot be capped, is refused without a question."""
    assert costs.asks_first(estimate, cap) is asks


SENDING = Sending(
    question="q",
    standalone="q",
    model="own",
    sends_to="models.example",
    considered=72,
    estimate=Estimate(calls=6, input_tokens=12_000, output_tokens=900, cost=0.0125),
    note="72 papers in 6 requests",
)


def test_a_question_to_every_paper_is_told_before_it_is_put() -> None:
    lines = costs.ask_all(SENDING, "").splitlines()
    assert lines[0] == "72 papers in 6 requests."
    assert lines[1] == (
        "To own at models.example: about 12,000 tokens in, at most 900 out; "
        "it costs at most 0.0125 USD."
    )
    assert len(lines) == 3
    assert costs.ask_all(SENDING, "owls").splitlines()[2].endswith("(F2) leaves: owls")
    assert "ranked for “owls”" in costs.ask_all(SENDING, "owls", ranked=True)
    free = SENDING.model_copy(update={"estimate": Estimate(calls=1)})
    assert "the price is not known" in costs.ask_all(free, "")


@pytest.mark.parametrize(
    ("estimate", "line"),
    [
        (Estimate(), "asking 72 papers · Esc stops"),
        (SENDING.estimate, "asking 72 papers: 6 requests, about 12,000 tokens, at most 0.0125 USD"),
    ],
)
def test_what_begins_is_told_until_papers_are_heard(estimate: Estimate, line: str) -> None:
    said = costs.ask_all_begins(SENDING.model_copy(update={"estimate": estimate}))
    assert said == f"{line.removesuffix(' · Esc stops')} · Esc stops"


@pytest.mark.parametrize(
    ("among", "ranked", "title"),
    [
        ("", 0, "To every paper: q"),
        ("", 5, "To every paper: q"),
        ("owls", 0, "To every paper of the filter “owls”: q"),
        ("owls", 5, "To the 5 papers ranked for “owls”: q"),
        ("owls", 1, "To the 1 paper ranked for “owls”: q"),
    ],
)
def test_the_heading_says_which_papers_are_asked(among: str, ranked: int, title: str) -> None:
    assert costs.ask_all_title("q", among, ranked) == title


def test_a_check_is_told_before_it_is_sent_and_while_it_runs() -> None:
    estimate = Estimate(calls=1, input_tokens=1234, output_tokens=400, cost=0.0125)
    assert costs.check(estimate, "tiny-model", None) == (
        "1 request to tiny-model: about 1,234 tokens in, at most 400 out; "
        "it costs at most 0.0125 USD."
    )
    free = estimate.model_copy(update={"cost": 0.0})
    assert costs.check_begins(free) == (
        "the model checks the answer, about 1,234 tokens · Esc stops"
    )
