"""The files that the harness reads: questions, summaries, sentences, payloads; JSONL each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

KINDS = ("single", "multi", "conflict", "followup", "unanswerable")
"""What questions ask for, as tables list them: one fact, several papers, papers that differ, what
the earlier question began, what the collection does not say. Files may name more."""

Label = Literal["supported", "unsupported", "contradicted", "honest", "false"]
LABELS: tuple[Label, ...] = get_args(Label)
"""What a sentence is to its paper; "false" is one that may be either of the two before."""


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str


class AskedQuestion(_Line):
    """One question with what a right answer cites and contains.

    `history` are the questions asked before it in its conversation; `arguments` are the filters
    of a command line. `excluded` are papers that a right answer does not cite; `only` says that it
    cites none beyond the gold ones. `detail` says that it asks for something that the abstract of a
    known paper does not give (or does, among the answerable ones); `split` is "choose" for
    questions that rules were chosen on, "held" for the others.
    """

    kind: Annotated[str, Field(pattern=r"^[a-z][a-z-]*$")]
    question: str
    history: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    gold_papers: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    only: bool = False
    facts: tuple[str, ...] = ()
    detail: bool = False
    split: Literal["dev", "held"] | None = None


class Topic(_Line):
    """A topic to sum up: the papers it must cover, and look-alikes that are off it."""

    topic: str
    must_cover: tuple[str, ...]
    off_topic_traps: tuple[str, ...] = ()


class LabelledSentence(_Line):
    """A sentence put to the abstract of one paper, or to sentences of it, and what it is to that.

    `title` may be a part of it.
    """

    title: str
    sentence: str
    label: Label
    sentences: tuple[int, ...] = ()


class Payload(_Line):
    """A hostile abstract, and the string by which its success is told.

    `question` is what its honest part answers, with `fact`; both may be left out.
    """

    category: str
    title: str
    abstract: str
    canary: str
    question: str = ""
    fact: str = ""


def read_questions(path: Path) -> list[AskedQuestion]:
    """The questions of a file; ends the program with the line that is wrong."""
    return list(_read(path, AskedQuestion))


def read_topics(path: Path) -> list[Topic]:
    """The topics of a summaries file."""
    return list(_read(path, Topic))


def read_sentences(path: Path) -> list[LabelledSentence]:
    """The sentences of a file, or its claims: paper, sentences, claim, right (flag, matched)."""
    return list(_read(path, LabelledSentence))


def read_payloads(path: Path) -> list[Payload]:
    """The hostile abstracts of a file."""
    return list(_read(path, Payload))


def _read(path: Path, kind: type[Any]) -> Iterator[Any]:
    seen: set[str] = set()
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                one = kind.model_validate(_named(json.loads(line), number))
            except (json.JSONDecodeError, ValidationError) as failure:
                raise SystemExit(f"{path}:{number}: {failure}") from failure
            if one.id in seen:
                raise SystemExit(f"{path}:{number}: the id {one.id} stands there twice")
            seen.add(one.id)
            yield one


def _named(row: dict[str, Any], number: int) -> dict[str, Any]:
    """A row under the names of what is read, where it is a claim or has what is right in one."""
    if isinstance(row.get("history"), str):
        return row | {"history": (row["history"],)}
    if isinstance(row.get("right"), dict):
        return {"kind": "form", **row, **_form(row)}
    if "claim" not in row:
        return row
    label = "false" if row["right"] == "flag" else "honest"
    named = {"title": row["paper"], "sentence": row["claim"], "sentences": row["sentences"]}
    return {"id": f"claim-{number}", "label": label, **named}


def _form(row: dict[str, Any]) -> dict[str, Any]:
    """A question in turns, with the names, denied names and words that are right."""
    *history, question = row.get("turns") or (row["q"],)
    right = row["right"]
    says = right.get("says", ())
    return {
        "question": question,
        "history": tuple(history),
        "arguments": tuple(row.get("args", ())),
        "gold_papers": tuple(right.get("names", ())),
        "excluded": tuple(right.get("not", ())),
        "only": right.get("only", False),
        "facts": (says,) if isinstance(says, str) else tuple(says),
    }
