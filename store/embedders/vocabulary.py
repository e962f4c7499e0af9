"""The vocabulary of the built-in embedder, which splits a few words without its tokenizer.

The tokenizer takes 0.1 CPU seconds to read, most of them for 61 249 pairs of pieces that may be
joined. Of the one file that wordllama has carried, these pairs follow from the vocabulary: all
two pieces whose joined text is a piece, in the order of the number of that piece, then of the
first and of the second. So a question is split by the vocabulary alone.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path

SPACE = "▁"
"""The sign that stands for the space before a word."""
MARKS = (SPACE, "<unk>", "<s>", "</s>")
"""What makes the words of a text depend on each other: such a text is for the tokenizer."""
LONGEST = 40
"""Characters of the longest word that is split here: the work grows with their square."""
_BYTES, _CRC = 1_842_796, 1_068_455_936
"""Length and CRC-32 of the tokenizer's file whose pairs follow from its vocabulary."""
_BEGINNING, _END = b'"vocab":', b'"merges"'


class Vocabulary:
    """The pieces of words with their numbers, by which words are split as the tokenizer does.

    Byte-pair encoding (Sennrich et al. 2016): of all neighbours that may be joined those that
    come first are, the leftmost of equal ones, until none is left. A character without a piece
    is taken as its UTF-8 bytes.
    """

    def __init__(self, pieces: dict[str, int]) -> None:
        self._pieces = pieces

    @classmethod
    def read(cls, file: Path) -> Vocabulary | None:
        """The vocabulary in a tokenizer's file; None for one whose pairs are not known to follow.

        Raises OSError.
        """
        data = file.read_bytes()
        if len(data) != _BYTES or zlib.crc32(data) != _CRC:
            return None
        part = data[data.index(_BEGINNING) + len(_BEGINNING) : data.index(_END)]
        return cls(json.loads(part.rstrip().removesuffix(b",")))

    def __len__(self) -> int:
        return len(self._pieces)

    def __contains__(self, piece: str) -> bool:
        return piece in self._pieces

    def split(self, word: str) -> list[int]:
        """The numbers of the pieces of a word; one that begins with a space holds `SPACE` first."""
        pieces = self._pieces
        parts: list[str] = []
        for sign in word:
            parts += [sign] if sign in pieces else [f"<0x{one:02X}>" for one in sign.encode()]
        while True:
            least: tuple[int, int, int] | None = None
            for at in range(len(parts) - 1):
                joined = pieces.get(parts[at] + parts[at + 1])
                if joined is None:
                    continue
                order = (joined, pieces[parts[at]], pieces[parts[at + 1]])
                if least is None or order < least:
                    least, first = order, at
            if least is None:
                return [pieces[one] for one in parts]
            parts[first : first + 2] = [parts[first] + parts[first + 1]]
