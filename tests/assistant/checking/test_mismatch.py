"""Names that a cited paper does not have, and directions that it turns round."""

from __future__ import annotations

from corpus_statistics import CorpusStatistics, FlatStatistics
from made_sources import made_source
from tables import Row, compare, table

from assistant.checking.mismatch import foreign_names, opposed
from assistant.checking.text_check import check_claims
from assistant.citations.parser import CitationReader
from assistant.types.evidence import Evidence

OWL = (
    "OwlNet: bird counting at night",
    "OwlNet is a convolutional neural network. It is trained on MarshSet-100 and finds 91.4% of"
    " the birds. OwlNet increases recall and reduces the cost of annotation. It outperforms"
    " human annotators at night.",
)
HERON = (
    "Heron: counting birds by sound",
    "Heron is a recurrent network trained on ReedCalls. Heron lowers recall at night. The"
    " recordings come from the Camargue.",
)
WHOLE = "\n".join(OWL)
STATISTICS = CorpusStatistics.from_texts(". ".join(one) for one in (OWL, HERON))


def test_names_that_a_paper_does_not_have() -> None:
    heron = "\n".join(HERON)
    rows = table(__file__, "foreign_names.jsonl")
    compare(rows, lambda row: list(foreign_names(row["claim"], WHOLE, heron, STATISTICS)))


def test_a_plain_name_counts_only_where_it_was_read() -> None:
    assert foreign_names("The network is called Heron.", WHOLE, "", STATISTICS) == ()
    assert foreign_names("It needs ReedCalls.", WHOLE, "", FlatStatistics()) == ()


def test_directions_turned_round() -> None:
    rows = table(__file__, "directions.jsonl")
    compare(rows, lambda row: list(opposed(row["claim"], row["cited"])))


def test_what_differs_is_no_match() -> None:
    evidence = Evidence(sources=(made_source(1, *OWL), made_source(2, *HERON)))

    def verdict(row: Row) -> str:
        reader = CitationReader(evidence)
        reader.feed(row["written"])
        reader.finish()
        (claim,) = check_claims(reader.claims(), evidence, STATISTICS, None)
        return claim.verdict

    compare(table(__file__, "mismatches.jsonl"), verdict)
