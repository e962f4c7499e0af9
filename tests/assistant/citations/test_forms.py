"""Citations in rarer forms, and what looks like them; read the same however the text is cut."""

from __future__ import annotations

import pytest
from cited_text import NUMBERED, read
from made_sources import made_source

from assistant.citations.claims import DraftClaim
from assistant.citations.parser import CitationReader
from assistant.types.evidence import Evidence


def pointed(claim: DraftClaim) -> str:
    return " ".join(
        f"{one.source}" if one.sentence is None else f"{one.source}.{one.sentence}"
        for one in claim.addresses
    )


# What a model writes, what is shown, and what the first claim points at.
FORMS = [
    # Raised numbers.
    ("It works¹.", "It works[1].", "1"),
    ("It works.¹", "It works.[1]", "1"),
    ("It works ¹ ².", "It works [1][2].", "1 2"),
    ("It works¹·².", "It works[1].", "1.2"),
    ("It works¹,².", "It works[1][2].", "1 2"),
    ("It works¹⁻³.", "It works[1][2][3].", "1 2 3"),
    ("It works.¹ ² Next it runs.", "It works.[1][2] Next it runs.", "1 2"),
    ("It works^1.", "It works[1].", "1"),
    ("It works^1,2.", "It works[1][2].", "1 2"),
    ("It works.^1", "It works.[1]", "1"),
    ("It works^[1.2].", "It works[1].", "1.2"),
    ("It works^{1}.", "It works[1].", "1"),
    ("It works^1^.", "It works[1].", "1"),
    ("It works<sup>1</sup>.", "It works[1].", "1"),
    ("It works.<sup>1,2</sup>", "It works.[1][2]", "1 2"),
    ("It works<sup>[1]</sup>.", "It works[1].", "1"),
    ("It works<sup>1.2</sup>.", "It works[1].", "1.2"),
    ("It works¹.\n\n¹ Paper 1\n", "It works[1].", "1"),
    ("It works².\n\nSources:\n² Paper 2\n", "It works[1].", "2"),
    # Other brackets.
    ("It works <1.2>.", "It works [1].", "1.2"),
    ("It works <1.2, 3.1>.", "It works [1][2].", "1.2 3.1"),
    ("It works <Source 2>.", "It works [1].", "2"),
    (r"It works \[1.2\].", "It works [1].", "1.2"),
    (r"It works \[1.2, 3.1\].", "It works [1][2].", "1.2 3.1"),
    # Ranges of brackets.
    ("It works [1]–[3].", "It works [1][2][3].", "1 2 3"),
    ("It works [1]-[3].", "It works [1][2][3].", "1 2 3"),
    ("It works [1.2]-[1.4].", "It works [1].", "1.2 1.3 1.4"),
    ("It works [1.2]–[1.4], [3.1].", "It works [1][2].", "1.2 1.3 1.4 3.1"),
    # Links whose text is an address.
    ("It works [1.2](url).", "It works [1].", "1.2"),
    ("It works [1.2]().", "It works [1].", "1.2"),
    ("It works [1](#ref-1).", "It works [1].", "1"),
    ("It works [1.2](https://x.org/a).", "It works [1] (https://x.org/a).", "1.2"),
    ("It works [1.2](#a)[3.1](#b).", "It works [1][2].", "1.2 3.1"),
    # A source that is named twice.
    ("It works [Source 1, 1.3].", "It works [1].", "1.3"),
    ("It works [Source 1, 1.3; Source 2, 2.1].", "It works [1][2].", "1.3 2.1"),
    # Read before as well.
    ("It works [1.2, 1.3; 4.1].", "It works [1][2].", "1.2 1.3 4.1"),
    ("It works [1.2 & 4.1].", "It works [1][2].", "1.2 4.1"),
    ("It works (Source 2, sentence 3).", "It works [1].", "2.3"),
    ("It works [ref 2].", "It works [1].", "2"),
    ("It works 【1†source】.", "It works [1].", "1"),
    ("It works 【1:2†source】.", "It works [1].", "1.2"),
    ("It works, according to [1], in time.", "It works, according to [1], in time.", "1"),
    ("It works.\n\n[1.2]\n\nIt runs.", "It works.\n\n[1]\n\nIt runs.", "1.2"),
    ("- It works [1.2]\n- It runs [2.1]", "- It works [1]\n- It runs [2]", "1.2"),
    ("It works [1.2].\n\nReferences:\n1. Paper 1\n", "It works [1].", "1.2"),
    # Raised numbers after a name in capitals.
    ("DNA¹ is long.", "DNA[1] is long.", "1"),
    ("BERT² reaches more.", "BERT[1] reaches more.", "2"),
    ("It uses BERT².", "It uses BERT[1].", "2"),
    ("The ResNet¹·² is deep.", "The ResNet[1] is deep.", "1.2"),
    ("RNA¹ and DNA² differ.", "RNA[1] and DNA[2] differ.", "1 2"),
    ("Two GANs<sup>1</sup> do.", "Two GANs[1] do.", "1"),
    # An asterisk after brackets that is no part of a pattern.
    ("*It matches [1]*", "*It matches [1]*", "1"),
    ("It works [1.2]* for all.", "It works [1]* for all.", "1.2"),
    ("Which regex works [1]?", "Which regex works [1]?", "1"),
    # A source by its name, without brackets.
    ("Source 1: It works.", "[1]: It works.", "1"),
    ("**Source 1:** It works.", "**[1]:** It works.", "1"),
    ("- Source 2: it works.", "- [1]: it works.", "2"),
    ("Source 1.2 says it works.", "[1] says it works.", "1.2"),
    ("source 1.2 says it works.", "[1] says it works.", "1.2"),
    ("Source 2 reports that it works.", "[1] reports that it works.", "2"),
    ("Source 1, sentence 3 says so.", "[1] says so.", "1.3"),
    ("Sources 1 and 2 agree on it.", "[1][2] agree on it.", "1 2"),
    ("Sources 1.2 and 3.1 find it.", "[1][2] find it.", "1.2 3.1"),
    ("According to Source 1, it works.", "According to [1], it works.", "1"),
    ("According to Source 1, 3 of them work.", "According to [1], 3 of them work.", "1"),
    ("It works, according to source 2.", "It works, according to [1].", "2"),
    ("In Source 3, it works.", "In [1], it works.", "3"),
    ("As source 2 shows, it works.", "As [1] shows, it works.", "2"),
    # Lines that begin with their address are no list of sources.
    ("[1.1]: It works.\n[2.1]: It runs.", "[1]: It works.\n[2]: It runs.", "1.1"),
    ("[1]: It works.\n[2]: It runs.", "[1]: It works.\n[2]: It runs.", "1"),
    ("Source 1: It works.\nSource 2: It runs.", "[1]: It works.\n[2]: It runs.", "1"),
]
LITERAL = [
    # Patterns and products.
    *("the regex [1]* matches", "the regex [1]+ does", "a pattern like [12]* or", "grep [1]* file"),
    *("regular expression [1]{2} is", "it matches [1]*.", "x[1]*2 is", "the term [1]*3 is"),
    # Exponents of acronyms, and names that end in a number.
    *("TM² is", "the MSE² of", "RMSE² is", "AUC² = 0.5", "BERT² = 4", "an FFT² of", "CO² is"),
    *("GPT-4² is", "H2O² is", "5 MHz² of", "L² norm", "BERT^2 is", "BERT⁹ is", "`DNA¹ is`"),
    # Sources of another kind, or that do not exist.
    *("an open source 1.2 version", "data source 1 is", "the source 1 signal", "light source 2 is"),
    *("Source code 1.2 is", "open-source 2.1 release", "Source 9 says so", "Source 1.99 says so"),
    *(
        "at source 1.2 kHz",
        "to source 2 light",
        "Sources 1 and 99 say",
        "resource 1: it",
        "Source 1",
    ),
    *("`Source 1: it`", "In source 1.2% of", "the source 1.2 says", "Source 12: no such"),
    # Exponents.
    *("10² times", "5 m² rooms", "m² and R² = 0.5", "R² values", "cm³ of it", "a¹ b² c"),
    *("x^2 + y^2", "10^3 runs", "O(n^2) steps", "$loss^2$ is", "the error^2.", "χ² tests"),
    *("Ca²⁺ and Na⁺", "10⁻³ of it", "a 2³ design", "pixel² units", "a <sup>2</sup>H shift"),
    *("10<sup>2</sup> cells", "x<sup>2</sup> or", "Ca<sup>2+</sup> ions", "13<sup>th</sup> day"),
    *("<sup>1</sup>H NMR", "^1H NMR", "TM² and TM¹", "it works⁹.", "`a¹ works¹`"),
    # Intervals, indices, years, values.
    *("clipped to [0, 1]", "in [0.5, 1.5] only", "x[1] is first", "x[1][2] is", "so (2019) it"),
    *("a gain (1.2) of", "CI [1.2, 3.4]", "95% CI [1.2–1.9]", "95 % CI: [1.2–1.9] of"),
    *("a ratio of 1.5 [1.2–1.9]", "mean 1.5 (1.2–1.9)", "[1.2, ∞)", "on [2020-01-02] it"),
    *("x ∈ [1]–[3]", "the matrix [[1, 2], [3, 4]]"),
    # Words in brackets, patterns, versions.
    *("it is [sic] here", "the [MASK] token", "the regex [0-9]+ and", "the regex [1-5]{2}"),
    *("version [1.2] of", "v[1.2]", "List<1.2> here", "a<1>b", "if a <1.2 and b> 3", "p <0.05."),
    # Names of compounds and reactions.
    *("[2.2]paracyclophane was", "[1.1.1]propellane is", "[1,2]dioxane", "[1,2]-dioxane"),
    *("[3+2] cycloaddition", "[4+2]-cycloaddition", "[2]catenane", "[1]benzothiophene"),
    *("[18F]FDG", "[3H]thymidine"),
    # A link in mid-sentence that happens to be called by a number.
    "see [1.2](https://example.org/a) here",
]


