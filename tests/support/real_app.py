"""The app over a real library, and what stands in its turns."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from textual.widgets import Static

from assistant.config.settings import Settings
from assistant.workspace import Workspace, open_workspace
from store.library.library import Library
from store.types import Record
from tui.app import QuireApp

CODECS = (
    ("FoxCodec", "Audio codecs make tokens. FoxCodec needs a single quantizer and 40 tokens."),
    ("OwlCodec", "Nights are noisy. OwlCodec needs two quantizers and 80 tokens a second."),
)
"""Titles and abstracts of two papers."""


def records(papers: Iterable[tuple[str, str]]) -> list[Record]:
    """Records of papers, titles and abstracts."""
    return [
        Record(title=title, abstract=abstract, source="own.jsonl", reader="jsonl")
        for title, abstract in papers
    ]


def stock(folder: Path, papers: Iterable[tuple[str, str]]) -> Path:
    """Add papers, titles and abstracts, to a library that is made where there is none."""
    with Library.open(folder, create=True) as library:
        library.ingest().run(records(papers))
        library.catch_up()
    return folder


def app_over(
    folder: Path, model: str | None = None, settings: Settings | None = None, **options: Any
) -> QuireApp:
    """The app over a library, not yet running."""

    async def open_this_workspace() -> Workspace:
        return await open_workspace(folder, model, settings or Settings(), lambda line: None)

    return QuireApp(open_this_workspace, **options)


def said(app: QuireApp, place: str) -> str:
    """A line of the current turn: its progress, thoughts, ending or account."""
    turn = app.main.conversation.current
    if turn is None or not turn.is_mounted:
        return ""
    return str(turn.query_one(f".{place}", Static).render())


def shown(app: QuireApp) -> str:
    """What stands on the screen."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


def flat(text: str) -> str:
    """The text of a screen without line breaks, frames and scroll bars."""
    return " ".join(text.translate(dict.fromkeys(map(ord, "▌│▁▂▃▄▅▆▇█▀╭╮╰╯─"), " ")).split())
