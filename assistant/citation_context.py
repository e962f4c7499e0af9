"""Telling a citation by the text around its brackets: not an interval, an index, a year, a value.

A dotted number in round brackets may be either. "(1.2)" is a citation when it ends a clause,
unless the text cites in square brackets, a source holds that number, or the words before it
name a quantity.
"""

from __future__ import annotations

import re

from assistant.citation_forms import Group

_MEASURE_BEFORE = re.compile(
    r"(?:\binterval|\b(?:the|a) (?:closed |open |unit )?range|\branges? (?:of|from|in)|\bdomain"
    r"|\bvalues? (?:in|of|from|within)|\bbetween|\bwithin|\b(?:scaled|clipped|normali[sz]ed) to"
    r"|\bbounded by|\buniform(?:ly)?(?: in| over| on)?|\\in|[∈=<>≤≥×≈^])\s*$",
    re.IGNORECASE,
)
_EQUALS_BEFORE = re.compile(r"(?:[∈=<≤≥×≈^]|\w\s?>)\s*$")
_SERIES_BEFORE = re.compile(
    r"\b(?:vectors?|tuples?|arrays?|shapes?|coordinates|scales?|CIs?|IQR|confidence limits"
    r"|ranges?)(?: of)?[:,]?\s*$",
    re.IGNORECASE,
)
_NUMBER_BEFORE = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s*%?\s*$")
_QUANTITY_BEFORE = re.compile(
    r"\b(?:scores?|values?|means?|medians?|averages?|rates?|ratios?|factors?|errors?|loss(?:es)?"
    r"|accurac(?:y|ies)|thresholds?|ratings?|intervals?|ranges?|distances?|temperatures?|weights?"
    r"|perplexit(?:y|ies)|deviations?|MOS|FID|SDRi?|SNR|PSNR|PESQ|UTMOS|FAD|WER|CER|BER|EER|MAE"
    r"|RMSE|MSE|BLEU|F1|AP|mAP|AUC|AUROC|LSD|OR|HR|RR|CI|SD|SE)\s*$"
)
_CITED_NEXT = re.compile(r"[ \t]{0,3}[\[【［]")
_LOOSE_BEFORE = re.compile(r"\b(?:in|to|of|from|over|on)\s*$", re.IGNORECASE)
_NAMED_BEFORE = re.compile(
    r"\b(?:eqs?|equations?|figs?|figures?|secs?|sections?|tables?|tabs?|versions?|v|chapter"
    r"|theorem|lemma|appendix|step|version|of|than|to|at|is|was|by|from)\.?\s*$",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(
    r"[*_]{0,3}(?:$|[.,;:!?)\]}\"”»|\n]|\s+(?:$|[A-Z\n(\[]|(?:and|but|while|whereas|which|or)\b))"
)
_IDENTIFIER = re.compile(r"\W*(?:[^\W_]{1,2}|\w*[_\d]\w*)")


def needs_what_follows(group: Group, *, known: bool, round_bracket: bool, glued: bool) -> bool:
    """True when only the text after a group can tell whether it is a citation."""
    if group.explicit and not round_bracket:
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
    at_end = bool(_CLAUSE_END.match(after))
    if round_bracket:
        if group.explicit:
            return known
        spaced = not before or before[-1].isspace()
        likely = known and group.dotted and spaced and at_end and not _NAMED_BEFORE.search(before)
        # "(1.2)" is a number where the words or the habit of the text say so.
        number = square_style or is_figure or _CITED_NEXT.match(after)
        return likely and not number and not _QUANTITY_BEFORE.search(before)
    if group.explicit:
        return True
    if _is_interval(group, before) or (
        group.listed
        and (
            _MEASURE_BEFORE.search(before)
            or (_LOOSE_BEFORE.search(before) and not known)
            or any(item.source == 0 for item in group.items)
        )
    ):
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


def _is_interval(group: Group, before: str) -> bool:
    """True for a value after a sign, a series after its name, and an interval around a number."""
    if _EQUALS_BEFORE.search(before):
        return True
    if len(group.items) < 2 and not group.ranged:
        return False
    if _SERIES_BEFORE.search(before):
        return True
    number = _NUMBER_BEFORE.search(before)
    ends = [float(one) for one in figures_of(group)]
    return number is not None and len(ends) == 2 and ends[0] <= float(number[1]) <= ends[1]
