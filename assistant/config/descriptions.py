"""Every setting by its name: what is said of it, what it takes, and what of it may be shown.

What a setting does stands in `settings.toml` alone; its type and limits are those of the tables.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.errors import WrongUse
from store.nearest import did_you_mean, nearest
from store.pattern import pattern
from store.tables import read_table
from store.wording import with_hint

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

NAME = "NAME"
"""Stands in a name for what the reader calls a model or an embedder."""
HIDDEN = "set (not shown)"
"""What is shown of a value that may hold a secret."""
Parts = tuple[str, ...]
"""A name by its parts: ("models", "big", "total_s")."""

_OWN = ("models", "embedders")
KEYS = "keys"
"""The table of keys, whose names are those of the app's actions and hold dots."""
_USUAL_VARIABLE = pattern(r"[A-Z][A-Z0-9_]*")
_SECRETS = ("OPENAI_API_KEY", "key_command")


@dataclass(frozen=True)
class Description:
    """What is said of a setting or (`is_variable`) a variable of the environment.

    `default` is in words; `environment` names the variable that comes first, or is empty.
    """

    name: str
    about: str
    example: str
    used_by: str
    allowed: str
    default: str
    environment: str = ""
    is_variable: bool = False


def descriptions() -> dict[str, Description]:
    """All of them by name, in the order of the table."""
    table: dict[str, dict[str, str]] = read_table(__file__, "settings.toml")
    return {name: _described(name, row) for name, row in table.items()}


def texts() -> dict[str, str]:
    """What each does, by name; needs no pydantic."""
    return {name: row["about"] for name, row in read_table(__file__, "settings.toml").items()}


def service_addresses() -> dict[str, str]:
    """Where papers are fetched from by default, by service; needs no pydantic."""
    table = read_table(__file__, "settings.toml")
    return {
        name.removeprefix("services."): row["default"]
        for name, row in table.items()
        if name.startswith("services.") and name != "services.contact"
    }


def _described(name: str, row: Mapping[str, str]) -> Description:
    schema = schema_of(name)
    return Description(
        name=name,
        about=row["about"],
        example=row["example"],
        used_by=row["used_by"],
        allowed=row.get("allowed") or allowed_words(schema or {}),
        default=row.get("default") or _default_words(schema),
        environment=row.get("environment", ""),
        is_variable=schema is None,
    )


def names() -> Iterator[str]:
    """The name of every setting that the tables have."""
    for name, field in _fields().items():
        table = _table_of(field)
        if name == KEYS:
            yield f"{KEYS}.{NAME}"
        elif table is None:
            yield name
        else:
            yield from (
                f"{name}.{NAME}.{one}" if name in _OWN else f"{name}.{one}" for one in table
            )


def schema_of(name: str) -> dict[str, Any] | None:
    """What the tables say of a setting, as JSON Schema; None where they have no such name."""
    head, *rest = name.split(".")
    field = _fields().get(head)
    if field is None or not rest:
        return field
    if head == KEYS:
        one: dict[str, Any] = field["additionalProperties"]
        return one
    table = _table_of(field)
    return None if table is None else table.get(rest[-1])


@functools.cache
def _fields() -> dict[str, Any]:
    """The fields of the tables as JSON Schema, references followed."""
    from assistant.config.tables import Tables

    schema = Tables.model_json_schema()
    known = schema.get("$defs", {})

    def whole(value: Any) -> Any:
        if isinstance(value, list):
            return [whole(one) for one in value]
        if not isinstance(value, dict):
            return value
        if "$ref" in value:
            value = known[value["$ref"].rpartition("/")[2]]
        return {key: whole(one) for key, one in value.items()}

    found: dict[str, Any] = whole(schema["properties"])
    return found


def _table_of(field: Mapping[str, Any]) -> dict[str, Any] | None:
    """The fields of a setting that is a table, or holds tables by the reader's own names."""
    for one in (field, *field.get("anyOf", ())):
        inner = one.get("additionalProperties")
        if isinstance(inner, dict):
            one = inner
        if "properties" in one:
            fields: dict[str, Any] = one["properties"]
            return fields
    return None


def allowed_words(schema: Mapping[str, Any]) -> str:
    """What a setting takes, in words."""
    kinds = [_kind_words(one) for one in schema.get("anyOf", [schema])]
    return " or ".join(dict.fromkeys(filter(None, kinds))) or "a text"


