"""What a question asks of all papers together: to leave some out, to rank, to count, to list all.

It is told by closed classes of words (asks.toml) and where they stand: a question asks for a set of
papers ("Which codecs", "papers that", "list all"), and its negation, superlative or number is said
of that set. "How many steps does it need?" and "most papers assume" ask for none.
"""

from __future__ import annotations

import re
from typing import Any

from assistant.query.leaning_words import ANY_AUXILIARY
from assistant.query.question import MAX_READ, Frequency, core_words, named_words
from assistant.text.polarity import LOOSENED
from assistant.text.tables import any_of
from assistant.text.words import is_name
from assistant.types.plans import PartRank, PlannedPart
from store.pattern import pattern
from store.tables import read_table

_TABLE = read_table(__file__, "asks.toml")
_MEASURES: dict[str, str] = _TABLE["measures"]
IMPLIED = frozenset(_MEASURES.values())
"""The quantities that a superlative implies by itself, each as words beside its numbers."""

_SYSTEMS = frozenset(
    form for one in _TABLE["systems"].split() for form in (one, one.removesuffix("s"))
)
_PAPERS, _HELPER = rf"(?:{any_of(_TABLE['papers'])})", rf"(?:be|{ANY_AUXILIARY})"
_REQUEST = r"(?:(?:please )?(?:list|show|name|find|give)(?: me| us)?)"
_END = r"[\s?!.]*\Z"

_SET = pattern(
    rf"^\W*(?:(?:in |by |on |for )?(?:which|what)\b(?!\s+{_HELPER}\b)(?!['’]s)|who\b|{_REQUEST}\b"
    rf"|(?:are|is) there\b|(?:in )?how many (?:of \w+ )?(?:\w+ )?{_PAPERS}\b)",
    re.IGNORECASE,
)
_FRAGMENT = pattern(
    rf"^\W*(?!(?:{_HELPER}|how|why|when|where|who|which|what|if)\b)(?:(?:all|any|the|every) )?"
    r"(?:[\w-]+ ){0,3}?[a-z-]{2,}(?<!s)(?<!u)(?<!i)s\b",
    re.IGNORECASE,
)
_INVERTED = pattern(
    rf"\b(?:do|does|did)\s+(?!not\b|never\b)\w|\b{_HELPER}\s+(?:the|a|an|it|this|its|[A-Z]\w*[A-Z]\w*)\s"
)
_LOOSE = rf"(?!(?:{'|'.join(sorted(LOOSENED))}|more|less|fewer|yet)\b)"
_DENIED = pattern(
    rf"(?:\b{_HELPER}\s+(?:\w+ly\s+)?(?:not|never)|\b\w+n['’]t|\bcannot|\b(?:not|never))\s+{_LOOSE}"
    rf"|\b(?:without|with no)\s+(?:any\s+|the\s+)?{_LOOSE}"
    rf"|\b(?:{any_of(_TABLE['leaving_out'])})\s+(?:any\s+|the\s+)?"
    rf"|(?=\b(?!with\b)\w+\s+no\s+{_LOOSE}\w)",
    re.IGNORECASE,
)
_LOOSE_BEFORE = pattern(
    r"\b(?:and|or|with|of|by|than|from|versus|vs|if|whether)\s*\Z|\b(?:i\.?e\.?|that is)\b", re.I
)
_EXCEPT = pattern(
    rf"(?:,\s*)?\b(?:{'|'.join(_TABLE['excepting'])})\s+(?:the\s+|those\s+)?(?:(?:of|from|with|by)\s+)?",
    re.IGNORECASE,
)
_AFTER_NAMES = pattern(rf"[,;]?\s+{_HELPER}\b|[,;]\s+(?:that|which|who|and what)\b", re.IGNORECASE)
_ABOUT = pattern(rf"^(?:{any_of(_TABLE['about'])})\b(?:\s+(?:to|with|on|of))?\s+", re.IGNORECASE)
_SINGLE = pattern(r"^\W*is there\b", re.IGNORECASE)
_ASKERS = ("what", "who", "which", "anything", "something", "there")
_ASKED_FOR = pattern(
    rf"^\W*(?:(?:in |by |on |for )?(?:which|what|who|how many)(?: of (?:the|these|those|my|our))?"
    rf"|{_REQUEST}|(?:are|is) there)\b\s*(?:(?:all|every|any|each|some|a|an|the|of the)\b)?\s*",
    re.IGNORECASE,
)
_TAIL = pattern(
    rf"[\s,;:]*(?:\b(?:that|which|who|whose|{_HELPER}|there|and|but|with|i\.e\.)[\s,]*)*\Z", re.I
)
_COUNT = pattern(
    rf"^\W*(?:(?:in )?how many (?:of (?:the|my|our|these|those|all)(?: \w+)? )?"
    rf"(?P<kind>(?:[\w-]+ ){{0,3}}?){_PAPERS}\b"
    rf"|count (?:all |of |the |my |our )*(?P<kind2>(?:[\w-]+ ){{0,3}}?){_PAPERS}\b"
    rf"|(?:what is |what's )?(?:the )?number of (?P<kind3>(?:[\w-]+ ){{0,3}}?){_PAPERS}\b"
    rf"|how many (?=(?:{any_of(_TABLE['about_verbs'])}|are (?:{any_of(_TABLE['about'])}))\b))"
    r"(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_COUNT_LEAD = pattern(
    rf"^\s*(?:(?:{_HELPER}|that|which|there|in|the|library|collection|{any_of(_TABLE['about_verbs'])}"
    rf"|{any_of(_TABLE['about'])}|with|at|of|to)\b\s*)*",
    re.IGNORECASE,
)
_COUNT_TAIL = pattern(
    r"(?:\s+(?:are there|the (?:subject|topic|theme)|do (?:we|you|i) have|in (?:the|this|my)"
    r" (?:library|collection)))*[\s?!.]*\Z",
    re.IGNORECASE,
)
_SUPERLATIVE = pattern(
    r"\b(?:(?P<degree>most|fewest|least|highest|greatest|lowest|best|worst)"
    r"|(?P<est>\w{2,}est)|(?P<than>more|fewer|less|higher|lower|greater))\b",
    re.IGNORECASE,
)
_NO_RANK = frozenset(f"{_TABLE['of_records']} {_TABLE['no_superlatives']}".split())
_LEAST = pattern(
    r"(?:fewe|least|lowe|small|short|slow|light|cheap|worst|less|narrow|tini|shallow|cold)", re.I
)
_NOUN = pattern(
    r"\s*(?P<number>(?:number|amount|count|quantity) of\s+)?"
    r"(?P<noun>(?:(?!(?:of|in|on|for|among|with|at|by"
    rf"|from|to|than|and|or|but|that|which|who|while|when|under|over|across|there|{_HELPER})\b)"
    r"[\w%-]+[ ]?){0,4})",
    re.IGNORECASE,
)
_IS = pattern(r"\b(?:is|are|was|were|be)(?: the)? \Z", re.IGNORECASE)
_VERB = pattern(r"(\w+)\s+(?:the )?\Z")
_WHO = pattern(rf"^\W*(?:which|what|who)(?:['’]s| {_HELPER})\b", re.IGNORECASE)
_PLACE = pattern(
    r"^\W*(?:among|of|in|for|on|between|across)\b(?: the)?|\b(?:on|in|of|with|for)\s*\Z", re.I
)
_BARE_MOST = pattern(r"\b(?:at|the|that|which|who|what|of|needs?|uses?|has|have|with|on)\s\Z", re.I)
_WHOSE = pattern(r"(?:what|which|who)(?:['’]s|(?: \w+){0,3}) the\b", re.IGNORECASE)
_AMONG_NAMED = pattern(r"^\W*(?:which|what|who) of (?!(?:the|these|those|them|all|my|our)\b)", re.I)
_AT = pattern(r"\b(?:at|of|for) \Z", re.IGNORECASE)
_RECENT = pattern(r"\s+(?:recent|recently|current|of)\b", re.IGNORECASE)
_EVERY = pattern(
    rf"^\W*(?:(?:{_REQUEST}|which are|what are)\s+)?(?:all|every|each)\b(?: of)?(?: the| my)?\s+"
    rf"(?:[\w-]+\s+){{0,3}}?(?:{_PAPERS}|{any_of(_TABLE['systems'])})\b",
    re.IGNORECASE,
)


