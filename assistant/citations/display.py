"""What is shown of an answer: its text so far, and its citation marks numbered by appearance."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.citations.claims import Mark
from assistant.citations.forms import Address, Group, resolve
from assistant.types.evidence import Evidence

_TAIL = 80
_LINE_HEAD = 16
_LONGEST_SPACE = 400


class Display:
    """The display text of an answer as it grows, and its marks.

    White space is held back until something follows it, and kept up to a length that a
    screen can use. `marks` are all citations so far; `order` are the numbers of the cited
    sources in the order in which their marks are numbered. `line` is the beginning of the
    line so far.
    """

    def __init__(self, evidence: Evidence) -> None:
        self.marks: list[Mark] = []
        self.order: list[int] = []
        self.line = ""
        self._evidence = evidence
        self._shown: list[str] = []
        self._length = 0
        self._space = ""
        self._tail = ""
        self._numbers: dict[str, int] = {}

    @property
    def text(self) -> str:
        """The display text so far."""
        self._shown = ["".join(self._shown)]
        return self._shown[0]

    @property
    def before(self) -> str:
        """The end of the text so far, held-back space included, as far as rules look back."""
        return self._tail + self._space

    @property
    def pieces(self) -> int:
        """How many pieces have been shown, for `since`."""
        return len(self._shown)

    def since(self, pieces: int) -> str:
        """What was shown after that many pieces."""
        return "".join(self._shown[pieces:])

    def white(self, char: str) -> None:
        """Take a character of white space."""
        room = char == "\n" or len(self._space) < _LONGEST_SPACE
        if self._length and room and not (char == "\n" and self._space.count("\n") > 1):
            self._space += char
        if char == "\n":
            self.line = ""
        elif len(self.line) < _LINE_HEAD:
            self.line += char

    def show(self, text: str) -> None:
        """Take text that stays as it is."""
        whole = self._space + text
        self._space = ""
        self._shown.append(whole)
        self._length += len(whole)
        self._tail = (self._tail + whole)[-_TAIL:]
        self.line = (self.line + text)[:_LINE_HEAD]

    def mark(self, groups: Sequence[Group]) -> None:
        """Show one mark for each paper of some groups, `[?]` for what does not exist."""
        addresses: list[Address] = []
        unknown: list[str] = []
        for group in groups:
            known, missing = resolve(group, self._evidence)
            unknown += missing
            for source, sentence in known:
                address = Address(source, sentence, self._number(source))
                if address not in addresses:
                    addresses.append(address)
        shown = dict.fromkeys(address.number for address in addresses)
        text = "".join(f"[{number}]" for number in shown) + ("[?]" if unknown else "")
        start = self._length + len(self._space)
        self.show(text)
        self.marks.append(Mark(start, self._length, tuple(addresses), tuple(unknown)))

    def _number(self, number: int) -> int:
        source = self._evidence.source(number)
        assert source is not None  # resolved before
        if source.paper.id not in self._numbers:
            self._numbers[source.paper.id] = len(self._numbers) + 1
            self.order.append(number)
        return self._numbers[source.paper.id]
