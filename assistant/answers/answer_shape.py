"""An answer as the JSON that scripts rely on."""

from __future__ import annotations

from typing import Any

from assistant.checking.verdicts import CONTRADICTED
from assistant.replies.plain_text import plain
from assistant.types.answers import Answer

Shape = dict[str, Any]


def answer_shape(answer: Answer) -> Shape:
    """`quire ask --json` and `quire summarize --json`.

    The text is that of the answer without the marks of headings and bold. `claims` are in the
    order of the text; `contradicted` lists again those a model contradicts.
    """
    whole = answer.model_dump()
    whole["text"] = plain(answer.text)
    for claim, shape in zip(answer.claims, whole["claims"], strict=True):
        del shape["start"], shape["end"]
        shape["approved"] = claim.is_approved
    whole["contradicted"] = [one for one in whole["claims"] if one["verdict"] == CONTRADICTED]
    if answer.coverage is None:
        del whole["coverage"], whole["papers"]
    if answer.asked_of is None:
        del whole["asked_of"]
    whole["prompt"] = whole["prompt"] or {"name": answer.model, "version": "1", "digest": ""}
    return whole
