"""Grouping papers by topic: as many groups as stand out from chance."""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.text.words import term_words

if TYPE_CHECKING:
    from store.ledger.vectors import Keys, Vectors

MOST_GROUPS = 12
"""More groups than these nobody reads: where there would be more, likeness counts for less."""
ABOVE_CHANCE = 1.0
"""Groups are joined as long as their papers are on average so many standard deviations more
alike than two papers taken at random from the same selection."""
ENOUGH = 0.3
"""No more likeness than this, as the cosine of what is left beyond the selection's middle, is
asked for: where few clear groups stand far apart, chance itself spreads widely."""
AS_ONE = 0.94
"""Two groups are one when papers across them are on average so nearly as alike as papers
within. Splits of noise lie at .94 and more, the topics of real pages between .81 and .91."""
_STEP = 0.25
_SMALL_SHARE, _SMALLEST = 0.02, 3
SAMPLE = 1_500
"""Papers of a selection or of a group that are looked at where there are more."""
_ROUNDS = 6
_WORD_DIMENSIONS = 512


@dataclass(frozen=True)
class Topic:
    """A group of papers: places in what was grouped, the most typical first."""

    members: tuple[int, ...]


def group(vectors: Vectors) -> tuple[Topic, ...]:
    """Papers by topic, the largest group first; `vectors` has shape (n, d).

    Average linkage over likeness beyond the selection's own middle, cut where groups are no
    more alike than chance; groups too small to tell are given up, and every paper goes to the
    group it is nearest to. Of very many papers a sample is linked. One group when none stand out.
    """
    import numpy as np

    if len(vectors) < 2:
        return (Topic(tuple(range(len(vectors)))),)
    centred = vectors - vectors.mean(axis=0)
    centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
    count = len(centred)
    sample = centred[:: max(1, math.ceil(count / SAMPLE))]
    centres = _linked(sample)
    places = np.zeros(count, dtype=np.int64)
    for _ in range(_ROUNDS if len(centres) > 1 else 0):
        places = (centred @ centres.T).argmax(axis=1)
        kept = [one for one in range(len(centres)) if bool((places == one).any())]
        centres = np.array([centred[places == one].mean(axis=0) for one in kept])
        centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9)
    if len(centres) > 1:
        places = (centred @ centres.T).argmax(axis=1)
    found = [np.flatnonzero(places == one) for one in range(len(centres))]
    topics = []
    for members in _as_one([one for one in found if len(one)], vectors):
        near = centred[members] @ centred[members].mean(axis=0)
        topics.append(Topic(tuple(members[np.argsort(-near, kind="stable")].tolist())))
    return tuple(sorted(topics, key=lambda topic: -len(topic.members)))


def _as_one(groups: list[Keys], vectors: Vectors) -> list[Keys]:
    """Groups joined where they differ no more than papers of one group do."""
    import numpy as np

    while len(groups) > 1:
        sums = np.array([vectors[one].sum(axis=0) for one in groups])
        sizes = np.array([len(one) for one in groups], dtype=np.float64)
        across = (sums @ sums.T) / np.outer(sizes, sizes)
        own = (np.einsum("ij,ij->i", sums, sums) - sizes) / np.maximum(sizes * (sizes - 1), 1)
        ratio = across / np.maximum((own[:, None] + own[None, :]) / 2, 1e-6)
        np.fill_diagonal(ratio, -np.inf)
        one, other = divmod(int(ratio.argmax()), len(groups))
        if ratio[one, other] < AS_ONE:
            break
        joined = np.sort(np.concatenate([groups[one], groups[other]]))
        groups = [each for at, each in enumerate(groups) if at not in (one, other)] + [joined]
    return groups


def _linked(points: Vectors) -> Vectors:
    """The centres of the groups that average linkage finds, shape (groups, d)."""
    import numpy as np

    likeness = points @ points.T
    pairs = likeness[np.triu_indices(len(points), 1)]
    mean, spread = float(pairs.mean()), float(pairs.std())
    least = max(_SMALLEST, math.ceil(_SMALL_SHARE * len(points)))
    above = ABOVE_CHANCE
    while True:
        groups = _agglomerated(likeness.copy(), min(mean + above * spread, ENOUGH))
        large = [one for one in groups if len(one) >= least] or [list(range(len(points)))]
        if len(large) <= MOST_GROUPS:
            break
        above -= _STEP
    centres = np.array([points[one].mean(axis=0) for one in large])
    norms = np.linalg.norm(centres, axis=1, keepdims=True)
    result: Vectors = (centres / np.maximum(norms, 1e-9)).astype(points.dtype)
    return result


def _agglomerated(likeness: Vectors, least: float) -> list[list[int]]:
    """Average linkage: the two nearest groups are joined while they are `least` alike."""
    import numpy as np

    count = len(likeness)
    np.fill_diagonal(likeness, -np.inf)
    sizes = np.ones(count)
    members = {one: [one] for one in range(count)}
    best = likeness.argmax(axis=1)
    while len(members) > 1:
        tops = likeness[np.arange(count), best]
        one = int(tops.argmax())
        other = int(best[one])
        if not tops[one] >= least:
            break
        total = sizes[one] + sizes[other]
        row = (sizes[one] * likeness[one] + sizes[other] * likeness[other]) / total
        row[[one, other]] = -np.inf
        likeness[one], likeness[:, one] = row, row
        likeness[other], likeness[:, other] = -np.inf, -np.inf
        sizes[one] = total
        members[one] += members.pop(other)
        # Who was nearest to either looks again; for others only the joined group is new.
        is_stale = (best == one) | (best == other)
        is_stale[one] = True
        stale = np.flatnonzero(is_stale)
        best[stale] = likeness[stale].argmax(axis=1)
        nearer = likeness[:, one] > likeness[np.arange(count), best]
        best[nearer] = one
    return list(members.values())


def typical(topic: Topic, vectors: Vectors, number: int) -> tuple[int, ...]:
    """The places of so many papers that stand for a group: typical, and unlike each other."""
    pool = list(topic.members[: max(10 * number, 50)])
    taken = [pool.pop(0)]
    while pool and len(taken) < number:
        alike = (vectors[pool] @ vectors[taken].T).max(axis=1)
        ranks = [at / len(pool) for at in range(len(pool))]
        best = min(range(len(pool)), key=lambda at: ranks[at] + float(alike[at]))
        taken.append(pool.pop(best))
    return tuple(taken)


def word_vectors(texts: Sequence[str]) -> Vectors:
    """Vectors of texts by their words, where there are no others: hashed tf-idf, shape (n, 512)."""
    import numpy as np

    each = [Counter(term for _, term in term_words(text)) for text in texts]
    held = Counter(term for one in each for term in one)
    vectors = np.zeros((len(texts), _WORD_DIMENSIONS), dtype=np.float32)
    for at, counts in enumerate(each):
        for term, number in counts.items():
            code = zlib.crc32(term.encode())
            sign = 1.0 if code & 1 else -1.0
            weight = (1 + math.log(number)) * math.log(len(texts) / held[term] + 1e-9)
            vectors[at, (code >> 1) % _WORD_DIMENSIONS] += sign * weight
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return vectors
