"""Changes the configuration file: what the reader wrote there, comments and order, stays."""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

from assistant.config.edits import with_table, with_value, without_table
from assistant.config.settings import Settings, parse_settings, read_config
from assistant.errors import WrongUse
from store.files import alone_in

_TRIES = 5
_BY_HAND = "change it by hand"

Edit = Callable[[str], str]
"""Makes the new text of the file from the old one."""
Meaning = Callable[[dict[str, Any]], None]
"""Makes the same change to what the text means; the two are held against each other."""


class ConfigFile:
    """The configuration file at a path, which need not be there yet."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def settings(self) -> Settings:
        """What stands in it, the defaults where there is no file; raises WrongUse."""
        return parse_settings(self._read(), self.path)

    def set_model(self, name: str, values: Mapping[str, Any]) -> None:
        """Write `[models.NAME]`; in a table that is there, these values are set anew.

        Raises WrongUse, and writes nothing then.
        """
        is_there = name in self.settings().models

        def edit(text: str) -> str:
            import tomlkit

            if is_there:
                document = tomlkit.parse(text)
                _models(document)[name].update(values)
                return tomlkit.dumps(document)
            return with_table(text, ["models", name], values)

        def mean(meaning: dict[str, Any]) -> None:
            meaning.setdefault("models", {}).setdefault(name, {}).update(values)

        self._change(edit, mean)

    def remove_model(self, name: str) -> bool:
        """Take `[models.NAME]` out; True when it was the one in use, which is then none.

        Where it was to judge, the model that answers does so from then on.
        Raises WrongUse, and writes nothing then.
        """
        settings = self.settings()
        was_used = settings.model == name
        roles = {"model": settings.model, "check_model": settings.check_model}
        ended = [role for role, used in roles.items() if used == name]

        def edit(text: str) -> str:
            import tomlkit

            shorter = without_table(text, name)
            document = tomlkit.parse(text if shorter is None else shorter)
            if shorter is None:
                del _models(document)[name]
            for role in ended:
                del document[role]
            return tomlkit.dumps(document)

        def mean(meaning: dict[str, Any]) -> None:
            del meaning["models"][name]
            for role in ended:
                del meaning[role]

        self._change(edit, mean)
        return was_used

    def set_value(self, parts: Sequence[str], value: Any) -> None:
        """Set the value at a place, such as ("services", "arxiv"), whose tables may be missing.

        Raises WrongUse, and writes nothing then.
        """
        *tables, key = parts

        def edit(text: str) -> str:
            import tomlkit

            document = tomlkit.parse(text)
            at: Any = document
            for name in tables:
                at = at.get(name)
                if at is None:
                    return with_table(text, tables, {key: value})
            longer = None if key in at else with_value(text, tables, key, value)
            if longer is not None:
                return longer
            at[key] = value
            return tomlkit.dumps(document)

        def mean(meaning: dict[str, Any]) -> None:
            _within(meaning, tables)[key] = value

        self._change(edit, mean)

    def remove_value(self, parts: Sequence[str]) -> None:
        """Take the value at a place out, which is there; raises WrongUse, and changes nothing."""
        *tables, key = parts

        def edit(text: str) -> str:
            import tomlkit

            document = tomlkit.parse(text)
            at: Any = document
            for name in tables:
                at = at[name]
            del at[key]
            return tomlkit.dumps(document)

        def mean(meaning: dict[str, Any]) -> None:
            del _within(meaning, tables)[key]

        self._change(edit, mean)

    def meaning(self) -> dict[str, Any]:
        """What stands in the file as TOML means it; raises WrongUse."""
        text = self._read()
        parse_settings(text, self.path)
        return tomllib.loads(text)

    def replace(self, text: str, before: str) -> None:
        """Put a text in the place of the file where that is as it was before.

        Raises WrongUse for a text that makes no sense, and where another has changed the file.
        """
        parse_settings(text, self.path)
        with self._alone():
            if self._read() != before:
                raise WrongUse(f"the configuration {self.path} was changed meanwhile", "edit again")
            self._replace(text)

    def _read(self) -> str:
        return read_config(self.path) or ""

    def _change(self, edit: Edit, mean: Meaning) -> None:
        with self._alone():
            for _ in range(_TRIES):
                before = self._read()
                after = self._changed(before, edit, mean)
                if self._read() == before:
                    self._replace(after)
                    return
        raise WrongUse(f"the configuration {self.path} keeps changing", "try again")

    def _changed(self, before: str, edit: Edit, mean: Meaning) -> str:
        """The text of the file after a change; raises WrongUse."""
        parse_settings(before, self.path)
        wanted = tomllib.loads(before)
        mean(wanted)
        try:
            after = edit(before)
        except Exception as failure:
            # tomlkit does not take all that TOML allows, and has many ways to say so.
            raise self._unusual() from failure
        if _meaning(after) != _without_empty(wanted):
            raise self._unusual()
        parse_settings(after, self.path)
        return after

    def _alone(self) -> AbstractContextManager[None]:
        """Keep other writers out; where that cannot be, the text is compared alone."""
        return alone_in(Path(os.path.realpath(self.path)).parent)

    def _replace(self, text: str) -> None:
        """Write a file beside it, readable by its owner alone, then take its place."""
        place = Path(os.path.realpath(self.path))
        try:
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=".config-")
        except OSError as failure:
            raise self._unwritable(failure) from failure
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, place)
        except OSError as failure:
            with suppress(OSError):
                os.unlink(name)
            raise self._unwritable(failure) from failure

    def _unusual(self) -> WrongUse:
        return WrongUse(f"the configuration {self.path} has an unusual shape", _BY_HAND)

    def _unwritable(self, failure: OSError) -> WrongUse:
        reason = failure.strerror or "the system refused"
        return WrongUse(
            f"the configuration {self.path} cannot be written: {reason}",
            "change its permissions, or name another: --config",
        )


def _models(document: Any) -> Any:
    """The table of models in a document of tomlkit."""
    return document["models"]


def _within(meaning: dict[str, Any], tables: Sequence[str]) -> dict[str, Any]:
    """The table at a place, made where it is missing."""
    for name in tables:
        meaning = meaning.setdefault(name, {})
    return meaning


def _meaning(text: str) -> dict[str, Any] | None:
    """What a text means, a table without keys being none; None for what is not TOML."""
    try:
        return _without_empty(tomllib.loads(text))
    except (ValueError, RecursionError):
        return None


def _without_empty(table: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in a table, without the tables in which nothing does."""
    within = {
        key: _without_empty(value) if isinstance(value, dict) else value
        for key, value in table.items()
    }
    return {key: value for key, value in within.items() if value != {}}
