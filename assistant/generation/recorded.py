"""A model that says again what a recording holds; nothing is sent."""

from __future__ import annotations

import asyncio
import difflib
import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from assistant.errors import EndpointError, RecordMissing
from assistant.generation.base import Finished, ModelPart, ModelTask, Piece, Reasoning, Waiting
from assistant.generation.records import (
    SIMPLE_WINDOW,
    KeptRecord,
    Record,
    RecordedSource,
    digests,
    numbered,
    prompt_digest,
    replayed_text,
)
from assistant.generation.renumbering import line_of, moved, renumbered
from store.clean import clean_line, shorten
from store.pattern import pattern
from store.types import Narrate

REWORDED = "note: the prompt is worded otherwise than at the recording: what came then is said"
OTHER_SOURCES = (
    "note: the sources are others, or in another order, than at the recording: citations are"
    " numbered anew"
)
_PIECE = pattern(r"\S+\s*|\s+")
_SHOWN = 120


@dataclass(frozen=True)
class Replay:
    """The record that answers a task, its text as a reply to that task, and what is to be said.

    `is_same` says that the prompt is the one of the recording.
    """

    record: Record
    text: str
    note: str = ""
    is_same: bool = False


class RecordedModel:
    """Replies with records of a file, in pieces.

    `narrate` takes lines on what differs from the recording.
    """

    is_extractive = False

    def __init__(self, name: str, kept: Sequence[KeptRecord], narrate: Narrate) -> None:
        self.name = name
        self._kept = kept
        self._narrate = narrate

    @property
    def context_tokens(self) -> int:
        """The window of the model that was recorded last."""
        return self._kept[-1].record.window if self._kept else SIMPLE_WINDOW

    async def get_ready(self) -> None:
        """The window stands in the recording."""

    async def stream(self, task: ModelTask) -> AsyncGenerator[ModelPart, None]:
        """The recorded reply to a task.

        Raises RecordMissing where there is none, and the EndpointError that ended it.
        """
        found = await asyncio.to_thread(replay, self._kept, task, self.name)
        if found.note:
            self._narrate(found.note)
            yield Waiting(found.note)
        if found.record.thinking:
            yield Reasoning(found.record.thinking)
        for piece in _PIECE.findall(found.text):
            yield Piece(piece)
            await asyncio.sleep(0)  # as from a server: others have their turn
        yield _ending(found)

    async def aclose(self) -> None:
        """Nothing is open."""


def replay(kept: Sequence[KeptRecord], task: ModelTask, name: str) -> Replay:
    """The record for a task: by stage and question first, the prompt second; of several the last.

    Where the prompt is another, one from the same sources is taken, then one that cites only
    papers which are there. A check judges statements: with others it is none. Raises
    RecordMissing, with the nearest record.
    """
    asked = [one for one in reversed(kept) if _is_asked(one.record, task)]
    prompt = prompt_digest(task)
    for one in asked:
        if one.record.prompt == prompt:
            return Replay(one.record, replayed_text(one.record, task), is_same=True)
    sources, inputs = numbered(task), digests(task.inputs)
    for one in asked:
        if _is_from(one.record, sources, inputs):
            return Replay(one.record, replayed_text(one.record, task), REWORDED)
    gone: tuple[RecordedSource, ...] = ()
    if task.kind == "all" and asked:
        text, gone = _paper_by_paper([one.record for one in asked], sources)
        if not gone:
            return Replay(asked[0].record, text, OTHER_SOURCES)
    elif task.kind != "check":
        for one in asked:
            said = replayed_text(one.record, task)
            text, gone = renumbered(said, one.record.sources, sources, task.evidence)
            if not gone:
                return Replay(one.record, text, OTHER_SOURCES)
    raise _missing(kept, task, name, asked[0] if asked else None, gone)


def _is_asked(record: Record, task: ModelTask) -> bool:
    return record.stage == task.kind and _folded(record.question) == _folded(task.question)


def _folded(question: str) -> str:
    """A question as it is compared: in one line, and without regard to case."""
    return clean_line(question).casefold()


def _is_from(record: Record, sources: Sequence[RecordedSource], inputs: Sequence[str]) -> bool:
    """Whether a record is from these; one written by hand may leave open from what it is."""
    was_given = [(one.number, one.sentences) for one in record.sources]
    is_given = [(one.number, one.sentences) for one in sources]
    return was_given in ([], is_given) and record.inputs in ((), tuple(inputs))


def _paper_by_paper(
    records: Sequence[Record], sources: Sequence[RecordedSource]
) -> tuple[str, tuple[RecordedSource, ...]]:
    """The lines on these papers from whichever record has them, and the papers that none has."""
    lines, gone = [], []
    for source in sources:
        for record in records:
            number = moved([source], record.sources).get(source.number)
            if number is not None:
                lines.append(line_of(record.text, number, source.number))
                break
        else:
            gone.append(source)
    return "\n".join(filter(None, lines)), tuple(gone)


def _missing(
    kept: Sequence[KeptRecord],
    task: ModelTask,
    name: str,
    asked: KeptRecord | None,
    gone: Sequence[RecordedSource],
) -> RecordMissing:
    """What is missing, and which record comes nearest."""
    what = f"{name} has no record of the stage {task.kind} for “{_shown(task.question)}”"
    if not kept:
        return RecordMissing(f"{what}: it holds none", _RECORD_IT)
    if asked is None:
        near = max(kept, key=lambda one: _nearness(one.record, task))
        record = near.record
        where = f"line {near.line}: {record.stage} for “{_shown(record.question)}”"
        return RecordMissing(f"{what}; the nearest is {where}", _RECORD_IT)
    if gone:
        title = f"“{_shown(gone[0].title or gone[0].id)}”"
        cites = f"it cites {title}, which is not among the sources"
        why = f"{title} is not among its papers" if task.kind == "all" else cites
    else:
        why = "it judges other statements"
    return RecordMissing(
        f"{what} as it is now; the nearest is line {asked.line}: {why}", _RECORD_IT
    )


_RECORD_IT = "ask a model with --record FILE to add it"


def _nearness(record: Record, task: ModelTask) -> tuple[float, bool]:
    """How near the question is, the same stage before others."""
    one, other = _folded(record.question)[:_SHOWN], _folded(task.question)[:_SHOWN]
    matcher = difflib.SequenceMatcher(None, one, other)
    ratio = matcher.ratio()
    return ratio + (record.stage == task.kind), ratio == 1


def _shown(text: str) -> str:
    return shorten(re.sub(r"\s+", " ", text), _SHOWN)


def _ending(found: Replay) -> Finished:
    """How the record ended; raises the EndpointError that ended it."""
    ended = found.record.ended
    if ended.reason == "failed" or ended.reason == "stopped":
        stopped = ended.reason == "stopped"
        why = "the recorded answer was stopped there" if stopped else ended.detail or ended.code
        failure = _failures().get(ended.code, EndpointError)(f"as recorded: {why}")
        failure.code = ended.code or failure.code
        raise failure
    return Finished(
        ended.reason,
        # Another prompt has another number of tokens: it would be taken for one that was cut.
        ended.input_tokens if found.is_same else None,
        ended.output_tokens if found.is_same else None,
        ended.detail,
        ended.replaced,
    )


def _failures() -> dict[str, type[EndpointError]]:
    kinds: list[type[EndpointError]] = [EndpointError, *EndpointError.__subclasses__()]
    return {one.code: one for one in kinds}
