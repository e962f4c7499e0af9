"""Prompts: read from files, checked, and filled in."""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from string import Template

from assistant.errors import PromptError
from assistant.types.answers import PromptReference
from assistant.types.message import Message
from prompts import folder
from store.pattern import pattern

NOT_ANSWERED = "NOT_ANSWERED"
"""The marker by which a model says that the sources do not answer the question, or not all of it;
it is the same in every language, and never shown."""

REFUSAL = "The collection does not answer this."
"""What the reader is told where nothing answers and no model says so in its own words."""

_PARTS = pattern(
    r"\A\+\+\+\n(?P<head>.*?)\n\+\+\+\n# system\n(?P<system>.*?)\n# user\n(?P<user>.*)\Z", re.DOTALL
)


@dataclass(frozen=True)
class Prompt:
    """A prompt: who it is, and its two parts as templates."""

    reference: PromptReference
    inputs: frozenset[str]
    system: Template
    user: Template

    def fill(self, **values: str) -> tuple[Message, Message]:
        """The messages of one request; raises PromptError when an input is missing."""
        if set(values) != self.inputs:
            raise PromptError(
                f"the prompt {self.reference.name} takes {', '.join(sorted(self.inputs))}"
            )
        return (
            Message("system", self.system.substitute(values).strip()),
            Message("user", self.user.substitute(values).strip()),
        )


def load_prompt(name: str, inputs: frozenset[str], shadow: Path | None = None) -> Prompt:
    """The prompt of this name: the reader's own from `shadow`, else the one that comes along.

    Raises PromptError when it cannot be read, or when the inputs it declares are not those
    it uses or not those it will be given.
    """
    places = [place for place in (shadow, folder()) if place is not None]
    path = next((file for place in places if (file := place / f"{name}.md").is_file()), None)
    if path is None:
        raise PromptError(f"no prompt {name} in {places[0]}")
    try:
        text = path.read_text("utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as failure:
        raise PromptError(f"the prompt {path} cannot be read: {failure}") from failure
    return parse_prompt(name, text, inputs, str(path))


def parse_prompt(name: str, text: str, inputs: frozenset[str], path: str) -> Prompt:
    """A prompt from its text; raises PromptError as `load_prompt` does."""
    parts = _PARTS.match(text)
    if parts is None:
        raise PromptError(
            f"the prompt {path} is not in three parts",
            "front matter between +++ lines, then “# system”, then “# user”",
        )
    try:
        head = tomllib.loads(parts["head"])
        version, declared = str(head["version"]), frozenset(head["inputs"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as failure:
        raise PromptError(f"the front matter of the prompt {path} is wrong: {failure}") from failure
    system, user = Template(parts["system"]), Template(parts["user"])
    if not (system.is_valid() and user.is_valid()):
        raise PromptError(f"the prompt {path} has a stray $", "write $$ for a dollar sign")
    used = frozenset(system.get_identifiers()) | frozenset(user.get_identifiers())
    for other, whose in ((used, "uses"), (inputs, "is given")):
        if declared != other:
            raise PromptError(
                f"the prompt {path} declares {_listed(declared)} but {whose} {_listed(other)}",
                "make the inputs of its front matter agree",
            )
    body = f"{parts['system']}\n# user\n{parts['user']}"
    digest = hashlib.sha256(body.encode("utf-8")).hexdigest()[:12]
    return Prompt(
        PromptReference(name=name, version=version, digest=digest), declared, system, user
    )


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