def asks_of_all(part: PlannedPart, frequency: Frequency) -> PlannedPart:
    """A part with what it asks of all papers together; unchanged where it asks for none.

    `frequency` tells in how many papers of the library a word occurs: a question about what one
    paper alone names is answered from that paper.
    """
    if part.kind == "count" and part.topic:
        return part.model_copy(update={"needs_all": True})
    text = re.sub(_END, "", part.question[:MAX_READ])
    if part.is_of_records:
        return part
    found = _excluding(text) or _counting(text) or _ranking(text) or _every(text)
    if not found:
        return part
    quantity = found.get("quantity", ("",))[0]
    beside = f"{found['topic']} {' '.join(quantity.split()[:-1])}"
    if not found.get("excluded") and _names_one(beside, frequency):
        return part
    # What no paper says tells none from the others: "which battery survived".
    words = str(found["topic"]).split()
    known = [one for one in words if frequency(one)]
    topic = " ".join(known if any(map(core_words, known)) else words)
    return part.model_copy(update={**found, "topic": topic, "needs_all": True})


def _excluding(text: str) -> dict[str, Any] | None:
    """What a question leaves out, and what of."""
    if not (_SET.match(text) or _FRAGMENT.match(text)):
        return None
    for cue, named in ((_EXCEPT.search(text), True), (_DENIED.search(text), False)):
        if (
            cue is None
            or _INVERTED.search(text, 0, cue.start())
            or _LOOSE_BEFORE.search(text, 0, cue.start())
        ):
            continue
        excluded = re.sub(r"(?:\s+(?:at all|either|or not|yet))+\Z", "", text[cue.end() :])
        excluded = re.sub(r"^(\w+\s+)no\s+", r"\1", excluded)
        excluded = re.sub(r"^(?:any|the|an?)\s+", "", excluded, flags=re.IGNORECASE)
        if not core_words(excluded) or (named and not _names_a_set(text[: cue.start()])):
            continue
        about = _ABOUT.match(excluded)
        how = "named" if named else "about" if about else "denied"
        head = text[: cue.start()]
        if named and (more := _AFTER_NAMES.search(excluded)):
            head, excluded = f"{head}{excluded[more.start() :]}", excluded[: more.start()]
        topic = "" if _is_any_system(_set_of(head)) else _set_of(head)
        excluded = excluded[about.end() :] if about else excluded
        return {"excluded": excluded, "excluded_as": how, "topic": topic}
    return None


