"""A model's reading of a question: lines of "key: value", or JSON, as parts that fit a schema.

Small models manage lines, others answer in JSON, in a fence, or with the question alone: all is
read. What does not fit the schema is left out, field by field; whether a name or a year can be
meant is not seen here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from assistant.replies.json_reply import decoded
from assistant.replies.standalone import QUOTES, AskedQuestion, unquoted
from assistant.replies.wrapping import unwrapped
from store.clean import clean_line
from store.pattern import pattern
from store.tables import read_table

_FORM = 8
"""From so many lines beside the question on, a form was filled in: no question asks for that."""
MOST_PARTS = 8
"""Questions that a reply may part one into."""
_MOST_BEFORE = 3
"""Lines that may stand before the first with a key."""
_LONGEST = 4_000
"""Characters of a reply: more is no plan."""
_LINE = pattern(r"[^\w<{\[]*(?P<key>[^\W\d][\w ()/-]{0,30}?)[\s*_`\"']*[:：=]\s*(?P<value>.*)$")
_SIGNS = pattern(r"[\W_]+")
_THOUGHT = pattern(r"(?is)\A.*</think(?:ing)?>")
_JSON = pattern(r"\{\s*[\"'}]|\[\s*\{")
_YEAR = pattern(r"(?<!\d)(?:1[5-9]|2[01])\d\d(?!\d)")
_NUMBER = pattern(r"(?<![\d.,])\d{1,3}(?![\d.,])")
_DEEPEST = 4
_WORDS = {
    "kind": pattern(r"(?i)\b(content|paper|count)s?\b"),
    "order": pattern(r"(?i)\b(newest|oldest)\b"),
    "rank": pattern(r"(?i)\b(most|least)\b"),
}
"""The one word of each line of which there are few; a line that has several says none."""


class PartReply(BaseModel):
    """One question as a model reads it; None where it says nothing of a field.

    `names` of authors and venues stand in one text, as they came. `not_meant` are words of the
    question that look like a name of the records and are none.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, str_max_length=1_000)

    question: str = ""
    search: str = ""
    opposite: str = ""
    topic: str = ""
    kind: Literal["content", "papers", "count"] | None = None
    authors: str = ""
    venues: str = ""
    not_meant: str = ""
    year_from: int | None = Field(default=None, ge=1500, le=2199)
    year_to: int | None = Field(default=None, ge=1500, le=2199)
    order: Literal["newest", "oldest"] | None = None
    limit: int | None = Field(default=None, ge=1, le=999)
    excluded: str = ""
    rank: Literal["most", "least"] | None = None

    @field_validator("kind", "order", "rank", mode="before")
    @classmethod
    def _one_word(cls, value: str, info: Any) -> str:
        found = {one.lower() for one in _WORDS[info.field_name].findall(value)}
        (word,) = found if len(found) == 1 else (value,)
        return "papers" if word == "paper" else word

    @field_validator("year_from", "year_to", mode="before")
    @classmethod
    def _year(cls, value: str) -> str:
        found = _YEAR.search(value)
        return found.group() if found else value

    @field_validator("limit", mode="before")
    @classmethod
    def _number(cls, value: str) -> str:
        found = _NUMBER.search(value)
        return found.group() if found else value


def has_ended(reply: str, asked: AskedQuestion) -> bool:
    """True once no more of a reply is wanted: its lines are whole, or it is too long for a plan."""
    if len(reply) > _LONGEST:
        return True
    if _JSON.search(reply):
        return False
    *whole, _ = unwrapped(_THOUGHT.sub("", reply)).split("\n")
    lines = [line for line in map(clean_line, whole) if line]
    keyed = [_keyed(line) is not None for line in lines]
    if not any(keyed):
        return len(lines) > _MOST_BEFORE or bool(_bare_question(lines, asked))
    first = keyed.index(True)
    runs_on = not all(keyed[first:]) or lines[first:].count(lines[-1]) > 1
    return runs_on or keyed.count(True) > 4 * MOST_PARTS


def plan_reply(reply: str, asked: AskedQuestion) -> tuple[PartReply, ...]:
    """The parts that a reply to what was asked holds, in order; none where it is no plan.

    Where no line has a key, the one that can be the question is.
    """
    text = _THOUGHT.sub("", reply[:_LONGEST])
    blocks = list(_of_json(text)) or list(_of_lines(unwrapped(text), asked))
    parts = (_asked_for(_part(block)) for block in blocks[:MOST_PARTS])
    return tuple(dict.fromkeys(one for one in parts if one != PartReply()))


