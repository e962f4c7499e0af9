"""What was learned of one model and its server."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Literal, Protocol

from store.value import Value

ASSUMED_WINDOW = 16_000
"""Tokens of context where neither the reader nor the server states any: what most models had in
2023, and less than those of today."""

HabitName = Literal["parameters", "system role", "thinking", "leaked tokens", "context"]


class Habit(Value):
    """A habit of a model or its server, and what is done about it, in one line."""

    name: HabitName
    about: str


_KEPT = ("folds_system", "unopened", "thinks_long")


class Memory(Protocol):
    """Where the habits of one model are kept from one program to the next; for a thread."""

    def read(self) -> str:
        """What was written last, empty for nothing."""
        ...

    def write(self, text: str) -> None:
        """Keep a text in place of the last."""
        ...


@dataclass
class Habits:
    """The habits of a model, learned from what its server refused, sent and stated.

    `configured` is the window that the reader set, `window` the one that the server stated,
    `trained` the longest it may have. `output_cap` are the most tokens of an answer that the
    server takes. `unopened` says that thoughts come without their opening tag, `thinks_long`
    that they took all the tokens of an answer once. `omitted` are the parameters that the
    server does not take.
    """

    configured: int | None = None
    window: int | None = None
    trained: int | None = None
    window_from: str = ""
    output_cap: int | None = None
    token_name: str = "max_tokens"  # noqa: S105
    omitted: set[str] = field(default_factory=set)
    folds_system: bool = False
    unopened: bool = False
    thinks_long: bool = False
    leaves_marks: bool = False

    def memory(self) -> str:
        """What is worth keeping for the next time, as JSON: what else costs a request, or a text
        that is void. All else is learned anew, for servers change."""
        return json.dumps({name: getattr(self, name) for name in _KEPT})

    def recall(self, memory: str) -> None:
        """Take what was kept."""
        try:
            kept = dict(json.loads(memory))
        except (ValueError, TypeError, RecursionError):
            return
        for name in _KEPT:
            setattr(self, name, getattr(self, name) or kept.get(name) is True)

    @property
    def known_window(self) -> int | None:
        """The window as far as it is known: an overflow is believed more than a setting."""
        if self.configured is not None and self.window_from == OVERFLOW and self.window:
            return min(self.configured, self.window)
        return self.configured or self.window

    @property
    def context_tokens(self) -> int:
        """The window that prompts are made for."""
        assumed = min(ASSUMED_WINDOW, self.trained or ASSUMED_WINDOW)
        return self.known_window or assumed

    def state(self, window: int | None, trained: int | None, source: str) -> None:
        """Take what a server states of its window."""
        if window is not None:
            self.window, self.window_from = window, source
        if trained is not None:
            self.trained = trained

    def told(self) -> tuple[Habit, ...]:
        """The habits that were met, each with what is done about it."""
        found: list[Habit] = []
        if self.folds_system:
            about = "its template takes no system message: the rules go into the user's message"
            found.append(Habit(name="system role", about=about))
        changes = [f"{name} is left out" for name in sorted(self.omitted)]
        if self.token_name not in ("max_tokens", *self.omitted):
            changes.append(f"{self.token_name} is sent for max_tokens")
        if self.output_cap is not None:
            changes.append(f"at most {self.output_cap} tokens are asked for")
        if changes:
            found.append(Habit(name="parameters", about=f"refused some: {', '.join(changes)}"))
        if self.unopened:
            about = "closes thoughts that it does not open: all before </think> is thought"
            found.append(Habit(name="thinking", about=about))
        if self.thinks_long:
            about = "thinks past the tokens of an answer: it is given more at once"
            found.append(Habit(name="thinking", about=about))
        if self.leaves_marks:
            about = "leaves its channels or special tokens in the text: they are taken out"
            found.append(Habit(name="leaked tokens", about=about))
        return (*found, Habit(name="context", about=self._context()))

    def _context(self) -> str:
        tokens = f"{self.context_tokens} tokens"
        if self.configured is not None and self.context_tokens == self.configured:
            stated = f"; the server states {self.window}" if self.window else ""
            return f"{tokens}, as the configuration says{stated}"
        if self.window is not None:
            return f"{tokens}, {self.window_from}: prompts are made to fit"
        return f"{tokens} are assumed, for the server states none; set context_tokens for more"


OVERFLOW = "as the server said when a prompt was too long"
"""Where a window is from that an error stated."""
