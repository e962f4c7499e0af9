"""Made-up abstracts at any number: Zipf vocabulary, topics as mixtures, and metadata.

Everything follows from the seed. The words that stand first in rank are the whole words of
the built-in embedder's tokenizer, so that vectors spread as those of real texts do; the
long tail is put together from syllables. Papers come in blocks of `BLOCK`, and a block
depends on the seed and its own number alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BLOCK = 1000
TOPICS = 300
FIRST_YEAR, LAST_YEAR = 1996, 2025
TAGS = ("theory", "methods", "survey", "data", "applied")

_FUNCTION = (
    "the of and in to a for is that with on we by as are this from be an which can it our at"
    " have or has these not using their between such also than more its both based over into"
    " show two however but been when where used through most how may while all under different"
    " only results new other many after during each they were was very further here some"
)
_FUNCTION_WORDS = _FUNCTION.split()
_FUNCTION_SHARE, _COMMON_SHARE = 0.42, 0.2
_VOCABULARY = 400_000
_TOPIC_WORDS = 2000
_SENTENCE = (11, 29)
_WORDS = (130, 235)
_ONSET = "b c d f g h k l m n p r s t v z br ch cl cr dr fl gl gr pl pr qu sh sp st th tr"
_ONSETS, _VOWELS = _ONSET.split(), ["a", "e", "i", "o", "u", "ai", "ea", "io", "ou"]
_CODAS = ["", "", "", "l", "m", "n", "r", "s", "x", "nt", "rd", "st"]
_ENDINGS = ("", "s", "ing", "ed", "ation", "al", "ity", "ic", "ism", "oid")
_VENUES = 120

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Generator:
    """Makes papers and queries; `seed` decides everything."""

    seed: int = 1

    @cached_property
    def _words(self) -> NDArray[np.object_]:
        """The vocabulary by rank."""
        chance = np.random.default_rng([self.seed, 0])
        known = _tokenizer_words()
        chance.shuffle(known)
        seen = {*known, *_FUNCTION_WORDS}
        words = list(known)
        while len(words) < _VOCABULARY:
            word = _made_word(chance)
            if word not in seen:
                seen.add(word)
                words.append(word)
        return np.array(words, dtype=object)

    @cached_property
    def _common(self) -> NDArray[np.float64]:
        """Cumulative Zipf-Mandelbrot weights over the vocabulary."""
        return _zipf(_VOCABULARY, 8.0)

    @cached_property
    def _functions(self) -> NDArray[np.float64]:
        return _zipf(len(_FUNCTION_WORDS), 1.0)

    @cached_property
    def _topical(self) -> NDArray[np.float64]:
        return _zipf(_TOPIC_WORDS, 4.0)

    @cached_property
    def _topics(self) -> Ints:
        """Shape (topics, words): the words of each topic by rank; lower ranks are likelier."""
        chance = np.random.default_rng([self.seed, 1])
        spread = np.floor(_VOCABULARY ** chance.random((TOPICS, _TOPIC_WORDS))).astype(np.int64)
        return np.minimum(spread + chance.integers(0, 5000, spread.shape), _VOCABULARY - 1)

    def papers(self, number: int, start: int = 0) -> Iterator[dict[str, object]]:
        """The papers from `start` to `number`, as objects of JSON Lines."""
        for block in range(start // BLOCK, -(-number // BLOCK)):
            for at, paper in enumerate(self._block(block), block * BLOCK):
                if start <= at < number:
                    yield paper

    def write(self, path: Path, number: int) -> None:
        """Write papers as JSON Lines."""
        partial = path.with_suffix(".part")
        with partial.open("w", encoding="utf-8") as file:
            for paper in self.papers(number):
                file.write(json.dumps(paper) + "\n")
        partial.replace(path)

    def _block(self, block: int) -> Iterator[dict[str, object]]:
        chance = np.random.default_rng([self.seed, 2, block])
        lengths = chance.integers(*_WORDS, BLOCK)
        titles = chance.integers(6, 14, BLOCK)
        widest = int(lengths.max()) + 14
        words = self._texts(chance, _mixtures(chance, BLOCK), widest)
        breaks = chance.integers(*_SENTENCE, (BLOCK, 32))
        figures = chance.integers(0, 1000, (BLOCK, 8))
        for row in range(BLOCK):
            here, size = words[row], int(titles[row])
            title = " ".join(here[:size])
            abstract = _sentences(here[size : size + int(lengths[row])], breaks[row], figures[row])
            number = block * BLOCK + row
            yield self._paper(chance, number, title[0].upper() + title[1:], abstract)

    def _texts(
        self, chance: np.random.Generator, mixtures: Ints, width: int
    ) -> NDArray[np.object_]:
        """Shape (n, width): words drawn for documents with three topics each."""
        shape = (len(mixtures), width)
        kind = chance.random(shape)
        drawn = chance.random(shape)
        which = np.minimum((chance.random(shape) ** 2 * 3).astype(np.int64), 2)
        topic = np.take_along_axis(mixtures, which, axis=1)
        ranks = np.searchsorted(self._topical, drawn)
        words = self._words[self._topics[topic, ranks]]
        common = kind < _FUNCTION_SHARE + _COMMON_SHARE
        words[common] = self._words[np.searchsorted(self._common, drawn[common])]
        function = kind < _FUNCTION_SHARE
        names = np.array(_FUNCTION_WORDS, dtype=object)
        words[function] = names[np.searchsorted(self._functions, drawn[function])]
        return words

    def _paper(
        self, chance: np.random.Generator, number: int, title: str, abstract: str
    ) -> dict[str, object]:
        # Years grow in number as real ones do: half of the papers stand in the last 7 years.
        year = FIRST_YEAR + int(30 * chance.random() ** 0.4)
        paper: dict[str, object] = {
            "title": title,
            "abstract": abstract,
            "authors": [self._name(int(one)) for one in _people(chance)],
            "year": year,
            "arxiv_id": f"{year % 100:02d}{number % 12 + 1:02d}.{number // 12 % 100_000:05d}",
            "tags": [tag for tag in TAGS if chance.random() < 0.2],
        }
        if chance.random() < 0.8:
            word = str(self._words[-1 - int(chance.zipf(1.6)) % _VENUES])
            paper["venue"] = f"Proceedings of {word.capitalize()}"
        if chance.random() < 0.03:
            del paper["year"]
        return paper

    def _name(self, number: int) -> str:
        word = str(self._words[-1 - number % 100_000])
        return f"{chr(65 + number % 26)}. {word.capitalize()}"

    def queries(self, number: int) -> list[str]:
        """Questions of 3 to 14 words, half keywords and half with function words."""
        chance = np.random.default_rng([self.seed, 3])
        words = self._texts(chance, _mixtures(chance, number), 60)
        found = []
        for at, row in enumerate(words):
            size = int(chance.integers(3, 15 if at % 2 else 7))
            stems = [word for word in row if at % 2 or word not in _FUNCTION_WORDS]
            found.append(" ".join(stems[:size]))
        return found


def _mixtures(chance: np.random.Generator, number: int) -> Ints:
    """Shape (n, 3): the topics of each document; some topics are far more common."""
    return (TOPICS * chance.random((number, 3)) ** 1.7).astype(np.int64)


def _people(chance: np.random.Generator) -> Ints:
    number = min(1 + int(chance.gamma(2.0, 1.5)), 25)
    return (2_000_000 * chance.random(number) ** 2).astype(np.int64)


def _sentences(words: NDArray[np.object_], breaks: Ints, figures: Ints) -> str:
    parts: list[str] = []
    at = 0
    for number, size in enumerate(breaks):
        piece = [str(one) for one in words[at : at + int(size)]]
        if not piece:
            break
        if number < len(figures) and figures[number] < 400:
            piece.insert(len(piece) // 2, f"{figures[number] / 4:g}%")
        text = " ".join(piece)
        parts.append(text[0].upper() + text[1:] + ".")
        at += int(size)
    return " ".join(parts)


def _zipf(number: int, shift: float) -> NDArray[np.float64]:
    weights = 1.0 / (np.arange(number) + shift)
    return np.cumsum(weights / weights.sum()).clip(max=1.0 - 1e-12)


def _tokenizer_words() -> list[str]:
    """Whole lower-case words of four letters and more of the built-in embedder's tokenizer."""
    from store.embedders.wordllama import WordLlama

    found = WordLlama.find()
    if found is None:
        return []
    names = json.loads(found._tokenizer_file.read_text("utf-8"))["model"]["vocab"]
    words = (name[1:] for name in names if name.startswith("▁"))
    return sorted(one for one in words if len(one) > 3 and one.isascii() and one.islower())


def _made_word(chance: np.random.Generator) -> str:
    drawn = chance.random(12)
    size = 2 + int(drawn[0] * 1.4)
    parts = []
    for at in range(size):
        onset, vowel, coda = drawn[1 + 3 * at % 9 : 4 + 3 * at % 9]
        parts.append(_pick(_ONSETS, onset) + _pick(_VOWELS, vowel) + _pick(_CODAS, coda))
    return "".join(parts) + _pick(_ENDINGS, drawn[11] ** 1.5)


def _pick(options: list[str] | tuple[str, ...], drawn: float) -> str:
    return options[int(drawn * len(options))]
