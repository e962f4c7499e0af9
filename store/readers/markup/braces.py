"""What braces and dollars mean in a text: groups and formulas, or sets, code and money."""

from __future__ import annotations

from store.pattern import pattern

_BRACE = pattern(r"\\[\s\S]|[{}]")
_UP_TO_DOLLAR = pattern(r"(?:\\(?:text|textrm|mbox|hbox)\s?\{[^{}]*+\}|\\[\s\S]|[^$\\]++)*+")
_UP_TO_ROUND = pattern(r"(?:[^\\]++|\\[^()])*+")
_UP_TO_SQUARE = pattern(r"(?:[^\\]++|\\[^\[\]])*+")
_SIGNS = pattern(r"[\\^_{}=<>|]")
_PROSE = pattern(r"[^\W\d_]{4,}|(?<![^\W\d_])[^\W\d_]{2,}\s+[^\W\d_]{2,}")
_PARAGRAPH = pattern(r"\n\s*\n")
_REGEX = pattern(r"\\[dDwWsSb][+*?)\]\\|]")
_WORDS = pattern(r"[^\W_](?:[\w .'’&–-]|(?<=[^\W\d_])/(?=[^\W\d_]))*(?:\([\w .'’-]*\)[\w .'’-]*)?")
_PLACEHOLDER = pattern(r"\d+|[a-z]|[a-z]+_[a-z_]+")
_NUMBERS = pattern(r"\s*[-+±]?\d+(?:\s*,\s*[-+±]?\d+)+\s*")
_ANY = pattern(r"[^{}=|<>\[\]\"]*")
_GLUED = "-,.%'&:;~–/+\""
_SERVER = pattern(r"\\\\[\w.$-]+\\[^\s,;]")
_LONGEST = 200
_CODE_BEFORE = ")=:$%#@{}<[\\"


def closing_braces(text: str) -> dict[int, int]:
    """For each opening brace the offset of the one that closes it; those escaped do not count."""
    closes: dict[int, int] = {}
    opened: list[int] = []
    for found in _BRACE.finditer(text):
        brace = found[0]
        if brace == "{":
            opened.append(found.start())
        elif brace == "}" and opened:
            closes[opened.pop()] = found.start()
    return closes


def is_group(text: str, start: int, close: int, *, title: bool) -> bool:
    """Tell braces of LaTeX and BibTeX, {DC} and {\\bf x}, from sets, code and patterns."""
    content = text[start + 1 : min(close, start + 4 * _LONGEST)]
    before = text[max(start - 1, 0) : start]
    after = text[close + 1 : close + 2]
    if title and start == 0 and close + 2 >= len(text) and '"' not in content:
        return True
    if not content.strip():
        return before.isalnum() and not after.isalpha() if not content else False
    if content[0] == "\\":
        return content[1:2] not in "{}" or "," not in content
    if "\\" in content or "$" in content:
        return "," not in content or title
    if _NUMBERS.fullmatch(content):
        return False
    if content == '"':  # BibTeX needs the braces, where quotation marks enclose a field
        return True
    if len(content) == 1 and content in _GLUED:
        return before.isalnum() and (after.isalnum() or content in "%'\"")
    if title and _ANY.fullmatch(content) and not _PLACEHOLDER.fullmatch(content):
        return ", " not in content or ":" in content or len(content) > 40
    if title and content[0] == "{":
        return True
    if before and (before in _CODE_BEFORE or (before.isalpha() and not content.isupper())):
        return False
    return (
        len(content) <= _LONGEST
        and text[max(start - 2, 0) : start] != ") "
        and _WORDS.fullmatch(content) is not None
        and not _PLACEHOLDER.fullmatch(content)
    )


def math_end(text: str, at: int, end: int, opening: str) -> int:
    """The offset at which a formula that begins at `at` is closed; -1 where none begins.

    What two dollars enclose is money where the second follows a blank or stands before a digit,
    and text where it holds words and no sign of a formula.
    """
    if opening == "$":
        return _inline_end(text, at, end)
    scan, closing = {
        "$$": (_UP_TO_DOLLAR, "$$"),
        "\\(": (_UP_TO_ROUND, "\\)"),
        "\\[": (_UP_TO_SQUARE, "\\]"),
    }[opening]
    found = scan.match(text, at, end)
    close = found.end() if found else end
    if not text.startswith(closing, close) or close + 2 > end or close == at:
        return -1
    content = text[at:close]
    is_pattern = opening != "$$" and _REGEX.search(content)
    return -1 if is_pattern or _PARAGRAPH.search(content) else close


def _inline_end(text: str, at: int, end: int) -> int:
    found = _UP_TO_DOLLAR.match(text, at, end)
    close = found.end() if found else end
    if close >= end or close == at:
        return -1
    content = text[at:close]
    return close if _is_formula(content, text[close + 1 : close + 2]) else -1


def _is_formula(content: str, after: str) -> bool:
    """Tell a formula between two dollars from what stands between two sums of money."""
    ends_open = content[0].isspace() or content[-1].isspace()
    if after.isdigit() and (ends_open or content[0].isdigit()):
        return False
    if "\n" in content and _PARAGRAPH.search(content):
        return False
    if "\\" in content or "^{" in content or "_{" in content:
        return True
    is_sure = "=" in content and ("^" in content or "_" in content)
    if not is_sure and (_PROSE.search(content) or (content[-1].isspace() and after.isalnum())):
        return False
    if _SIGNS.search(content):
        return is_sure or not (ends_open and content[0].isdigit())
    return not ends_open and not (content[0].isdigit() and " " in content)


def is_path(text: str, at: int) -> bool:
    """True for the first backslash of a path of Windows: C:\\Users, \\\\server\\share."""
    before = text[max(at - 3, 0) : at]
    if before.endswith(":"):
        return before[-2:-1].isalpha() and not before[:-2].isalnum()
    is_first = not before or before[-1].isspace()
    return is_first and text.startswith("\\\\", at) and _SERVER.match(text, at) is not None
