"""British and American spellings of English words, by rules; where rules end, by closed lists.

Two spellings are of one word when `american` makes the same of both. What it makes need not be
how Americans write: it is a key. A rule may be wider than the words it is for ("contor"), as long
as no two words meet in it.
"""

from __future__ import annotations

from functools import lru_cache

from store.pattern import pattern

_LEAST, _MOST = 4, 40  # letters of a word that has two spellings
_ENDINGS = "(?:s|ed|ing|ings|al|ally|able|ably|er|ers|ist|ists|ite|ites|hood|hoods|ful|less|y|ly)"
_OUR = pattern(rf"([a-z]*[aeiouy][a-z]+)our(?=i[sz]|{_ENDINGS}?\Z)")
_OR = pattern(rf"([a-z]*[aeiouy][a-z]+)or(?=i[sz]|{_ENDINGS}?\Z)")
_ISE = pattern(r"([a-z]{3,})is(e|es|ed|er|ers|ing|ings|ation|ations|ational|able|ability)\Z")
_IZE = pattern(r"([a-z]{3,})iz(e|es|ed|er|ers|ing|ings|ation|ations|ational|able|ability)\Z")
_NOT_ISE = pattern(
    r"(?:.*[aeou]|.*[^i]c|.*v|.*[^aeiou]w|.*p[ir]|.*qu"
    r"|(?:re|un)?(?:prom|compr?om|surm|dem|prem|merchand|parad|advert|chast|expert|treat|pract"
    r"|mort|franch|enfranch|disfranch|anis?|ar|sunr|moonr|upr|appr|compr|enterpr|surpr|val|ch?em"
    r"|likew|otherw|clockw|pairw|stepw))\Z"
)
"""What stands before "-ise" in words that have no "-ize"."""
_RE = pattern(r"([a-z]{2}[bt]|euv|meag|och|sepulch)re(s|d)?\Z")
_ER = pattern(r"([a-z]{2}[bt]|euv|meag|och|sepulch)er(s|ed)?\Z")
_NOT_RE = frozenset(["timbre", "timbres"])
_LYZ = pattern(r"ly[sz](e|es|ed|er|ers|ing|able)\Z")
_LOGUE = pattern(r"([a-z]{2,})logue(s|d)?\Z")
_LOG = pattern(r"([a-z]{2,})log(s|ed)?\Z")
_AT_AE = (
    r"(?<=h){0}(?=m|o[^n])|{0}(?=mi[ac])|(?<=\b){0}(?=sth|tio)|(?<=an){0}(?=sth)|(?<=c){0}(?=[cs])"
    r"|(?<=p){0}(?=d)|(?<=[fn]){0}(?=c)|(?<=[im]){0}(?=v)|(?<=l){0}(?=o)"
)
_AT_OE = (
    r"(?<=pn){0}|(?<=rrh){0}|(?<=am){0}(?=b)|(?<=man){0}(?=u)|(?<=hom){0}(?=o)|(?<=\bf){0}(?=t)"
    r"|(?<=\bc){0}(?=l)|(?<=\b){0}(?=str|soph|dem|nol)"
)
_AE, _OE = pattern(_AT_AE.format("ae")), pattern(_AT_OE.format("oe"))
_NO_AE, _NO_OE = pattern(_AT_AE.format("e")), pattern(_AT_OE.format("e"))
"""Roots from Greek and Latin: haem-, -aemia, anaesth-, caec-, paed-, faec-, palaeo-, oestr-, ..."""
_DOUBLED = """
apparel bedevil bejewel bevel cancel carol cavil channel chisel counsel cudgel devil dial dishevel
dowel drivel duel enamel equal fuel funnel gambol grovel imperil initial jewel label laurel level
libel marshal marvel medal metal model panel parcel pedal pencil pistol pummel quarrel ravel revel
rival shovel shrivel signal snivel spiral stencil swivel symbol tassel tinsel total towel trammel
travel trial tunnel unravel victual yodel worship kidnap focus bias target benefit
"""
"""Verbs whose last letter is doubled before an ending in one of the two spellings."""
_PAIRS = """
aluminium aluminum, artefact artifact, ageing aging, cheque check, draught draft, cosy cozy,
defence defense, offence offense, pretence pretense, licence license, practise practice, enrol
enroll, enrolment enrollment, fulfil fulfill, fulfilment fulfillment, instalment installment,
distil distill, instil instill, skilful skillful, wilful willful, marvellous marvelous,
woollen woolen, jewellery jewelry, gramme gram, kilogramme kilogram, programme program, grey
gray, greyscale grayscale, judgement judgment, acknowledgement acknowledgment, lodgement
lodgment, kerb curb, likeable likable, sizeable sizable, useable usable, moveable movable,
saleable salable, rateable ratable, mould mold, mouldy moldy, moult molt, smoulder smolder,
moustache mustache, plough plow, pyjama pajama, sceptic skeptic, sceptical skeptical,
scepticism skepticism, manoeuvre maneuver, tyre tire, cypher cipher, syphon siphon, aeroplane
airplane, gaol jail
"""
"""A British spelling and the American one, where no rule makes one of the other."""


