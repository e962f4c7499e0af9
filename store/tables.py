"""Tables of words and of names, kept as TOML beside the modules that read them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any


def read_table(module: str, name: str) -> dict[str, Any]:
    """The table of a name that stands beside a module, whose `__file__` is given."""
    return tomllib.loads(Path(module).with_name(name).read_text("utf-8"))
