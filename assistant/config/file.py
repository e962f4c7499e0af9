"""Changes the configuration file: what the reader wrote there, comments and order, stays."""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from assistant.config.settings import Settings, parse_settings, read_config
from assistant.errors import WrongUse

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
            # A new table goes behind all others: there it parts no comment from what it is on.
            table = tomlkit.dumps({"models": {name: dict(values)}}).replace("[models]\n", "")
            gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
            return f"{text}{gap}{table}"

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

            shorter = _without_table(text, name)
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

    def use_model(self, name: str) -> None:
        """Write `model = NAME`: the model that answers where none is named.

        Raises WrongUse, and writes nothing then.
        """

        def edit(text: str) -> str:
            import tomlkit

            document = tomlkit.parse(text)
            if "model" in document:
                document["model"] = name
                return tomlkit.dumps(document)
            # Before everything: behind a table's head it would belong to that table.
            return f"model = {tomlkit.item(name).as_string()}\n" + (f"\n{text}" if text else "")

        def mean(meaning: dict[str, Any]) -> None:
            meaning["model"] = name

        self._change(edit, mean)

    def _read(self) -> str:
        return read_config(self.path) or ""

    def _change(self, edit: Edit, mean: Meaning) -> None:
        for _ in range(_TRIES):
            before = self._read()
            parse_settings(before, self.path)
            wanted = tomllib.loads(before)
            mean(wanted)
            try:
                after = edit(before)
            except Exception as failure:
                # tomlkit does not take all that TOML allows, and has many ways to say so.
                raise self._unusual() from failure
            if _meaning(after) != {key: value for key, value in wanted.items() if value != {}}:
                raise self._unusual()
            parse_settings(after, self.path)
            if self._read() == before:
                self._replace(after)
                return
        raise WrongUse(f"the configuration {self.path} keeps changing", "try again")

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
        return WrongUse(f"the configuration {self.path} cannot be written: {reason}", "")


def _models(document: Any) -> Any:
    """The table of models in a document of tomlkit."""
    return document["models"]


def _without_table(text: str, name: str) -> str | None:
    """The text without `[models.NAME]`, the comments before the next table kept.

    None where no line is the head of that table.
    """
    lines = text.splitlines(keepends=True)
    key = rf"(?:{re.escape(name)}|\"{re.escape(name)}\"|'{re.escape(name)}')"
    head = re.compile(rf"\s*\[\s*models\s*\.\s*{key}\s*\]\s*(?:#.*)?")
    first = next((at for at, line in enumerate(lines) if head.fullmatch(line.rstrip())), None)
    if first is None:
        return None
    end = first + 1
    while end < len(lines) and not lines[end].lstrip().startswith("["):
        end += 1
    while end > first + 1 and lines[end - 1].lstrip()[:1] in ("", "#"):
        end -= 1
    return "".join(lines[:first] + lines[end:])


def _meaning(text: str) -> dict[str, Any] | None:
    """What a text means, a table without keys being none; None for what is not TOML."""
    try:
        return {key: value for key, value in tomllib.loads(text).items() if value != {}}
    except (ValueError, RecursionError):
        return None