def american(word: str) -> str:
    """The key of a word in lower case: the same for its British and its American spelling."""
    if not _may_differ(word):
        return word
    return _american(word)


def _may_differ(word: str) -> bool:
    return _LEAST <= len(word) <= _MOST and word.isascii() and word.isalpha()


@lru_cache(maxsize=1 << 14)
def _american(word: str) -> str:
    pairs, doubled = _tables()
    if word in pairs:
        return pairs[word]
    word = doubled.get(word, word)
    # Few words hold what a rule is about, and a look for that is quick.
    if "our" in word:
        word = _OUR.sub(r"\1or", word)
    if word.endswith(("re", "res", "red")) and word not in _NOT_RE:
        word = _RE.sub(lambda found: f"{found[1]}er{(found[2] or '').replace('d', 'ed')}", word)
    ise = _ISE.match(word) if "is" in word else None
    if ise and not _NOT_ISE.match(ise[1]):
        word = f"{ise[1]}iz{ise[2]}"
    if "ly" in word:
        word = _LYZ.sub(r"lys\1", word)
    if "logue" in word:
        word = _LOGUE.sub(lambda found: f"{found[1]}log{(found[2] or '').replace('d', 'ed')}", word)
    if "ae" in word:
        word = _AE.sub("e", word)
    if "oe" in word:
        word = _OE.sub("e", word)
    return word.replace("sulph", "sulf")


@lru_cache(maxsize=1 << 12)
def spellings(word: str) -> tuple[str, ...]:
    """A word in lower case, and how else it may be spelt; some of these are no words at all."""
    if not _may_differ(word):
        return (word,)
    key = american(word)
    found = {key, *_others(key), *_others(word)} - {word}
    same = sorted(one for one in found if american(one) == key)
    return (word, *same)


def _others(word: str) -> set[str]:
    """What one rule, turned round, makes of a word."""
    found = set(_british().get(word, ()))
    found.add(_OR.sub(r"\1our", word))
    found.add(_ER.sub(lambda at: f"{at[1]}re{(at[2] or '').replace('ed', 'd')}", word))
    found.add(_IZE.sub(r"\1is\2", word))
    found.add(_LYZ.sub(r"lyz\1", word))
    found.add(_LOG.sub(lambda at: f"{at[1]}logue{(at[2] or '').replace('ed', 'd')}", word))
    found.add(_NO_AE.sub("ae", word))
    found.add(_NO_OE.sub("oe", word))
    found.add(word.replace("sulf", "sulph"))
    return found


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[str, str], dict[str, str]]:
    """British to American: words for which there is no rule, and verbs with a doubled letter."""
    pairs: dict[str, str] = {}
    for pair in _PAIRS.split(","):
        one, other = pair.split()
        pairs |= {one: other, f"{one}s": f"{other}s"}
    doubled = {
        f"{verb}{verb[-1]}{ending}": f"{verb}{ending}"
        for verb in _DOUBLED.split()
        for ending in ("ed", "ing", "ings", "er", "ers")
    }
    return pairs, doubled


@lru_cache(maxsize=1)
def _british() -> dict[str, list[str]]:
    """The tables turned round."""
    found: dict[str, list[str]] = {}
    for table in _tables():
        for one, other in table.items():
            found.setdefault(other, []).append(one)
    return found
