"""The words given to a model, as data: one Markdown file a prompt."""

from __future__ import annotations

from pathlib import Path


def folder() -> Path:
    """Where the prompts that come with quire stand."""
    return Path(__file__).resolve().parent
