"""The kinds of details that questions ask for, as data: how they are asked, what gives them.

Each kind tells the words of asking, what to call the detail, and which sentences hold one of
that kind. The patterns were chosen on the questions of tests/bench/questions_dev.jsonl whose
split is "dev"; `python -m tests.bench.answers --split held` reports on the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from assistant.query.detail_forms import (
    ACCURACY,
    METRIC,
    YEAR,
    Detail,
    count_of,
    counted,
    either,
    fixed,
    how_much,
    matching,
    metric_of,
    name_of,
    who_did,
    who_is,
    with_number,
)
from store.pattern import pattern


@dataclass(frozen=True)
class Kind:
    """A way of asking for a detail: its words, and what they make of it (None: nothing)."""

    asks: re.Pattern[str]
    detail: Callable[[re.Match[str]], Detail | None]


def asks(*ways: str) -> re.Pattern[str]:
    """Any of several ways of asking, in upper or lower case."""
    return pattern("|".join(ways), re.IGNORECASE)


_ADDRESS = matching(r"https?:|www\.|\b[\w-]+\.(?:org|com|io|ai|net|edu)\b|\bgithub|\bzenodo")
_INSTITUTE = matching(
    r"\buniversit|\binstitut|\blaborator(?:y|ies)\b|\bcollege\b|\bhospital|\bGoogle\b|\bMicrosoft\b"
    r"|\bSony\b|\bMeta AI\b|\bNVIDIA Research\b|\bcompany\b"
)
_COUNTRY = matching(
    r"\b(?:China|Japan|Korea|India|Taiwan|Singapore|Israel|Germany|France|Italy|Spain|Portugal"
    r"|Poland|Switzerland|Austria|Sweden|Norway|Denmark|Finland|Netherlands|Belgium|Greece|Turkey"
    r"|Russia|Ukraine|Canada|Mexico|Brazil|Argentina|Chile|Australia|New Zealand|Egypt|Nigeria"
    r"|Kenya|South Africa|Iran|UK|U\.K\.|England|Britain|Scotland|Ireland|USA|U\.S\.A?\.?"
    r"|United States|United Kingdom|Europe|Asia|Africa|city of|town of|village of)\b",
    ignore_case=False,
)
_PLACE = either(_COUNTRY, _INSTITUTE, matching(r"\bsites?\b|\bcit(?:y|ies)\b|\bcountr(?:y|ies)\b"))
_HARDWARE = matching(
    r"\bNVIDIA\b|\bGeForce\b|\bTitan\b|\bTeslas?\b|\b[AVHKP]\d{1,3}0?s?\b(?= GPU| for|[ ,.]|$)"
    r"|\b(?:1080|2080|3080|3090|4090)(?: ?Ti)?\b|\bTPUs?\b|\bRTX\b|\bGTX\b|\bJetson|\bRaspberry"
    r"|\bCortex|\b(?:ARM|Intel|AMD|Apple|FPGA)\b|\bmobile CPU|\bA6000\b"
)
_PUBLISHED = matching(
    rf"\b(?:publish\w*|releas\w*|appear\w*|presented|introduced|written|first shown)\W+"
    rf"(?:\w+\W+){{0,2}}?(?:in|on|since)\W+(?:\w+\W+){{0,2}}?{YEAR}\b"
)
_YEARS = matching(rf"(?<![\d.]){YEAR}(?!\d)")
_TIME = either(
    with_number("s"), matching(r"\b(?:hours?|days?|weeks?|months?|minutes?)\b", number=True)
)
_LICENCE = matching(r"\blicen[sc]|\bcreative commons\b|\bpublic domain\b|\bpermissive\b|\bApache\b")
_VENUE = matching(r"\bconference\b|\bworkshop\b|\bproceedings\b|\bjournal\b")
_IS = r"(?: is| was| are| were|'s)?(?: the| its| their)?"
_WHO = r"(?:^|[?;,(] ?)(?:and |but |so |then )?who"
_WHICH = r"\b(?:which|what)"
_PUBLISH = r"(?:publish\w*|releas\w*|appear|written|present\w*|come out)\b"
_NOT_COUNTED = (
    "do|does|did|are|is|were|was|can|could|has|have|had|will|would|should|must|may|took|takes?"
    "|made|needs?|rated?|labell?ed|registered|suffice|used|be|it|they"
)

KINDS: tuple[Kind, ...] = (
    Kind(
        asks(
            r"\bhow much (?:\w+ ){0,3}?(?:cost|paid?|price)\b"
            r"(?! (?:is|are|was|were|can be|does|do|did)? ?(?:\w+ )?(?:sav|reduc|cut|lower))",
            rf"{_WHICH}{_IS} (?:price|cost|fee)s?\b",
            r"\bhow expensive\b|\bwhat (?:does|do|did) .*\b(?:charged?|cost)\b",
        ),
        fixed("a price", matching(r"[$€£]\s?\d|\b(?:dollars?|USD|EUR|euros?|cents?)\b")),
    ),
    Kind(
        asks(
            r"\b(?:how (?:much|many)|what|which)\b.*\b(?:watts?|joules?|kilowatt\w*|electricity)\b",
            r"\b(?:how much|what|which)\b.*\b(?:energy|power) (?:consumption|draw|use)\b",
        ),
        fixed(
            "the energy used",
            matching(r"\d\s?[mk]?W(?:h|atts?)?\b|\bwatts?\b|\bjoules?\b|\benerg", number=True),
        ),
    ),
    Kind(
        asks(
            rf"\bhow many (?P<noun>(?:(?!(?:{_NOT_COUNTED})\b)[\w-]+ ?){{1,6}})",
        ),
        count_of,
    ),
    Kind(
        asks(rf"{_WHICH}{_IS} number of (?P<noun>[\w-]+(?: (?!(?:of|in|for|on|that)\b)[\w-]+)?)"),
        count_of,
    ),
    Kind(asks(r"^\W*(?:the )?number of (?P<noun>[\w-]+)"), count_of),
    Kind(asks(rf"{_WHICH} (?:is|was) (?:the|its|their) (?P<noun>[\w-]+) count\b"), counted),
    Kind(asks(r"^\W*(?:[\w-]+ ){0,3}(?P<noun>[\w-]+) count(?: of\b|\W*$)"), counted),
    Kind(asks(r"\bhow long\b|\bhow much time\b"), fixed("how long it takes", _TIME)),
    Kind(
        asks(r"\bhow old\b"),
        fixed("an age", matching(r"\byears? old\b|\baged?\b|\bages\b", number=True)),
    ),
    Kind(
        asks(
            r"\bby how (?:much|many)\b",
            r"\bhow (?:fast|large|big|small|quick)(?:ly)?\b",
        ),
        fixed("a figure for it", with_number()),
    ),
    Kind(
        asks(r"\bby (?:what|which) (?:factor|margin|amount|percentage)\b"),
        fixed("a figure for it", with_number("x", "%")),
    ),
    Kind(asks(r"\bhow accurate(?:ly)?\b"), fixed("how accurate it is", ACCURACY)),
    Kind(asks(rf"\bhow much (?P<noun>(?!(?:{_NOT_COUNTED}|of|the|an?)\b)[\w-]+)"), how_much),
    Kind(
        asks(rf"{_WHICH}{_IS} (?:share|percentage|fraction|proportion)\b"),
        fixed("a share", with_number("%")),
    ),
    Kind(
        asks(
            r"\b(?:(?:what|which)(?: is| was| are)?|at what|and)"
            rf"(?: the| its| their| mean| average)* (?P<metric>{METRIC})\b",
        ),
        metric_of,
    ),
    Kind(asks(rf"^\W*(?P<metric>{METRIC}) (?:of|on|for|with|in|by|at)\b"), metric_of),
    Kind(
        asks(r"^\W*(?P<noun>[\w-]+) (?:length|duration|size|depth|width|budget) (?:of|in|for)\b"),
        how_much,
    ),
    Kind(
        asks(rf"{_WHICH} optimi[sz]er\b"),
        fixed("an optimizer", matching(r"\boptimi[sz]er|\bAdam\w*\b|\bSGD\b|gradient descent")),
    ),
    Kind(
        asks(
            rf"{_WHICH} (?:kind of |type of )?(?:[GCT]PUs?|hardware|device|processor|machine"
            r"|phone)\b",
        ),
        fixed("the hardware", _HARDWARE),
    ),
    Kind(
        asks(r"\b(?:what|which|how)\b.*\b(?:licen[sc]e[sd]?|copyright)\b"),
        fixed("a licence", _LICENCE),
    ),
    Kind(
        asks(
            rf"\bwhen (?:was|were|is|did) .*\b{_PUBLISH}",
            rf"{_WHICH} year (?:was|were|did) .*\b{_PUBLISH}",
            r"\b(?:publication|release) (?:date|year)\b|\bwhen was (?:it|this|that)\b",
        ),
        fixed("when it was published", _PUBLISHED, "date"),
    ),
    Kind(asks(rf"{_WHICH} year(?:'s|s)?\b|\bwhen (?:was|were|did)\b"), fixed("a year", _YEARS)),
    Kind(
        asks(
            r"\bwhere (?:can|could|is|are|do|does)\b.*"
            r"\b(?:download\w*|available|found|get|obtain\w*|code|demos?)\b",
        ),
        fixed("where it is to be found", _ADDRESS),
    ),
    Kind(
        asks(
            rf"{_WHICH} (?:universit\w+|institut\w+|lab\w*|compan\w+|group|team)\b",
            r"\bwhere do they work\b|\baffiliat\w+",
        ),
        fixed("the institution", _INSTITUTE),
    ),
    Kind(
        asks(rf"{_WHICH} (?:conference|workshop|journal|venue)\b"),
        fixed("where it was presented", _VENUE),
    ),
    Kind(
        asks(
            rf"{_WHICH} (?:countr(?:y|ies)|cit(?:y|ies)|place|continent)\b",
            r"\bwhere (?:was|were) .*"
            r"\b(?:recorded|collected|taken|developed|made|held|born|measured)\b",
        ),
        fixed("the place", _PLACE),
    ),
    Kind(asks(r"\bname of the (?P<noun>author|singer|speaker|inventor|writer)s?\b"), name_of),
    Kind(asks(rf"{_WHO} (?:is|was|are|were) the (?P<noun>[\w-]+)"), who_is),
    Kind(asks(rf"{_WHO} (?P<verb>[a-z]+)\b"), who_did),
)
"""All kinds; of several that fit, the first one counts."""
