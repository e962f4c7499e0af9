"""The closed classes of words by which English leans on what was said, as patterns."""

from __future__ import annotations

import re

from assistant.text.tables import any_of
from store.pattern import pattern
from store.tables import read_table

_TABLE = read_table(__file__, "leaning_words.toml")
_ORDINALS: list[str] = _TABLE["ordinals"].split()
NUMBERS: list[str] = _TABLE["numbers"].split()
"""The number words from one to ten, in order."""
_ORDINAL = rf"{'|'.join(_ORDINALS)}|\d{{1,2}}(?:st|nd|rd|th)|last|final"
_NUMBER = rf"{'|'.join(NUMBERS)}|\d{{1,2}}"
_THING = rf"(?:{_TABLE['things']})"
AUXILIARIES: frozenset[str] = frozenset(_TABLE["auxiliaries"].split())
ANY_AUXILIARY = any_of(_TABLE["auxiliaries"])
"""What finds an auxiliary verb, within a pattern."""
_AUX = rf"(?:{ANY_AUXILIARY})"
_ENDS = rf"\W*$|[,.:;?!]|['’]s\b| (?:{any_of(_TABLE['no_nouns'])})\b"
_NO_NOUN = rf"(?= {_THING}\b|{_ENDS})"
_VERBS = any_of(_TABLE["singular_verbs"])
_THAT = "|".join(rf"(?<=\b{word} )" for word in _TABLE["before_that"].split())
_THE = r"\b(?:the|these|those|all|their)"

