"""The request for a text that is written from one prompt."""

from __future__ import annotations

from dataclasses import replace

from assistant.answers.context import AnswerContext
from assistant.answers.stages import GroundedPrompt
from assistant.generation.base import ModelTask
from assistant.prompting.prompts import NOT_ANSWERED
from assistant.types.message import Message


def request_of(grounded: GroundedPrompt, fence: str) -> ModelTask:
    """The request for the whole text, its prompt's fences marked by a token."""
    retrieved = grounded.retrieved
    return ModelTask(
        kind="answer" if grounded.prepared.way == "question" else "summary",
        question=retrieved.standalone,
        messages=grounded.messages(fence),
        evidence=grounded.evidence,
        parts=retrieved.parts,
        max_sentences=retrieved.max_sentences,
        max_output_tokens=retrieved.max_output_tokens,
        fence=fence,
    )


def asking_to_cite(context: AnswerContext, task: ModelTask) -> ModelTask:
    """The same request with a line on what was missing, and the marker as the other way out."""
    (source, *_) = task.evidence.sources
    address = f"{source.number}.{source.sentences[-1].index}"
    _, line = context.prompt("uncited").fill(address=address, refusal=NOT_ANSWERED)
    *before, last = task.messages
    asked = Message(last.role, f"{last.content}\n\n{line.content}")
    return replace(task, messages=(*before, asked))
