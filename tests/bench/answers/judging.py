"""Sentences with known labels put to the check of an answer's claims.

Each sentence is made a claim that cites sentences of its paper or, where none are named, the
paper as a whole, as a model does that gives only [1]; a few are one answer. A `Judge` takes an
answer whose claims carry the verdict of words and numbers, and gives it back judged: the built-in
one changes nothing, one of a model asks it. `OnPaper` puts the requests to whoever reads them.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.answers.check_requests import CHECK_INPUTS, CheckRequests
from assistant.answers.cost import Accounting
from assistant.answers.model_check_run import Checker
from assistant.answers.references import reference_to
from assistant.checking.text_check import check_claims
from assistant.checking.verdicts import sign_of
from assistant.evaluation.asking import Asker, hear
from assistant.evaluation.matching import same_title
from assistant.evaluation.measures import Record
from assistant.evaluation.papers import titles_of
from assistant.evaluation.report import aligned
from assistant.generation.base import ChatModel, Finished, ModelPart, ModelTask, Piece
from assistant.prompting.grounding import estimate_tokens
from assistant.prompting.prompts import load_prompt
from assistant.retrieval.evidence_similarity import (
    claim_recall,
    claim_weights,
    combined,
    similar_whole,
)
from assistant.retrieval.retriever import Retriever
from assistant.retrieval.term_statistics import LibraryStatistics
from assistant.retrieval.token_similarity import TokenReader
from assistant.text.words import numbers_missing, terms
from assistant.types.answers import Answer
from assistant.types.citations import Address, DraftClaim
from assistant.types.claims import Verdict
from assistant.types.events import AnswerDone
from assistant.types.evidence import Evidence, Source
from assistant.types.questions import Question
from store.library.library import Library
from store.types import Narrate
from tests.bench.answers.asking import PromptCounter
from tests.bench.answers.questions import LABELS, LabelledSentence
from tests.bench.calibration_data import auroc

Judge = Callable[[Answer], Awaitable[Answer]]
"""Judges the claims of an answer; they come back in the same order."""

BATCH = 12
"""Sentences that are one answer, and so one request to a model."""

_ORDER: Mapping[str, float] = {
    "supported": 1.0,
    "matched": 1.0,
    "weak": 0.5,
    "partly": 0.5,
    "not_stated": 0.5,
    "number_not_found": 0.25,
    "contradicted": 0.0,
}
"""Verdicts as a score: how far each one says that a claim holds."""

_RIGHT: Mapping[str, tuple[str, ...]] = {
    "supported": ("supported",),
    "honest": ("supported",),
    "unsupported": ("partly", "not_stated"),
    "contradicted": ("contradicted",),
    "false": ("partly", "not_stated", "contradicted"),
}
"""The verdicts of a model that are right, by label."""


@dataclass(frozen=True)
class JudgedSentence:
    """A sentence with its label, its verdict, and the score of its words and similarity.

    `sign` is what a reader sees.
    """

    id: str
    label: str
    verdict: str
    score: float
    checked_by: str
    sentence: str
    sign: str = ""
    reasons: tuple[str, ...] = ()


async def built_in(answer: Answer) -> Answer:
    """The verdicts of words and numbers, as they are."""
    return answer


def by_model(model: ChatModel, prompts: Path | None = None) -> Judge:
    """The judge that `--check` asks: one request for the claims of an answer."""
    checker = Checker(model, load_prompt("check", CHECK_INPUTS, prompts), Accounting())

    async def judge(answer: Answer) -> Answer:
        judged = answer
        async for event in checker.events(answer):
            if isinstance(event, AnswerDone):
                judged = event.answer
        return judged

    return judge


class OnPaper:
    """A chat model whose requests are written into a folder, and whose replies are read there.

    The first request is `01.txt`, its reply `01.reply.txt`; without one nothing is judged.
    `tokens` are those of the requests, estimated.
    """

    name = "on paper"
    context_tokens = 1_000_000
    is_extractive = False

    def __init__(self, folder: Path) -> None:
        self.tokens: list[int] = []
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def get_ready(self) -> None:
        """Nothing is to be learned."""

    async def stream(self, task: ModelTask) -> AsyncGenerator[ModelPart, None]:
        """Write the request down, and give the reply that lies beside it."""
        sent = "\n\n".join(one.content for one in task.messages)
        self.tokens.append(estimate_tokens(sent))
        file = self._folder / f"{len(self.tokens):02}.txt"
        reply = file.with_suffix(".reply.txt")
        if reply.is_file():
            yield Piece(reply.read_text("utf-8"))
        else:
            file.write_text(f"{sent}\n", "utf-8")
        yield Finished("stop")

    async def aclose(self) -> None:
        """Nothing is open."""


async def judge_sentences(
    library: Library,
    sentences: Sequence[LabelledSentence],
    judge: Judge,
    tell: Narrate,
    seed: int | None = None,
) -> list[JudgedSentence]:
    """Judge every sentence against its paper, shuffled where a seed is given.

    Those of unknown papers end the program.
    """
    ids = titles_of(library)
    retriever = Retriever(library)
    found: list[JudgedSentence] = []
    if seed is not None:
        sentences = random.Random(seed).sample(sentences, len(sentences))
    for start in range(0, len(sentences), BATCH):
        batch = sentences[start : start + BATCH]
        titles = list(dict.fromkeys(one.title for one in batch))
        papers = [library.paper(_id_of(title, ids)) for title in titles]
        evidence = retriever.of_papers([one.id for one in papers])
        number = {title: at for at, title in enumerate(titles, 1)}
        answer, scores = _answer(library, retriever, evidence, batch, number)
        judged = await judge(answer)
        for one, claim, score in zip(batch, judged.claims, scores, strict=True):
            found.append(
                JudgedSentence(
                    one.id,
                    one.label,
                    claim.verdict,
                    score,
                    claim.checked_by,
                    one.sentence,
                    sign_of(claim).symbol,
                    claim.reasons,
                )
            )
        tell(f"{len(found)} of {len(sentences)} sentences")
    return found


def _id_of(title: str, ids: Mapping[str, str]) -> str:
    for name, other in ids.items():
        if same_title(title, other) or title in other:
            return name
    raise SystemExit(f"no paper “{title}” in the library")


def _answer(
    library: Library,
    retriever: Retriever,
    evidence: Evidence,
    batch: Sequence[LabelledSentence],
    number: Mapping[str, int],
) -> tuple[Answer, list[float]]:
    texts = [f"{one.paper.title} {one.paper.abstract}" for one in evidence.sources]
    statistics = LibraryStatistics(library, [*texts, *(one.sentence for one in batch)])
    drafts, text = [], ""
    for one in batch:
        at = number[one.title]
        begin = len(text)
        text += f"{one.sentence} [{at}]\n"
        addresses = tuple(Address(at, index, at) for index in one.sentences or (None,))
        drafts.append(DraftClaim(one.sentence, begin, len(text) - 1, addresses, ()))
    reader = TokenReader(library.token_vectors)
    claims = check_claims(drafts, evidence, statistics, retriever.similarity, reader)
    if len(claims) != len(batch):
        raise AssertionError("a sentence with a citation is a claim")
    scores = [
        _score(one.sentence, evidence.sources[number[one.title] - 1], retriever, statistics, reader)
        for one in batch
    ]
    answer = Answer(
        question="Are these sentences so?",
        outcome="answered",
        text=text,
        claims=claims,
        references=tuple(
            reference_to(one.number, one.paper, tuple(range(len(one.sentences))))
            for one in evidence.sources
        ),
        model="none",
    )
    return answer, scores


def _score(
    claim: str,
    source: Source,
    retriever: Retriever,
    statistics: LibraryStatistics,
    reader: TokenReader,
) -> float:
    """The score of a claim against all sentences of a source, as the built-in check has it."""
    texts = [one.text for one in source.sentences]
    held = frozenset(term for text in texts for term in terms(text))
    weighted = claim_weights(claim, statistics)
    missing = numbers_missing(claim, "\n".join(texts))
    if reader.learn([claim, *texts]):
        return reader.score(claim, weighted, held, texts, whole=True, numbers_found=not missing)
    recalled = claim_recall(weighted, held, numbers_found=not missing)
    similarity = retriever.similarity
    row = similarity([claim], texts)[0] if similarity else None
    return combined(recalled, similar_whole(row) if row else None)


def confusion(found: Sequence[JudgedSentence]) -> dict[str, Counter[str]]:
    """How many sentences of each label got each verdict."""
    return {
        label: Counter(one.verdict for one in found if one.label == label)
        for label in LABELS
        if any(one.label == label for one in found)
    }


def separations(found: Sequence[JudgedSentence]) -> dict[str, dict[str, float]]:
    """The AUROC of supported against each other label, by score and by verdict."""
    scores: dict[str, dict[str, list[float]]] = {"score": {}, "verdict": {}}
    for one in found:
        scores["score"].setdefault(one.label, []).append(one.score)
        scores["verdict"].setdefault(one.label, []).append(_ORDER.get(one.verdict, 0.5))
    return {
        by: {
            label: auroc(each["supported"], each[label])
            for label in LABELS[1:]
            if label in each and "supported" in each
        }
        for by, each in scores.items()
    }


def judged_lines(found: Sequence[JudgedSentence]) -> list[str]:
    """The confusion per label, and how well the labels part."""
    table = confusion(found)
    verdicts: list[Verdict] = [
        *("matched", "supported", "weak", "partly", "not_stated", "number_not_found"),
        "contradicted",
        *("uncited", "unknown_citation"),
    ]
    used = [name for name in verdicts if any(table[label][name] for label in table)]
    others = {name for row in table.values() for name in row} - set(verdicts)
    used += sorted(others)  # type: ignore[arg-type]
    rows = [["label", "n", *used]]
    for label, row in table.items():
        rows.append([label, str(row.total()), *(str(row[name]) for name in used)])
    lines = [aligned(rows), "", *_signs(found)]
    for by, parts in separations(found).items():
        if not parts:
            continue
        shares = ", ".join(f"against {label} {value:.3f}" for label, value in parts.items())
        lines.append(f"AUROC of supported by {by}: {shares or '-'}")
    return lines


def _signs(found: Sequence[JudgedSentence]) -> list[str]:
    """How many got a sign that they should not have, and how many verdicts of a model are right."""
    by_model = [one for one in found if one.checked_by == "model"]
    if not by_model:
        return []
    true = [one for one in found if one.label in ("supported", "honest")]
    false = [one for one in found if one.label not in ("supported", "honest")]
    approved = sum(one.sign == "✓" for one in false)
    lacking = sum(one.sign != "✓" for one in true)
    right = sum(one.verdict in _RIGHT[one.label] for one in by_model)
    return [
        f"false with ✓ {approved} of {len(false)}, honest without {lacking} of {len(true)},"
        f" right {right} of {len(found)}"
    ]


async def check_shares(
    asker: Asker, records: Sequence[Record], prompts: Path | None = None
) -> list[str]:
    """What judging the answers of `asker` takes, against the tokens that asking took.

    `records` are of the questions put to a `PromptCounter`; follow-ups are left out.
    """
    requests = CheckRequests(
        PromptCounter(), load_prompt("check", CHECK_INPUTS, prompts), Accounting()
    )
    asked, tokens, claims = 0, 0, 0
    shares: list[float] = []
    for one in records:
        heard = await hear(asker.ask(Question(text=one.question)))
        plan = requests.plan(heard.answer) if heard.answer else None
        if plan is not None and plan.requests and one.kind != "followup":
            shares.append(plan.estimate.input_tokens / one.input_tokens)
            asked += one.input_tokens
            tokens += plan.estimate.input_tokens
            claims += len(plan.statements)
    if not shares:
        return []
    return [
        f"checks of {len(shares)} built-in answers: {tokens / len(shares):.0f} tokens in for"
        f" {claims / len(shares):.1f} claims, {tokens / asked:.0%} of all that asking takes,"
        f" {sum(shares) / len(shares):.0%} on average, {max(shares):.0%} at most"
    ]


def as_json(found: Sequence[JudgedSentence], judge: str) -> dict[str, Any]:
    """The run as plain values."""
    return {
        "judge": judge,
        "confusion": {label: dict(row) for label, row in confusion(found).items()},
        "auroc": separations(found),
        "sentences": [asdict(one) for one in found],
    }
