"""What the constants of checking, pointing and summing up give, measured again.

Run from the project's folder: python -m tests.bench.calibration [--shared ../shared]
It needs the evaluation data in ../shared and the weights inside the package wordllama, no
network. Constants are chosen on the training parts; the dev parts are only reported.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.checking import (
    MATCHED_THRESHOLD,
    MATCHED_THRESHOLD_WHOLE,
    MATCHED_THRESHOLD_WORDS,
    MATCHED_THRESHOLD_WORDS_WHOLE,
)
from assistant.evidence_match import (
    Similarity,
    claim_recall,
    claim_weights,
    combined,
    rank_sentences,
    similar_whole,
)
from assistant.selection import summary_scores
from assistant.values import Sentence
from assistant.words import CorpusStatistics, numbers_missing, terms
from tests.bench.calibration_data import (
    Embedder,
    auroc,
    make_source,
    read_lines,
)

# --- claims against abstracts -----------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """A claim, the sentences it is put to (title first), its label and its gold sentences."""

    claim: str
    sentences: tuple[Sentence, ...]
    label: str
    gold: frozenset[int]


def read_pairs(folder: Path, part: str) -> tuple[list[Pair], CorpusStatistics]:
    """The pairs of SciFact or citint, and the statistics of their collection."""
    corpus = {entry["id"]: entry for entry in read_lines(folder / "corpus.jsonl.gz")}
    statistics = CorpusStatistics.from_texts(
        f"{one['title']}. {one['text']}" for one in corpus.values()
    )
    pairs = []
    for entry in read_lines(folder / f"pairs_{part}.jsonl"):
        texts = [corpus[entry["doc_id"]]["title"], *corpus[entry["doc_id"]]["sentences"]]
        sentences = tuple(
            Sentence(index=at, start=0, end=len(text), text=text) for at, text in enumerate(texts)
        )
        gold = frozenset(index + 1 for group in entry["rationales"] for index in group)
        claim = re.sub(r"\[?<\|\w+\|>\]?", "", entry["claim"])
        pairs.append(Pair(claim, sentences, entry["label"], gold))
    return pairs, statistics


Scores = dict[str, list[float]]
"""Scores of claims by label: SUPPORT, NEI, CONTRADICT or REFUTE."""


def check_pairs(folder: Path, part: str, similarity: Similarity | None) -> tuple[Scores, Scores]:
    """Print how supported and not-stated claims part, and how sentences are pointed at.

    Returns the scores against the title with the sentence pointed at, and against all.
    """
    pairs, statistics = read_pairs(folder, part)
    cited: Scores = defaultdict(list)
    whole: Scores = defaultdict(list)
    hits = []
    for pair in pairs:
        texts = [one.text for one in pair.sentences]
        weighted = claim_weights(pair.claim, statistics)
        row = similarity([pair.claim], texts)[0] if similarity else None
        order = [index for index, _ in rank_sentences(weighted, pair.sentences, row)]
        both = (0, order[0])
        recalled = claim_part(pair.claim, weighted, [texts[at] for at in both])
        similar = max(row[at] for at in both) if row else None
        cited[pair.label].append(combined(recalled, similar))
        recalled = claim_part(pair.claim, weighted, texts)
        whole[pair.label].append(combined(recalled, similar_whole(row) if row else None))
        if pair.gold and folder.name == "scifact":
            hits.append((order[0] in pair.gold, bool(pair.gold & set(order[:3]))))
    line = f"{folder.name:8} {part:5} {'words+vectors' if similarity else 'words':13}"
    line += f" AUROC whole {auroc(whole['SUPPORT'], whole['NEI']):.3f}"
    line += f", best sentence {auroc(cited['SUPPORT'], cited['NEI']):.3f}"
    print(line + (" hit@1 {:.3f} hit@3 {:.3f}".format(*np.mean(hits, axis=0)) if hits else ""))
    return cited, whole


def claim_part(claim: str, weighted: dict[str, float], texts: Sequence[str]) -> float:
    """The recall of a claim in texts, as the check computes it."""
    held = {term for text in texts for term in terms(text)}
    missing = numbers_missing(claim, "\n".join(texts))
    return claim_recall(weighted, held, numbers_found=not missing)


def check_threshold(data: Path, similarity: Similarity | None, used: tuple[float, float]) -> None:
    """Print the shares called weak at the thresholds in use, and at the best ones.

    The best has the greatest mean of Youden's index over the trains of SciFact and citint.
    """
    every = {
        (name, part): check_pairs(data / name, part, similarity)
        for name in ("scifact", "citint")
        for part in ("train", "dev")
    }
    for which, name in enumerate(("cited sentence", "whole source")):
        scores = {key: both[which] for key, both in every.items()}
        for title, at in (("used", used[which]), ("best", best_threshold(scores))):
            shares = ", ".join(
                f"{' '.join(key)} {below(one, 'SUPPORT', at):.2f}/{below(one, 'NEI', at):.2f}"
                for key, one in scores.items()
            )
            print(f"    {name}, {title} {at:.2f}, weak of supported/not stated: {shares}")


def below(scores: Scores, label: str, at: float) -> float:
    """The share of the claims of a label that score below a threshold."""
    return float((np.asarray(scores[label]) < at).mean())


def best_threshold(scores: dict[tuple[str, str], Scores]) -> float:
    """The threshold that parts supported and not-stated claims of the training parts best."""
    trains = [one for key, one in scores.items() if key[1] == "train"]
    return max(
        (float(at) for at in np.arange(0.2, 0.7, 0.01)),
        key=lambda at: sum(below(one, "NEI", at) - below(one, "SUPPORT", at) for one in trains),
    )


# --- one-sentence summaries -----------------------------------------------------------


def rouge_1(one: str, other: str) -> float:
    """The F1 of shared words."""
    left, right = (Counter(re.findall(r"[a-z0-9]+", text.lower())) for text in (one, other))
    shared = (left & right).total()
    return 2 * shared / (left.total() + right.total()) if shared else 0.0


def check_summaries(folder: Path, embedder: Embedder) -> None:
    """Print ROUGE-1 of the sentence chosen, beside the best and the first one."""
    corpus = read_lines(folder / "corpus.jsonl.gz")
    statistics = CorpusStatistics.from_texts(f"{one['title']}. {one['text']}" for one in corpus)
    for part in ("train", "dev"):
        rows = []
        for entry in read_lines(folder / f"{part}.jsonl.gz"):
            texts = [entry["title"], *entry["sentences"]]
            source = make_source(1, entry["title"], " ".join(entry["sentences"]), 1.0, texts)
            gains = [max(rouge_1(text, one) for one in entry["tldrs"]) for text in texts]
            with_vectors = summary_scores(source, statistics, embedder.similarity)
            with_words = summary_scores(source, statistics, None)
            rows.append(
                (
                    gains[max(with_vectors, key=with_vectors.__getitem__)],
                    gains[max(with_words, key=with_words.__getitem__)],
                    gains[1],
                    max(gains[1:]),
                )
            )
        found = 100 * np.mean(rows, axis=0)
        print(
            "scitldr {:5} ROUGE-1: chosen {:.1f}, words alone {:.1f}, first {:.1f},"
            " best possible {:.1f}".format(part, *found)
        )


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    shared: Path = parser.parse_args().shared
    if not (shared / "eval").is_dir():
        sys.exit(f"no {shared}/eval")
    started = time.perf_counter()
    embedder = Embedder()
    used = (MATCHED_THRESHOLD, MATCHED_THRESHOLD_WHOLE)
    check_threshold(shared / "eval", embedder.similarity, used)
    used = (MATCHED_THRESHOLD_WORDS, MATCHED_THRESHOLD_WORDS_WHOLE)
    check_threshold(shared / "eval", None, used)
    check_summaries(shared / "eval" / "scitldr", embedder)
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
