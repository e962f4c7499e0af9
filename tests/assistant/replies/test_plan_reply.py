"""What a model makes of a question: whether it can be that, and what fits the schema."""

from __future__ import annotations

from pathlib import Path

from tables import Row, compare, table

from assistant.replies.plan_reply import PartReply, has_ended, plan_reply
from assistant.replies.standalone import AskedQuestion
from assistant.types.sessions import Turn

ASKED_BEFORE = Path(__file__).with_name("asked_before.json").read_text("utf-8")
HISTORY = (Turn.model_validate_json(ASKED_BEFORE),)


def test_what_can_be_a_question_that_stands_alone() -> None:
    """Stopped as soon as no more is wanted, a reply is taken for the same as whole."""

    def taken(row: Row) -> list[str]:
        asked = AskedQuestion(row["asked"], HISTORY)
        whole, cut = both(row["reply"].replace("LONG", "owls and codecs " * 40), asked)
        found = [asked.standing([one.question for one in each]) for each in (whole, cut)]
        assert found[0] == found[1]
        return list(found[0])

    compare(table(__file__, "standalone.jsonl"), taken)


def both(reply: str, asked: AskedQuestion) -> tuple[tuple[PartReply, ...], ...]:
    """The parts of a reply, whole and stopped as soon as may be."""
    ends = (at for at in range(len(reply)) if has_ended(reply[:at], asked))
    return plan_reply(reply, asked), plan_reply(reply[: next(ends, len(reply))], asked)


def test_what_fits_the_schema() -> None:
    def parts(row: Row) -> list[Row]:
        whole, cut = both(row["reply"], AskedQuestion("How fast is OwlCodec?"))
        assert whole == cut
        return [one.model_dump(exclude_defaults=True) for one in whole]

    compare(table(__file__, "plans.jsonl"), parts)


def test_a_reply_that_runs_on_is_stopped() -> None:
    asked = AskedQuestion("How fast is it?", HISTORY)
    for reply in ("The same\n\n" * 9, "and " * 1300, "Here:\n" * 900, "from: 2021\n" * 3):
        assert has_ended(reply, asked)
    for reply in ("Here it is:\nHow fast is Owl", "question: How fast is OwlCodec?\nfrom: 20"):
        assert not has_ended(reply, asked)
