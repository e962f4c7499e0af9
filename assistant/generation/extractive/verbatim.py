"""Words of a source as an answer repeats them."""

from __future__ import annotations

from re import Match

from assistant.citations.forms import find_group
from assistant.prompting.grounding import unaddressed
from assistant.text.sentences import split_sentences
from store.pattern import pattern

_BRACKETS = pattern(r"[\[\]【】［］]|[(（]")
_SPACE = pattern(r"\s+")


def verbatim(text: str) -> str:
    """A sentence on one line, its brackets escaped so that none is read as a citation.

    A mark of its own, like "[2]", gets round brackets: a reader would take it for one of ours.
    """
    line = _SPACE.sub(" ", unaddressed(text)).strip()

    def escaped(found: Match[str]) -> str:
        may_cite = found.group() not in "(（" or find_group(line, found.start(), final=True)
        return f"\\{found.group()}" if may_cite else found.group()

    return _BRACKETS.sub(escaped, line)


def addressed(text: str, number: int, index: int) -> str:
    """The words of a source behind which its address stands, as `verbatim` writes them.

    A title may hold a full stop: read as two sentences, each has the address.
    """
    line = verbatim(text)
    return " ".join(f"{line[start:end]} [{number}.{index}]" for start, end in split_sentences(line))


def headed(head: str, rest: str) -> str:
    """What follows a title with its address: another sentence, so the title ends before it."""
    _, _, before = head.rpartition(" [")[0].rpartition(" ")
    stop = "" if before.endswith((".", "?", "!")) else "."
    return f"{head}{stop} {rest}"
