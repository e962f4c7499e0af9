"""How the themes are listed."""

from __future__ import annotations

KEYS = "Enter  keep      Esc  as before"
_ABOUT = {
    "dark": "dark",
    "light": "light",
    "high-contrast": "high contrast, on black",
    "terminal": "the terminal's own 16 colours",
}


def row(name: str) -> tuple[str, str]:
    """A theme in the list: ours by what they are, those of Textual by name."""
    return _ABOUT.get(name, name), ""


def unknown(name: str) -> str:
    """What is said of a configured theme that is not there."""
    return f"No theme is called {name}: Ctrl+P, Theme lists them."
