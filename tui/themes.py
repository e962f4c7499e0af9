"""The themes of the app's own: dark, light, high contrast, and the colours of the terminal.

Every text on its ground reaches a contrast of 4.5:1, in high contrast 7:1 (WCAG 2.2, 1.4.3 and
1.4.6), as `tests/tui/test_contrast.py` measures on the screen. So what Textual would mix from the
ground, such as muted text, is named here.
"""

from __future__ import annotations

from textual.theme import BUILTIN_THEMES, Theme

USUAL = "dark"
"""The theme of an app for which none is configured."""


def _own(name: str, *, muted: str, cursor: tuple[str, str], **colours: str) -> Theme:
    """A theme in which a text of a kind has the colour of that kind; `cursor` is text on ground."""
    text, ground = cursor
    kinds = ("primary", "warning", "error", "success", "accent")
    named = {f"text-{kind}": colours[kind] for kind in kinds}
    variables = {
        **named,
        "text": colours["foreground"],
        "text-muted": muted,
        "text-disabled": muted,
        "foreground-muted": muted,
        "foreground-disabled": muted,
        "block-cursor-foreground": text,
        "block-cursor-background": ground,
        "block-cursor-blurred-foreground": colours["foreground"],
        "input-selection-foreground": text,
        "input-selection-background": ground,
        "screen-selection-foreground": text,
        "screen-selection-background": ground,
        "footer-key-foreground": colours["primary"],
        "footer-description-foreground": muted,
    }
    return Theme(name=name, variables=variables, **colours)  # type: ignore[arg-type]


DARK = _own(
    "dark",
    muted="#a4abb3",
    cursor=("#ffffff", "#20409a"),
    foreground="#e6e6e6",
    background="#111417",
    surface="#1a1e22",
    panel="#242a30",
    boost="#22282e",
    primary="#6cb6ff",
    secondary="#9db7d1",
    accent="#f0b35a",
    warning="#eec35e",
    error="#ff8a80",
    success="#7fd88f",
)
LIGHT = _own(
    "light",
    muted="#545c66",
    cursor=("#ffffff", "#0a4fa8"),
    foreground="#1f2328",
    background="#fbfbf8",
    surface="#f2f2ee",
    panel="#e6e6e1",
    boost="#e9e9e4",
    primary="#0a4fa8",
    secondary="#44607d",
    accent="#944400",
    warning="#7a4f00",
    error="#ad1f1a",
    success="#17642f",
)
HIGH_CONTRAST = _own(
    "high-contrast",
    muted="#d0d0d0",
    cursor=("#000000", "#ffffff"),
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#101010",
    boost="#141414",
    primary="#8fd8ff",
    secondary="#c8e4ff",
    accent="#ffd75f",
    warning="#ffd75f",
    error="#ffb0a8",
    success="#a6f2a6",
)
TERMINAL = Theme(
    name="terminal",
    ansi=True,
    dark=True,
    # Whether the terminal is dark or light is not known: of its colours these two are read on both
    # (xterm's on black and on white: magenta 4.4:1 and 4.7:1, red 3.6:1 and 5.9:1).
    primary="ansi_magenta",
    secondary="ansi_magenta",
    accent="ansi_magenta",
    error="ansi_red",
    warning="ansi_default",
    success="ansi_default",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        **BUILTIN_THEMES["ansi-dark"].variables,
        "border": "ansi_magenta",
        "border-blurred": "ansi_default",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": "ansi_cyan",
        "input-selection-foreground": "ansi_black",
        "input-selection-background": "ansi_cyan",
        "screen-selection-foreground": "ansi_black",
        "screen-selection-background": "ansi_cyan",
        "footer-key-foreground": "ansi_magenta",
        "link-color": "ansi_magenta",
        **{f"scrollbar{part}": "ansi_magenta" for part in ("", "-hover", "-active")},
        **{f"scrollbar-background{part}": "ansi_default" for part in ("", "-hover", "-active")},
    },
)
OWN = (DARK, LIGHT, HIGH_CONTRAST, TERMINAL)
"""In the order in which they are offered."""

_FITTING = (
    *("textual-dark", "nord", "gruvbox", "dracula", "tokyo-night", "monokai", "flexoki"),
    *("catppuccin-mocha", "catppuccin-macchiato", "catppuccin-frappe", "rose-pine"),
    *("rose-pine-moon", "atom-one-dark", "textual-light", "catppuccin-latte", "rose-pine-dawn"),
)
"""Themes of Textual in which all but a few texts reach 4.5:1; in the others ten and more do not."""


def offered() -> tuple[str, ...]:
    """The names of the themes to choose from, our own first."""
    return (*(one.name for one in OWN), *_FITTING)
