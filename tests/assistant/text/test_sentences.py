"""Cutting abstracts and answers into sentences."""

from __future__ import annotations

from pathlib import Path

import pytest
from cutting import cut
from hypothesis import given
from hypothesis import strategies as st

from assistant.text.sentences import MAX_SENTENCE, source_sentences, split_sentences

# Each case is the sentences themselves; the text is what they give joined by a space.
JOINED = [
    ["We train a model.", "It works."],
    ["Methods such as pruning, e.g. Lottery Tickets, help.", "We use them."],
    ["The gain is small, i.e. The Authors find 2%.", "So be it."],
    ["Prior work (Smith et al. 2019; Lee et al., 2020) differs.", "We extend it."],
    ["This was shown by Smith et al.", "We repeat it."],
    ["Faster vs. Slower decoding is compared.", "Both win."],
    ["Results differ, cf. Table 2 and Fig. 3 in Sec. 4.", "See Eq. (5) too."],
    ["It is invariant w.r.t. Euclidean motions.", "That helps."],
    ["About approx. 20 and resp. 30 items were kept.", "Others were not."],
    ["Dr. Miller and Prof. Jones rated samples.", "They agreed."],
    ["Data come from the U.S. Census Bureau.", "They are public."],
    ["The data were collected in the U.S.", "We release them."],
    ["We use No. 5 of the set.", "It is large."],
    ["Is it safe?", "No.", "We show why."],
    ["The St. Louis corpus is used.", "It is old."],
    ["By J. R. Smith and A. Jones.", "We thank them."],
    ["Patients with hepatitis C.", "Controls were healthy."],
    ["Deficits in vitamin D.", "Results were mixed."],
    ["The rate fell (p < 0.05).", "We conclude that it matters."],
    ["It is significant at p < 0.05.", "We repeat the test."],
    ["We reach 88.53% with 3.5x less memory.", "That is new."],
    ["Version v1.5 and Stable-Diffusion-2.1 are tested.", "Both work."],
    ["Code is at https://github.com/a.b/c.", "Samples are at demo.example.org."],
    ["Node.js and word2vec are used.", "wav2vec 2.0 is not."],
    ["We compare with word2vec.", "iGPT wins."],
    ["The loss is stable.", "t-SNE plots show it."],
    ["The tumour shrinks.", "p53 mediates this."],
    ["Some fail… others do not.", "We ask why."],
    ["It fails…", "We ask why."],
    ["He said “it works.”", "It did."],
    ["(It was large.)", "We cut it."],
    ["Does it scale?!", "It does."],
    ["Yahoo! is a company.", "It is old."],
    ["We (see App. B. The proof is long) prove it.", "Good."],
    ["BACKGROUND: Little is known.", "METHODS: We asked 12 people.", "RESULTS: All agreed."],
    ["Two steps follow.", "1) We prune.", "2) We tune."],
    ["Two steps follow.", "(i) we prune the net.", "(ii) we tune it."],
    ["1. We prune the network.", "2. We tune it."],
    ["We cut it by 1.71\\%.", "The rest stays."],
    ["Let x in mathcal{X}.", "We bound ell_p."],
    ["It costs $O(n^2)$.", "We need less."],
    ["We train in 2019.", "50 patients took part."],
    ["Samples were i.i.d. and clean.", "We drop 5."],
    ["Data are non-i.i.d.", "We assume nothing."],
    ["We use images, text, etc. from the web.", "All are free."],
    ["We use images, text, etc.", "The web is large."],
    ["Accuracy is high [1].", "It is low [2]."],
    ["Accuracy is high. [1][2]", "It is low. [3]"],
    ["It is unknown. [?]", "We mark it."],
    ["It holds.", "[2] reports that it does not."],
    ["The E. coli strain grew.", "It was kept at 37 °C."],
    ["Is attention all you need?", "We doubt it."],
    ["**We prune.**", "**We tune.**"],
]
TEXTS = [
    ("We show results.We are first.", ["We show results.", "We are first."]),
    (
        "It took ten steps.Specifically, we prune.",
        ["It took ten steps.", "Specifically, we prune."],
    ),
    ("It needs 10 steps.3) Next we tune.", ["It needs 10 steps.", "3) Next we tune."]),
    (
        "See torch.Tensor and example.We for names.",
        ["See torch.Tensor and example.", "We for names."],
    ),
    (
        "Use torch.Tensor objects and asp.Net pages.",
        ["Use torch.Tensor objects and asp.Net pages."],
    ),
    (
        "At github.com/x and v1.5 of Node.js it runs.",
        ["At github.com/x and v1.5 of Node.js it runs."],
    ),
    ("First paragraph\n\nsecond paragraph", ["First paragraph", "second paragraph"]),
    ("A line that\nis wrapped. Next one.", ["A line that\nis wrapped.", "Next one."]),
    ("Two ways:\n- prune\n- tune", ["Two ways:", "- prune", "- tune"]),
    ("## Speed\nIt is fast.", ["## Speed", "It is fast."]),
    ("**Speed**\nIt is fast.", ["**Speed**", "It is fast."]),
    ("  padded . ", ["padded ."]),
    ("没有错误。我们证明了。", ["没有错误。", "我们证明了。"]),
    ("", []),
    (" \n ", []),
    ("...", ["..."]),
]


