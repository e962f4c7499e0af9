"""What the tables of the configuration file may hold, with pydantic to say what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from assistant.types.claims import CheckMode


def _or_none(value: object) -> object:
    """TOML has no null: the word "none" stands for it."""
    return None if isinstance(value, str) and value.strip().lower() == "none" else value


Price = Annotated[float, Field(ge=0, lt=1_000_000, allow_inf_nan=False)]
"""USD for a million tokens."""

Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]


class ModelSettings(BaseModel):
    """A model in the configuration, `[models.NAME]`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str
    """Address of an OpenAI-compatible endpoint, such as http://127.0.0.1:11434/v1."""
    model: str
    """The model's id at that address."""
    key_variable: str | None = Field(default=None, min_length=1)
    """The environment variable that holds the key. Without it and `key_command`,
    OPENAI_API_KEY is sent to an https address, and no key over plain http."""
    key_command: Annotated[str, Field(min_length=1)] | tuple[str, ...] | None = None
    """A command whose stdout is the key, as a line or as a list; run without a shell."""
    context_tokens: int | None = Field(default=None, ge=512, le=100_000_000)
    """How many tokens prompt and answer may have together; without it what the server states,
    else 16 000."""
    max_output_tokens: int | None = Field(default=None, ge=64, le=100_000_000)
    """How many tokens a reply may have at most, what the model thinks included."""
    price_in: Price | None = None
    """What a million tokens of prompts cost, in USD."""
    price_out: Price | None = None
    """What a million tokens of answers cost, in USD."""
    temperature: Annotated[float | None, BeforeValidator(_or_none)] = 0.0
    """Sampling temperature; leave it out of the request with "none" where a model refuses it."""
    reasoning: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]{1,20}$")
    """How much a model may think before it answers, passed on as `reasoning_effort` where set:
    "none", "minimal", "low", "medium" or "high", as far as the model knows them."""
    first_token_s: Seconds = 120.0
    """How long the first word is waited for, in seconds: a local model loads slowly. A model on
    this machine has the time to read its prompt besides, unless this or `total_s` is set."""
    between_chunks_s: Seconds = 60.0
    """How long the next word is waited for, in seconds."""
    total_s: Seconds = 600.0
    """How long the whole answer may take, in seconds."""

    @model_validator(mode="after")
    def _one_key(self) -> ModelSettings:
        if self.key_variable is not None and self.key_command is not None:
            raise ValueError("key_variable and key_command exclude each other")
        return self


class EmbedderSettings(BaseModel):
    """An embedder behind an endpoint in the configuration, `[embedders.NAME]`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str
    """Address of an OpenAI-compatible endpoint, such as http://127.0.0.1:11434/v1."""
    model: str
    """The embedding model's id at that address."""
    key_variable: str = "OPENAI_API_KEY"
    """The environment variable that holds the key; a local server needs none."""


class ServiceSettings(BaseModel):
    """Where papers are fetched from, `[services]`: base addresses of mirrors, all optional."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    arxiv: str | None = None
    """Instead of https://export.arxiv.org."""
    pubmed: str | None = None
    """Instead of https://eutils.ncbi.nlm.nih.gov."""
    crossref: str | None = None
    """Instead of https://api.crossref.org."""
    datacite: str | None = None
    """Instead of https://api.datacite.org."""
    openalex: str | None = None
    """Instead of https://api.openalex.org."""
    huggingface: str | None = None
    """Instead of https://huggingface.co."""
    contact: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=200)] | None = None
    """A mail address that Crossref, OpenAlex and NCBI ask for; none is sent without it."""

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
