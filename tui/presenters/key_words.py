"""Keys as a reader writes them in the configuration, and what is said of those that cannot be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from store.clean import clean_line
from store.nearest import nearest
from store.pattern import pattern
from tui.presenters.pane_help import NAMES

Spelt = Mapping[str, Sequence[str]]
"""The keys of each action as they are spelt everywhere, by the id of its binding."""

_MODIFIERS = ("ctrl", "alt", "shift", "super")
_NAMED = (*NAMES, "up", "down", "left", "right", "insert")
_SPELT = {
    **{spelt.lower(): key for key, spelt in NAMES.items() if "+" not in key},
    **{name: name for name in _NAMED},
    "↑": "up",
    "↓": "down",
    "←": "left",
    "→": "right",
}
_FUNCTION_KEYS = 24
_ARRIVES_AS = {
    "ctrl+h": "as ⌫",
    "ctrl+i": "as Tab",
    "ctrl+m": "as Enter",
    "ctrl+[": "as Esc",
    "ctrl+c": "to copy what is selected",
}
"""Keys that terminals send as others, or that have their use in every box."""
_ALIKE = 0.5
_TOLD = pattern(r"(?P<whole>(?P<key>\S+) +\S+(?: \S+)*)(?: {2,}|\n|$)")


def read_key(text: str) -> str:
    """A key as Textual names it, a character as it stands; "" for what is no key.

    Both spellings are read: `^s` and `ctrl+s`, `Esc` and `escape`.
    """
    text = text.strip() or ("space" if text else "")
    if len(text) == 1:
        return _SPELT.get(text, text) if text.isprintable() else ""
    if text[:1] == "^":
        text = f"ctrl+{text[1:]}"
    *modifiers, base = text.split("+") if not text.endswith("+") else (*text[:-2].split("+"), "+")
    modifiers = [one.lower() for one in modifiers]
    if any(one not in _MODIFIERS for one in modifiers) or len(set(modifiers)) < len(modifiers):
        return ""
    named = base.lower()
    is_function = named[:1] == "f" and named[1:].isdecimal() and named[1:].isascii()
    if is_function and 1 <= int(named[1:]) <= _FUNCTION_KEYS:
        base = f"f{int(named[1:])}"
    elif named in _SPELT:
        base = _SPELT[named]
    elif len(base) != 1 or not base.isprintable():
        return ""
    elif modifiers == ["shift"]:  # a terminal sends the letter
        return base.upper()
    else:
        base = named
    order = [one for one in ("alt", "ctrl", "shift", "super") if one in modifiers]
    return "+".join((*order, base))


def told_keys(text: str) -> list[tuple[int, int, str]]:
    """Where keys stand in the words of a dialog, with what they do, and which they are."""
    return [
        (*found.span("whole"), found["key"])
        for found in _TOLD.finditer(text)
        if read_key(found["key"])
    ]


def unusable(key: str) -> str:
    """Why a key cannot be given to an action; "" where it can."""
    arrives = _ARRIVES_AS.get(key)
    return f"comes {arrives}" if arrives else ""


def no_action(name: str, known: Sequence[str], help_key: str) -> str:
    """What is said of a name that no action has."""
    near = nearest(name, known, most=3, least=_ALIKE)
    like = f" Near it: {', '.join(near)}." if near else ""
    return f"keys: no action is called “{clean_line(name)}”.{like} All: {help_key}, then Tab"


def no_key(name: str, text: str, why: str, now: Sequence[str]) -> str:
    """What is said of a key that cannot be."""
    what = f"“{clean_line(text)}” {why or 'is no key'}"
    return f"keys.{clean_line(name)}: {what}; it stays {' '.join(now)}"


def clash(name: str, keys: Sequence[str], lost: str, now: Sequence[str]) -> str:
    """What is said of keys with which another action could not be reached any more."""
    return f"keys.{name}: with {' '.join(keys)} no key is left for {lost}; it stays {' '.join(now)}"
