"""Terms, how rare they are, and numbers as quantities."""

from __future__ import annotations

import math

import pytest
from corpus_statistics import CorpusStatistics, FlatStatistics
from hypothesis import given
from hypothesis import strategies as st

from assistant.text.words import (
    beginnings,
    is_name,
    numbers,
    numbers_missing,
    stem,
    term_words,
    terms,
    terms_beginning,
)


@pytest.mark.parametrize(
    "forms",
    [
        "sample samples sampled sampling",
        "model models modeled modelled modelling",
        "tune tuned tunes tuning",
        "study studies studied studying",
        "loss losses",
        "class classes",
        "bias biases",
        "analysis analyses",
        "embed embeds embedded embedding embeddings",
        "speed speeds",
        "compress compresses compressed compression",
        "adapt adapted adapting adaptation",
        "quantize quantized quantizing quantization",
        "apply applies applied",
        "image images imaging",
        "network networks",
        "quick quickly",
    ],
)
def test_forms_of_a_word_are_one_term(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    "different",
    [
        "string sting",
        "need ned",
        "speech speed",
        "train rain",
        "diffusion diffuse fusion",
        "gas ga",
    ],
)
def test_different_words_stay_apart(different: str) -> None:
    words = different.split()
    assert stem(words[0]) != stem(words[-1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What is the state of the art?", ("stat", "art")),
        ("class-incremental learning", ("clas", "incremental", "learn")),
        ("class incremental learning", ("clas", "incremental", "learn")),
        ("pre-trained, pretrained", ("pretrain", "pretrain")),
        ("U-Net and k-means", ("unet", "kmean")),
        ("CIFAR-100 or CIFAR100", ("cifar100", "cifar", "cifar100", "cifar")),
        ("GPT-4", ("gpt4", "gpt")),
        ("ResNet50 in 3D and 3-D", ("resnet50", "resnet", "3d", "3d")),
        ("88.53% of 1,000 at 44.1kHz, 24x", ("88.53", "1000", "44.1", "24")),
        ("naïve café ﬁlter", ("naiv", "caf", "filter")),
        ("mRNA's role", ("mrna", "rol")),
        ("i.e. e.g. etc.", ()),
        ("", ()),
    ],
)
def test_terms(text: str, expected: tuple[str, ...]) -> None:
    assert terms(text) == expected


def test_a_term_knows_the_word_it_came_from() -> None:
    assert term_words("HiFi-Codec runs") == (
        ("HiFi-Codec", "hifi"),
        ("HiFi-Codec", "codec"),
        ("runs", "run"),
    )


@pytest.mark.parametrize(
    ("word", "named"),
    [("GPT", True), ("iGPT", True), ("wav2vec", True), ("Mongolia", False), ("learning", False)],
)
def test_a_name_has_capitals_or_digits_inside(word: str, named: bool) -> None:
    assert is_name(word) is named


def test_idf_is_that_of_bm25_and_highest_for_the_unknown() -> None:
    statistics = CorpusStatistics.from_texts(["audio codec", "audio model", "audio audio"])
    assert statistics.idf("audio") == pytest.approx(math.log(1 + 0.5 / 3.5))
    assert statistics.idf("codec") == pytest.approx(math.log(1 + 2.5 / 1.5))
    assert statistics.idf("zebra") == pytest.approx(math.log(1 + 3.5 / 0.5))
    assert CorpusStatistics.from_texts([]).idf("zebra") > 0
    assert FlatStatistics().idf("audio") == FlatStatistics().idf("zebra") == 1.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("24× faster", [(24, "x")]),
        ("24x faster", [(24, "x")]),
        ("24 times faster", [(24, "x")]),
        ("14times faster", [(14, "x")]),
        ("$3.5$ times", [(3.5, "x")]),
        ("a 30-fold speedup", [(30, "x")]),
        ("twice as fast", [(2, "x")]),
        ("3.0M parameters", [(3_000_000, "")]),
        ("3 million parameters", [(3_000_000, "")]),
        ("12.8B", [(12_800_000_000, "")]),
        ("88.53%", [(88.53, "%")]),
        ("88.53 \\%", [(88.53, "%")]),
        ("88 percent", [(88, "%")]),
        ("1,000 images", [(1000, "")]),
        ("ten layers", [(10, "")]),
        ("twenty-five layers", [(25, "")]),
        ("three hundred", [(300, "")]),
        ("half of them", [(0.5, "")]),
        ("2-2.5%", [(2, "%"), (2.5, "%")]),
        ("2–3 dB", [(2, "db"), (3, "db")]),
        ("10^-4, 1e-4 and 10⁻⁴", [(1e-4, ""), (1e-4, ""), (1e-4, "")]),
        ("3×10^5", [(300_000, "")]),
        ("44.1 kHz", [(44_100, "hz")]),
        ("44,100 Hz", [(44_100, "hz")]),
        ("30s", [(30, "s")]),
        ("0.5 hours", [(1800, "s")]),
        ("512x512", [(512, "")]),
        ("in 2023,", [(2023, "")]),
        ("0.968pm0.005", [(0.968, ""), (0.005, "")]),
        ("(NFE=2)", [(2, "")]),
        ("-0.5", [(0.5, "")]),
        ("GPT-4, CIFAR-10, ResNet50, T5, 3D, WMT14, ViT-L/14, top-1, v1.5", []),
        ("the 1st and 22nd", []),
        ("1) first, 2) second", []),
        ("", []),
    ],
)
def test_numbers(text: str, expected: list[tuple[float, str]]) -> None:
    found = [(number.value, number.unit) for number in numbers(text)]
    assert found == [(pytest.approx(value), unit) for value, unit in expected]


