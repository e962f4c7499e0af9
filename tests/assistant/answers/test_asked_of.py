"""Which papers an answer was asked of: kept, told, and asked for again."""

from __future__ import annotations

from tables import Row, compare, table

from assistant.answers.asked_of import among, asked_of, question_again, summary_again
from assistant.types.answers import Answer
from assistant.types.asked_of import AskedOf
from assistant.types.questions import Question, SummaryRequest

CASES = table(__file__, "asked_of.jsonl")
PLAIN = AskedOf()


def request_of(row: Row) -> Question | SummaryRequest:
    kind = Question if row["kind"] == "question" else SummaryRequest
    return kind.model_validate(row["request"])


def test_what_is_kept_and_how_it_is_told() -> None:
    def came(row: Row) -> object:
        kept = asked_of(request_of(row))
        return [kept, among(kept)]

    rows = [
        {**row, "right": [fields and AskedOf.model_validate(fields), words]}
        for row in CASES
        for fields, words in [row["right"]]
    ]
    compare(rows, came)


def test_what_is_kept_leads_to_the_same_request() -> None:
    for row in CASES:
        request = request_of(row)
        kept = asked_of(request)
        if isinstance(request, SummaryRequest):
            assert kept is not None
            assert summary_again(kept) == request
        else:
            assert question_again("Why?", kept, request.filter) == request


def test_answers_of_before_are_read_and_keep_their_form() -> None:
    answer = Answer(question="Why?", outcome="answered", text="So.", model="m")
    former = answer.model_dump_json(exclude={"asked_of"})
    assert Answer.model_validate_json(former) == answer
    kept = answer.model_copy({"asked_of": PLAIN.model_copy({"query": "tag:cil", "papers": 3})})
    assert Answer.model_validate_json(kept.model_dump_json()) == kept
