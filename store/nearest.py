"""What may have been meant by a name that nothing has, and how that is asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

LEAST = 0.6
"""Likeness from which a name is taken for another one mistyped."""
_LEAST_IN_PART = 0.8
_BEHIND = 0.15
"""A name that is so much less alike than the likeliest is not what was meant."""
_MOST = 3
_LONGEST = 1000
"""A name longer than any title is like none; to hold it against each takes seconds."""


def nearest(
    name: str,
    known: Iterable[str],
    *,
    most: int = _MOST,
    least: float = LEAST,
    in_part: bool = False,
) -> list[str]:
    """The names most like one, the likeliest first, in any case; `in_part`: like some part of them.

    Likeness, 0 to 1, is that of Indel distance, 2·LCS / (lengths), by rapidfuzz; `least` is not
    that of parts.
    """
    if len(name) > _LONGEST:
        return []
    from rapidfuzz import fuzz, process  # most commands need none

    found = process.extract(
        name.casefold(),
        list(known),
        scorer=fuzz.partial_ratio if in_part else fuzz.ratio,
        processor=str.casefold,
        limit=most,
        score_cutoff=100 * (_LEAST_IN_PART if in_part else least),
    )
    return [one for one, likeness, _ in found if likeness >= found[0][1] - 100 * _BEHIND]


def did_you_mean(names: Sequence[str], otherwise: str = "") -> str:
    """A question after names; `otherwise` where there is none."""
    return f"did you mean {' or '.join(names)}?" if names else otherwise


def meant_or_known(name: str, known: Iterable[str], most: int = 8) -> str:
    """A question after the names nearest to one, else what names there are, `most` of them."""
    names = list(dict.fromkeys(known))
    near = nearest(name, names)
    return did_you_mean(near) or f"there is {', '.join(names[:most])}"


def format_hint(name: str, formats: Sequence[str]) -> str:
    """What is said of a format that is none: those nearest to it, and all of them."""
    return f"{did_you_mean(nearest(name, formats))} known formats: {', '.join(formats)}".lstrip()
