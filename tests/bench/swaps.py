"""What the check of words and numbers catches when a sentence carries what is another paper's.

Run from the project's folder: python -m tests.bench.swaps [--shared ../shared] [--part held]
It needs the saved pages in ../shared and the weights inside the package wordllama, no network.
Cases are made from the pages each time: a sentence, or a paraphrase of one, cited rightly, in
which one thing is exchanged: a figure, a data set or a method for that of a look-alike paper,
or a direction for its opposite. Papers are parted in two halves by their title: checks were
chosen on the half "dev", "held" is only reported. Beside it stand the false alarms on honest
paraphrases (paraphrases.jsonl, our own words, by title and number of the sentence).
The opposite directions put in are words that the check knows: what is caught of them is the
upper end of what it can catch.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from assistant.checking.text_check import check_claims
from assistant.citations.parser import CitationReader
from assistant.replies.claims import draft_claims
from assistant.retrieval.evidence_similarity import Similarity
from assistant.retrieval.token_similarity import TokenReader
from assistant.text.numbers.compare import Number, numbers
from assistant.types.claims import Claim
from assistant.types.evidence import Evidence
from tests.bench.calibration_data import (
    Embedder,
    make_source,
    minilm_reader,
    read_lines,
    read_pages,
)
from tests.support.corpus_statistics import CorpusStatistics

PARAPHRASES = Path(__file__).with_name("paraphrases.jsonl")
LOOK_ALIKES = 12
"""Papers, nearest first, that a figure, data set or method may be taken from."""

BESIDE = 5
"""Look-alikes that were read beside the cited paper."""

_DATA_SETS = (
    "ImageNet CIFAR-10 CIFAR-100 CIFAR10 CIFAR100 AudioSet AudioCaps LibriSpeech LibriTTS VCTK"
    " LJSpeech MUSDB18 MUSDB18-HQ COCO MS-COCO CelebA FFHQ LSUN MNIST SVHN STL-10 ESC-50 FSD50K"
    " Slakh2100 VoiceBank-DEMAND BigEarthNet ADE20K Cityscapes CUB-200-2011 MusicCaps Opencpop"
    " Tiny-ImageNet ImageNet-R ImageNet-1K DTD Flowers102 WikiText GLUE MedleyDB NSynth MAESTRO"
)
DATA_SETS = tuple(_DATA_SETS.split())
DIRECTIONS = {
    "increases": "decreases", "increase": "decrease", "increasing": "decreasing",
    "increased": "decreased", "reduces": "increases", "reduce": "increase",
    "reducing": "increasing", "reduced": "increased", "decreases": "increases",
    "outperforms": "underperforms", "outperform": "underperform",
    "outperforming": "underperforming", "improves": "worsens", "improve": "worsen",
    "improving": "worsening", "improved": "worsened", "faster": "slower", "slower": "faster",
    "higher": "lower", "lower": "higher", "better": "worse", "worse": "better",
    "surpasses": "falls below", "surpassing": "falling below", "superior": "inferior",
    "larger": "smaller", "smaller": "larger", "fewer": "more", "beats": "loses to",
    "raises": "lowers", "falls": "rises", "enhances": "degrades", "enhance": "degrade",
    "cuts": "raises", "drops": "rises", "boosts": "hurts", "exceeds": "falls short of",
    "above": "below", "lifts": "lowers", "quicker": "slower", "rises": "falls",
}  # fmt: skip
KINDS = ("figure", "data set", "direction", "method")


class Paper(NamedTuple):
    """A paper of the pages: what may be exchanged in it and taken from it."""

    title: str
    abstract: str

    @property
    def method(self) -> str:
        """The name before the colon of a title, if it is one: "ProDiff: ..."."""
        head = self.title.partition(":")[0].strip()
        fits = ":" in self.title and len(head.split()) == 1 and len(head) > 2
        return head if fits and any(char.isupper() for char in head[1:]) else ""

    @property
    def part(self) -> str:
        """The half that a paper belongs to, by its title."""
        digest = hashlib.sha256(self.title.encode("utf-8")).digest()
        return "dev" if digest[0] % 2 else "held"


@dataclass(frozen=True)
class Case:
    """A claim on a sentence of a paper (index in the pages), and what was done to it."""

    kind: str
    paper: int
    sentence: int
    claim: str
    origin: str


class Bench:
    """The pages with their vectors and statistics; makes cases and checks them."""

    def __init__(
        self, pages: Path, similarity: Similarity, tokens: TokenReader | None = None
    ) -> None:
        self.papers = [Paper(*one) for one in read_pages(pages)]
        self.similarity = similarity
        self.tokens = tokens
        texts = [f"{one.title}. {one.abstract}" for one in self.papers]
        self.statistics = CorpusStatistics.from_texts(texts)
        rows = similarity(texts, texts)
        self.near = [
            sorted((at for at in range(len(row)) if at != own), key=lambda at: -row[at])
            for own, row in enumerate(rows)
        ]

    def verdict(self, paper: int, sentences: Sequence[int], claim: str) -> Claim:
        """The check of a claim that cites sentences of a paper, look-alikes read beside."""
        read = [paper, *self.near[paper][:BESIDE]]
        sources = [make_source(number, *self.papers[at], 1.0) for number, at in enumerate(read, 1)]
        evidence = Evidence(sources=tuple(sources))
        reader = CitationReader(evidence)
        cited = ", ".join(f"1.{one}" for one in sentences)
        reader.feed(f"{claim.rstrip('. ')} [{cited or 1}].")
        reader.finish()
        found = check_claims(
            draft_claims(reader.text, reader.marks),
            evidence,
            self.statistics,
            self.similarity,
            self.tokens,
        )
        return found[-1]

    def honest(self) -> list[tuple[int, int, str, str]]:
        """Honest paraphrases: paper, sentence, claim, half."""
        places = {one.title: at for at, one in enumerate(self.papers)}
        return [
            (places[one["title"]], one["sentence"], one["claim"], one["part"])
            for one in read_lines(PARAPHRASES)
            if one["title"] in places
        ]

    def cases(self) -> list[Case]:
        """All cases, in the order of the pages; at most one of a kind for a text."""
        texts = [
            (paper, one.index, one.text, "verbatim")
            for paper, entry in enumerate(self.papers)
            for one in make_source(1, *entry, 1.0).sentences
            if one.index and 40 < len(one.text) < 350 and "[" not in one.text
        ]
        texts += [(paper, index, claim, "paraphrase") for paper, index, claim, _ in self.honest()]
        made = [case for text in texts for case in self._of_text(*text)]
        found: list[Case] = []
        counts: dict[tuple[str, int, str], int] = defaultdict(int)
        for case in made:
            key = (case.kind, case.paper, case.origin)
            counts[key] += 1
            if counts[key] == 1:
                found.append(case)
        return found

    def _of_text(self, paper: int, index: int, text: str, origin: str) -> Iterator[Case]:
        for kind, swap in (
            ("figure", self._figure),
            ("data set", self._data_set),
            ("direction", _direction),
            ("method", self._method),
        ):
            claim = swap(paper, text)
            if claim and claim != text:
                yield Case(kind, paper, index, claim, origin)

    def _figure(self, paper: int, text: str) -> str:
        own = [one for one in numbers(text) if not one.spelt and _digits(text, one)]
        if not own:
            return ""
        whole = f"{self.papers[paper].title}. {self.papers[paper].abstract}"
        held = {one.value for one in numbers(whole)}
        wanted = own[0]
        for other in self.near[paper][:LOOK_ALIKES]:
            theirs = self.papers[other].abstract
            for one in numbers(theirs):
                shape = _digits(theirs, one)
                alike = not one.spelt and one.unit == wanted.unit and one.value not in held
                if alike and shape and one.value and 0.1 < one.value / (wanted.value or 1) < 10:
                    return text.replace(_digits(text, wanted), shape, 1)
        return ""

    def _data_set(self, paper: int, text: str) -> str:
        whole = f"{self.papers[paper].title}. {self.papers[paper].abstract}".lower()
        own = [one for one in DATA_SETS if re.search(rf"(?<![\w-]){one}(?![\w-])", text)]
        if not own:
            return ""
        for other in self.near[paper]:
            theirs = self.papers[other].abstract
            for one in DATA_SETS:
                if one.lower() in whole or one[:5].lower() == own[0][:5].lower():
                    continue
                if re.search(rf"(?<![\w-]){one}(?![\w-])", theirs):
                    return text.replace(own[0], one, 1)
        return ""

    def _method(self, paper: int, text: str) -> str:
        own = self.papers[paper].method
        if not own or not re.search(rf"(?<![\w-]){re.escape(own)}(?![\w-])", text):
            return ""
        whole = f"{self.papers[paper].title}. {self.papers[paper].abstract}"
        for other in self.near[paper][:LOOK_ALIKES]:
            theirs = self.papers[other].method
            if theirs and theirs not in whole:
                return text.replace(own, theirs)
        return ""


def _direction(_: int, text: str) -> str:
    for match in re.finditer(r"[A-Za-z]+", text):
        if match.group() in DIRECTIONS:
            return text[: match.start()] + DIRECTIONS[match.group()] + text[match.end() :]
    return ""


def _digits(text: str, number: Number) -> str:
    found = re.match(r"[\d,]*\d(?:\.\d+)?", text[number.start : number.end])
    return found.group() if found else ""


def main() -> None:
    """Print what is caught by kind, and the false alarms."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--part", choices=("dev", "held", "both"), default="both")
    parser.add_argument("--list", action="store_true", help="print what was missed or wrong")
    parser.add_argument(
        "--minilm", type=Path, metavar="MODELS", help="check by minilm, in this folder"
    )
    asked = parser.parse_args()
    if not (asked.shared / "pages").is_dir():
        print(f"skipped: no {asked.shared}/pages")
        sys.exit(0)
    tokens = minilm_reader(asked.minilm) if asked.minilm else None
    bench = Bench(asked.shared / "pages", Embedder().similarity, tokens)
    parts = ("dev", "held") if asked.part == "both" else (asked.part,)
    for part in parts:
        report(bench, part, show=asked.list)


