"""Plain text as LaTeX that a BibTeX field can hold, and such LaTeX as plain text.

No sign of a text is a command, a comment or a brace of TeX in what is written: braces are
balanced, as BibTeX counts them whatever stands before them. Commands stand in groups of their
own, so that none takes a letter or a space that follows.
"""

from __future__ import annotations

from store.latex.signs import group_of, sign_of
from store.pattern import pattern

_ESCAPES = {
    **{sign: f"\\{sign}" for sign in "%&#$_{}"},
    "\\": "{\\textbackslash}",
    "~": "{\\textasciitilde}",
    "^": "{\\textasciicircum}",
    "<": "{\\textless}",
    ">": "{\\textgreater}",
}
_LONELY = {"{": "{\\textbraceleft}", "}": "{\\textbraceright}"}
_MEANT = {group: sign for sign, group in (*_ESCAPES.items(), *_LONELY.items())}
_SPECIAL = pattern(r"[%&#$_{}\\~^<>]")
_BEYOND = pattern(r"[^\x00-\x7f]")
# What TeX joins to one sign, and a line that begins as an entry does.
_JOINED = pattern(r"(?<=-)(?=-)|(?<=')(?=')|(?<=`)(?=`)|(?<=,)(?=,)|(?<=[!?])(?=`)")
_JOINING = ("--", "''", "``", ",,", "!`", "?`")
_ENTRY = pattern(r"(?m)^(\s*)@")
_PIECE = pattern(
    r"(?P<plain>[^\\{}$~`'-]+|[`'-](?![`'-])|['`-](?=[`'-])(?!``|''|--))"
    r"|(?P<sign>\\[%&#$_{}])"
    r"|(?P<nothing>\{\})|\{(?P<at>@)\}"
    r"|(?P<group>\{[\\$](?:[^{}]|\{(?:[^{}]|\{[^{}]{0,9}\}){0,20}\}){1,40}\})"
    r"|(?P<open>\{)|(?P<close>\})"
)


def escaped(text: str, *, ascii_only: bool) -> str:
    """A text as LaTeX; with `ascii_only` also signs beyond ASCII that LaTeX has commands for."""
    if _SPECIAL.search(text):
        escapes = _ESCAPES if _is_balanced(text) else _ESCAPES | _LONELY
        text = _SPECIAL.sub(lambda found: escapes[found[0]], text)
    if not text.isascii() and ascii_only:
        text = _BEYOND.sub(lambda found: group_of(found[0]), text)
    if any(map(text.__contains__, _JOINING)):
        text = _JOINED.sub("{}", text)
    return _ENTRY.sub(r"\1{@}", text) if "@" in text else text


def exact(text: str, *, groups: bool) -> str | None:
    """The text that `escaped` makes this of; None where anything stands otherwise.

    With `groups` braces may stand around words, as titles protect their capitals.
    """
    if "\\" not in text and "{" not in text:
        return None
    parts: list[str] = []
    at = depth = 0
    while found := _PIECE.match(text, at):
        at = found.end()
        kind, piece = found.lastgroup, found[0]
        if kind == "plain":
            parts.append(piece)
        elif kind == "sign":
            parts.append(piece[1])
        elif kind == "at":
            parts.append("@")
        elif kind == "group":
            sign = _MEANT.get(piece) or sign_of(piece)
            if sign is None:
                return None
            parts.append(sign)
        elif kind != "nothing":
            depth += 1 if kind == "open" else -1
            if depth < 0 or not groups:
                return None
    return "".join(parts) if at == len(text) and not depth else None


def _is_balanced(text: str) -> bool:
    """True where every brace of a text has its other one."""
    if "{" not in text and "}" not in text:
        return True
    depth = 0
    for sign in text:
        depth += (sign == "{") - (sign == "}")
        if depth < 0:
            return False
    return depth == 0
