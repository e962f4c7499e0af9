"""Rules that see a claim turn round what it cites: negations, opposites, directions.

Each compares words and where negations stand; none knows what they mean, and most false
claims pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.checking.cited_paper import CitedPaper
from assistant.text.directions import Direction, is_directed
from assistant.text.polarity import FAILING, HEDGES, SURE, Reading, read
from assistant.text.words import stem

_SHARED = 2
"""Content words that a sentence must share with a claim to speak of the same."""


def said_without_not(claim: str, cited: Sequence[CitedPaper]) -> tuple[str, ...]:
    """What a claim negates and a cited sentence says plainly, where the others negate nothing.

    What gets better or worse can be denied in too many words: there the source must have its
    word. A sentence that begins with "No" says what a source may call the first, or the only
    one, and one with "not X but Y" says Y.
    """
    own = read(claim)
    sentences = list(_sentences(cited)) if own.scopes else []
    papers = _papers(cited) if sentences else []
    found = []
    for cue, places in own.scopes:
        scope = {own.keys[at] for at in places}
        directed = {own.keys[at] for at in places if is_directed(own.words[at])}
        begins = own.words[0] == cue and own.words.count(cue) == 1
        is_contrast = cue == "not" and "but" in own.words[places[-1] :]
        if begins or is_contrast or cue in FAILING:
            continue
        if any(one.is_softened or one.turns(scope) for one in sentences):
            continue
        if not all(one.negated_keys.isdisjoint(scope) for one in papers):
            continue
        if directed and all(one.plain_keys.isdisjoint(directed) for one in papers):
            continue
        if any(
            scope & one.all_keys and len(own.all_keys & one.all_keys) >= _SHARED
            for one in sentences
        ):
            without = "says 'without', the source does not"
            found.append(without if cue == "without" else f"the source says this without '{cue}'")
    return tuple(found)


def said_with_not(claim: str, cited: Sequence[CitedPaper]) -> tuple[str, ...]:
    """What the cited sentences negate of the same thing and a claim says without any negation."""
    own = read(claim)
    if own.is_negative:
        return ()
    sure = own.all_words.isdisjoint(HEDGES)
    sentences = list(_sentences(cited))
    found = []
    for one in sentences:
        for cue, places in one.scopes:
            scope = [one.keys[at] for at in places]
            held = [key for key in scope if key in own.plain_keys]
            both = len(held) >= 2 and cue not in FAILING and (scope[:2] == held[:2] or sure)
            both = both and len(own.all_keys & one.all_keys) > len(set(held))
            if both and not any(other.plain_keys.issuperset(held) for other in sentences):
                found.append(f"the source says '{cue}' here")
    return tuple(found)


def turned_by_prefix(claim: str, cited: Sequence[CitedPaper]) -> tuple[str, ...]:
    """Words of a claim that a prefix parts from one of the paper: "unsupervised"."""
    own, papers = read(claim), _papers(cited)
    found = []
    for key, word in own.turned.items():
        holding = [one for one in papers if key in one.all_keys]
        denied = own.words.index(word) in own.negated
        if holding and not denied and not any(key in one.negated_keys for one in papers):
            found.append((word, holding[0].word_of(key)))
    for key, theirs in ((key, word) for one in papers for key, word in one.turned.items()):
        said = key in own.all_keys and key not in own.negated_keys
        if said and not any(key in one.all_keys for one in papers):
            found.append((own.word_of(key), theirs))
    return tuple(f"'{mine}' is not in the abstract, '{other}' is" for mine, other in found)


def other_kind(claim: str, cited: Sequence[CitedPaper]) -> tuple[str, ...]:
    """Kinds of a claim that exclude the one which stands beside the same word in the paper."""
    own = read(claim)
    if not own.kinds:
        return ()
    papers = _papers(cited)
    found = []
    for place, sides in own.kinds.items():
        theirs = dict(pair for one in papers for pair in one.kinds.get(place, {}).items())
        for side, word in sides.items():
            other = next((theirs[at] for at in theirs if at != side), "")
            if other and not any(word in one.all_words for one in papers):
                found.append(f"'{word}' is not in the abstract, '{other}' is")
    return tuple(found)


def surer(claim: str, cited: Sequence[CitedPaper]) -> tuple[str, ...]:
    """What a claim calls certain and the cited sentences only hint at."""
    own = read(claim)
    if own.all_words.isdisjoint(SURE):
        return ()
    stated = {stem(word) for one in _papers(cited) for word in one.words}
    sure = [
        word
        for at, word in enumerate(own.words)
        if word in SURE
        and not own.is_noun(at)
        and at not in own.negated
        and stem(word) not in stated
    ]
    if not sure or not own.all_words.isdisjoint(HEDGES):
        return ()
    keys = own.all_keys
    for one in _sentences(cited):
        if not one.all_words.isdisjoint(HEDGES) and 2 * len(keys & one.all_keys) >= len(keys):
            return (f"says '{sure[0]}', the source is less sure",)
    return ()


def turned_direction(claim: str, cited: Sequence[CitedPaper]) -> tuple[str, ...]:
    """Directions of a claim where the cited sentences have the opposite for the same thing.

    It is the same thing between the same words, or where a direction is the nearest one to a word
    that both have and what else they share stands on the same sides: "A is slower than B" says
    what "B is faster than A" does. Where claim or sentences have both directions, or only the
    claim takes something away, nobody knows.
    """
    own = read(claim)
    if not own.nearest:
        return ()
    sentences = list(_sentences(cited))
    alike = [one for one in sentences if one.takes_away >= own.takes_away]
    every = [other for one in sentences for other in one.directions.values()]
    found: dict[str, None] = {}
    for key, mine in own.nearest.items():
        theirs = [other for one in alike for other in one.nearest.get(key, ())]
        for one in mine:
            against = [*filter(one.is_opposed, theirs)]
            both = any(map(one.is_opposed, own.directions.values()))
            if against and _is_turned(one, against, every, both=both):
                found[f"'{one.word}' is the other way round in the source"] = None
    return tuple(found)


def _is_turned(
    one: Direction, against: Sequence[Direction], every: Sequence[Direction], *, both: bool
) -> bool:
    """True where a direction surely says the opposite of some of a source that has `every`."""
    placed = [other for other in every if other.beside == one.beside]
    if any(map(one.is_opposed, placed)):
        return not any(one.pairs & other.pairs for other in placed)
    rivals = every
    if any(map(one.may_share_object, against)):
        rivals = [*filter(one.may_share_object, every)]
    is_disputed = both or any(other.is_opposed(rival) for other in against for rival in rivals)
    return not is_disputed and any(map(one.stands_alike, against))


def _sentences(cited: Sequence[CitedPaper]) -> Iterator[Reading]:
    return (read(text) for one in cited for text in one.sentences)


def _papers(cited: Sequence[CitedPaper]) -> list[Reading]:
    """The title and abstract of each paper."""
    return [read(f"{one.title} . {one.abstract}") for one in cited]
