"""What the stages of an answer work with: one library, one model, and what they cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.answers.check_requests import CHECK_INPUTS
from assistant.answers.cost import Accounting
from assistant.answers.model_check_run import Checker
from assistant.generation.base import ChatModel, Recorder
from assistant.prompting.prompts import Prompt, load_prompt
from assistant.retrieval.retriever import Retriever
from assistant.types.answers import Answer
from assistant.types.questions import Question, SummaryRequest
from store.library.library import Library

Keep = Callable[[Answer, str | None], Answer]
"""Saves an answer in a conversation (None: a new one); returns it with the conversation's id."""

_SOURCES = frozenset({"sources", "refusal", "token"})
PROMPT_INPUTS = {
    "answer": _SOURCES | {"question"},
    "summary": _SOURCES | {"request"},
    "overview": frozenset({"notes", "request", "token"}),
    "all": frozenset({"sources", "question", "numbers", "token"}),
    "rewrite": frozenset({"history", "question"}),
    "check": CHECK_INPUTS,
    "uncited": frozenset({"address", "refusal"}),
}
"""What each prompt is given, by its name."""

_LATER = ("overview", "all", "uncited")
"""Prompts that few requests need: they are read when one does."""


@dataclass(frozen=True)
class AnswerContext:
    """A library, the model that answers from it, its prompts, and where answers are saved."""

    library: Library
    model: ChatModel
    retriever: Retriever
    accounting: Accounting
    keep: Keep
    prompts: Mapping[str, Prompt]
    checker: Checker
    folder: Path | None = None
    recorder: Recorder | None = None

    @classmethod
    def of(
        cls,
        library: Library,
        model: ChatModel,
        keep: Keep,
        folder: Path | None,
        accounting: Accounting,
        recorder: Recorder | None = None,
    ) -> AnswerContext:
        """All of it, the prompts from a folder of the reader's own first; raises PromptError."""
        prompts = {
            name: load_prompt(name, given, folder)
            for name, given in PROMPT_INPUTS.items()
            if name not in _LATER
        }
        checker = Checker(model, prompts["check"], accounting, recorder)
        retriever = Retriever(library)
        return cls(library, model, retriever, accounting, keep, prompts, checker, folder, recorder)

    def is_anew(self, request: Question | SummaryRequest) -> bool:
        """Whether what was made of replies is made again: a recording holds the replies."""
        return request.anew or self.recorder is not None

    def prompt(self, name: str) -> Prompt:
        """The prompt of this name; raises PromptError."""
        known = self.prompts.get(name)
        return known or load_prompt(name, PROMPT_INPUTS[name], self.folder)

    @property
    def parallel(self) -> int:
        """How many requests may be under way at once: a model on this machine has few cores."""
        return 2 if self.accounting.tariff.is_local else 4
