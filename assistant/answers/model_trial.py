"""Tries a chat model out: what works of all that an answer needs, in plain words."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

from assistant.answers.cost import MOST_THOUGHTS
from assistant.citations.parser import CitationReader
from assistant.errors import EndpointError
from assistant.generation.base import (
    Finished,
    ModelTask,
    Piece,
    Reasoning,
    Voided,
    Waiting,
)
from assistant.generation.openai.endpoint import EndpointModel
from assistant.generation.openai.failures import CONTEXT_TOO_LONG, EMPTY_STREAM
from assistant.generation.openai.habits import Habits
from assistant.generation.truncation import OVERHEAD_TOKENS, describe, find_cut, remedy
from assistant.prompting.grounding import estimate_tokens, fence_token, render_sources
from assistant.prompting.prompts import REFUSAL, load_prompt
from assistant.replies.claims import draft_claims
from assistant.replies.prompt_echo import PromptWords, without_echo, words_of
from assistant.text.sentences import split_sentences
from assistant.types.answers import PromptReference
from assistant.types.events import Progress
from assistant.types.evidence import Evidence, Sentence, Source
from assistant.types.message import Message
from store.clean import clean_line, shorten
from store.types import Paper, Ranks
from store.value import Value

LONGEST_PROMPT = 9_000
"""Tokens of sources in the longest prompt of an answer; more need not be read whole."""

_QUESTION = "How many sensors does the Corvid buoy carry?"
_PAPERS = (
    (
        "The Corvid buoy",
        "Buoys are hard to reach in winter. The Corvid buoy carries 14 sensors.",
    ),
    ("Moss on roofs", "Moss grows on the north side of roofs. It dries out within three days."),
)
_FACT, _ADDRESS = "14", (1, 2)
_WORDS = (
    *("heron", "copper", "lantern", "walnut", "saddle", "violet", "pepper", "anchor", "meadow"),
    *("basket", "cobalt", "thimble", "orchard", "pigeon", "ribbon", "tundra", "velvet", "zipper"),
)
_FILLER = (
    "Station {at} reports calm water and no drift on this day.",
    "The gauge at post {at} was read twice and gave the same height.",
    "Nothing was repaired at site {at} between the two visits.",
)
_ONLY_ECHO = "but it only repeats its prompt"
_INPUTS = frozenset({"sources", "refusal", "token", "question"})


class Finding(Value):
    """One thing that was tried: whether it works (None: it cannot be told), and in words how."""

    name: str
    works: bool | None
    about: str


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
        async for line in self._ask(messages, 300, heard):
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
            refusal=REFUSAL,
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
            async for line in self._ask(messages, 300, heard):
                yield line
        except EndpointError as failure:
            about = f"a prompt of about {size} tokens fails: {failure.message}"
            if failure.code in (CONTEXT_TOO_LONG, EMPTY_STREAM):
                about += "; set a smaller context_tokens, or give the server a longer context"
            yield Finding(name="long prompts", works=False, about=about)
            return
        yield judge_planted(heard.text, (words[0], words[1]), messages, heard.ending.input_tokens)

    async def _ask(
        self, messages: tuple[Message, ...], most: int, heard: _Heard
    ) -> AsyncGenerator[Progress, None]:
        now = asyncio.get_running_loop().time
        begun = now()
        task = ModelTask(
            "trial", _QUESTION, messages, max_output_tokens=most, more_output_tokens=MOST_THOUGHTS
        )
        async with aclosing(self._model.stream(task)) as parts:
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


def judge_answer(reply: str, evidence: Evidence, words: PromptWords) -> tuple[Finding, Finding]:
    """Whether an answer is right, and whether it cites the sentence that says so.

    Lines of the prompt are no answer, nor are those of its sources: whoever writes them down with
    the addresses before them has not cited any.
    """
    text = without_echo(reply, words)
    reader = CitationReader(evidence)
    reader.feed(text)
    reader.finish()
    claims = draft_claims(reader.text, reader.marks)
    cited = {(one.source, one.sentence) for claim in claims for one in claim.addresses}
    says = {
        (one.source, one.sentence)
        for claim in claims
        if _FACT in claim.text
        for one in claim.addresses
    }
    said = shorten(clean_line(reply), 120)
    right = _FACT in text
    how = "right" if right else "but not what the source says" if text.strip() else _ONLY_ECHO
    answers = Finding(name="answers", works=True if right else None, about=f"{how}: {said}")
    works: bool | None = False
    about = "cites nothing"
    if _ADDRESS in says:
        works, about = True, "cites the sentence that says it"
    elif cited and all(sentence is None for _, sentence in cited):
        works, about = None, "cites sources, not sentences: quire looks for the sentence itself"
    elif cited:
        works, about = None, "cites, but not the sentence that says it"
    return answers, Finding(name="cites", works=works, about=about)


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


def habits_of(habits: Habits) -> tuple[Finding, ...]:
    """What the model and its server do otherwise than others, and what is done about it."""
    findings = []
    for one in habits.told():
        works = None if one.name == "context" and habits.known_window is None else True
        findings.append(Finding(name=one.name, works=works, about=one.about))
    return tuple(findings)


def planted(first: str, last: str, size: int) -> tuple[Message, ...]:
    """A prompt of about `size` tokens, as quire counts them, with a word at each of its ends."""
    lines = [f"The first word is {first}."]
    spent = 0
    while spent < size - 150:
        at = len(lines)
        lines.append(_FILLER[at % len(_FILLER)].format(at=at))
        spent += estimate_tokens(lines[-1]) + 1
    lines.append(f"The last word is {last}.")
    question = "Which is the first word, and which is the last word? Write the two words only."
    return (
        Message("system", "Answer from the notes in the user's message. Be short."),
        Message("user", "\n".join([*lines, "", question])),
    )


def judge_planted(
    text: str, words: tuple[str, str], messages: tuple[Message, ...], read: int | None
) -> Finding:
    """Whether both planted words were read; the server's own count decides where it shows a cut."""
    sent = sum(estimate_tokens(one.content) for one in messages)
    has = [re.search(rf"\b{word}\b", text, re.IGNORECASE) is not None for word in words]
    cut = find_cut(messages, read)
    name = "long prompts"
    if cut:
        return Finding(name=name, works=False, about=f"{describe(cut)}; {remedy(cut)}")
    if all(has):
        about = f"a prompt of about {sent} tokens is read whole"
        return Finding(name=name, works=True, about=about)
    said = shorten(clean_line(text), 80)
    if read is not None:
        about = f"{read} tokens were read, but the words at the ends were not both found: {said}"
        return Finding(name=name, works=None, about=about)
    if has[1]:
        about = (
            f"the beginning of a prompt of about {sent} tokens was not read: give the server a"
            " longer context (Ollama: OLLAMA_CONTEXT_LENGTH=16384) or set a smaller context_tokens"
        )
        return Finding(name=name, works=False, about=about)
    about = f"the words at the ends of a prompt of about {sent} tokens were not found: {said}"
    return Finding(name=name, works=None, about=about)


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
