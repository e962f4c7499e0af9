"""What the papers of a list are to have, as a condition in SQL."""

from __future__ import annotations

from collections.abc import Sequence

from store.ledger.conditions import conditions, like_part
from store.types import Filter, Words
from store.value import Value

_COLUMNS = ("title", "abstract", "authors", "venue", "year")


class Looked(Value):
    """What the papers of a list are to have.

    Every one of `words` somewhere, parts of words too; the phrases of `required` and none of
    those of `excluded`; what `wanted` leaves, and no filter of `without`.
    """

    words: tuple[str, ...] = ()
    required: tuple[Words, ...] = ()
    excluded: tuple[Words, ...] = ()
    wanted: Filter = Filter()
    without: tuple[Filter, ...] = ()


def narrows(looked: Looked, before: Looked) -> bool:
    """True where every paper that has what is looked for is known to have had what was before.

    So it is where words go on or are added and all else stays. Words of other than ASCII letters
    are not followed: a letter may be written otherwise where a word ends.
    """
    if before.words and not all(one.isascii() for one in (*looked.words, *before.words)):
        return False
    words = [one.lower() for one in looked.words]
    return (
        all(any(old.lower() in new for new in words) for old in before.words)
        and set(before.required) <= set(looked.required)
        and set(before.excluded) <= set(looked.excluded)
        and set(before.without) <= set(looked.without)
        and before.wanted in (looked.wanted, Filter())
    )


def held(looked: Looked) -> tuple[str, list[object]]:
    """What is looked for as a condition in SQL on the papers, with its values."""
    parts: list[str] = []
    values: list[object] = []

    def hold(condition: tuple[str, Sequence[object]], *, is_not: bool = False) -> None:
        # A field that a paper lacks is NULL, and NOT NULL is not true.
        parts.append(f"NOT coalesce(({condition[0]}), 0)" if is_not else f"({condition[0]})")
        values.extend(condition[1])

    for word in looked.words:
        hold(_holding(word))
    for one in looked.required:
        hold(_holding(one.text, in_title=one.in_title))
    for one in looked.excluded:
        hold(_holding(one.text, in_title=one.in_title), is_not=True)
    hold(conditions(looked.wanted))
    for other in looked.without:
        hold(conditions(other), is_not=True)
    return " AND ".join(parts), values


def _holding(part: str, *, in_title: bool = False) -> tuple[str, list[str]]:
    """A condition that a part of a text is somewhere in a paper, with its values."""
    # LIKE folds the case of ASCII letters alone.
    forms = [part] if part.isascii() else sorted({part, part.lower(), part.upper()})
    columns = _COLUMNS[:1] if in_title else _COLUMNS
    either: list[str] = []
    values: list[str] = []
    for form in forms:
        either += [f"{column} LIKE ? ESCAPE '\\'" for column in columns]
        if not in_title:
            either.append("key IN (SELECT paper FROM tags WHERE tag LIKE ? ESCAPE '\\')")
        values += [like_part(form)] * (len(columns) + (not in_title))
    return " OR ".join(either), values
