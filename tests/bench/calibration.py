"""What the constants of checking, pointing and summing up give, measured again.

Run from the project's folder: python -m tests.bench.calibration [--shared ../shared]
It needs the evaluation data in ../shared, the package rouge-score, and the weights inside
the package wordllama; no network. Constants are chosen on the training parts; the dev parts
are only reported.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from assistant.checking.text_check import LEAST_SCORE
from assistant.generation.extractive.selection import summary_scores
from assistant.retrieval.evidence_similarity import (
    Similarity,
    claim_recall,
    claim_weights,
    combined,
    rank_sentences,
    similar_whole,
)
from assistant.retrieval.token_similarity import TokenReader
from assistant.text.words import numbers_missing, terms
from assistant.types.evidence import Sentence, Source
from tests.bench.calibration_data import (
    Embedder,
    auroc,
    make_source,
    minilm_reader,
    read_lines,
)
from tests.support.corpus_statistics import CorpusStatistics

RANDOM = 7
"""Seed of the random abstracts."""

# --- claims against abstracts -----------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """A claim, the sentences it is put to (title first), its label, its gold sentences.

    Passages of one cited paper have the same `paper`.
    """

    claim: str
    sentences: tuple[Sentence, ...]
    label: str
    gold: frozenset[int]
    paper: str


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
        # citint numbers the passages of a paper within its thousand.
        paper = str(entry["doc_id"])
        paper = paper[:-3] if folder.name == "citint" else paper
        pairs.append(Pair(claim, sentences, entry["label"], gold, paper))
    return pairs, statistics


Scores = dict[str, list[float]]
"""Scores of claims by label: SUPPORT, NEI, CONTRADICT or REFUTE."""


def check_pairs(folder: Path, part: str, check: Check) -> tuple[Scores, Scores]:
    """Print how supported and not-stated claims part, and how sentences are pointed at.

    Returns the scores against the title with the sentence pointed at, and against all.
    """
    pairs, statistics = read_pairs(folder, part)
    cited: Scores = defaultdict(list)
    whole: Scores = defaultdict(list)
    hits = []
    chance = random.Random(RANDOM)
    strangers = [
        replace(pair, sentences=other.sentences, label="RANDOM", gold=frozenset())
        for pair in pairs
        if pair.label == "SUPPORT" and (other := _stranger(pair, pairs, chance))
    ]
    for pair in (*pairs, *strangers):
        texts = [one.text for one in pair.sentences]
        weighted = claim_weights(pair.claim, statistics)
        row = check.similarity([pair.claim], texts)[0] if check.similarity else None
        order = [index for index, _ in rank_sentences(weighted, pair.sentences, row)]
        both = (0, order[0])
        near = [row[at] for at in both] if row else None
        cited[pair.label].append(
            check.score(pair.claim, weighted, [texts[at] for at in both], near, whole=False)
        )
        whole[pair.label].append(check.score(pair.claim, weighted, texts, row, whole=True))
        if pair.gold and folder.name == "scifact":
            hits.append((order[0] in pair.gold, bool(pair.gold & set(order[:3]))))
    line = f"{folder.name:8} {part:5} {check.name:13}"
    line += f" AUROC whole {auroc(whole['SUPPORT'], whole['NEI']):.3f}"
    line += f", best sentence {auroc(cited['SUPPORT'], cited['NEI']):.3f}"
    line += f"; against a random abstract {auroc(whole['SUPPORT'], whole['RANDOM']):.4f}"
    print(line + (" hit@1 {:.3f} hit@3 {:.3f}".format(*np.mean(hits, axis=0)) if hits else ""))
    return cited, whole


def _stranger(pair: Pair, pairs: Sequence[Pair], chance: random.Random) -> Pair:
    """A pair whose abstract is another paper's."""
    while True:
        other = chance.choice(pairs)
        if other.paper != pair.paper:
            return other


@dataclass(frozen=True)
class Check:
    """The check of a claim, as a library does it with its embedder; words alone without any."""

    similarity: Similarity | None
    reader: TokenReader | None = None

    @property
    def name(self) -> str:
        """What it goes by."""
        if self.reader:
            return "words+tokens"
        return "words+vectors" if self.similarity else "words"

    def score(
        self,
        claim: str,
        weighted: dict[str, float],
        texts: Sequence[str],
        row: Sequence[float] | None,
        *,
        whole: bool,
    ) -> float:
        """How far texts carry a claim; `row` are their similarities to it."""
        if self.reader:
            self.reader.learn([claim, *texts])
            held = frozenset(term for text in texts for term in terms(text))
            found = not numbers_missing(claim, "\n".join(texts))
            return self.reader.score(claim, weighted, held, texts, whole=whole, numbers_found=found)
        similar = None
        if row is not None:
            similar = similar_whole(row) if whole else max(row)
        return combined(claim_part(claim, weighted, texts), similar)


