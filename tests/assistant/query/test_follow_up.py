"""Questions that lean on the one before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from cli_fixture import Walk
from tables import Row, compare, table

from assistant.query.follow_up import Known, carry_over
from assistant.query.standing_alone import FollowUp
from assistant.text.words import terms
from assistant.types.answers import Answer
from assistant.types.sessions import Turn

FILE = Path(__file__).with_name("followed_papers.json")
PAPERS = {one["id"]: one for one in json.loads(FILE.read_text("utf-8"))}
ELSEWHERE = "The president of France. Batch normalization in the training of diffusion models."


def turn(question: str, *keys: str, standalone: str | None = None) -> Turn:
    """A question, and an answer that cites these papers, or a refusal."""
    outcome = "answered" if keys else "not_in_collection"
    references = [{**PAPERS[key], "number": number} for number, key in enumerate(keys, 1)]
    said = {"outcome": outcome, "references": references, "standalone": standalone}
    values = {"question": question, "text": "x", "model": "m", **said}
    return Turn(question=question, answer=Answer.model_validate(values))


HISTORY = (turn("Which codecs use one quantizer?", "fox", "owl"),)


def lead(question: str, ids: Sequence[str]) -> float:
    """How many words of a question these papers have, of what another text has."""
    asked = set(terms(question))
    texts = [f"{PAPERS[one]['title']} {PAPERS[one]['abstract']}" for one in ids]
    own = max(len(asked & set(terms(text))) for text in texts)
    other = len(asked & set(terms(ELSEWHERE)))
    return own / other if other else 1.0


def test_what_a_follow_up_is_understood_as() -> None:
    def came(row: Row) -> list[object]:
        history = [turn(one, *keys, standalone=as_) for one, keys, as_ in row.get("after", [])]
        found = carry_over(row["question"], history or HISTORY, Known(lead))
        if not found.leans:
            return [found.question] if found.papers or found.question != row["question"] else []
        return [found.question, " ".join(found.papers), *["only"] * found.is_certain]

    compare(table(__file__, "followed.jsonl"), came)
    assert carry_over("And on music?", ()) == FollowUp("And on music?")


def test_a_conversation_keeps_to_what_its_questions_point_at(walk: Walk) -> None:
    walk(__file__, "conversation.jsonl")
