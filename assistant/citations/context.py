"""Telling a citation by the text around its brackets: not an interval, an index, a year, a value.

A dotted number in round brackets may be either. "(1.2)" is a citation when it ends a clause,
unless the text cites in square brackets, a source holds that number, or the words before it
name a quantity.
"""

from __future__ import annotations

import re
from functools import cached_property

from assistant.citations.forms import Group
from assistant.types.evidence import Evidence
from store.pattern import pattern

CLAUSE_REACH = 12
"""Characters after a group that tell whether a clause ends there."""

COMPOUND_REACH = 28
"""Letters after a group that are read for the name of a compound."""

_MEASURE_BEFORE = pattern(
    r"(?:\binterval|\b(?:the|a) (?:closed |open |unit )?range|\branges? (?:of|from|in)|\bdomain"
    r"|\bvalues? (?:in|of|from|within)|\bbetween|\bwithin|\b(?:scaled|clipped|normali[sz]ed) to"
    r"|\bbounded by|\buniform(?:ly)?(?: in| over| on)?|\\in|[∈=<>≤≥×≈^])\s*$",
    re.IGNORECASE,
)
_EQUALS_BEFORE = pattern(r"(?:[∈=<≤≥×≈^]|\w\s?>)\s*$")
_SERIES_BEFORE = pattern(
    r"\b(?:vectors?|tuples?|arrays?|shapes?|coordinates|scales?|CIs?|IQR|confidence limits"
    r"|ranges?)(?: of)?[:,]?\s*$",
    re.IGNORECASE,
)
_NUMBER_BEFORE = pattern(r"(?<![\w.])(\d+(?:\.\d+)?)\s*%?\s*$")
_QUANTITY_BEFORE = pattern(
    r"\b(?:scores?|values?|means?|medians?|averages?|rates?|ratios?|factors?|errors?|loss(?:es)?"
    r"|accurac(?:y|ies)|thresholds?|ratings?|intervals?|ranges?|distances?|temperatures?|weights?"
    r"|perplexit(?:y|ies)|deviations?|MOS|FID|SDRi?|SNR|PSNR|PESQ|UTMOS|FAD|WER|CER|BER|EER|MAE"
    r"|RMSE|MSE|BLEU|F1|AP|mAP|AUC|AUROC|LSD|OR|HR|RR|CI|SD|SE)\s*$"
)
_VERSION_BEFORE = pattern(r"\b(?:versions?|ver\.?|releases?|v)\s*$", re.IGNORECASE)
_PATTERN_AFTER = pattern(r"[+{]")
# "the regex [1]* matches": a pattern, where a word says so and emphasis does not end there.
_PATTERN_BEFORE = pattern(
    r"(?<![^\W_])(?:reg(?:ular )?ex(?:p|es|pressions?)?|patterns?|globs?|wildcards?|e?grep|sed|awk"
    r"|match(?:es|ing|ed)?|character class(?:es)?)\b[^.!?;\n]{0,24}\Z",
    re.IGNORECASE,
)
_REPEATED = pattern(r"[*+](?!\*)|\{\d|\?[^\s\"”')\]*_]")
_TIMES_AFTER = pattern(r"\*\d")
# What stands before the name of a compound: [2.2]paracyclophane, [1,2]dioxane, [2]catenane.
_COMPOUND_AFTER = pattern(
    r"-?[a-z]+(?:anes?|enes?|ynes?|ines?|oles?|ones?|ols?|ides?|furans?|pyrans?|phanes?|adducts?)\b"
    r"|-?(?:cyclo|sigmatropic|annulation|rearrangement|benzo|crown)"
)
_WORD_AFTER = pattern(r"-?[a-z]*\Z")
_CITED_NEXT = pattern(r"[ \t]{0,3}[\[【［]")
_LOOSE_BEFORE = pattern(r"\b(?:in|to|of|from|over|on)\s*$", re.IGNORECASE)
_NAMED_BEFORE = pattern(
    r"\b(?:eqs?|equations?|figs?|figures?|secs?|sections?|tables?|tabs?|versions?|v|chapter"
    r"|theorem|lemma|appendix|step|version|of|than|to|at|is|was|by|from)\.?\s*$",
    re.IGNORECASE,
)
_CLAUSE_END = pattern(
    r"[*_]{0,3}(?:$|[.,;:!?)\]}\"”»|\n]|\s+(?:$|[A-Z\n(\[]|(?:and|but|while|whereas|which|or)\b))"
)
_IDENTIFIER = pattern(r"\W*(?:[^\W_]{1,2}|\w*[_\d]\w*)")


