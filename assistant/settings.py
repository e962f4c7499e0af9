"""Settings: where the library is, which model answers, and the reader's own prompts."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.errors import WrongUse


class ModelSettings(BaseModel):
    """A model in the configuration, `[models.NAME]`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str
    """Address of an OpenAI-compatible endpoint, such as http://127.0.0.1:11434/v1."""
    model: str
    """The model's id at that address."""
    key_variable: str = "OPENAI_API_KEY"
    """The environment variable that holds the key; a local server needs none."""
    context_tokens: int = 16_000
    """How many tokens prompt and answer may have together."""
    temperature: float | None = 0.0
    """Sampling temperature; leave it out of the request with "none" where a model refuses it."""
    price_in: float | None = None
    """USD per million tokens sent; a model on this machine costs nothing without it."""
    price_out: float | None = None
    """USD per million tokens written by the model."""


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


def config_file(named: str | None, environment: Mapping[str, str]) -> Path:
    """Where the configuration stands: the one named, QUIRE_CONFIG, or the system's place."""
    import platformdirs

    chosen = named or environment.get("QUIRE_CONFIG")
    if chosen:
        return Path(chosen).expanduser()
    return Path(platformdirs.user_config_dir("quire")) / "config.toml"


def load_settings(
    named: str | None = None, environment: Mapping[str, str] = os.environ
) -> Settings:
    """The settings from their file; without a file, the defaults.

    Raises WrongUse when a file that was named is not there, or when it makes no sense.
    """
    path = config_file(named, environment)
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        if named or environment.get("QUIRE_CONFIG"):
            raise WrongUse(f"no configuration at {path}", "check --config") from None
        return Settings()
    except (OSError, UnicodeDecodeError) as failure:
        raise WrongUse(f"the configuration {path} cannot be read: {failure}", "") from failure
    try:
        return Settings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as failure:
        raise WrongUse(f"the configuration {path} is not TOML: {failure}", "") from failure
    except ValidationError as failure:
        first = failure.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise WrongUse(
            f"the configuration {path} is wrong at {place}: {first['msg']}", ""
        ) from None


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
