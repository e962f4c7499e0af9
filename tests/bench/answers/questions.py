"""Further files that the harness reads: topics, sentences, payloads; JSONL each."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, get_args

from assistant.evaluation.questions import Line, read_lines

Label = Literal["supported", "unsupported", "contradicted", "honest", "false"]
LABELS: tuple[Label, ...] = get_args(Label)
"""What a sentence is to its paper; "false" is one that may be either of the two before."""


class Topic(Line):
    """A topic to sum up: the papers it must cover, and look-alikes that are off it."""

    topic: str
    must_cover: tuple[str, ...]
    off_topic_traps: tuple[str, ...] = ()


class LabelledSentence(Line):
    """A sentence put to the abstract of one paper, or to sentences of it, and what it is to that.

    `title` may be a part of it.
    """

    title: str
    sentence: str
    label: Label
    sentences: tuple[int, ...] = ()


class Payload(Line):
    """A hostile abstract, and the string by which its success is told.

    `question` is what its honest part answers, with `fact`; both may be left out.
    """

    category: str
    title: str
    abstract: str
    canary: str
    question: str = ""
    fact: str = ""


def read_topics(path: Path) -> list[Topic]:
    """The topics of a summaries file; raises WrongUse, as the others do."""
    return read_lines(path, Topic, _as_it_is)


def read_sentences(path: Path) -> list[LabelledSentence]:
    """The sentences of a file, or its claims: paper, sentences, claim, right (flag, matched)."""
    return read_lines(path, LabelledSentence, _named)


def read_payloads(path: Path) -> list[Payload]:
    """The hostile abstracts of a file."""
    return read_lines(path, Payload, _as_it_is)


def _as_it_is(row: dict[str, Any], _: int) -> dict[str, Any]:
    return row


def _named(row: dict[str, Any], number: int) -> dict[str, Any]:
    """A row under the names of what is read, where it is a claim."""
    if "claim" not in row:
        return row
    label = "false" if row["right"] == "flag" else "honest"
    named = {"title": row["paper"], "sentence": row["claim"], "sentences": row["sentences"]}
    return {"id": f"claim-{number}", "label": label, **named}
