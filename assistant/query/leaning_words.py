"""The closed classes of words by which English leans on what was said, as patterns."""

from __future__ import annotations

import re

from assistant.text.tables import read_table
from store.pattern import pattern

_TABLE = read_table(__file__, "leaning_words.toml")
_ORDINALS: list[str] = _TABLE["ordinals"].split()
_NUMBERS: list[str] = _TABLE["numbers"].split()
_ORDINAL = rf"{'|'.join(_ORDINALS)}|\d{{1,2}}(?:st|nd|rd|th)|last|final"
_NUMBER = rf"{'|'.join(_NUMBERS)}|\d{{1,2}}"
THING = rf"(?:{_TABLE['things']})"
_AUX = rf"(?:{_TABLE['auxiliaries']})"
_NO_NOUN = rf"(?= {THING}\b|\W*$|[,.:;?!]| (?:{'|'.join(_TABLE['no_nouns'].split())})\b)"
_THE = r"\b(?:the|these|those|all|their)"

JOINER = pattern(rf"^\W*(?:(?:{_TABLE['joiners']})\b[\s,]*)+", re.IGNORECASE)
OPENING = pattern(rf"^\W*(?:(?:{_TABLE['joiners']}|{_TABLE['abouts']})\b[\s,]*)+", re.IGNORECASE)
MODIFIES = pattern(rf"^(?:{_TABLE['prepositions']})\b", re.IGNORECASE)
VERB = pattern(rf"\b{_AUX}\b", re.IGNORECASE)
ASKING = pattern(rf"^\W*(?:{_TABLE['question_words']})\b", re.IGNORECASE)
PLACE = pattern(
    rf"\[(?P<mark>\d{{1,2}})\]"
    rf"|\b(?:paper|source|reference|number|no\.?) ?#?(?P<number>{_NUMBER})\b"
    rf"|(?<!\S)#(?P<sign>\d{{1,2}})\b"
    rf"|\bthe (?P<end>first|last|other) (?P<many>{_NUMBER})\b(?: {THING}\b)?"
    rf"|\bthe (?P<ordinal>{_ORDINAL}){_NO_NOUN}(?: {THING}\b)?"
    rf"|\bthe (?P<pair>former|latter)\b(?: {THING}\b)?"
    rf"|\bboth(?: of (?:them|these|those))?(?P<both>)(?: {THING}\b|(?=\W*$))",
    re.IGNORECASE,
)
OTHER = pattern(
    rf"\b(?:the|that|those) (?:(?P<all>others|rest)|other{_NO_NOUN}(?: (?P<noun>{THING}))?)\b",
    re.IGNORECASE,
)
OF_THEM = pattern(
    rf"\bof (?:them|these|those|(?:the|these|those) (?P<many>{_NUMBER}))\b(?: {THING}\b)?"
    rf"|{_THE} (?P<all>{_NUMBER})(?: {THING}\b|(?=\W*$))"
    rf"|(?<=\bwhich )(?P<one>ones?\b|(?={_AUX}\b))",
    re.IGNORECASE,
)
DESCRIBED = pattern(
    rf"\b(?P<one>the (?P<kind>(?:[\w'’-]+ ){{0,4}}?)(?:{_TABLE['papers']}))\b"
    r"(?P<more>(?: (?:on|about|with|from|by|of|that|which|using|without|for|in)\b[^,:;?.]*)?)",
    re.IGNORECASE,
)
PRONOUN = pattern(
    rf"\b(?:(?P<owner>its|theirs?|his|her)"
    rf"|(?P<self>it|they|them|he|she|(?:this|that|these|those|the|the same) {THING}"
    rf"|(?:this|these|those)(?=\W*$| {_AUX}\b)|(?<=\b(?:does|were) )that|that(?=\W*$))"
    r"|(?P<thing>the authors|(?:this|these|those|such an?|the same) (?=\w)))(?![\w'’-])",
    re.IGNORECASE,
)
AUTHOR = pattern(
    r"\b(?:its|their|the|his|her) (?:(?P<which>first|lead|last|senior) )?authors?\b", re.IGNORECASE
)
ELSE = pattern(r"\b(?:else|other|others|also|more)\b", re.IGNORECASE)
EXPLETIVE = pattern(r"^it [^,?]*?\b(?:to|that|whether)\b", re.IGNORECASE)
_PLURALS = {"is": "are", "was": "were", "does": "do", "has": "have"}


def number_of(word: str | None) -> int:
    """The number that an ordinal, a number word or digits say; 0 for none."""
    word = (word or "").lower()
    for words in (_ORDINALS, _NUMBERS):
        if word in words:
            return words.index(word) + 1
    digits = re.match(r"\d+", word)
    return int(digits.group()) if digits else 0


def plural(before: str, number: int) -> str:
    """What stands before names in a question, its verb put into the plural where they are many."""
    if number < 2:
        return before
    return pattern(r"\b(is|was|does|has)(?=\W*$)").sub(lambda found: _PLURALS[found[1]], before)
