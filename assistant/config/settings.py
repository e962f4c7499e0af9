"""Settings: where the library is, which model answers, and the reader's own prompts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from assistant.errors import WrongUse
from assistant.types.claims import CheckMode
from store.embedders.base import Preference

if TYPE_CHECKING:
    from assistant.config.tables import EmbedderSettings, ModelSettings, ServiceSettings

_MAX_BYTES = 1_000_000
"""How long the configuration may be."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The configuration file, all of it optional."""

    model: str | None = None
    """The model that answers where neither -m nor QUIRE_MODEL names one."""
    models: Mapping[str, ModelSettings] = field(default_factory=dict)
    """Models by name."""
    embedders: Mapping[str, EmbedderSettings] = field(default_factory=dict)
    """Where embedding models are served, by name."""
    prompts: Path | None = None
    """A folder with the reader's own prompts."""
    max_cost: float | None = None
    """What one answer, or the check of one, may cost at most, in USD, in the app and where
    --max-cost is not given. With it a model without prices is refused."""
    check: CheckMode = "auto"
    """Whether a model judges the claims of an answer where neither --check nor --no-check says."""
    services: ServiceSettings | None = None
    """Where papers are fetched from, where that is not the services' own address."""
    check_model: str | None = None
    """The model that judges, where it is another than the one that answers."""
    citation_key: str | None = None
    """What citation keys are made by, where that is not {author}{year}{title}."""
    embedder: Preference = "auto"
    """What new libraries are searched with: minilm where it is on this machine, or always the
    built-in one."""
    theme: str | None = None
    """The colours of the app, where they are not the usual ones."""
    keys: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    """Keys of the app by the name of what they do, where they are not the usual ones."""

    @classmethod
    def model_validate(cls, fields: Mapping[str, Any]) -> Self:
        """The settings that a file's tables hold; raises ValidationError of pydantic."""
        # A command without a configuration, which is most of them, does without pydantic.
        from assistant.config.tables import Tables

        # Its items, not the mapping that its field `keys` makes it look like.
        return cls(**dict(iter(Tables.model_validate(fields))))


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
    import tomllib

    from pydantic import ValidationError

    try:
        return Settings.model_validate(tomllib.loads(text))
    except ValidationError as failure:
        from assistant.config.descriptions import told
        from assistant.config.lines import line_of

        first = failure.errors(include_input=False, include_url=False)[0]
        line = line_of(text, first["loc"])
        raise _wrong(path, f"is wrong at {told(first)}", line) from None
    except (ValueError, RecursionError) as failure:  # tomllib's own, or Python's from within it
        from assistant.config.lines import not_toml

        line, what = not_toml(text, failure)
        raise _wrong(path, f"is not TOML: {what}", line) from failure


def _wrong(path: Path, what: str, line: int | None) -> WrongUse:
    where = "" if line is None else f" (line {line})"
    return WrongUse(
        f"the configuration {path} {what}{where}",
        "mend it: quire config edit, or name another: --config",
    )


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
