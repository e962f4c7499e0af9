"""Running the stream of an answer to its end, on a terminal, in a pipe, or as JSON."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from assistant.answers.account_words import account
from assistant.cli.answer_codes import code_of
from assistant.cli.answer_writer import AnswerWriter, write_answer
from assistant.cli.frame import Frame
from assistant.cli.progress import ProgressLine, ThinkingWriter
from assistant.cli.render import ClaimsBlock, last_line, sources_block
from assistant.cli.shapes import EventShapes, Shape, answer_shape
from assistant.cli.signals import run
from assistant.errors import EndpointError, Exit, RecordMissing
from assistant.types.answers import Answer
from assistant.types.events import (
    AnswerDone,
    AnswerWhole,
    AskedAgain,
    ClaimChecked,
    ClaimJudged,
    Event,
    EvidenceFound,
    Progress,
    TextDelta,
    Thinking,
)
from store.clean import clean_line
from store.wording import counted

if TYPE_CHECKING:
    from assistant.cli.document_file import DocumentFile
    from assistant.workspace.workspace import Workspace
    from store.errors import StoreError

EXTRACTIVE_LINE = (
    "extractive: these are sentences of the abstracts, chosen and not written; nothing left this"
    " machine. To have a model write: quire models add --local finds servers on this machine; or"
    " set OPENAI_BASE_URL (Ollama: http://127.0.0.1:11434/v1)"
    " and -m MODEL, or OPENAI_API_KEY and -m openai:MODEL; your question and the abstracts found"
    " are then sent there"
)
Streams = Callable[["Workspace"], Awaitable[AsyncGenerator[Event, None]]]
"""Makes the stream of an answer, once there is a workspace."""


class Output:
    """How an answer reaches stdout."""

    def __init__(self, frame: Frame, *, stream: bool = True, usage: bool = False) -> None:
        self._frame = frame
        self._stream = stream and not frame.json
        self._usage = usage
        self._writer = AnswerWriter(frame)
        self._claims = ClaimsBlock(frame)
        self._is_whole = False
        self._thoughts = ThinkingWriter(frame)
        self._shapes = EventShapes()
        self._bar: ProgressLine | None = None
        self._done_share: float | None = None
        self.held: Shape | None = None

    def begin(self) -> None:
        """Say on a terminal that something happens, until something else is there to see."""
        self._wait("searching the library…")

    def _wait(self, line: str) -> None:
        # Over text that stands on the terminal nothing is drawn.
        if not self._writer.has_begun:
            self._frame.wait(line)

    def _share(self) -> float | None:
        return self._done_share

    def _progress(self, event: Progress) -> None:
        """A line, or how many parts are done, on a terminal alone."""
        if event.done is None:
            self._end_bar()
            self._writer.pause()
            self._frame.narrate(event.text)
            self._wait("waiting for the model…")
            return
        # A part is done, and its sentences are checked: the heading of the next may be written. It
        # shows how far it has come from then on, since a bar would be drawn over the text.
        if self._stream and self._writer.settle():
            return
        self._done_share = event.done / event.total if event.total else None
        if self._bar is None:
            quiet = self._frame.quiet
            self._bar = ProgressLine(quiet=quiet, what=event.unit, share=self._share)
        self._bar.advance(event.done)

    def _end_bar(self) -> None:
        if self._bar is not None:
            self._bar.end()

    def event(self, event: Event) -> None:
        """Take one event of the stream."""
        if self._frame.jsonl:
            for shape in self._shapes(event):
                self._frame.document(shape, indent=None)
        if not isinstance(event, Thinking):
            self._thoughts.end()
        match event:
            case EvidenceFound():
                if self._frame.verbose:
                    evidence = event.evidence
                    self._frame.tell(
                        f"{len(evidence.sources)} of {evidence.considered} sources read"
                    )
                self._wait(f"reading {counted(len(event.evidence.sources), 'paper')}…")
            case TextDelta():
                if self._stream:
                    self._end_bar()
                    self._writer.text(event.text)
            case ClaimChecked():
                if self._stream:
                    self._writer.claim(event.claim)
            case AnswerWhole():
                if self._stream:
                    # All of the text stands there before a model is asked about it.
                    self._end_bar()
                    self._writer.end(event.answer)
                    self._is_whole = True
                    self._claims.judge = clean_line(event.judge)
            case ClaimJudged():
                # Behind its sentence stands what its words alone said. Where nobody watches, the
                # lines wait for each other, and come in the order of alarm.
                if self._is_whole and self._frame.is_terminal:
                    self._claims.judged(event)
            case Thinking():
                self._thoughts.feed(event.text)
            case Progress():
                self._progress(event)
            case AskedAgain():
                self._end_bar()
                self._writer.begin_anew()
                self._frame.tell(f"note: {event.why}")
                self._wait("waiting for the model…")
            case AnswerDone():
                self._end_bar()
                self._done(event.answer)
            case _:
                assert_never(event)

    def _done(self, answer: Answer) -> None:
        if self._frame.jsonl:
            return
        if self._frame.json:
            self.held = answer_shape(answer)
            return
        if not self._stream:
            write_answer(self._frame, answer, usage=self._usage)
            return
        if not self._is_whole:
            self._writer.end(answer)
        self._claims.end(answer)
        sources_block(self._frame, answer)
        last_line(self._frame, account(answer, full=self._usage))


def run_answer(
    frame: Frame,
    model: str | None,
    streams: Streams,
    output: Output,
    *,
    record: Path | None = None,
    check: bool | None = None,
    is_judging: bool = False,
    document: DocumentFile | None = None,
) -> None:
    """Open the library and the model, run one stream, and set the exit code.

    Replies of the model are added to the file `record`, the answer is written to `document` too.
    `check` is whether a check was asked for: one that quire began by itself fails without a fault
    of the answer. With `is_judging` the
    stream is the check of an answer that was there: one that had been cut is judged in part, and
    no failure of now.
    """
    try:
        answer, unwritten = run(frame, _run(frame, model, streams, output, record, document))
    except (EndpointError, RecordMissing, KeyboardInterrupt):
        # One document tells both: what went wrong, and what there is of an answer.
        frame.partial = output.held
        raise
    frame.exit_code = code_of(answer, is_check_asked=frame.asks_to_check(check))
    if is_judging and frame.exit_code == Exit.ENDPOINT:
        frame.exit_code = Exit.PARTLY
        frame.tell(f"note: only what came of this answer was judged: it was {answer.outcome}")
    error: Shape = {}
    if frame.exit_code == Exit.ENDPOINT:
        message = answer.note or f"the model's answer was {answer.outcome}"
        error = {"error": {"code": answer.outcome, "message": message, "hint": ""}}
        frame.tell(f"error: {message}")
    elif answer.replaced:
        from assistant.generation.base import replaced_words

        frame.tell(f"note: {replaced_words(answer.replaced)}; ask again, or another server")
    if unwritten is not None:
        frame.partial = {**(output.held or {}), **error}
        raise unwritten
    if output.held is not None:
        frame.document({**error, **output.held})


def _extractive_line(embeds_at: str | None) -> str:
    if embeds_at is None:
        return EXTRACTIVE_LINE
    sent = f"only the question was sent to {embeds_at}, for its vector"
    return EXTRACTIVE_LINE.replace("nothing left this machine", sent)


async def _run(
    frame: Frame,
    model: str | None,
    streams: Streams,
    output: Output,
    record: Path | None,
    document: DocumentFile | None,
) -> tuple[Answer, StoreError | None]:
    """The answer, and why it could not be written as a document."""
    from assistant.workspace.workspace import open_workspace

    async def keep(came: Answer | None) -> StoreError | None:
        return None if came is None or document is None else await document.keep(workspace, came)

    async def keep_part(came: Answer | None) -> None:
        """What ended the answer is the failure that is told; this one is a note beside it."""
        if unwritten := await keep(came):
            frame.tell(f"note: {unwritten.message}. {unwritten.hint}")

    workspace = await open_workspace(frame.folder, model, frame.settings, frame.narrate, record)
    answer: Answer | None = None
    unwritten: StoreError | None = None
    left: BrokenPipeError | None = None
    try:
        await workspace.catch_up_briefly()
        async with aclosing(await streams(workspace)) as events:
            output.begin()
            async for event in events:
                if isinstance(event, AnswerDone):
                    answer = event.answer
                try:
                    if left is None:
                        output.event(event)
                except BrokenPipeError as failure:
                    # Who reads stdout has left; the file is wanted all the same.
                    if document is None or not document.is_named:
                        raise
                    left = failure
        unwritten = await keep(answer)
        if left is not None:
            raise unwritten or left
        frame.note_trouble(workspace.trouble)
        if workspace.is_extractive and not (answer and answer.judged_by):
            frame.narrate(_extractive_line(workspace.embeds_at))
    except asyncio.CancelledError:
        if workspace.stopped is not None:
            output.event(AnswerDone(answer=workspace.stopped))
        await keep_part(workspace.stopped)
        raise
    except (EndpointError, RecordMissing):
        await keep_part(answer)
        raise
    finally:
        frame.end_waiting()
        await workspace.aclose()
    if answer is None:
        raise AssertionError("a stream ends with its answer")
    return answer, unwritten