IS_THING = pattern(rf"^{_THING}$", re.IGNORECASE)
JOINER = pattern(rf"^\W*(?:(?:{_TABLE['joiners']})\b[\s,.!:–-]*)+", re.IGNORECASE)
OPENING = pattern(
    rf"^\W*(?:(?:{_TABLE['joiners']}|{_TABLE['abouts']})\b[\s,.!:–-]*)+", re.IGNORECASE
)
MODIFIES = pattern(rf"^(?:{_TABLE['prepositions']})\b", re.IGNORECASE)
VERB = pattern(rf"\b{_AUX}(?:n?['’]t)?\b", re.IGNORECASE)
ASKING = pattern(
    rf"^\W*(?:(?:{_TABLE['prepositions']}) )?(?:{_TABLE['question_words']})\b", re.IGNORECASE
)
COMPARED = pattern(rf"\b(?:than|{_TABLE['prepositions']})\W*$", re.IGNORECASE)
WHY = pattern(r"^why\b", re.IGNORECASE)
CUT = pattern(
    rf"^(?:how \w+|(?:(?:{_TABLE['prepositions']}) )?(?:what|which) [\w-]+$)", re.IGNORECASE
)
"""A question without a verb: "how much memory", "what loss"."""
CHOICE = pattern(r"\bor\b", re.IGNORECASE)
POLITE = pattern(rf"[\s,]*\b(?:{_TABLE['polite']})\b\W*$", re.IGNORECASE)
CONTRACTED = pattern(r"\b(what|who|where|how|which)['’]?s\b", re.IGNORECASE)
ORDER_WORD = pattern(rf"\b(?:{_TABLE['order']})\b", re.IGNORECASE)
ORDER = pattern(rf"^(?:the )?(?P<order>{_TABLE['order']})(?: {_THING})?$", re.IGNORECASE)
"""One by its date, and nothing else: "the oldest one"."""
ON = pattern(r"^(?:on|about|regarding) +", re.IGNORECASE)
OF_NAME = pattern(r"^(?:for|of|in|with) (?P<name>[\w.+-]+(?: [\w.+-]+){0,3})$", re.IGNORECASE)
THE_THING = pattern(rf"^(?:the )?(?P<name>.+?)(?: {_THING})?$", re.IGNORECASE)
SAME = pattern(
    r"[\s,;]*\b(?:(?:in|for|from|by|over|with) )?(?:the )?same (?:years?|period|time|dates?|range"
    r"|authors?|venues?|journals?|conferences?|filters?)\W*$",
    re.IGNORECASE,
)
"""What says that records stay as they were: "batteries, same years"."""
PAPERS = pattern(r"\b(?:papers|studies|articles|works|publications)\b", re.IGNORECASE)
LEAVING_OUT = pattern(
    r"^(?:not|except(?: for)?|excluding|without|(?:leave|leaving) out|minus|other than)\s+",
    re.IGNORECASE,
)
"""What is not meant of the papers listed: "not the one by Marsh", "except those from 2020"."""
MORE = pattern(
    r"^(?!more$)(?:(?:are|is) there )?(?:any(?:thing|one)?|what|who|some|more|others?|similar)"
    r"(?: (?:else|more|others?|similar))?(?: (?:is|are) there)?"
    rf"(?: {_THING})?(?: like (?:it|this|that|them|these|those))?$",
    re.IGNORECASE,
)
"""A wish for other papers than those given: "any others", "what else is there"."""
GIVEN = pattern(rf"\b(?:was|were)\b|\bthe \w+\b(?! {_TABLE['complements']}\b)", re.IGNORECASE)
"""Something known, of which it is not said what it belongs to: "the limitations"."""
COMPARING = pattern(
    r"^(?:is|are|was|were) [\w.-]+ (?:\w+er|(?:more|less) [\w-]+|worse)$", re.IGNORECASE
)
PLACE = pattern(
    rf"\[(?P<mark>\d{{1,2}})\]"
    rf"|\b(?:paper|source|reference|number|no\.?) ?#?(?P<number>{_NUMBER})\b"
    rf"|(?:(?<!\S)#|^)(?P<sign>\d{{1,2}})(?=\W*$)"
    rf"|\bthe (?P<end>first|last|other) (?P<many>{_NUMBER}){_NO_NOUN}(?: {_THING}\b)?"
    rf"|(?:\bthe |^)(?P<ordinal>{_ORDINAL}){_NO_NOUN}(?: {_THING}\b)?"
    rf"|\bthe (?P<pair>former|latter)\b(?: {_THING}\b)?"
    rf"|(?<!and )\bboth(?: of (?:them|these|those))?(?P<both>){_NO_NOUN}(?: {_THING}\b)?",
    re.IGNORECASE,
)
OTHER = pattern(
    rf"\b(?:the|that|those) (?:(?P<all>others|rest)|other{_NO_NOUN}(?: (?P<noun>{_THING}))?)\b",
    re.IGNORECASE,
)
OF_THEM = pattern(
    rf"\bof (?:them|these|those|(?:the|these|those) (?P<many>{_NUMBER}){_NO_NOUN})\b"
    rf"(?: {_THING}\b)?"
    rf"|{_THE} (?P<all>{_NUMBER})(?: {_THING}\b|(?=\W*$))"
    rf"|(?<=\bwhich )(?P<one>ones?\b|(?=(?:{_AUX}|{_VERBS})\b))",
    re.IGNORECASE,
)
DESCRIBED = pattern(
    rf"\b(?P<one>the (?P<kind>(?:[\w'’-]+ ){{0,4}}?)(?:{_TABLE['papers']}))\b"
    r"(?P<more>(?: (?:on|about|with|from|by|of|that|which|using|without|for|in)\b[^,:;?.]*)?)",
    re.IGNORECASE,
)
PRONOUN = pattern(
    rf"\b(?:(?P<owner>its|theirs?|his|her)"
    rf"|(?P<self>it|they|them|he|she|(?:this|that|these|those|the same) {_THING}"
    rf"|the {_THING}(?! {_TABLE['complements']}\b)(?={_ENDS})"
    rf"|(?:this|these|those)(?=\W*$| {_AUX}\b)|(?:{_THAT})that(?! \w+ \w*s\b)|that(?=\W*$))"
    r"|(?P<thing>the authors(?! of)|(?:this|these|those|such an?|the same) (?=\w)))(?![\w'’-])",
    re.IGNORECASE,
)
AUTHOR = pattern(
    r"\b(?:(?:its|their|the|his|her)(?: same)? (?:(?P<which>first|lead|last|senior) )?authors?"
    r"|(?:he|she|they)(?= (?:\w+ )?(?:writ\w+|wrote|publish\w*)))\b",
    re.IGNORECASE,
)
ELSE = pattern(r"\b(?:else|other|others|also|more|same)\b", re.IGNORECASE)
EXPLETIVE = pattern(r"^it [^,?]*?\b(?:to|that|whether)\b", re.IGNORECASE)
_PLURALS = {"is": "are", "was": "were", "does": "do", "has": "have"}


def number_of(word: str | None) -> int:
    """The number that an ordinal, a number word or digits say; 0 for none."""
    word = (word or "").lower()
    for words in (_ORDINALS, NUMBERS):
        if word in words:
            return words.index(word) + 1
    digits = re.match(r"\d+", word)
    return int(digits.group()) if digits else 0


def plural(before: str, number: int) -> str:
    """What stands before names in a question, its verb put into the plural where they are many."""
    if number < 2:
        return before
    return pattern(r"\b(is|was|does|has)(?=\W*$)").sub(lambda found: _PLURALS[found[1]], before)
