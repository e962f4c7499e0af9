"""What is said of settings."""

from __future__ import annotations

from tables import Row, compare, table

from assistant.workspace.configuration import SettingLine
from tui.presenters import settings

USUAL = {"about": "Whether a model judges.", "allowed": "one of a, b", "default": "a"}


def test_what_is_said_of_settings() -> None:
    def came(row: Row) -> object:
        line = SettingLine.model_validate(USUAL | row["given"])
        match row["of"]:
            case "row":
                return [*settings.row(line)]
            case "changed":
                return settings.changed(line, row["to"])
        return getattr(settings, row["of"])(line)

    compare(table(__file__, "settings.jsonl"), came)
