"""The settings as they are listed, asked for and told once changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.clean import clean_line

if TYPE_CHECKING:
    from assistant.workspace.configuration import SettingLine

ANY_KEY = "keys.NAME"
"""Stands for the key of any action."""
KEYS_ELSEWHERE = "quire config set keys.NAME KEY changes one; the help, then Tab, has the names"
"""What is said where the key of no one action is chosen."""

KEYS = "Enter  change   d  as it comes   Esc  close"
TYPE_KEYS = "Enter  set     Esc  cancel"
CHOOSE_KEYS = "Enter  choose     Esc  cancel"
_ORIGINS = {"default": "as it comes", "file": "set in the file", "environment": "from ${}"}


def origin(line: SettingLine) -> str:
    """Where the value of a setting is from."""
    return _ORIGINS[line.origin].format(line.environment)


def row(line: SettingLine) -> tuple[str, str]:
    """A setting in the list: its name and value, and what it does in a sentence."""
    value = clean_line(line.value)
    mark = "" if line.origin == "default" else f" · {origin(line)}"
    return f"{clean_line(line.name)} = {value}{mark}", first_sentence(line.about)


def first_sentence(text: str) -> str:
    """What a setting does, up to its first full stop or colon."""
    return f"{text.split('. ')[0].split(': ')[0].rstrip('.')}."


def detail(line: SettingLine) -> str:
    """What is told of the setting under the cursor, below the list."""
    now = "" if line.origin == "default" else f" Now {origin(line)}."
    takes = f"Takes {line.allowed}; by itself: {line.default}."
    return f"{line.about} {takes}{now} {holds(line)}"


def holds(line: SettingLine) -> str:
    """From when on a change holds."""
    if line.name == "theme":
        return "A change holds at once."
    when = "from the next question on" if line.at_once else "from the next start on"
    return f"A change holds {when}."


def refusal(line: SettingLine) -> str:
    """Why a setting cannot be changed here; "" where it can."""
    if line.name == ANY_KEY:
        return KEYS_ELSEWHERE
    if line.origin == "environment":
        return f"${line.environment} comes first: change it there."
    return ""


def changed(line: SettingLine, text: str | None) -> str:
    """What is said of a change; None for one that was taken back to its default."""
    name = clean_line(line.name)
    done = f"{name} is as it comes" if text is None else f"{name} = {clean_line(text)}"
    return f"{done}. {holds(line).replace('A change', 'It')}"


def unchanged(line: SettingLine) -> str:
    """What is said where a setting that is not set is to be as it comes."""
    return f"{clean_line(line.name)} is as it comes already."
