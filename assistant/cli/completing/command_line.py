"""A command line as it stands before the cursor, cut into words, and what bash replaces of it."""

from __future__ import annotations

from dataclasses import dataclass

from store.pattern import pattern

_SPECIAL = pattern(r"[^\w@%+=:,./^-]")
_ASSIGNMENT = pattern(r"[A-Za-z_]\w*=")
_SHOWN_BREAKS = ":=@"
"""Characters that end no word for a program, and begin one for bash."""


@dataclass(frozen=True)
class CommandLine:
    """The words before the cursor, the one at it, its open quote, and what of it bash keeps."""

    words: list[str]
    current: str
    quote: str
    kept: str


def cut(line: str, breaks: str) -> CommandLine:
    """Cut a line as bash does; `breaks` is its COMP_WORDBREAKS.

    Where the word at the cursor holds a character that breaks words, bash replaces only what
    stands behind the last of them.
    """
    words: list[str] = []
    word: list[str] = []
    quote = ""
    kept = 0
    is_word = is_escaped = False
    for one in line:
        if is_escaped or (quote and one != quote and not (one == "\\" and quote == '"')):
            word.append(one)
            is_escaped = False
        elif one == "\\":
            is_word = is_escaped = True
        elif one == quote:
            quote = ""
        elif one in "'\"":
            quote, is_word = one, True
        elif one.isspace():
            if is_word:
                words.append("".join(word))
            word, kept, is_word = [], 0, False
        else:
            word.append(one)
            is_word = True
            if one in breaks and one in _SHOWN_BREAKS:
                kept = len(word)
    while words and _ASSIGNMENT.match(words[0]):
        del words[0]
    current = "".join(word)
    return CommandLine(words[1:], current, quote, "" if quote else current[:kept])


def unquoted(text: str) -> str:
    """A word as the program would be given it, where its last quote may be open still."""
    return cut(f"_ _ {text}", "").current


def quoted(value: str, line: CommandLine) -> str:
    """A value as it is put in the place of the word at the cursor."""
    rest = value.removeprefix(line.kept)
    if line.quote == "'":
        return rest
    if line.quote:
        return "".join(f"\\{one}" if one in '"\\$`' else one for one in rest)
    escaped = _SPECIAL.sub(r"\\\g<0>", rest)
    return f"\\{escaped}" if escaped.startswith("~") else escaped
