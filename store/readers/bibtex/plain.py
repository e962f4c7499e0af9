"""Plain text of the fields beside title and abstract, which are cleaned with their record."""

from __future__ import annotations

from store.latex.codec import exact
from store.pattern import pattern
from store.readers.markup.readable import readable

_SPECIAL = pattern(r"[\\{}~$]")
_BRACE = pattern(r"[{}]")
_ACCENT_APART = pattern(r"\{\\([\"'`^~=.])\s+(\\?[A-Za-z])\s*\}")
_ESCAPED_TWICE = pattern(r"\\\\(?=[%&#_$])")
_URL = pattern(r"\\(?:url|href)\s*\{([^{}]*)\}")
_ESCAPED = pattern(r"\\([_&%#$~{}])")
_TILDE = pattern(r"\{?\\(?:textasciitilde|~)\s*(?:\{\})?\}?")
_SIGNS = (
    ("{\\_}", "_"),
    ("{\\&}", "&"),
    ("{\\textless}", "<"),
    ("{\\textgreater}", ">"),
    ("\\textless{}", "<"),
    ("\\textgreater{}", ">"),
    ("$<$", "<"),
    ("$>$", ">"),
    ("{\\textunderscore}", "_"),
    ("\\textunderscore{}", "_"),
    ("\\textunderscore ", "_"),
    ("$\\sim$", "~"),
    ("$\\_$", "_"),
)


def as_meant(text: str) -> str:
    """A text as the programs mean it that write what TeX would set otherwise.

    citation-js writes {\\" u}, pybtex 50\\\\% for what came as 50\\%, bibutils {\\~} for a tilde.
    """
    if "\\" not in text:
        return text
    text = _ESCAPED_TWICE.sub(r"\\", _ACCENT_APART.sub(r"{\\\1\2}", text))
    return text.replace("{\\~}", "\\textasciitilde{}").replace("{\\^}", "\\textasciicircum{}")


def plain(text: str) -> str:
    """A name, a venue or a keyword without LaTeX; in none of these a brace is a sign of its own."""
    if not _SPECIAL.search(text):
        return text
    if (found := exact(text, groups=True)) is not None:
        return found
    return readable(as_meant(text), title=True).replace("{", "").replace("}", "").replace("~", " ")


def as_it_stands(text: str, *, title: bool) -> str:
    """A title or an abstract without braces around it, of which LaTeX is read later.

    LaTeX that means one text in one way alone is read here: what its signs seem to mean among
    others is no matter.
    """
    found = exact(text.strip(), groups=title)
    return unwrapped(as_meant(text)) if found is None else found


def plain_address(text: str) -> str:
    """An address or an identifier without LaTeX, in which % and ~ are signs like others."""
    if not _SPECIAL.search(text):
        return text.strip()
    found = _URL.search(text)
    if found:
        text = found[1]
    for written, sign in _SIGNS:
        text = text.replace(written, sign)
    text = _ESCAPED.sub(r"\1", _TILDE.sub("~", text))
    return text.replace("{", "").replace("}", "").strip()


def unwrapped(text: str) -> str:
    """A text without braces that stand around the whole of it."""
    text = text.strip()
    around = _layers(text)
    if not around:
        return text
    # {\em x} and {\'E} keep the brace that their command stands in.
    if text[around : around + 1] == "\\":
        around -= 1
    return text[around : len(text) - around].strip()


def groups_joined(parts: list[str], mark: str) -> list[str]:
    """The parts between marks, where a mark within braces parts nothing."""
    joined: list[str] = []
    depth = 0
    for part in parts:
        if depth > 0:
            joined[-1] += mark + part
        else:
            joined.append(part)
        depth = max(depth + part.count("{") - part.count("}"), 0)
    return joined


def is_one_group(text: str) -> bool:
    """True where the brace at the beginning is closed at the end."""
    return _layers(text) > 0


def _layers(text: str) -> int:
    """How many pairs of braces stand around the whole of a text."""
    if not (text.startswith("{") and text.endswith("}")):
        return 0
    ends = len(text) - len(text.rstrip("}"))
    least = begins = len(text) - len(text.lstrip("{"))
    depth = 0
    for found in _BRACE.finditer(text):
        depth += 1 if found[0] == "{" else -1
        if begins <= found.start() < len(text) - ends:
            least = min(least, depth)
    return max(min(least, ends), 0) if not depth else 0
