"""What is told of costs."""

from __future__ import annotations

from tables import Row, compare, table

from assistant.answers.preview import Sending
from assistant.types.usage import Estimate
from tui.presenters import costs

SENDING = Sending(
    question="q",
    standalone="q",
    model="own",
    sends_to="models.example",
    considered=72,
    estimate=Estimate(calls=6, input_tokens=12_000, output_tokens=900, cost=0.0125),
    note="72 papers in 6 requests",
)


def test_what_asking_takes_and_whether_a_yes_is_wanted_first() -> None:
    rows = table(__file__, "estimates.jsonl")

    def takes(row: Row) -> str:
        return costs.takes(Estimate(**row["estimate"]))

    def asks(row: Row) -> bool:
        return costs.asks_first(Estimate(**row["estimate"]), row.get("cap"))

    compare([row for row in rows if "takes" in row], takes, "takes")
    compare(rows, asks, "asks")
    assert costs.takes(None) == ""


def test_a_question_to_every_paper_is_told_before_it_is_put() -> None:
    amount = "about 12,000 tokens in, at most 900 out; it costs at most 0.0125 USD"
    told = [
        "72 papers in 6 requests.",
        f"To own at models.example: {amount}.",
        "Esc stops; what the papers said is kept, and the same question goes on from there.",
    ]
    assert costs.ask_all(SENDING, "").splitlines() == told
    told.insert(2, "Only papers that the filter in Papers (F2) leaves: owls")
    assert costs.ask_all(SENDING, "owls").splitlines() == told
    told[2] = "Only the papers ranked for “owls” in Papers (F2)."
    assert costs.ask_all(SENDING, "owls", ranked=True).splitlines() == told
    unknown = SENDING.model_copy(update={"estimate": Estimate(calls=1)})
    assert "the price is not known" in costs.ask_all(unknown, "")


def test_what_begins_is_told_until_papers_are_heard() -> None:
    assert costs.ask_all_begins(SENDING) == (
        "asking 72 papers: 6 requests, about 12,000 tokens, at most 0.0125 USD · Esc stops"
    )
    free = SENDING.model_copy(update={"estimate": Estimate(), "considered": 1})
    assert costs.ask_all_begins(free) == "asking 1 paper · Esc stops"


def test_the_heading_says_which_papers_are_asked() -> None:
    assert [
        costs.ask_all_title("q", among, ranked)
        for among, ranked in (("", 0), ("", 5), ("owls", 0), ("owls", 5), ("owls", 1))
    ] == [
        "To every paper: q",
        "To every paper: q",
        "To every paper of the filter “owls”: q",
        "To the 5 papers ranked for “owls”: q",
        "To the 1 paper ranked for “owls”: q",
    ]


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
