"""What is said of the models that may answer."""

from __future__ import annotations

from collections.abc import Callable

from tables import Row, compare, table

from assistant.errors import EndpointUnreachable
from assistant.wiring.chat_models import ModelChoice
from assistant.workspace.chat_models import LocalModels, ModelTest
from tui.presenters import connect

TEST = ModelTest(answers="right: It carries 14.", cites=False, citing="cites nothing", seconds=1.23)
FAILURE = EndpointUnreachable("nobody answers", "start it")
SAID: dict[str, Callable[[ModelChoice], object]] = {
    "row": lambda one: [*connect.row(one)],
    "refusal": connect.refusal,
    "consent": lambda one: [*connect.consent(one)],
    "again_row": lambda one: [*connect.again_row(one, "fox")],
    "again_refusal": lambda one: connect.again_refusal(one, "fox"),
    "again_consent": lambda one: [*connect.again_consent(one)],
    "testing": connect.testing,
    "failed": lambda one: connect.failed(one, FAILURE),
    "tested": lambda one: connect.tested(one, TEST),
}


def test_what_is_said_of_models() -> None:
    def came(row: Row) -> object:
        match row["of"]:
            case "found":
                return connect.found(LocalModels.model_validate(row["given"]))
            case "listed":
                return connect.listed(row["given"])
        choice = ModelChoice.model_validate(row["given"])
        if row["of"] == "used":
            return connect.used(choice, row.get("overriding", ""))
        return SAID[row["of"]](choice)

    compare(table(__file__, "connect.jsonl"), came)