def report(bench: Bench, part: str, *, show: bool) -> dict[str, tuple[int, int]]:
    """Print and return, for one half, how many of each kind were caught, of how many."""
    caught: dict[str, list[bool]] = defaultdict(list)
    for case in bench.cases():
        if bench.papers[case.paper].part != part:
            continue
        claim = bench.verdict(case.paper, [case.sentence], case.claim)
        caught[f"{case.kind}, {case.origin}"].append(claim.verdict != "matched")
        if show and claim.verdict == "matched":
            print(f"  missed {case.kind}: {case.claim}")
    alarms: list[bool] = []
    for paper, sentence, text, half in bench.honest():
        if half != part:
            continue
        claim = bench.verdict(paper, [sentence], text)
        alarms.append(claim.verdict != "matched")
        if show and alarms[-1]:
            print(f"  false alarm, {claim.verdict}: {text}")
    found: dict[str, tuple[int, int]] = {}
    for kind in KINDS:
        for origin in ("verbatim", "paraphrase"):
            name = f"{kind}, {origin}"
            hits = caught.get(name, [])
            found[name] = (sum(hits), len(hits))
            print(f"{part:4} {name:22} caught {sum(hits):3} of {len(hits):3}")
    total = [one for hits in caught.values() for one in hits]
    found["all"], found["alarms"] = (sum(total), len(total)), (sum(alarms), len(alarms))
    print(f"{part:4} all kinds              caught {sum(total):3} of {len(total):3}")
    share = 100 * sum(alarms) / max(len(alarms), 1)
    alarmed = f"{sum(alarms)} of {len(alarms)}: {share:.1f} %"
    print(f"{part:4} honest paraphrases     false alarms {alarmed}")
    return found


if __name__ == "__main__":
    main()
