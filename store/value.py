"""The frozen value that all values between the parts are made of."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import Field, FrozenInstanceError, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self, dataclass_transform

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Value:
    """A frozen value, made of keywords, that raises TypeError for fields it does not know.

    A subclass is a dataclass for which no code is generated: that takes 0.5 ms a class, and a
    command uses few of the classes that it imports. Types are checked before the program runs;
    what comes from outside is read with `model_validate`, and pydantic imported only then.
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    __pydantic_config__: ClassVar[Mapping[str, Any]] = {"extra": "forbid"}
    _defaults: ClassVar[Mapping[str, Any]]
    _required: ClassVar[frozenset[str]]
    _adapter: ClassVar[TypeAdapter[Any] | None]

    def __init_subclass__(cls) -> None:
        dataclass(init=False, repr=False, eq=False, kw_only=True)(cls)
        names = cls.__dataclass_fields__
        cls._defaults = {name: getattr(cls, name) for name in names if hasattr(cls, name)}
        cls._required = frozenset(names) - cls._defaults.keys()
        cls._adapter = None

    def __init__(self, **values: Any) -> None:
        state = self.__dict__
        state.update(self._defaults)
        state.update(values)
        is_whole = len(state) == len(self.__dataclass_fields__)
        if not is_whole or not values.keys() >= self._required:
            wrong = sorted(state.keys() ^ self.__dataclass_fields__.keys())
            raise TypeError(f"{type(self).__name__}: missing or not known: {', '.join(wrong)}")

    def __setattr__(self, name: str, _: object) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *(self.__dict__[name] for name in self.__dataclass_fields__)))

    def __repr__(self) -> str:
        fields = (f"{name}={self.__dict__[name]!r}" for name in self.__dataclass_fields__)
        return f"{type(self).__name__}({', '.join(fields)})"

    def model_copy(self, update: Mapping[str, Any]) -> Self:
        """The same value with some fields changed; raises TypeError for unknown ones."""
        return type(self)(**{**self.__dict__, **update})

    def model_dump(
        self, *, include: Collection[str] | None = None, exclude: Collection[str] = ()
    ) -> dict[str, Any]:
        """The fields as JSON knows them, in their order: dictionaries, lists, plain values."""
        return {
            name: _plain(self.__dict__[name])
            for name in self.__dataclass_fields__
            if name not in exclude and (include is None or name in include)
        }

    def model_dump_json(self, *, exclude: Collection[str] = ()) -> str:
        """The value as one line of JSON."""
        fields = self.model_dump(exclude=exclude)
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def model_validate(cls, fields: Mapping[str, Any]) -> Self:
        """The value of fields from outside; raises ValueError where they do not fit."""
        value: Self = cls._reading().validate_python(fields)
        return value

    @classmethod
    def model_validate_json(cls, text: str) -> Self:
        """The value that a JSON text holds; raises ValueError where it holds none."""
        value: Self = cls._reading().validate_json(text)
        return value

    @classmethod
    def _reading(cls) -> TypeAdapter[Any]:
        if cls._adapter is None:
            from pydantic import TypeAdapter

            cls._adapter = TypeAdapter(cls)
        return cls._adapter


def _plain(value: Any) -> Any:
    if isinstance(value, Value):
        return value.model_dump()
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value
