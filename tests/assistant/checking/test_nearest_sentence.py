"""Sentences that a model left uncited are shown with the sentence that holds their words."""

from __future__ import annotations

import json

import pytest
from cli_fixture import PAPERS, Quire
from corpus_statistics import CorpusStatistics
from fault_fixture import Endpoints
from made_sources import made_source, shared_terms
from tables import Row, compare, table

from assistant.checking.nearest_sentence import with_nearest
from assistant.checking.text_check import check_claims
from assistant.citations.parser import CitationReader
from assistant.types.evidence import Evidence

KNOWN = [json.loads(line) for line in PAPERS.splitlines()]
EVIDENCE = Evidence(
    sources=tuple(
        made_source(number, one["title"], one["abstract"]) for number, one in enumerate(KNOWN, 1)
    )
)
STATISTICS = CorpusStatistics.from_texts(f"{one['title']}. {one['abstract']}" for one in KNOWN)


def test_the_sentence_that_holds_the_words_of_an_uncited_one() -> None:
    def came(row: Row) -> str | None:
        reader = CitationReader(EVIDENCE)
        reader.feed(row["text"])
        reader.finish()
        checked = check_claims(reader.claims(), EVIDENCE, STATISTICS, shared_terms)
        (claim,) = with_nearest(checked, EVIDENCE, STATISTICS, shared_terms)
        assert (claim.verdict == "uncited") is ("[" not in row["text"])
        return claim.nearest and claim.nearest.quote

    compare(table(__file__, "nearest.jsonl"), came)


@pytest.mark.usefixtures("stocked")
def test_the_reader_is_told_who_found_it(
    quire: Quire, endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, cited = "Glaciers lose 0.74 m of water a year.", "The mean loss is 0.74 m of water a year"
    replies = iter([f"{said} It is nice.", said, f"{cited} [1.3]."])
    endpoint = endpoints.scripted(lambda body: next(replies))
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    ask = ("ask", "-m", "scripted", "--no-cache", "How much water do glaciers lose?")
    out = quire(*ask).out
    assert "Not cited by the model; the same words stand in" in out
    assert "Counting glaciers from space" in out
    assert f"“{cited}.”" in out
    assert "Sources" not in out.replace("sources considered", "")
    document = quire(*ask, "--json").json
    (claim,) = document["claims"]
    assert (claim["verdict"], claim["nearest"]["quote"]) == ("uncited", f"{cited}.")
    assert document["references"] == [], "the model cited nothing"
    assert "Not cited" not in quire(*ask).out
