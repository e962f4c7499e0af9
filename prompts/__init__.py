"""The words given to a model, as data: one Markdown file a prompt, with its version and inputs.
Here stands what a prompt says, and where the files are.
Nothing that fills a prompt in: that is `assistant.prompting`.
"""

from __future__ import annotations

from pathlib import Path


def folder() -> Path:
    """Where the prompts that come with quire stand."""
    return Path(__file__).resolve().parent
