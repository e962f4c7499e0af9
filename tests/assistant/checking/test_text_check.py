"""Checking claims against what they cite, what stands nearest where they cite nothing, verdicts."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence

import pytest
from cli_fixture import PAPERS as FOUR_PAPERS
from cli_fixture import Serving
from corpus_statistics import CorpusStatistics, FlatStatistics
from made_sources import MeaningfulTokens, made_source, shared_terms
from tables import Row, compare, table

from assistant.answers.nearest_sentence import with_nearest
from assistant.checking.cited_paper import CitedPaper
from assistant.checking.model_verdicts import JudgementReader
from assistant.checking.rules import reasons_against
from assistant.checking.text_check import TextCheck, check_claims
from assistant.checking.verdicts import contradicted, sign_counts
from assistant.checking.word_for_word import is_word_for_word
from assistant.citations.parser import CitationReader
from assistant.replies.claims import draft_claims
from assistant.retrieval.evidence_similarity import Similarity, rank_sentences, recall, weights
from assistant.retrieval.missing_words import missing_things
from assistant.retrieval.token_similarity import TokenReader
from assistant.text.discourse_cues import is_absence
from assistant.text.foreign_names import foreign_names
from assistant.text.sentences import source_sentences
from assistant.text.words import terms
from assistant.types.citations import Address, DraftClaim
from assistant.types.claims import Claim, Verdict
from assistant.types.evidence import Evidence, Sentence

PAPERS = {row["name"]: (row["title"], row["abstract"]) for row in table(__file__, "papers.jsonl")}
SIMILARITIES: dict[str, Similarity | None] = {"vectors": shared_terms, "words": None}


class Cited:
    """Papers that an answer cites, and the statistics of their words."""

    def __init__(self, *papers: tuple[str, str], records: Sequence[Row] = ({}, {}, {}, {})) -> None:
        self.evidence = Evidence(
            sources=tuple(
                made_source(
                    number, *paper, year=2020 + number, **records[number - 1].get("record", {})
                )
                for number, paper in enumerate(papers, 1)
            )
        )
        self.statistics = CorpusStatistics.from_texts(". ".join(paper) for paper in papers)

    def check(
        self, written: str, similarity: Similarity | None = shared_terms
    ) -> tuple[Claim, ...]:
        """The claims of an answer, each with its verdict."""
        reader = CitationReader(self.evidence)
        reader.feed(written)
        reader.finish()
        return check_claims(
            draft_claims(reader.text, reader.marks), self.evidence, self.statistics, similarity
        )


THREE = Cited(PAPERS["owl"], PAPERS["heron"], PAPERS["glaciers"])
RECORDED = Cited(PAPERS["owl"], PAPERS["heron"], records=table(__file__, "recorded.jsonl"))
NAMED = Cited(PAPERS["named owl"], PAPERS["named heron"])
FOUR = Cited(
    *((one["title"], one["abstract"]) for one in map(json.loads, FOUR_PAPERS.splitlines()))
)
FISH = [
    CitedPaper(title, text, tuple(one.text for one in source_sentences("", text)[1:]))
    for title, text in (PAPERS[name] for name in ("kelp", "reef", "fjord"))
]
EVERY = [". ".join(paper) for paper in PAPERS.values()]
MANY = {more: CorpusStatistics.from_texts([*EVERY, *["It works."] * more]) for more in (0, 60)}
OWLS = THREE.evidence.sources[0].sentences


@pytest.mark.parametrize("by", SIMILARITIES)
def test_the_verdict_of_a_claim(by: str) -> None:
    def verdict(row: Row) -> str:
        (claim,) = THREE.check(row["written"], SIMILARITIES[by])
        assert claim.checked_by == "text"
        assert is_absence(row["written"]) is row.get("absence", False)
        return claim.verdict

    compare(table(__file__, "verdicts.jsonl"), verdict)


def test_the_claims_of_an_answer_and_what_each_cites() -> None:
    def came(row: Row) -> list[list[object]]:
        claims = THREE.check(row["written"], SIMILARITIES[row["way"]])
        return [
            [
                claim.verdict,
                *([one.number, one.id, [*one.sentences], one.verdict] for one in claim.citations),
            ]
            for claim in claims
        ]

    rows = table(__file__, "claims.jsonl")
    compare([{**row, "way": way} for row in rows for way in row["by"]], came)


def test_claims_keep_their_place_in_the_text() -> None:
    written = "In short. OwlNet finds 91.4% of the birds [1.3]. It is sold in shops."
    reader = CitationReader(THREE.evidence)
    text = reader.feed(written) + reader.finish()
    finds, sold = THREE.check(written, None)
    assert text[finds.start : finds.end] == "OwlNet finds 91.4% of the birds [1]."
    assert text[sold.start : sold.end] == sold.text == "It is sold in shops."
    assert finds.text == "OwlNet finds 91.4% of the birds."
    (claim,) = THREE.check("OwlNet finds 91.4% of the birds in eleven marshes [1.3, 1.5].")
    assert claim.citations[0].quote == f"{OWLS[3].text} {OWLS[5].text}"


def test_similarities_are_asked_for_only_where_words_do_not_tell() -> None:
    calls: list[tuple[int, int]] = []

    def counted(one: Sequence[str], other: Sequence[str]) -> list[list[float]]:
        calls.append((len(one), len(other)))
        return shared_terms(one, other)

    THREE.check("OwlNet finds birds [1.3]. Heron finds most birds [2.3].", counted)
    assert not calls
    THREE.check("The shares are bought by nobody [1.3, 3.2]. It sounds in the dark [2].", counted)
    assert calls == [(1, 4), (1, 5)]
    assert check_claims((), Evidence(), FlatStatistics(), counted) == ()


OWL, HERON = ("\n".join(PAPERS[name]) for name in ("named owl", "named heron"))
OWN = [
    frozenset({(1, 0), (1, 3)}),
    frozenset({(2, 0), (2, 4), (2, 5)}),
    frozenset({(1, 0), (1, 2)}),
]
"""The addresses of three statements; the first and the third cite the same paper."""


def nearest(row: Row) -> str | None:
    """The sentence that holds the words of an uncited one."""
    checked = FOUR.check(row["text"])
    check = TextCheck(FOUR.evidence, FOUR.statistics, shared_terms)
    (claim,) = with_nearest(checked, check)
    assert (claim.verdict == "uncited") is ("[" not in row["text"])
    return claim.nearest and claim.nearest.quote


DENYING = CitedPaper(*table(__file__, "denying.jsonl")[0]["paper"])


def polar(row: Row) -> list[str]:
    """What the rules say of a claim that cites the only sentence of a paper."""
    return [*reasons_against(row["claim"], [CitedPaper("", row["cited"], (row["cited"],))])]


def recorded(row: Row) -> list[str]:
    """The verdict of a claim on papers with records, and what was seen."""
    (claim,) = RECORDED.check(row["written"], None)
    return [claim.verdict, *(["word for word"] if claim.is_verbatim else claim.reasons)]


def judgements(row: Row) -> dict[str, str]:
    """The verdicts of a reply in pieces, with addresses and reasons, or why there are none."""
    own = [{(n, 0) for n, _ in one} for one in OWN] if "shown" in row else OWN
    reader, whole = JudgementReader(own), JudgementReader(own)
    for piece in re.split("(?<=[ 3])", row["reply"]):
        before = reader.judgements
        assert reader.feed(piece) is (reader.judgements != before)
    whole.feed(row["reply"])
    for one in (reader, whole):
        one.finish()
    assert whole.judgements == reader.judgements
    if reader.distrust:
        return {"distrust": reader.distrust}
    return {
        f"{number}": " ".join(
            [one.verdict, *(f"{n}.{at}" for n, at in one.addresses), one.reason]
        ).strip()
        for number, one in reader.judgements.items()
    }


@pytest.mark.parametrize(
    ("name", "read"),
    {
        "quantities": lambda row: [*reasons_against(row["claim"], FISH[-row.get("cites", 3) :])],
        "mismatches": lambda row: [one.verdict for one in NAMED.check(row["written"], None)],
        "polarity": polar,
        "records": recorded,
        "word_for_word": lambda row: is_word_for_word(
            row["claim"], [DENYING, *FISH[: row.get("beside", 0)]]
        ),
        "foreign_names": lambda row: [
            *foreign_names(row["claim"], [OWL], [HERON], NAMED.statistics)
        ],
        "things": lambda row: missing_things(row["claim"], OWL, MANY[row.get("papers", 60)]),
        "nearest": nearest,
        "replies": judgements,
    }.items(),
)
def test_what_is_read_of_claims_and_replies(name: str, read: Callable[[Row], object]) -> None:
    """As the first remark of each table says."""
    compare(table(__file__, f"{name}.jsonl"), read)


def test_a_plain_name_counts_only_where_it_was_read() -> None:
    assert foreign_names("The network is called Heron.", [OWL], [], NAMED.statistics) == ()
    assert foreign_names("It needs ReedCalls.", [OWL], [], FlatStatistics()) == ()


@pytest.mark.usefixtures("stocked")
def test_the_reader_is_told_who_found_the_nearest_sentence(serving: Serving) -> None:
    said, cited = "Glaciers lose 0.74 m of water a year.", "The mean loss is 0.74 m of water a year"
    other = "We count 1,200 glaciers in stereo images [1.2]."
    replies = iter([f"{said} {other}", f"{said} {other}", f"{cited} [1.3]."])
    model = serving(lambda body: next(replies))
    ask = ("ask", "--no-cache", "How much water do glaciers lose?")
    out = model.run(*ask).out
    flag, place, quote, *_ = out.partition("\nCheck\n")[2].splitlines()
    assert flag == f"  ○ {said.removesuffix('.')}: cites nothing"
    assert place.startswith("    the same words stand in Counting glaciers from space (p")
    assert (quote, out.count(said[:-1])) == (f"    “{cited}.”", 2)
    document = model.json(*ask)
    claim, _ = document["claims"]
    assert (claim["verdict"], claim["nearest"]["quote"]) == ("uncited", f"{cited}.")
    assert "same words" not in model.run(*ask).out


def best_sentences(
    query: str, sentences: Sequence[Sentence], similarity: Similarity | None
) -> tuple[tuple[int, float], ...]:
    """The ranking of sentences for a query."""
    similar = similarity([query], [one.text for one in sentences])[0] if similarity else None
    return rank_sentences(weights(query, THREE.statistics), sentences, similar)


@pytest.mark.parametrize("by", SIMILARITIES)
def test_the_best_sentence_for_a_query(by: str) -> None:
    questions = {
        "How many parameters does OwlNet have?": 3,
        "Where were the recordings of OwlNet made?": 5,
        "speed against annotators": 4,
    }
    ranked = {one: best_sentences(one, OWLS, SIMILARITIES[by]) for one in questions}
    assert {one: first[0] for one, (first, *_) in ranked.items()} == questions
    for first, second, *_ in ranked.values():
        assert 1.0 >= first[1] >= second[1] >= 0.0


def test_recall_weighs_terms_by_their_idf_and_counts_likeness_in_part() -> None:
    weighted = {"retriev": 3.0, "owl": 1.0}
    assert recall(weighted, {"owl"}) == 0.25
    assert recall(weighted, {"retriev"}) == 0.75
    assert recall(weighted, {"retriever"}) == pytest.approx(0.75 * 7 / 9)
    assert recall(weighted, {"retina"}) == 0.0
    assert recall({}, {"owl"}) == 0.0
    assert weights("The owl of the owls", FlatStatistics()) == {"owl": 1.0}
    assert best_sentences("owls", source_sentences("Owls", ""), None) == ((0, 1 / 1.1),)
    assert best_sentences("owls", (), shared_terms) == ()
    first, *others = (
        index for index, _ in best_sentences("counting at night", OWLS[1:], shared_terms)
    )
    assert (first, sorted(others)) == (1, [2, 3, 4, 5])


def judged(verdict: Verdict, by: str) -> Claim:
    values = {"text": verdict, "start": 0, "end": 1, "verdict": verdict, "checked_by": by}
    return Claim.model_validate(values)


def test_claims_are_counted_by_verdict_in_the_order_of_the_signs() -> None:
    by_text = [judged(one, "text") for one in ("uncited", "matched", "uncited")]
    by_model = [judged("contradicted", "model"), judged("supported", "model")]
    claims = [by_model[0], *by_text, by_model[1]]
    counts = [("✗", 1), ("○", 2), ("·", 1), ("✓", 1)]
    assert [(sign.symbol, count) for sign, count in sign_counts(claims).items()] == counts
    assert contradicted(claims) == claims[:1]
    assert sign_counts([]) == {}


def test_a_monstrous_reply_is_read_in_bounded_time() -> None:
    """Deep as well as long: what is nested must not end the program."""
    for unit in ("1: supported ", "[", '{"1":', "1. ", "9"):
        began = time.thread_time()
        JudgementReader(OWN).feed((unit * 100_000)[:200_000])
        assert time.thread_time() - began < 5, unit


ASPIRIN = "Aspirin prevents myocardial infarction in elderly men. The trial lasted 24 months."
TRIAL = Evidence(sources=(made_source(1, "On aspirin", ASPIRIN),))


def test_other_words_carry_a_claim_where_they_mean_the_same() -> None:
    tokens = MeaningfulTokens()
    by = {"tokens": TokenReader(tokens), "none": TokenReader(lambda texts: None), "words": None}

    def verdict(row: Row) -> str:
        text, cited = row["claim"], (Address(1, row.get("sentence"), 1),)
        draft = DraftClaim(text, 0, len(text), cited, ())
        (found,) = check_claims([draft], TRIAL, FlatStatistics(), None, by[row["by"]])
        return found.verdict

    rows = table(__file__, "other_words.jsonl")
    compare(rows, verdict)
    compare(rows, verdict)
    assert len(tokens.read) == len(set(tokens.read)), "each text is read once"


def scores(claim: str, *texts: str) -> list[float]:
    """How much of a claim each text says, every word of it weighing the same."""
    reader = TokenReader(MeaningfulTokens())
    assert reader.learn([claim, *texts])
    weighted, flags = dict.fromkeys(terms(claim), 1.0), {"whole": False, "numbers_found": True}
    return [
        reader.score(claim, weighted, frozenset(terms(text)), [text], **flags) for text in texts
    ]


def test_the_score_grows_with_what_is_found_and_stays_within_bounds() -> None:
    claim = "Aspirin prevents a heart attack"
    none, some, whole = scores(claim, "Ice melts", "Aspirin prevents colds", claim)
    assert none <= some <= whole
    assert none < 0.2
    assert whole == pytest.approx(1.0)
    # An accent does not lose the words after it.
    cafe = "Café visitors have a myocardial infarction"
    assert scores("Café visitors have a heart attack", cafe) == [pytest.approx(1.0)]
