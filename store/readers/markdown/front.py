"""The front matter of a Markdown document: YAML between two lines of hyphens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from store.pattern import pattern

_FRONT = pattern(
    r"\A---[ \t]*\n(?P<yaml>.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)(?P<body>.*)", re.DOTALL
)
LIMIT = 100_000
"""Longest front matter read, in characters; its parser reads some 100 000 in a second."""
_READ_TAGS = ("null", "bool", "str", "seq", "map")
_YAML = "tag:yaml.org,2002:"


class Unreadable(Exception):
    """The front matter is no YAML; says why, in a line."""


def parted(text: str) -> tuple[Mapping[str, object], str, int]:
    """The fields of the front matter, the text after it, and how many lines it takes.

    Raises Unreadable.
    """
    found = _FRONT.match(text)
    if found is None or len(found["yaml"]) > LIMIT:
        return {}, text, 0
    values = _read(found["yaml"])
    if not isinstance(values, dict):
        return {}, text, 0
    lines = text.count("\n", 0, found.start("body"))
    return {str(name).strip().lower(): one for name, one in values.items()}, found["body"], lines


def _read(text: str) -> object:
    import yaml

    class Loader(yaml.SafeLoader):
        """Plain values alone: numbers and dates stay text, nothing is said by referring to it."""

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                raise yaml.YAMLError("an alias, which is not followed")
            return super().compose_node(parent, index)

    read = {f"{_YAML}{name}" for name in _READ_TAGS}
    # A number to the base of 60 takes time that grows with the square of its digits.
    Loader.yaml_implicit_resolvers = {
        first: [one for one in pairs if one[0] in read]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    Loader.yaml_constructors = {
        tag: make for tag, make in yaml.SafeLoader.yaml_constructors.items() if tag in {*read, None}
    }
    try:
        return yaml.load(text, Loader)  # noqa: S506 - derived from SafeLoader
    except (yaml.YAMLError, ValueError, KeyError, RecursionError) as failure:
        raise Unreadable(" ".join(str(failure).split())[:200]) from failure
