"""What the tables of the configuration file may hold, with pydantic to say what is wrong.

What each setting does stands in `settings.toml`, for readers and for `quire config explain`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from assistant.types.claims import CheckMode
from store.embedders.base import Preference


def _or_none(value: object) -> object:
    """TOML has no null: the word "none" stands for it."""
    return None if isinstance(value, str) and value.strip().lower() == "none" else value


def _pattern(value: str) -> str:
    """A pattern of citation keys; raises WrongPattern, which is a ValueError."""
    from store.library.key_pattern import parts_of

    parts_of(value)
    return value


def _by_action(value: object) -> object:
    """Keys by the whole name of an action: TOML takes `paper.keep` for a table within a table."""
    if not isinstance(value, dict):
        return value
    flat: dict[str, object] = {}
    for name, one in value.items():
        if isinstance(one, dict):
            inner = _by_action(one)
            assert isinstance(inner, dict)
            flat.update({f"{name}.{more}": key for more, key in inner.items()})
        else:
            flat[name] = one
    return flat


Key = Annotated[str, Field(min_length=1, max_length=64)]
"""A key as the reader writes it; whether there is such a one, the app knows."""

Price = Annotated[float, Field(ge=0, lt=1_000_000, allow_inf_nan=False)]
"""USD for a million tokens."""

Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]


class ModelSettings(BaseModel):
    """A model in the configuration, `[models.NAME]`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str
    model: str
    key_variable: str | None = Field(default=None, min_length=1)
    key_command: Annotated[str, Field(min_length=1)] | tuple[str, ...] | None = None
    context_tokens: int | None = Field(default=None, ge=512, le=100_000_000)
    max_output_tokens: int | None = Field(default=None, ge=64, le=100_000_000)
    price_in: Price | None = None
    price_out: Price | None = None
    temperature: Annotated[float | None, BeforeValidator(_or_none)] = 0.0
    reasoning: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]{1,20}$")
    first_token_s: Seconds = 120.0
    between_chunks_s: Seconds = 60.0
    total_s: Seconds = 600.0

    @model_validator(mode="after")
    def _one_key(self) -> ModelSettings:
        if self.key_variable is not None and self.key_command is not None:
            raise ValueError("key_variable and key_command exclude each other")
        return self


class EmbedderSettings(BaseModel):
    """An embedder behind an endpoint in the configuration, `[embedders.NAME]`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str
    model: str
    key_variable: str = "OPENAI_API_KEY"


class ServiceSettings(BaseModel):
    """Where papers are fetched from, `[services]`: base addresses of mirrors, all optional."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    arxiv: str | None = None
    pubmed: str | None = None
    crossref: str | None = None
    datacite: str | None = None
    openalex: str | None = None
    huggingface: str | None = None
    contact: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=200)] | None = None

    @property
    def bases(self) -> dict[str, str]:
        """The base addresses that are given, by service."""
        given = self.model_dump(exclude={"contact"})
        return {name: one for name, one in given.items() if one is not None}


class Tables(BaseModel):
    """The whole file, all of it optional; its fields are those of `Settings`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str | None = None
    models: dict[str, ModelSettings] = {}
    embedders: dict[str, EmbedderSettings] = {}
    prompts: Path | None = None
    max_cost: Annotated[float | None, Field(ge=0, allow_inf_nan=False)] = None
    check: CheckMode = "auto"
    services: ServiceSettings | None = None
    check_model: Annotated[str, Field(min_length=1)] | None = None
    citation_key: Annotated[str, AfterValidator(_pattern)] | None = None
    embedder: Preference = "auto"
    theme: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    keys: Annotated[dict[str, Key | tuple[Key, ...]], BeforeValidator(_by_action)] = {}