def _kind_words(schema: Mapping[str, Any]) -> str:
    match schema:
        case {"enum": values}:
            return f"one of {', '.join(map(str, values))}"
        case {"type": "null"}:
            return ""
        case {"type": "number" | "integer" as kind}:
            word = "a number" if kind == "number" else "a whole number"
            return f"{word}{_limits(schema)}"
        case {"type": "array"}:
            return "a list of texts"
        case {"format": "path"}:
            return "a path"
    return "a text"


def _limits(schema: Mapping[str, Any]) -> str:
    said = (
        ("exclusiveMinimum", "above"),
        ("minimum", "from"),
        ("maximum", "up to"),
        ("exclusiveMaximum", "below"),
    )
    return "".join(f" {word} {schema[key]:,.12g}" for key, word in said if key in schema)


def _default_words(schema: Mapping[str, Any] | None) -> str:
    default = (schema or {}).get("default")
    if schema is not None and "default" not in schema:
        return "none: it has to be given"
    return "none" if default is None else str(default)


def parts_of(text: str) -> Parts:
    """The parts of a name that a reader typed; a model's own name may hold dots.

    Raises WrongUse, with the nearest names, for one that no setting has.
    """
    head, *rest = text.strip().split(".")
    if head in _OWN and len(rest) > 1:
        parts: Parts = (head, ".".join(rest[:-1]).strip("\"'"), rest[-1])
    elif head == KEYS and any(rest):
        parts = (head, ".".join(rest).strip("\"'"))
    else:
        parts = (head, *rest)
    if general(parts) in names():
        return parts
    raise unknown(text)


def general(parts: Parts) -> str:
    """The name of a setting in general: `models.NAME.model` for that of any model."""
    if parts[0] == KEYS and len(parts) > 1:
        return f"{KEYS}.{NAME}"
    shown = (parts[0], NAME, *parts[2:]) if parts[0] in _OWN else parts
    return ".".join(shown)


_ALIKE = 0.7


def unknown(text: str) -> WrongUse:
    """What is said of a name that no setting has."""
    own = text.split(".")[1] if text.count(".") > 1 and text.split(".")[0] in _OWN else NAME
    known = [name.replace(NAME, own) for name in read_table(__file__, "settings.toml")]
    leaves = {name.rpartition(".")[2]: name for name in reversed(known)}
    near = nearest(text, known, most=2, least=_ALIKE)
    near += [leaves[one] for one in nearest(text, leaves, most=2, least=_ALIKE)]
    hint = f"{did_you_mean(list(dict.fromkeys(near)))} all of them: quire config explain"
    return WrongUse(f"no setting “{text}”", hint.lstrip())


def told(error: ErrorDetails) -> str:
    """The place of a value that pydantic refuses, and what stands there rightly, in our words."""
    parts = tuple(str(part) for part in error["loc"])
    place = ".".join(parts)
    if error["type"] == "extra_forbidden":
        wrong = unknown(place)
        return f"{place}: {with_hint(wrong.message, wrong.hint)}"
    if error["type"] == "missing":
        return f"{place}: it has to be given"
    if error["type"] == "value_error":  # said by a rule of ours
        return f"{place}: {error['msg'].removeprefix('Value error, ')}"
    known = descriptions()
    if parts[0] == KEYS:  # behind a name stands no setting of it
        parts = parts[:2]
    for length in range(len(parts), 0, -1):  # behind a setting stands which of its types failed
        if (found := known.get(general(parts[:length]))) is not None:
            return f"{'.'.join(parts[:length])}: it takes {found.allowed}"
    if error["type"] in ("dict_type", "model_type", "model_attributes_type"):
        return f"{place}: it is a table, [{place}]"
    return f"{place}: {error['msg']}"


def value_of(parts: Parts, text: str) -> Any:
    """The value that a reader typed for a setting: a number or a list where it takes one."""
    schema = schema_of(general(parts)) or {}
    kinds = {one.get("type") for one in schema.get("anyOf", [schema])}
    begins_list = "array" in kinds and text.lstrip().startswith("[")
    if begins_list or kinds & {"number", "integer"}:
        try:
            value = tomllib.loads(f"value = {text.strip()}")["value"]
        except (ValueError, RecursionError):
            return text
        usable = isinstance(value, int | float | list) and not isinstance(value, bool)
        return value if usable else text
    return text


def shown(name: str, value: Any, environment: Mapping[str, str]) -> Any:
    """A value as it may be shown: a command may hold a key, and so may what is no usual name."""
    leaf = name.rpartition(".")[2]
    if value is None or value == "":
        return value
    if leaf in _SECRETS:
        return HIDDEN
    if leaf == "key_variable":
        usual = str(value) in environment or _USUAL_VARIABLE.fullmatch(str(value))
        return value if usual else HIDDEN
    return value