@pytest.mark.parametrize(("written", "shown", "addresses"), FORMS, ids=[one[0] for one in FORMS])
def test_rarer_forms_are_read(written: str, shown: str, addresses: str) -> None:
    text, reader = read(written)
    assert text == shown
    assert pointed(reader.claims()[0]) == addresses
    assert reader.claims()[0].unknown == ()


@pytest.mark.parametrize("written", LITERAL)
def test_what_looks_like_a_rarer_form_is_left_alone(written: str) -> None:
    text, reader = read(written)
    assert text == written
    assert reader.marks == ()


@pytest.mark.parametrize("written", [*(one[0] for one in FORMS), *LITERAL])
def test_every_cut_gives_the_same(written: str) -> None:
    for text in (written, f"{written} And it goes on for a while.", f"{written}\nSo it goes."):
        whole, reader = read(text)
        assert read(*text)[0] == whole
        for at in range(1, len(text)):
            cut, cut_reader = read(text[:at], text[at:])
            assert cut == whole
            assert cut_reader.marks == reader.marks


OWN_NAMES = "We call it BERT² here. The source 2 is brighter than a star."


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        # What the sources write themselves is no citation.
        ("BERT² is fast.", "BERT² is fast."),
        ("BERT¹ is fast.", "BERT[1] is fast."),
        ("Source 2 shows it.", "Source 2 shows it."),
        ("Source 1 shows it.", "[1] shows it."),
    ],
)
def test_what_the_sources_write_themselves(written: str, shown: str) -> None:
    own = made_source(1, "Paper 1", OWN_NAMES)
    evidence = Evidence(sources=(own, *NUMBERED.sources[1:]))
    for pieces in ([written], list(written)):
        reader = CitationReader(evidence)
        assert "".join([reader.feed(piece) for piece in pieces]) + reader.finish() == shown


@pytest.mark.parametrize(
    "unit",
    [
        "[",
        "[1.2]",
        "Source 1: it. ",
        "Source 1.2, ",
        "sources ",
        "[1.2] a. ",
        "[1]-[3] ",
        "[1](",
        "<1.2> ",
        "works¹ ",
        "\\[",
        " ",
    ],
)
def test_a_long_text_of_brackets_takes_time_in_proportion(unit: str) -> None:
    """1 MB is read, and cut into claims, in pieces or at once, without waiting for ever."""
    whole = unit * (1_000_000 // len(unit))
    reader = CitationReader(NUMBERED)
    shown = [reader.feed(whole), reader.finish()]
    assert "".join(shown) == reader.text
    reader.claims()