def test_a_number_spans_its_unit() -> None:
    text = "about 24 times faster"
    (number,) = numbers(text)
    assert text[number.start : number.end] == "24 times"
    assert number.hedge == "about"


@pytest.mark.parametrize(
    ("claim", "evidence", "missing"),
    [
        ("It has 3 million parameters.", "only 3.0M parameters", []),
        ("It is 24 times faster.", "a 24x speedup", []),
        ("It is twice as fast.", "a 2x speedup", []),
        ("It is 25 times faster.", "a 24x speedup", ["25 times"]),
        ("It reaches 88.5%.", "achieved 88.53%", []),
        ("It reaches 89%.", "achieved 88.53%", []),
        ("It reaches 88%.", "achieved 88.53%", ["88%"]),
        ("It reaches about 88%.", "achieved 88.53%", []),
        ("It reaches 88.54%.", "achieved 88.53%", ["88.54%"]),
        ("It reaches over 80%.", "achieved 83.2%", []),
        ("It reaches over 85%.", "achieved 83.2%", ["85%"]),
        ("It reaches nearly 90%.", "achieved 88.53%", []),
        ("It gains 5%.", "a gain of 5 dB", ["5%"]),
        ("It gains 5 points.", "a gain of 5%", []),
        ("Half of them agree.", "50% agreed", []),
        ("It takes 1,281,167 images.", "1.28M images", ["1,281,167"]),
        ("It takes 1.3 million images.", "1,281,167 images", []),
        ("It runs on 44.1 kHz audio.", "sampled at 44,100 Hz", []),
        ("It takes half a minute, 30 s.", "done in 0.5 minutes", []),
        ("It takes ten steps.", "needs 10 steps", []),
        ("Trained on COCO 2014.", "on COCO2014", []),
        ("Trained on CIFAR-10.", "on CIFAR-100", []),
        ("Three papers report it.", "it works", []),
        ("One of them is zero-shot.", "it works", []),
        ("It needs three stages.", "it works", ["three"]),
        ("It was found in 2019.", "it was found in 2018", ["2019"]),
        ("It works.", "", []),
    ],
)
def test_numbers_missing(claim: str, evidence: str, missing: list[str]) -> None:
    found = numbers_missing(claim, evidence)
    assert [claim[number.start : number.end] for number in found] == missing


@given(st.text(max_size=120), st.text(max_size=60))
def test_any_text_can_be_read(one: str, other: str) -> None:
    for number in numbers(one):
        assert 0 <= number.start < number.end <= len(one)
    assert numbers_missing(one, f"{one} {other}") == ()
    assert all(term and term == term.lower() for term in terms(one))


@pytest.mark.parametrize("unit", ["1", "1,", "1.", "1-", "10^", "a-", "$", " 1x", "one "])
def test_long_hostile_texts_are_read_in_time(unit: str) -> None:
    text = unit * (30_000 // len(unit))
    numbers(text)
    terms(text)


@given(
    st.text("abcdefiglnost-'5. ÉéU", max_size=60),
    st.text("abcdefiglnost5 ", min_size=2, max_size=12),
)
def test_terms_that_begin_alike_are_all_found(text: str, asked: str) -> None:
    starts = beginnings(terms(asked))
    expected = {term for term in terms(text) if term[:2] in starts}
    assert terms_beginning(text, starts) == expected


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Flies and butterflies.", "fly"),
        ("A pre-trained U-Net with k-means", "pretraining unet kmeans"),
        ("CIFAR-100 needs 1,000 steps", "cifar100 cifar 1000"),
        ("Naïve résumés", "naive resume"),
    ],
)
def test_terms_that_begin_alike_by_example(text: str, asked: str) -> None:
    wanted = set(terms(asked))
    assert wanted <= terms_beginning(text, beginnings(wanted))
