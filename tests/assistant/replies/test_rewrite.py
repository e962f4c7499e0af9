"""What a model makes of a follow-up, and whether it can be that."""

from __future__ import annotations

from tables import Row, compare, table

from assistant.replies.rewrite import has_ended, rewrite_of
from assistant.types.answers import Answer
from assistant.types.sessions import Turn

BEFORE = "Which codecs use one quantizer?"
TITLES = ("FoxCodec: One Quantizer Is Enough", "OwlCodec for Night Recordings")
SAID = "FoxCodec uses one quantizer [1]. OwlCodec keeps clean speech clean [2]."
HISTORY = (
    Turn(
        question=BEFORE,
        answer=Answer.model_validate(
            {
                "question": BEFORE,
                "outcome": "answered",
                "text": SAID,
                "model": "m",
                "references": [
                    {"number": at, "id": f"p{at}", "title": title, "abstract": ""}
                    for at, title in enumerate(TITLES, 1)
                ],
            }
        ),
    ),
)


def test_what_can_be_a_question_that_stands_alone() -> None:
    """Stopped as soon as no more is wanted, a reply is taken for the same as whole."""

    def taken(row: Row) -> str:
        reply, asked = row["reply"].replace("LONG", "owls and codecs " * 40), row["asked"]
        cut = next((at for at in range(len(reply)) if has_ended(reply[:at], asked)), len(reply))
        assert rewrite_of(reply[:cut], asked, HISTORY) == rewrite_of(reply, asked, HISTORY)
        return rewrite_of(reply, asked, HISTORY)

    compare(table(__file__, "rewrites.jsonl"), taken)


def test_a_reply_that_runs_on_is_stopped() -> None:
    for reply in ("The same\n\n" * 9, "and " * 300, "Here:\n" * 900):
        assert has_ended(reply, "How fast is it?")
    assert not has_ended("Here it is:\nHow fast is Owl", "How fast is it?")
