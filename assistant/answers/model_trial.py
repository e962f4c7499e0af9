"""Tries a chat model out: what works of all that an answer needs, in plain words."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

from assistant.answers.cost import MOST_THOUGHTS
from assistant.answers.trial_findings import (
    Finding,
    habits_of,
    judge_answer,
    judge_planted,
    planted,
)
from assistant.errors import CONTEXT_TOO_LONG, EMPTY_STREAM, EndpointError
from assistant.generation.base import (
    Finished,
    ModelTask,
    Piece,
    Reasoning,
    Voided,
    Waiting,
)
from assistant.generation.openai.endpoint import EndpointModel
from assistant.generation.truncation import OVERHEAD_TOKENS
from assistant.prompting.grounding import estimate_tokens, fence_token, render_sources
from assistant.prompting.prompts import NOT_ANSWERED, load_prompt
from assistant.replies.prompt_echo import PromptWords, words_of
from assistant.text.sentences import split_sentences
from assistant.types.answers import PromptReference
from assistant.types.events import Progress
from assistant.types.evidence import Evidence, Sentence, Source
from assistant.types.message import Message
from assistant.types.wire import WireRequest
from store.clean import clean_line
from store.types import Paper, Ranks
from store.value import Value

LONGEST_PROMPT = 9_000
"""Tokens of sources in the longest prompt of an answer; more need not be read whole."""

_MOST_OUT = 300
_QUESTION = "How many sensors does the Corvid buoy carry?"
_PAPERS = (
    (
        "The Corvid buoy",
        "Buoys are hard to reach in winter. The Corvid buoy carries 14 sensors.",
    ),
    ("Moss on roofs", "Moss grows on the north side of roofs. It dries out within three days."),
)
_WORDS = (
    *("heron", "copper", "lantern", "walnut", "saddle", "violet", "pepper", "anchor", "meadow"),
    *("basket", "cobalt", "thimble", "orchard", "pigeon", "ribbon", "tundra", "velvet", "zipper"),
)
_INPUTS = frozenset({"sources", "refusal", "token", "question"})


class TrialReport(Value):
    """What a trial came to; tokens and seconds are of the short question.

    `works` is True when the model cites, and reads prompts whole.
    """

    model: str
    base_url: str
    id: str
    models: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    answer: str = ""
    prompt: PromptReference | None = None
    seconds_to_first: float | None = None
    seconds: float | None = None

    @property
    def works(self) -> bool:
        """True when nothing that an answer needs was found wanting."""
        needed = ("cites", "long prompts")
        return all(one.works is not False for one in self.findings if one.name in needed)


@dataclass
class _Heard:
    """What came of one question; times are seconds since it was asked."""

    text: str = ""
    thoughts: int = 0
    pieces: int = 0
    first: float | None = None
    seconds: float = 0.0
    ending: Finished = field(default_factory=lambda: Finished("stop"))


class Trial:
    """A trial of one model; `id` is its name at the server, `prompts` the reader's own ones."""

    def __init__(self, model: EndpointModel, id: str, prompts: Path | None = None) -> None:
        self._model = model
        self._id = id
        self._prompt = load_prompt("answer", _INPUTS, prompts)

    async def run(
        self, *, long_prompt: bool = True
    ) -> AsyncGenerator[Progress | Finding | TrialReport, None]:
        """Try everything, one finding after another; the last is the report.

        Raises EndpointError when the short question gets no answer.
        """
        findings: list[Finding] = []
        offered, listed = await self._listed()
        findings.append(listed)
        yield listed
        await self._model.get_ready()
        yield Progress(text="asking a short question")
        heard = _Heard()
        evidence, messages, words = self._short_prompt()
        async for line in self._ask(messages, heard):
            yield line
        seen = (*_observed(heard, messages), *habits_of(self._model.habits))
        for finding in (*judge_answer(heard.text, evidence, words), *seen):
            findings.append(finding)
            yield finding
        if long_prompt:
            yield Progress(text="asking with the longest prompt there may be")
            finding = Finding(name="long prompts", works=None, about="")
            async for step in self._read_whole():
                if isinstance(step, Finding):
                    finding = step
                yield step
            findings.append(finding)
        yield TrialReport(
            model=self._model.name,
            base_url=self._model.address.url,
            id=self._id,
            models=offered,
            findings=tuple(findings),
            answer=clean_line(heard.text),
            prompt=self._prompt.reference,
            seconds_to_first=heard.first,
            seconds=heard.seconds,
        )

    async def first_request(self) -> WireRequest:
        """The short question as it would be sent; nothing is."""
        _, messages, _ = self._short_prompt()
        return await self._model.request_for(_task(messages))

    async def _listed(self) -> tuple[tuple[str, ...], Finding]:
        try:
            models = await self._model.list_models()
        except EndpointError as failure:
            about = f"no list of models: {failure.message}"
            return (), Finding(name="models", works=None, about=about)
        shown = ", ".join(models[:8]) + (f" and {len(models) - 8} more" if len(models) > 8 else "")
        has = self._id in models or f"{self._id}:latest" in models
        about = f"the server has {shown}" if models else "the server lists no model"
        if models and not has:
            about += f"; {self._id} is not among them"
        return models, Finding(name="models", works=has if models else None, about=about)

    def _short_prompt(self) -> tuple[Evidence, tuple[Message, ...], PromptWords]:
        evidence = Evidence(sources=tuple(_source(n, *one) for n, one in enumerate(_PAPERS, 1)))
        token = fence_token(evidence.sources)
        messages = self._prompt.fill(
            sources=render_sources(evidence.sources, token),
            refusal=NOT_ANSWERED,
            token=token,
            question=_QUESTION,
        )
        return evidence, messages, words_of(messages, token, _QUESTION, sources=True)

    async def _read_whole(self) -> AsyncGenerator[Progress | Finding, None]:
        """Plant a word at both ends of a prompt of full length, and ask for both."""
        room = self._model.context_tokens - ModelTask.max_output_tokens
        size = min(room, LONGEST_PROMPT + OVERHEAD_TOKENS)
        words = secrets.SystemRandom().sample(_WORDS, 2)
        messages = planted(words[0], words[1], size)
        heard = _Heard()
        try:
            async for line in self._ask(messages, heard):
                yield line
        except EndpointError as failure:
            about = f"a prompt of about {size} tokens fails: {failure.message}"
            if failure.code in (CONTEXT_TOO_LONG, EMPTY_STREAM):
                about += "; set a smaller context_tokens, or give the server a longer context"
            yield Finding(name="long prompts", works=False, about=about)
            return
        yield judge_planted(heard.text, (words[0], words[1]), messages, heard.ending.input_tokens)

    async def _ask(
        self, messages: tuple[Message, ...], heard: _Heard
    ) -> AsyncGenerator[Progress, None]:
        now = asyncio.get_running_loop().time
        begun = now()
        async with aclosing(self._model.stream(_task(messages))) as parts:
            async for part in parts:
                match part:
                    case Piece(text):
                        heard.text += text
                        heard.pieces += 1
                        heard.first = now() - begun if heard.first is None else heard.first
                    case Reasoning(text):
                        heard.thoughts += len(text)
                    case Voided(why):
                        heard.thoughts += len(heard.text)
                        heard.text = ""
                        yield Progress(text=why)
                    case Waiting(text):
                        yield Progress(text=clean_line(text))
                    case Finished():
                        heard.ending = part
        heard.seconds = now() - begun


