"""What the sources themselves say that looks like a citation: numbers, names, sources of theirs."""

from __future__ import annotations

import re
from functools import cached_property

from assistant.citations.context import figures_of
from assistant.citations.forms import Group
from assistant.types.evidence import Evidence

_LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


class SourceTexts:
    """The texts of the evidence, looked up for what an answer may have taken from them."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence

    @cached_property
    def _whole(self) -> str:
        return "\n".join(one.text for source in self._evidence.sources for one in source.sentences)

    def state(self, group: Group) -> bool:
        """True when they hold every address of a group as a number of its own."""
        return all(
            re.search(rf"(?<![\d.]){re.escape(one)}(?![\d.]*\d)", self._whole)
            for one in figures_of(group)
        )

    def name(self, raised: str) -> bool:
        """True when a name that ends in raised digits, "RL²", is one of theirs."""
        if not raised:
            return False
        bare = raised.rstrip("⁰¹²³⁴⁵⁶⁷⁸⁹")
        digits = raised[len(bare) :].translate(_LOWERED)
        forms = (raised, f"{bare}^{digits}", f"{bare}^{{{digits}}}", f"{bare}$^{digits}")
        return any(form in self._whole for form in forms)

    def number_theirs(self, group: Group) -> bool:
        """True when they number sources of their own, "source 2 is brighter"."""
        return any(
            re.search(
                rf"\bsources? {item.written.partition('-')[0]}(?!\d)", self._whole, re.IGNORECASE
            )
            for item in group.items
        )
