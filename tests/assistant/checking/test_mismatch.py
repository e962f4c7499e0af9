"""Names that a cited paper does not have, and directions that it turns round."""

from __future__ import annotations

import pytest
from corpus_statistics import CorpusStatistics, FlatStatistics
from made_sources import made_source

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


@pytest.mark.parametrize(
    ("claim", "names"),
    [
        ("OwlNet is trained on MarshSet-100.", ()),
        ("OwlNet is trained on MarshSet100.", ()),
        ("OwlNet is trained on marshset 100.", ()),
        ("OwlNet is trained on ReedCalls.", ("ReedCalls",)),
        ("The ReedCalls-trained OwlNet finds birds.", ("ReedCalls-trained",)),
        # Its words stand in the text, one after another.
        ("OwlNet is a CNN.", ()),
        # No paper of the collection has it: recall weighs that.
        ("OwlNet runs on the FrogChip-9.", ()),
        # Written like any word at the start of a sentence.
        ("Heron finds birds.", ()),
        ("The network is called Heron.", ("Heron",)),
        ("It was trained in the Camargue.", ("Camargue",)),
        ("It counts birds At Night.", ()),
    ],
)
def test_names_that_a_paper_does_not_have(claim: str, names: tuple[str, ...]) -> None:
    assert foreign_names(claim, WHOLE, "\n".join(HERON), STATISTICS) == names


def test_a_plain_name_counts_only_where_it_was_read() -> None:
    assert foreign_names("The network is called Heron.", WHOLE, "", STATISTICS) == ()
    assert foreign_names("It needs ReedCalls.", WHOLE, "", FlatStatistics()) == ()


@pytest.mark.parametrize(
    ("claim", "cited", "words"),
    [
        ("It decreases recall.", "OwlNet increases recall by 4%.", ("decreases",)),
        ("It lowers recall.", "OwlNet improves recall by 4%.", ("lowers",)),
        ("Recall is lower.", "Recall is 4% higher than before.", ("lower",)),
        ("It is slower than Heron.", "OwlNet is 24x faster than Heron.", ("slower",)),
        (
            "It underperforms human experts.",
            "OwlNet outperforms human experts.",
            ("underperforms",),
        ),
        ("It loses to human experts.", "OwlNet outperforms human experts.", ("underperforms",)),
        ("It falls short of experts.", "OwlNet surpasses experts.", ("underperforms",)),
        ("It needs more parameters.", "It needs fewer parameters.", ("more",)),
        # The same direction in other words.
        ("It raises recall.", "OwlNet increases recall by 4%.", ()),
        ("It beats human experts.", "OwlNet outperforms human experts.", ()),
        ("It cuts the cost.", "OwlNet reduces the cost.", ()),
        # Opposite directions of different things.
        ("It cuts the price of labels.", "OwlNet increases recall by 4%.", ()),
        # Both directions stand there: nobody knows.
        ("It reduces recall.", "It increases recall at night and reduces it by day.", ()),
        ("Birds fly at night.", "OwlNet increases recall.", ()),
    ],
)
def test_directions_turned_round(claim: str, cited: str, words: tuple[str, ...]) -> None:
    assert opposed(claim, cited) == words


@pytest.mark.parametrize(
    ("written", "verdict"),
    [
        ("OwlNet is trained on MarshSet-100 and finds 91.4% of the birds [1.2].", "matched"),
        ("OwlNet is trained on ReedCalls and finds 91.4% of the birds [1.2].", "weak"),
        ("OwlNet finds 19.4% of the birds [1.2].", "number_not_found"),
        ("OwlNet increases recall and reduces the cost of annotation [1.3].", "matched"),
        ("OwlNet decreases recall [1.3].", "weak"),
        ("OwlNet underperforms human annotators at night [1.4].", "weak"),
        # Each of two papers gives its part.
        ("OwlNet is trained on MarshSet-100, Heron on ReedCalls [1.2, 2.1].", "matched"),
        ("OwlNet increases recall and Heron lowers it at night [1.3, 2.2].", "matched"),
    ],
)
def test_what_differs_is_no_match(written: str, verdict: str) -> None:
    evidence = Evidence(sources=(made_source(1, *OWL), made_source(2, *HERON)))
    reader = CitationReader(evidence)
    reader.feed(written)
    reader.finish()
    (claim,) = check_claims(reader.claims(), evidence, STATISTICS, None)
    assert claim.verdict == verdict