def needs_what_follows(
    group: Group, after: str, *, known: bool, round_bracket: bool, glued: bool
) -> bool:
    """True when only more of the text after a group can tell whether it is a citation."""
    if group.explicit and not round_bracket:
        return False
    if _WORD_AFTER.fullmatch(after) and len(after) < COMPOUND_REACH:
        return True
    if len(after) == 1 and after in "*+{":
        return True  # of a pattern, or of emphasis
    if len(after) >= CLAUSE_REACH or "\n" in after:
        return False
    return round_bracket or (glued and not group.dotted) or (not known and group.dotted)


def is_citation(
    group: Group,
    *,
    known: bool,
    before: str,
    after: str,
    round_bracket: bool,
    in_code: bool,
    square_style: bool = False,
    is_figure: bool = False,
) -> bool:
    """Tell a citation from an interval, an index, a year or a value in brackets.

    `known` is True when any of its addresses exists; `before` and `after` are the text
    around it, as far as needed. `square_style` says that the text has cited in square
    brackets so far, `is_figure` that a source holds what is written as a number.
    """
    at_end = ends_clause(after)
    if round_bracket:
        if group.explicit:
            return known
        spaced = not before or before[-1].isspace()
        likely = known and group.dotted and spaced and at_end and not _NAMED_BEFORE.search(before)
        # "(1.2)" is a number where the words or the habit of the text say so.
        number = (
            square_style or is_figure or _CITED_NEXT.match(after) or _in_interval(group, before)
        )
        return likely and not number and not _QUANTITY_BEFORE.search(before)
    if group.explicit:
        return True
    if is_interval(group, before) or (
        group.listed
        and (
            names_measure(before)
            or (_LOOSE_BEFORE.search(before) and not known)
            or any(item.source == 0 for item in group.items)
        )
    ):
        return False
    if _is_pattern_or_name(group, before, after):
        return False
    if group.dotted:
        return known or (at_end and all(item.source > 0 for item in group.items))
    if in_code or any(item.source >= 1000 and item.first is None for item in group.items):
        return False
    glued = before[-1:]
    if not glued or not (glued.isalnum() or glued in "_)]}"):
        return True
    if glued in "]}_" or _IDENTIFIER.fullmatch(before.split()[-1]):
        return False
    return at_end


def figures_of(group: Group) -> tuple[str, ...]:
    """The addresses of a group as the decimal numbers that they look like."""
    return tuple(
        f"{item.source}.{one}"
        for item in group.items
        for one in dict.fromkeys((item.first, item.last))
        if one is not None
    )


def ends_clause(after: str) -> bool:
    """True when a clause ends before a text."""
    return bool(_CLAUSE_END.match(after[:CLAUSE_REACH]))


def names_measure(before: str) -> bool:
    """True when a text ends with words or a sign that an interval follows."""
    return bool(_MEASURE_BEFORE.search(before))


def _is_pattern_or_name(group: Group, before: str, after: str) -> bool:
    """True for [0-9]+, a matrix, a version [1.2], and what begins the name of a compound."""
    if is_pattern(before, after):
        return True
    if group.dotted:
        version = len(group.items) == 1 and _VERSION_BEFORE.search(before)
        return bool(version or _COMPOUND_AFTER.match(after))
    if group.ranged and (_PATTERN_AFTER.match(after) or group.items[0].source == 0):
        return True
    if group.listed and (before.endswith("[") or after.startswith("]")):
        return True
    return bool(_COMPOUND_AFTER.match(after)) or before.endswith(("]-", "]–", "]—"))


def is_pattern(before: str, after: str) -> bool:
    """True for brackets of a regular expression or an index: "the regex [1]*", a[1]*3."""
    line = before.rpartition("\n")[2]
    if line.count("*") % 2:
        return False  # the asterisk ends emphasis
    if _TIMES_AFTER.match(after):
        return True
    return bool(_REPEATED.match(after) and _PATTERN_BEFORE.search(line))


def _in_interval(group: Group, before: str) -> bool:
    number = _NUMBER_BEFORE.search(before)
    ends = [float(one) for one in figures_of(group)]
    return number is not None and len(ends) == 2 and ends[0] <= float(number[1]) <= ends[1]


def is_interval(group: Group, before: str) -> bool:
    """True for a value after a sign, a series after its name, and an interval around a number."""
    if _EQUALS_BEFORE.search(before):
        return True
    if len(group.items) < 2 and not group.ranged:
        return False
    if _SERIES_BEFORE.search(before):
        return True
    return _in_interval(group, before)


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
