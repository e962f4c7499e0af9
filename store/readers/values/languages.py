"""The language of a record as an ISO 639 code: "en" of "English", "eng", "en-US"."""

from __future__ import annotations

from functools import lru_cache

from store.clean import clean_line
from store.pattern import pattern
from store.readers.values.plain import LeftOut, bare, is_nothing, text_of, texts_of
from store.tables import read_table

_PARTS = pattern(r"\s*[;,/|]\s*")
_CODE = pattern(r"[a-z]{3}")
_TAG = pattern(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{2,4}){0,2}|[A-Z]?[a-z]{4,12}")
_NONE = frozenset(
    ("und", "undetermined", "unknown", "mul", "multiplelanguages", "zxx", "mis", "na", "none", "xx")
)


def language_of(value: object, said: LeftOut) -> str | None:
    """The language of a record, the first where several are given.

    The code of two letters where there is one, else that of three.
    """
    if value == "en":
        return "en"
    if is_nothing(value):
        return None
    is_unsaid = False
    for text in texts_of(value, "code", "language", "id"):
        for part in _PARTS.split(clean_line(text)):
            if found := code_of(part):
                return found
            is_unsaid = is_unsaid or bare(part) in _NONE
    if not is_unsaid:
        said.leave_out("language", value)
    return None


def code_of(text: str) -> str | None:
    """The code of a language by one of its names or codes, or None."""
    name = bare(text)
    if not name or name in _NONE:
        return None
    known = _known()
    if found := known.get(name):
        return found
    main = _main(text).partition("(")[0].strip()
    if found := known.get(main):
        return found
    return main if _CODE.fullmatch(main) and _CODE.fullmatch(name) else None


def in_one_language(value: object) -> object:
    """The English text of an object of texts by their languages, or its first; else the value."""
    if not isinstance(value, dict) or not all(map(_is_code, value)) or [*value] == ["id"]:
        return value  # an id alone is none in Indonesian
    texts = {key: one for key, one in value.items() if not is_nothing(one)}
    if not all(map(text_of, texts.values())):
        return value
    english = (one for key, one in texts.items() if code_of(key) == "en")
    return next(english, next(iter(texts.values()), None))


def _is_code(key: object) -> bool:
    return isinstance(key, str) and _TAG.fullmatch(key) is not None and _main(key) in _known()


def _main(text: str) -> str:
    return text.strip().lower().replace("_", "-").partition("-")[0]


def language_name(code: str) -> str:
    """The English name of a language by its code, or the code where it has none here."""
    names = _table().get(code, "").split()
    # Behind the codes of three letters; a name of three letters stands for its code too.
    return next((one for one in names if len(one) > 3), code).capitalize() if names else code


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    return read_table(__file__, "languages.toml")


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    return {name: code for code, names in _table().items() for name in (code, *names.split())}
