"""Citations that follow one another: [1][2], [1.2], [3.1], [1]–[3]."""

from __future__ import annotations

from typing import NamedTuple

from assistant.citations.forms import Group, find_group, find_link, joined_by_range
from store.pattern import pattern

_LONGEST = 24
_BETWEEN = pattern(r"[-‐‑–—−]|[ \t]{0,3}[,;]?[ \t]{0,3}")


class Run(NamedTuple):
    """Groups that are shown as one mark, and the offset after the last."""

    groups: tuple[Group, ...]
    end: int


def find_run(held: str, first: Group, end: int, *, final: bool) -> Run | None:
    """The groups that follow a first one, which ends at an offset, with itself.

    None when only more text can tell; `final` says that there is none.
    """
    groups = [first]
    while len(groups) < _LONGEST:
        between = _BETWEEN.match(held, end)
        after = between.end() if between else end
        if after == len(held):
            if not final and after - end < 7:
                return None
            break
        if held[after] not in "[【［":
            break
        found = find_group(held, after, final=final)
        if found is None:
            return None
        group, next_end = found
        if group is None:
            break
        link = find_link(held, next_end, final=final)
        if link is None:
            return None
        written = held[end:after]
        span = joined_by_range(groups[-1], written, group)
        if link or (span is None and written.strip(" \t,;")):
            break
        if span is None:
            groups.append(group)
        else:
            groups[-1] = span
        end = next_end
    return Run(tuple(groups), end)
