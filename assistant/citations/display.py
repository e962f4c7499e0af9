"""What is shown of an answer: its text so far, and its citation marks numbered by appearance."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.citations.forms import Group, Item
from assistant.types.citations import Address, Mark
from assistant.types.evidence import Evidence

_TAIL, _LONGEST_SPACE = 200, 400  # characters


class Display:
    """The display text of an answer as it grows, and its marks.

    `marks` are all citations so far, `cited` their addresses, `order` the sources of the cited
    papers by id, as their marks are numbered; `begins_line` where nothing stands on the line.
    """

    def __init__(self, evidence: Evidence) -> None:
        self.marks: list[Mark] = []
        self.order: dict[str, int] = {}
        self.cited: set[Item] = set()
        self._evidence = evidence
        self._shown: list[str] = []
        self._length = self._taken = 0
        self._space = self._tail = ""
        self.begins_line = True

    @property
    def text(self) -> str:
        """The display text so far."""
        return "".join(self._shown)

    @property
    def before(self) -> str:
        """The end of the text so far, held-back space included, as far as rules look back."""
        return self._tail + self._space

    @property
    def line(self) -> str:
        """The line so far, or its end."""
        return self.before.rpartition("\n")[2]

    def white(self, char: str) -> None:
        """Take a character of white space, or none; it is held back until something follows."""
        room = char == "\n" or len(self._space) < _LONGEST_SPACE
        if self._length and room and not (char == "\n" and self._space.count("\n") > 1):
            self._space += char
        self.begins_line = self.begins_line or char == "\n"

    def show(self, text: str) -> None:
        """Take text that stays as it is."""
        whole, self._space, self.begins_line = self._space + text, "", False
        self._shown.append(whole)
        self._length += len(whole)
        self._tail = (self._tail + whole)[-_TAIL:]

    def take(self) -> str:
        """What was shown since this was last asked for."""
        taken, self._taken = self._taken, len(self._shown)
        return "".join(self._shown[taken:])

    def mark(self, groups: Sequence[Group]) -> None:
        """Show one mark for each paper of some groups, `[?]` for what does not exist."""
        addresses: dict[Address, None] = {}
        unknown: list[str] = []
        for group in groups:
            known, missing = group.resolve(self._evidence)
            self.cited.update(known)
            unknown += missing
            addresses |= {Address(one, index, self._number(one)): None for one, index in known}
        shown = dict.fromkeys(address.number for address in addresses)
        start = self._length + len(self._space)
        self.show("".join(f"[{number}]" for number in shown) + ("[?]" if unknown else ""))
        self.marks.append(Mark(start, self._length, tuple(addresses), tuple(unknown)))

    def _number(self, number: int) -> int:
        source = self._evidence.source(number)
        assert source is not None  # resolved before
        self.order.setdefault(source.paper.id, number)
        return list(self.order).index(source.paper.id) + 1