def claim_part(claim: str, weighted: dict[str, float], texts: Sequence[str]) -> float:
    """The recall of a claim in texts, as the check computes it."""
    held = {term for text in texts for term in terms(text)}
    missing = numbers_missing(claim, "\n".join(texts))
    return claim_recall(weighted, held, numbers_found=not missing)


def check_threshold(data: Path, check: Check) -> None:
    """Print the shares called weak at the thresholds in use, and at the best ones.

    The best has the greatest mean of Youden's index over the trains of SciFact and citint.
    """
    every = {
        (name, part): check_pairs(data / name, part, check)
        for name in ("scifact", "citint")
        for part in ("train", "dev")
    }
    for which, name in enumerate(("cited sentence", "whole source")):
        scores = {key: both[which] for key, both in every.items()}
        for title, at in (("used", LEAST_SCORE), ("best", best_threshold(scores))):
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


Gain = tuple[float, float, float]
"""The F1 of ROUGE-1, ROUGE-2 and ROUGE-L."""


class Rouge:
    """ROUGE with Porter's stemmer, as SciTLDR is evaluated: the best over the references."""

    def __init__(self) -> None:
        from rouge_score.rouge_scorer import RougeScorer

        self._names = ("rouge1", "rouge2", "rougeL")
        self._scorer = RougeScorer(list(self._names), use_stemmer=True)

    def __call__(self, text: str, references: Sequence[str]) -> Gain:
        """The best F1 of a text over references, for each of the three by itself."""
        each = [self._scorer.score(one, text) for one in references]
        one, two, long = (max(found[name].fmeasure for found in each) for name in self._names)
        return one, two, long


def summary_rows(folder: Path, part: str) -> Iterator[tuple[Source, list[str]]]:
    """Papers of SciTLDR with their reference summaries.

    For "test" the references are the queries, one a paper, and sentences are cut by us.
    """
    if part != "test":
        for entry in read_lines(folder / f"{part}.jsonl.gz"):
            texts = [entry["title"], *(one.strip() for one in entry["sentences"])]
            yield make_source(1, entry["title"], " ".join(texts[1:]), 1.0, texts), entry["tldrs"]
        return
    corpus = {entry["id"]: entry for entry in read_lines(folder / "corpus.jsonl.gz")}
    for query in read_lines(folder / "queries.jsonl"):
        paper = corpus[query["id"]]
        yield make_source(1, paper["title"], paper["text"], 1.0), [query["text"]]


def check_summaries(folder: Path, embedder: Embedder, parts: Sequence[str]) -> None:
    """Print ROUGE-1/2/L of the sentence chosen, beside the first and the best possible one."""
    corpus = read_lines(folder / "corpus.jsonl.gz")
    statistics = CorpusStatistics.from_texts(f"{one['title']}. {one['text']}" for one in corpus)
    rouge = Rouge()
    for part in parts:
        rows: dict[str, list[Gain]] = defaultdict(list)
        for source, references in summary_rows(folder, part):
            gains = {one.index: rouge(one.text, references) for one in source.sentences[1:]}
            for name, similarity in (("chosen", embedder.similarity), ("words alone", None)):
                scores = summary_scores(source, statistics, similarity)
                rows[name].append(gains[max(scores, key=scores.__getitem__)])
            rows["first"].append(gains[1])
            rows["best possible"].append(max(gains.values()))
        for name, found in rows.items():
            shown = " / ".join(f"{100 * one:.1f}" for one in np.mean(found, axis=0))
            print(f"scitldr {part:5} ROUGE-1/2/L, {name}: {shown}")


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument(
        "--minilm", type=Path, metavar="MODELS", help="check by minilm, in this folder, instead"
    )
    parser.add_argument("--only", choices=("checks", "summaries"), help="one half of it")
    parser.add_argument("--test", action="store_true", help="summaries of the test part alone")
    asked = parser.parse_args()
    shared: Path = asked.shared
    if not (shared / "eval").is_dir():
        print(f"skipped: no {shared}/eval")
        return
    started = time.perf_counter()
    embedder = Embedder()
    if asked.only != "summaries" and not asked.test:
        if asked.minilm:
            check = Check(embedder.similarity, minilm_reader(asked.minilm))
            check_threshold(shared / "eval", check)
        else:
            check_threshold(shared / "eval", Check(embedder.similarity))
            check_threshold(shared / "eval", Check(None))
    if asked.only != "checks":
        parts = ("test",) if asked.test else ("train", "dev")
        check_summaries(shared / "eval" / "scitldr", embedder, parts)
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
