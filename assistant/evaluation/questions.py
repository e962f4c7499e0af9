"""Questions with what a right answer cites and says: JSON lines, one question each."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from assistant.errors import WrongUse
from store.nearest import did_you_mean, nearest

KINDS = ("single", "multi", "conflict", "followup", "unanswerable")
"""What questions ask for, as tables list them: one fact, several papers, papers that differ, what
the earlier question began, what the collection does not say. Files may name more."""

UNANSWERABLE = "unanswerable"
"""The kind of a question that the collection does not answer."""

_MANY = "question"
"""The kind of a question whose line names none."""

Fact = str | tuple[str, ...]
"""What an answer has to say, or ways of saying it; one between slashes is a regular expression."""

_TOLD = 5
"""Wrong lines of a file that an error names."""


class Line(BaseModel):
    """A line of a file that is named by an id."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str


Read = TypeVar("Read", bound=Line)


class AskedQuestion(Line):
    """One question with what a right answer cites and contains.

    `history` are the questions asked before it in its conversation; `arguments` are the filters
    of a command line. `excluded` are papers that a right answer does not cite; `only` says that it
    cites none beyond the gold ones. `detail` says that it asks for something that the abstract of a
    known paper does not give (or does, among the answerable ones); `split` is "dev" for
    questions that rules were chosen on, "held" for the others.
    """

    kind: Annotated[str, Field(pattern=r"^[a-z][a-z-]*$")] = _MANY
    question: Annotated[str, Field(pattern=r"\S")]
    history: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    gold_papers: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    only: bool = False
    facts: tuple[Fact, ...] = ()
    detail: bool = False
    split: Literal["dev", "held"] | None = None

    @field_validator("facts")
    @classmethod
    def _expressions(cls, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
        if not all(map(forms_of, facts)):
            raise ValueError("a fact is empty")
        for one in (form for fact in facts for form in forms_of(fact)):
            if not one.strip():
                raise ValueError("a fact is empty")
            if (expression := expression_of(one)) is not None:
                try:
                    re.compile(expression)
                except (re.error, RecursionError, OverflowError) as failure:
                    raise ValueError(f"{one} is no regular expression: {failure}") from None
        return facts

    @model_validator(mode="after")
    def _answerable(self) -> Self:
        if self.kind == UNANSWERABLE and self.gold_papers:
            raise ValueError("a question without an answer has no papers that should be cited")
        return self


def forms_of(fact: Fact) -> tuple[str, ...]:
    """The ways of saying a fact, any of which will do."""
    return (fact,) if isinstance(fact, str) else fact


def expression_of(form: str) -> str | None:
    """The regular expression between slashes, None for a text."""
    is_one = len(form) > 2 and form[0] == form[-1] == "/"
    return form[1:-1] if is_one else None


STDIN = Path("/dev/stdin")
"""The file of questions that is stdin."""


def read_questions(path: Path) -> list[AskedQuestion]:
    """The questions of a file; raises WrongUse, which names the lines that are wrong."""
    return read_lines(path, AskedQuestion, _named)


def read_lines(
    path: Path, kind: type[Read], named: Callable[[dict[str, Any], int], dict[str, Any]]
) -> list[Read]:
    """The lines of a JSON lines file, each made of what `named` gives for it and its number.

    Raises WrongUse.
    """
    found: dict[str, Read] = {}
    wrong: list[str] = []
    for number, line in _lines(path):
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise TypeError("no JSON object")
            one = kind.model_validate(named(row, number))
        except ValidationError as failure:
            wrong.append(f"line {number}: {_reason(failure)}")
        except (ValueError, KeyError, TypeError, RecursionError) as failure:
            wrong.append(f"line {number}: {_unread(failure)}")
        else:
            if one.id in found:
                wrong.append(f"line {number}: the id {one.id} stands there twice")
            found[one.id] = one
    if wrong:
        more = f"; and {len(wrong) - _TOLD} more" if len(wrong) > _TOLD else ""
        raise WrongUse(
            f"{_called(path)}, {'; '.join(wrong[:_TOLD])}{more}", "see: quire eval --help"
        )
    return list(found.values())


def _called(path: Path) -> str:
    return "stdin" if path == STDIN else str(path)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, line
    except UnicodeDecodeError:
        raise WrongUse(f"{_called(path)} is not UTF-8", "save it as UTF-8") from None
    except OSError as failure:
        raise WrongUse(f"{path} cannot be read: {failure.strerror}", "name another file") from None


def _reason(failure: ValidationError) -> str:
    error = failure.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in error["loc"] if not isinstance(part, str) or part)
    words = error["msg"].removeprefix("Value error, ")
    return f"{place}: {words}" if place else words


def _unread(failure: Exception) -> str:
    if isinstance(failure, json.JSONDecodeError):
        return f"no JSON: {failure.msg}"
    return f"no question: {failure}" if isinstance(failure, KeyError) else str(failure)


def _named(row: dict[str, Any], number: int) -> dict[str, Any]:
    """A row under the names of `AskedQuestion`.

    `papers` are gold papers too, `answerable` says no more than the kind; a row may have turns and
    what is right in one: names, not, only, says.
    """
    _refuse_misspelt(row)
    named: dict[str, Any] = {"id": str(number), **row}
    if "right" in row:
        named = {"kind": "form", **named, **_form(row)}
    if isinstance(named.get("id"), int):
        named["id"] = str(named["id"])
    for name in ("history", "gold_papers", "papers", "facts", "excluded"):
        if isinstance(named.get(name), str):
            named[name] = (named[name],)
    if "papers" in named:
        named["gold_papers"] = named.pop("papers")
    if (answerable := named.pop("answerable", True)) is not True:
        if answerable is not False:
            raise ValueError("answerable: true or false")
        named["kind"] = UNANSWERABLE
    return named


def _refuse_misspelt(row: dict[str, Any]) -> None:
    """Raise ValueError for a field that is nearly one that is read; others are the file's own."""
    for name in row.keys() - _FIELDS:
        if near := nearest(name, _FIELDS, most=1, least=_NEARLY):
            raise ValueError(f"no field “{name}”; {did_you_mean(near)}")


_NEARLY = 0.8
_FIELDS = {*AskedQuestion.model_fields, "papers", "answerable", "right", "turns", "q", "args"}


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
