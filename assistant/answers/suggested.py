"""Questions that a collection can answer, made of its own titles."""

from __future__ import annotations

import asyncio

from assistant.answers.context import AnswerContext
from assistant.answers.prepare import prepare
from assistant.answers.retrieve import retrieve
from assistant.retrieval.key_phrases import KeyPhrase, key_phrases
from assistant.types.questions import Question

SUGGESTED = 3
"""Questions that are suggested."""

_READ = 500
"""Papers whose titles are read; of a larger library so many, evenly spread."""
_TRIED = 10
"""Questions that are tried: each takes a search."""
_FORM = "What is known about {}?"


async def suggested_questions(context: AnswerContext) -> tuple[str, ...]:
    """At most three questions about what many papers are about, each answered from others.

    Every one was searched for, and speaks clearly to what was found, by the calibrated measure.
    Nothing is sent to a model; a library without such questions has fewer, or none.
    """
    phrases = await asyncio.to_thread(_phrases, context)
    found: list[str] = []
    for one in phrases[:_TRIED]:
        question = _FORM.format(one.text)
        if await _is_answered(context, question):
            found.append(question)
        if len(found) == SUGGESTED:
            break
    return tuple(found)


def _phrases(context: AnswerContext) -> tuple[KeyPhrase, ...]:
    texts = context.library.texts(context.library.sample(_READ))
    return key_phrases([one.title for one in texts.values()])


async def _is_answered(context: AnswerContext, text: str) -> bool:
    prepared = await prepare(context, Question(text=text), "question", sends=False)
    evidence = (await asyncio.to_thread(retrieve, context, prepared)).evidence
    return bool(evidence.sources) and evidence.answerable and evidence.sure
