"""Settings: where the library is, which model answers, and the reader's own prompts."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from assistant.errors import WrongUse

_MAX_BYTES = 1_000_000
"""How long the configuration may be."""


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
    context_tokens: int = Field(default=16_000, ge=512, le=100_000_000)
    """How many tokens prompt and answer may have together."""
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


class Settings(BaseModel):
    """The configuration file, all of it optional."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str | None = None
    """The model that answers where neither -m nor QUIRE_MODEL names one."""
    models: dict[str, ModelSettings] = {}
    """Models by name."""
    embedders: dict[str, EmbedderSettings] = {}
    """Where embedding models are served, by name."""
    prompts: Path | None = None
    """A folder with the reader's own prompts."""
    max_cost: Annotated[float | None, Field(ge=0, allow_inf_nan=False)] = None
    """What one answer, or the check of one, may cost at most, in USD, in the app and where
    --max-cost is not given. With it a model without prices is refused."""


def config_file(named: str | None, environment: Mapping[str, str]) -> Path:
    """Where the configuration stands: the one named, QUIRE_CONFIG, or the system's place."""
    import platformdirs

    chosen = named or environment.get("QUIRE_CONFIG")
    if chosen:
        return Path(os.path.expanduser(chosen))
    return Path(platformdirs.user_config_dir("quire")) / "config.toml"


def load_settings(
    named: str | None = None, environment: Mapping[str, str] = os.environ
) -> Settings:
    """The settings from their file; without a file, the defaults.

    Raises WrongUse when a file that was named is not there, or when it makes no sense.
    """
    path = config_file(named, environment)
    text = read_config(path)
    if text is None:
        if named or environment.get("QUIRE_CONFIG"):
            raise WrongUse(f"no configuration at {path}", "check --config")
        return Settings()
    return parse_settings(text, path)


def read_config(path: Path) -> str | None:
    """The text of the configuration file, None where there is none; raises WrongUse."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as failure:
        why = getattr(failure, "strerror", None) or str(failure)
        raise _wrong(path, f"cannot be read: {why}", None) from failure
    if len(data) > _MAX_BYTES:
        raise _wrong(path, f"is longer than {_MAX_BYTES:,} bytes", None)
    try:
        # As text files are read: TOML has both line ends.
        return data.decode("utf-8")
    except UnicodeDecodeError as failure:
        from assistant.config.lines import line_of_byte

        line = line_of_byte(data, failure.start)
        raise _wrong(path, f"is not UTF-8: byte 0x{data[failure.start]:02x}", line) from failure


def parse_settings(text: str, path: Path) -> Settings:
    """The settings from the text of their file; raises WrongUse, without a value in it."""
    try:
        return Settings.model_validate(tomllib.loads(text))
    except ValidationError as failure:
        from assistant.config.lines import line_of

        first = failure.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        line = line_of(text, first["loc"])
        raise _wrong(path, f"is wrong at {place}: {first['msg']}", line) from None
    except (ValueError, RecursionError) as failure:  # tomllib's own, or Python's from within it
        from assistant.config.lines import not_toml

        line, what = not_toml(text, failure)
        raise _wrong(path, f"is not TOML: {what}", line) from failure


def _wrong(path: Path, what: str, line: int | None) -> WrongUse:
    where = "" if line is None else f" (line {line})"
    return WrongUse(f"the configuration {path} {what}{where}", "mend it, or name another: --config")


def library_folder(named: str | None, environment: Mapping[str, str] = os.environ) -> Path:
    """Where the library is: the one named, QUIRE_HOME, or the system's place for data.

    Raises WrongUse for an address: libraries on a server are not supported.
    """
    import platformdirs

    chosen = named or environment.get("QUIRE_HOME")
    if chosen and "://" in chosen:
        raise WrongUse(
            f"{chosen} is an address; a library is a folder on this machine", "give a path"
        )
    if chosen:
        return Path(os.path.abspath(os.path.expanduser(chosen)))
    return Path(platformdirs.user_data_dir("quire")) / "library"


def models_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where fetched models are kept for all libraries: QUIRE_MODELS, or the system's place."""
    import platformdirs

    chosen = environment.get("QUIRE_MODELS")
    if chosen:
        return Path(os.path.abspath(os.path.expanduser(chosen)))
    return Path(platformdirs.user_data_dir("quire")) / "models"


def state_folder() -> Path:
    """Where logs and the last lists shown are kept."""
    import platformdirs

    return Path(platformdirs.user_state_dir("quire"))
