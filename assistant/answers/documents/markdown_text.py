r"""Text that stands in Markdown as it is: for CommonMark, GitHub's Markdown and pandoc's.

A backslash before a sign of ASCII takes its meaning in all three. Escaped is what can begin code,
emphasis, a link, a footnote, a citation, mathematics, HTML, an entity, a cell, or raw TeX; at the
start of a line what can begin a list, a heading, a rule, a definition, a block or a title.
"""

from __future__ import annotations

from store.clean import clean_line
from store.pattern import pattern

_SIGNS = pattern(r"[\\`*_{}\[\]<>#|~^$@&]")
_RUNS = pattern(r"(?<=-)-|(?<=\.)\.(?=\.)")
_START = pattern(r"[-+=:%]|\(?\w{1,9}(?P<stop>[.)])(?=\s|\Z)")
_PLAIN_KEY = pattern(r"[A-Za-z0-9_](?:[A-Za-z0-9_]|[:.#$%&\-+?<>~/](?=[A-Za-z0-9_]))*")


def escaped(text: str) -> str:
    """One line of text within a line of Markdown."""
    return _RUNS.sub(r"\\\g<0>", _SIGNS.sub(r"\\\g<0>", clean_line(text)))


def at_start(line: str) -> str:
    """A line of Markdown that begins with text, so that its beginning is text too."""
    found = _START.match(line)
    if not found:
        return line
    at = found.start("stop") if found["stop"] else 0
    return f"{line[:at]}\\{line[at:]}"


def cited(keys: list[str]) -> str:
    """A citation of pandoc: [@one; @other]."""
    named = (f"@{one}" if _PLAIN_KEY.fullmatch(one) else f"@{{{one}}}" for one in keys)
    return f"[{'; '.join(named)}]"


def quoted(text: str) -> str:
    """A value of the block in YAML that pandoc reads as Markdown: text as it is."""
    inner = escaped(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'