def _names_a_set(head: str) -> bool:
    """True for what papers or systems can be left out of: "which codecs", not "any metal"."""
    words = [one.lower() for one in re.findall(r"[\w-]+", _TAIL.sub("", head))]
    if not words:
        return False
    single = bool(_SINGLE.match(head)) or words[-1] in _ASKERS
    return not single or words[-1] in _SYSTEMS or bool(re.fullmatch(_PAPERS, words[-1]))


def _is_any_system(topic: str) -> bool:
    """True for "models": what papers call their thing is not what tells them apart."""
    return set(topic.lower().split()) <= _SYSTEMS


def _set_of(head: str) -> str:
    """What a set of papers is about: "codecs" of "Which codecs are"; empty for all papers."""
    topic = _ASKED_FOR.sub("", _TAIL.sub("", head))
    return topic if core_words(topic) else ""


def _counting(text: str) -> dict[str, Any] | None:
    """The topic of papers that are counted; none for a count by records alone."""
    found = _COUNT.match(text)
    if found is None or _INVERTED.search(text):
        return None
    kind = found["kind"] or found["kind2"] or found["kind3"] or ""
    rest = _COUNT_TAIL.sub("", _COUNT_LEAD.sub("", found["rest"]))
    topic = f"{kind}{rest}".strip()
    return {"topic": topic} if core_words(topic) else None


def _ranking(text: str) -> dict[str, Any] | None:
    """What numbers are compared, which is first, and of what."""
    if _AMONG_NAMED.match(text):
        return None
    asks = _SET.match(text) or _WHOSE.match(text)
    for found in _SUPERLATIVE.finditer(text):
        word = found[0].lower()
        before = text[: found.start()]
        if word in _NO_RANK or _INVERTED.search(re.sub(r"the \Z", "", before)):
            continue
        is_first = before.strip().lower() in ("", "the")
        if not (asks or is_first) or (found["than"] and not before.lower().endswith("the ")):
            continue
        if word in ("most", "least") and not (_BARE_MOST.search(before) or is_first):
            continue
        if _RECENT.match(text, found.end()) or _AT.search(before):
            continue
        return _measured(text, found)
    return None


def _measured(text: str, found: re.Match[str]) -> dict[str, Any] | None:
    """What a superlative compares, in tiers of words: what it names, then what it implies."""
    word, before = found[0].lower(), text[: found.start()]
    noun = _NOUN.match(text, found.end())
    named = noun["noun"].strip() if noun else ""
    after = text[noun.end() if noun else found.end() :]
    implied = _implied(word) or _implied(named.split()[-1] if named else "")
    topic, is_verb = f"{before} {after}", False
    is_counted = bool(noun and noun["number"])
    if implied and _IS.search(before) and not (is_counted or _is_measure(named, implied)):
        topic, named = f"{before} {named} {after}", ""  # "the fastest vocoder"
    elif not named and (verb := _VERB.search(before)):
        # "conducts best"
        topic, named, is_verb = f"{before[: verb.start()]} {after}", verb[1], not after.strip()
    if word in ("best", "worst") and not (is_verb or _is_measure(named, implied)):
        return None  # "Which is best for it?" compares no numbers
    tiers = tuple(filter(None, (named, implied)))
    topic = _set_of(_WHO.sub("", re.sub(r"\b(?:the|a|an)\s*(?=\Z|\s{2})", "", topic)))
    topic = " ".join(_PLACE.sub("", topic).split())
    if named and _is_any_system(topic):
        topic = ""
    rank: PartRank = "least" if _LEAST.match(word) else "most"
    return {"rank": rank, "quantity": tiers, "topic": topic} if tiers else None


def _implied(word: str) -> str:
    return next((words for one, words in _MEASURES.items() if word.startswith(one)), "")


def _is_measure(named: str, implied: str) -> bool:
    """True for a word that names what is measured: "accuracy" beside "best"."""
    own = named.lower().split()
    return bool(own) and own[-1].removesuffix("s") in implied.replace("s ", " ").split()


def _every(text: str) -> dict[str, Any] | None:
    return {"topic": _set_of(text)} if _EVERY.match(text) else None


def _names_one(text: str, frequency: Frequency) -> bool:
    """True where a question names what one paper alone of the library has."""
    return any(is_name(one) and frequency(one) == 1 for one in named_words(text))