def _task(messages: tuple[Message, ...]) -> ModelTask:
    return ModelTask(
        "trial",
        _QUESTION,
        messages,
        max_output_tokens=_MOST_OUT,
        more_output_tokens=MOST_THOUGHTS,
    )


def _observed(heard: _Heard, messages: tuple[Message, ...]) -> tuple[Finding, ...]:
    """What was seen of a stream besides its words."""
    streams: bool | None = heard.pieces > 1
    how = f"the answer came in {heard.pieces} pieces"
    if heard.pieces == 1:
        quick = heard.seconds < 1.0
        streams = None if quick else False
        how = "the answer came in one piece, " + (
            "too quickly to tell" if quick else "as from a server or a proxy that holds it back"
        )
    ending = heard.ending
    usage = ending.input_tokens is not None and ending.output_tokens is not None
    counted = "no token counts: quire estimates them"
    if usage:
        about = sum(estimate_tokens(one.content) for one in messages)
        counted = (
            f"{ending.input_tokens} tokens in, {ending.output_tokens} out"
            f" (quire's estimate of the prompt: {about})"
        )
    thinks = heard.thoughts > 0
    aloud = f"thinks aloud ({heard.thoughts} characters), which is shown apart from the answer"
    return (
        Finding(name="streams", works=streams, about=how),
        Finding(name="usage", works=usage, about=counted),
        Finding(
            name="reasoning",
            works=True if thinks else None,
            about=aloud if thinks else "sends no reasoning",
        ),
    )


def _source(number: int, title: str, abstract: str) -> Source:
    heading = Sentence(index=0, start=0, end=len(title), text=title)
    sentences = tuple(
        Sentence(index=index, start=start, end=end, text=abstract[start:end])
        for index, (start, end) in enumerate(split_sentences(abstract), 1)
    )
    paper = Paper(id=f"t{number}", title=title, abstract=abstract, content_hash="", added_at="")
    return Source(
        number=number, paper=paper, sentences=(heading, *sentences), score=1.0, ranks=Ranks()
    )