def _asked_for(part: PartReply) -> PartReply:
    """A part, or what is left of one in which a form was filled in: the question and wordings."""
    if len(part.model_dump(exclude_defaults=True, exclude={"question"})) < _FORM:
        return part
    return PartReply(question=part.question, search=part.search, opposite=part.opposite)


def _part(block: Mapping[str, str]) -> PartReply:
    """What of a block fits the schema."""
    values = {name: value for name, value in block.items() if not _is_nothing(value)}
    years = _YEAR.findall(values.pop("years", ""))
    if years:
        values = {"year_from": min(years), "year_to": max(years), **values}
    try:
        return PartReply.model_validate(values)
    except ValidationError as failure:
        wrong = {str(one["loc"][0]) for one in failure.errors()}
        return PartReply.model_validate({k: v for k, v in values.items() if k not in wrong})


def _of_lines(text: str, asked: AskedQuestion) -> Iterator[dict[str, str]]:
    """The blocks of a reply in lines: each question begins one."""
    block: dict[str, str] = {}
    lines = [line for line in map(clean_line, text.split("\n")) if line]
    for line in lines:
        found = _keyed(line)
        if found is None:
            if block:
                break
            continue
        name, value = found
        if name == "question" and "question" in block:
            yield block
            block = {}
        block.setdefault(name, value)
    yield block or {"question": _bare_question(lines[: _MOST_BEFORE + 1], asked)}


def _bare_question(lines: Sequence[str], asked: AskedQuestion) -> str:
    """The first of some lines without keys that can be the question; empty for none."""
    bare = (asked.without_label(line) for line in lines)
    can_be = (one for one in bare if asked.standing([one]) or asked.is_translated_by(one))
    return next(map(unquoted, can_be), "")


def _keyed(line: str) -> tuple[str, str] | None:
    """The field of a line and its value; None for a line without a key that is known."""
    found = _LINE.match(line)
    name = _field(found["key"]) if found else None
    return (name, unquoted(found["value"])) if found and name else None


def _of_json(text: str) -> Iterator[dict[str, str]]:
    """The blocks of a reply in JSON; none for one in lines."""
    begun = _JSON.search(text)
    if begun is None:
        return
    value, _ = decoded(text, begun.start())
    yield from _blocks(value, 0)


def _blocks(value: object, depth: int) -> Iterator[dict[str, str]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for one in value:
            yield from _blocks(one, depth + 1)
    elif isinstance(value, dict):
        inner = [one for one in value.values() if isinstance(one, list) and _holds_blocks(one)]
        if inner:
            for one in inner:
                yield from _blocks(one, depth + 1)
        elif fields := dict(_flat(value, depth)):
            each = [key for key in value if _field(str(key)) == "question"]
            asked = value[each[0]] if each else ""
            several = asked if isinstance(asked, list) else [fields.get("question", "")]
            # Fields beside a list of questions are of all of them.
            yield from ({**fields, "question": unquoted(clean_line(str(one)))} for one in several)


def _holds_blocks(values: list[object]) -> bool:
    return any(isinstance(one, dict) for one in values)


def _flat(value: Mapping[str, object], depth: int) -> Iterator[tuple[str, str]]:
    """The fields of an object, those of objects within it too."""
    for key, one in value.items():
        if isinstance(one, dict) and depth < _DEEPEST:
            yield from _flat(one, depth + 1)
        elif (name := _field(str(key))) and one is not None and not isinstance(one, bool):
            texts = one if isinstance(one, list) else [one]
            yield name, unquoted("; ".join(clean_line(str(text)) for text in texts))


def _field(key: str) -> str | None:
    """The field that a model's name for it means; "Question 2" is a question."""
    return _fields().get(_SIGNS.sub(" ", re.sub(r"\d+\W*$", "", key)).strip().lower())


@cache
def _fields() -> dict[str, str]:
    names = read_table(__file__, "plan_reply.toml")["names"]
    return {called: name for name, all_called in names.items() for called in all_called}


@cache
def _nothings() -> frozenset[str]:
    return frozenset(read_table(__file__, "plan_reply.toml")["values"]["nothing"].split())


def _is_nothing(value: str) -> bool:
    return not value or value.strip(f"{QUOTES}().[]").lower() in _nothings() | {""}
