"""Cutting abstracts and answers into sentences."""

from __future__ import annotations

from pathlib import Path

from growth import grows_in_proportion
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import compare, table

from assistant.text.sentences import MAX_SENTENCE, source_sentences, split_sentences

ROWS = [{"text": " ".join(row["right"]), **row} for row in table(__file__, "sentences.jsonl")]
MIXTURES = st.builds(
    str.join,
    st.sampled_from([" ", "  ", "\n", "\n\n", "\u00a0", ""]),
    st.lists(st.sampled_from([row["text"] for row in ROWS]), max_size=5),
)


def cut(text: str) -> list[str]:
    """The sentences of a text as they stand in it."""
    return [text[start:end] for start, end in split_sentences(text)]


def test_sentences_of_a_text() -> None:
    compare(ROWS, lambda row: cut(row["text"]))


def test_offsets_point_into_the_text_as_it_is() -> None:
    text = "  One is here.  Two is there.\n"
    assert split_sentences(text) == ((2, 14), (16, 29))


def test_a_sentence_without_end_is_cut_at_a_semicolon_or_a_space() -> None:
    clauses = "; ".join(["a clause of seven words or so"] * 100)
    pieces = cut(clauses)
    assert " ".join(pieces) == clauses
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


@settings(max_examples=200)
@given(st.text(alphabet='aAé .?!…;:()[]\n"“1*#-。', max_size=200) | st.text(max_size=80) | MIXTURES)
def test_nothing_but_white_space_lies_between_sentences(text: str) -> None:
    at = 0
    for one in source_sentences("", text)[1:]:
        assert at <= one.start < one.end
        assert not text[at : one.start].strip()
        assert text[one.start : one.end] == one.text == one.text.strip()
        assert one.end - one.start <= MAX_SENTENCE
        at = one.end
    assert not text[at:].strip()


def test_a_long_hostile_text_is_cut_in_time_in_proportion() -> None:
    grows_in_proportion(split_sentences, [".", "(", "[", ". A", "e.g. ", "1. ", "\n- ", '"'])


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
    abstract = "Half of 3 foxes. " * 1_200
    addressed = source_sentences("Foxes", abstract)
    assert [one.index for one in addressed] == list(range(1000))
    assert addressed[-1].end == len(abstract.rstrip())
    assert addressed[-1].text == abstract[addressed[-1].start : addressed[-1].end]