@pytest.mark.parametrize("sentences", JOINED, ids=lambda case: case[0][:30])
def test_sentences_are_found_again_when_joined(sentences: list[str]) -> None:
    assert cut(" ".join(sentences)) == sentences


@pytest.mark.parametrize(("text", "sentences"), TEXTS, ids=lambda case: str(case)[:30])
def test_sentences_of_a_text(text: str, sentences: list[str]) -> None:
    assert cut(text) == sentences


def test_offsets_point_into_the_text_as_it_is() -> None:
    text = "  One is here.  Two is there.\n"
    assert split_sentences(text) == ((2, 14), (16, 29))


def test_a_sentence_without_end_is_cut_at_a_semicolon_or_a_space() -> None:
    clauses = "; ".join(["a clause of seven words or so"] * 100)
    pieces = cut(clauses)
    assert all(len(piece) <= MAX_SENTENCE for piece in pieces)
    assert all(piece.endswith(";") for piece in pieces[:-1])
    assert [len(piece) for piece in cut("x" * 3000)] == [1200, 1200, 600]
    assert "".join(cut("ab " * 1000)).replace(" ", "") == "ab" * 1000


def test_the_title_is_sentence_0_and_the_abstract_follows() -> None:
    sentences = source_sentences(" A title. With a part ", "One is here. Two.")
    assert [(one.index, one.text) for one in sentences] == [
        (0, "A title. With a part"),
        (1, "One is here."),
        (2, "Two."),
    ]
    assert (sentences[0].start, sentences[0].end) == (1, 21)
    assert (sentences[2].start, sentences[2].end) == (13, 17)


def test_a_missing_title_keeps_its_place() -> None:
    assert [one.index for one in source_sentences("", "One.")] == [0, 1]


@given(st.text(alphabet='aAé .?!…;:()[]\n"“1*#-。', max_size=200) | st.text(max_size=80))
def test_nothing_but_white_space_lies_between_sentences(text: str) -> None:
    spans = split_sentences(text)
    at = 0
    for start, end in spans:
        assert at <= start < end
        assert not text[at:start].strip()
        assert text[start:end] == text[start:end].strip()
        assert end - start <= MAX_SENTENCE
        at = end
    assert not text[at:].strip()


@pytest.mark.parametrize("unit", [".", "(", "[", ". A", "e.g. ", "1. ", "\n- ", '"'])
def test_a_long_hostile_text_is_cut_in_time(unit: str) -> None:
    assert split_sentences(unit * (60_000 // len(unit)))


def test_the_saved_pages_are_cut_into_whole_sentences(shared: Path) -> None:
    abstracts = [
        line
        for path in sorted((shared / "pages").glob("*.txt"))
        for line in path.read_text("utf-8").splitlines()
        if len(line) > 400
    ]
    sentences = [sentence for abstract in abstracts for sentence in cut(abstract)]
    assert 8 < len(sentences) / len(abstracts) < 10
    odd = [one for one in sentences if not one[0].isupper() and not one[0].isdigit()]
    assert len(odd) < 0.01 * len(sentences)
    assert max(map(len, sentences)) < 600
    assert min(map(len, sentences)) > 20


def test_every_sentence_has_an_address_of_three_digits() -> None:
    abstract = "Half of 3 foxes. " * 5000
    cut = source_sentences("Foxes", abstract)
    assert [one.index for one in cut] == list(range(1000))
    assert cut[-1].end == len(abstract.rstrip())
    assert cut[-1].text == abstract[cut[-1].start : cut[-1].end]
