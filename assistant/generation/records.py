"""What models replied, as a file that can be read, edited and replayed: JSON lines, one a request.

    {"quire_recording": 1, "stage": "answer", "question": "…", "text": "…", …}

A line says for which stage and question it was, by a digest which prompt it answered, and what
the numbers of its sources stood for: papers, with a digest of each sentence. It holds no key and
no address of a server. `stage`, `question` and `text` are enough where one is written by hand.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assistant.errors import WrongUse
from assistant.generation.base import ModelTask, Stage
from assistant.prompting.grounding import SAME_TOKEN
from store.clean import clean_line
from store.files import FILE_MODE
from store.value import Value

VERSION = 1
MOST_BYTES = 100_000_000
"""A larger file is no recording."""
SIMPLE_WINDOW = 16_000
"""The context of a model of which none is told, in tokens."""

_NAMED = 5
_DIGITS = 12
_MOST_TOKENS = 1_000_000_000


class RecordedSource(Value):
    """What a number stood for: a paper, and a digest of each sentence, the title first."""

    number: int
    id: str
    title: str = ""
    sentences: tuple[str, ...] = ()


class RecordedEnd(Value):
    """How a reply ended: as `Finished` says, by a failure with its code, or stopped by a reader.

    `detail` is what was said of it.
    """

    reason: Literal["stop", "length", "refused", "failed", "stopped"] = "stop"
    input_tokens: int | None = None
    output_tokens: int | None = None
    replaced: int = 0
    code: str = ""
    detail: str = ""


class Record(Value):
    """One reply of a model.

    `prompt` is a digest of the messages, `inputs` are digests of what stood in them beside
    question and sources; `window` is the context of the model in tokens.
    """

    quire_recording: Literal[1] = 1
    stage: Stage
    question: str
    prompt: str = ""
    model: str = ""
    window: int = SIMPLE_WINDOW
    sources: tuple[RecordedSource, ...] = ()
    inputs: tuple[str, ...] = ()
    thinking: str = ""
    text: str
    ended: RecordedEnd = RecordedEnd()


@dataclass(frozen=True)
class KeptRecord:
    """A record and the number of its line, from 1."""

    line: int
    record: Record


def record_of(
    task: ModelTask, model: str, window: int, text: str, thinking: str, ended: RecordedEnd
) -> Record:
    """A reply as it is recorded; the token of its fences stands as `SAME_TOKEN`."""
    return Record(
        stage=task.kind,
        question=_encodable(clean_line(task.question)),
        prompt=prompt_digest(task),
        model=model,
        window=window,
        sources=numbered(task),
        inputs=digests(task.inputs),
        thinking=_encodable(_with_fence(thinking, task.fence, SAME_TOKEN)),
        text=_encodable(_with_fence(text, task.fence, SAME_TOKEN)),
        ended=ended,
    )


def replayed_text(record: Record, task: ModelTask) -> str:
    """The text of a record as a reply to this task, whose fences have a token of their own."""
    return _with_fence(record.text, SAME_TOKEN, task.fence)


def prompt_digest(task: ModelTask) -> str:
    """A digest of the messages, whatever token their fences have."""
    texts = [[one.role, _with_fence(one.content, task.fence, SAME_TOKEN)] for one in task.messages]
    return _digest(json.dumps(texts), _DIGITS)


def numbered(task: ModelTask) -> tuple[RecordedSource, ...]:
    """What the numbers of a task's sources stand for."""
    return tuple(
        RecordedSource(
            number=one.number,
            id=one.paper.id,
            title=_encodable(clean_line(one.paper.title)),
            sentences=digests(sentence.text for sentence in one.sentences),
        )
        for one in task.evidence.sources
    )


def digests(texts: Iterable[str]) -> tuple[str, ...]:
    """A short digest of each text."""
    return tuple(_digest(one, 8) for one in texts)


def read_records(path: Path) -> tuple[KeptRecord, ...]:
    """All records of a file, in order.

    Raises WrongUse for a file that cannot be read, and names the lines that hold no record.
    """
    kept, wrong = [], []
    for number, line in enumerate(_bytes_of(path).split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            kept.append(KeptRecord(number, _record(line)))
        except (ValueError, RecursionError) as failure:
            wrong.append((number, failure))
    if wrong:
        numbers = ", ".join(str(number) for number, _ in wrong[:_NAMED])
        more = f" and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
        lines = f"line {numbers}" if len(wrong) == 1 else f"lines {numbers}{more}"
        why = wrong[0][1] if isinstance(wrong[0][1], _WrongRecord) else "it is damaged"
        raise WrongUse(
            f"{lines} of the recording {path} cannot be read: {why}",
            "take that line out, or record anew",
        )
    return tuple(kept)


class RecordFile:
    """A file that records are added to, each as soon as it is whole; it is there from now on.

    A file made here is for its owner alone. Raises WrongUse where it cannot be written, or
    holds something else.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if path.exists():
            read_records(path)
        self._append(b"")

    def add(self, record: Record) -> None:
        """Add a record in one write: another process may add its own."""
        self._append(record.model_dump_json().encode() + b"\n")

    def _append(self, line: bytes) -> None:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        try:
            with os.fdopen(os.open(self.path, flags, FILE_MODE), "r+b", buffering=0) as file:
                size = file.seek(0, os.SEEK_END)
                if line and size:
                    file.seek(size - 1)
                    # An editor may have left the last line without its end.
                    line = line if file.read(1) == b"\n" else b"\n" + line
                if line and file.write(line) != len(line):
                    raise OSError("no room for it")
        except OSError as failure:
            why = failure.strerror or failure
            raise WrongUse(f"the recording {self.path} cannot be written: {why}") from failure


class _WrongRecord(ValueError):
    """A line that is JSON, and no record of this version."""


def _record(line: bytes) -> Record:
    fields = json.loads(line.decode("utf-8"))
    if not isinstance(fields, dict) or "quire_recording" not in fields:
        raise _WrongRecord("it is no record of a model")
    if fields["quire_recording"] != VERSION:
        version = re.sub(r"\W+", " ", str(fields["quire_recording"]))[:20]
        raise _WrongRecord(f"it is of version {version}, and this quire reads version {VERSION}")
    record = Record.model_validate(fields)
    counts = (record.ended.input_tokens, record.ended.output_tokens, record.ended.replaced)
    if not all(0 <= (one or 0) <= _MOST_TOKENS for one in (*counts, record.window)):
        raise ValueError("a count that is none")
    return record


def _bytes_of(path: Path) -> bytes:
    try:
        if not path.exists():
            raise WrongUse(f"there is no recording {path}", "ask with --record FILE to make one")
        if not path.is_file():
            raise WrongUse(f"{path} is no file, so it is no recording")
        if path.stat().st_size > MOST_BYTES:
            raise WrongUse(f"{path} is too large for a recording")
        return path.read_bytes()
    except OSError as failure:
        why = failure.strerror or failure
        raise WrongUse(f"the recording {path} cannot be read: {why}") from failure


def _with_fence(text: str, token: str, other: str) -> str:
    return text.replace(token, other) if token and other else text


def _encodable(text: str) -> str:
    """A text without halves of surrogate pairs, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _digest(text: str, digits: int) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:digits]
