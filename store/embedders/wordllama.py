"""The built-in embedder: wordllama's table of token vectors."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from functools import cached_property
from importlib.util import find_spec
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from store.embedders.base import REINSTALL, TEXT_VERSION
from store.embedders.token_table import TOKEN_BYTES, mapped, of_length_one, rows_of_tokens
from store.embedders.vocabulary import LONGEST, MARKS, SPACE, Vocabulary
from store.errors import EmbedderUnavailable
from store.integrity.foreign import Foreign
from store.met_words import MetWords

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from tokenizers.models import Model

    from store.ledger.vectors import Vectors


_ENDINGS = ("s", "es", "ed", "ing", "er", "ers", "ly", "less", "ness", "th")
_BEGINNINGS = ("re", "un", "non", "pre", "mis", "over", "sub")
_SHORTEST_BASE = 3
_MANY_TEXTS = 200
_FEW_WORDS = 500
"""Words that are split without the tokenizer: about as many as can be while it is read."""


def _unusable(failure: BaseException) -> EmbedderUnavailable:
    from store.clean import clean_line, shorten

    why = shorten(clean_line(str(failure)), 160) or type(failure).__name__
    return EmbedderUnavailable(f"the built-in embedder does not work: {why}", REINSTALL)


_SEAM = Foreign(_unusable)


class WordLlama:
    """The built-in embedder: the mean of the token vectors of wordllama's 256-d table.

    Maps the weights (float16, 32 000 × 256) and reads the tokenizer that the package
    `wordllama` carries, without importing it: its own loader looks into a folder for
    downloads first, and its import alone takes 0.3 CPU seconds. A few words are split by the
    vocabulary, and the tokenizer is read once more are asked for. A text without a known
    token gets the vector whose entries are all equal, for a zero has no direction. The files
    are opened at the first use; raises EmbedderUnavailable then, and for what does not work.
    """

    name = "wordllama"
    dimension = 256
    fingerprint = f"wordllama/l2_supercat_256/{TEXT_VERSION}"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._weights_file = folder / "weights" / "l2_supercat_256.safetensors"
        self._tokenizer_file = folder / "tokenizers" / "l2_supercat_tokenizer_config.json"
        self._asked: tuple[str, Vectors] | None = None

    @classmethod
    def find(cls) -> WordLlama | None:
        """The embedder, or None where the package or its files are not installed."""
        spec = find_spec("wordllama")
        if spec is None or not spec.submodule_search_locations:
            return None
        found = cls(Path(next(iter(spec.submodule_search_locations))))
        if not (found._weights_file.is_file() and found._tokenizer_file.is_file()):
            return None
        return found

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._tokenizer_file))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self.__dict__["_vocabulary"] = None  # one of the two is enough in memory
        return tokenizer

    @cached_property
    def _table(self) -> Vectors:
        table = mapped(self._weights_file, "embedding.weight")
        rows = len(self._vocabulary or ()) or self._tokenizer.get_vocab_size()
        if table.dtype != "float16" or table.shape != (rows, self.dimension):
            shape = " × ".join(str(one) for one in table.shape)
            raise ValueError(f"its weights are {table.dtype}, {shape}, for {rows} tokens")
        return table

    @cached_property
    def _vocabulary(self) -> Vocabulary | None:
        return Vocabulary.read(self._tokenizer_file)

    def is_word(self, word: str) -> bool:
        """True for an English word, or a plain form of one: it is one token of the vocabulary.

        A mistyped or a rare word is put together from pieces.
        """
        low = word.lower()
        with _SEAM:
            if (vocabulary := self._vocabulary) is not None:
                return any(f"{SPACE}{one}" in vocabulary for one in _bases(low))
            known = self._tokenizer.token_to_id
            return any(known(f"{SPACE}{one}") is not None for one in _bases(low))

    def _tokens(self, texts: Sequence[str]) -> list[bytes]:
        """The tokens of each text as uint16, put together from those of its words.

        Most words were met before: so this takes a fifth of the time of splitting whole texts.
        """
        known = self._words.__getitem__
        marks = self._marks_in(texts)
        return [
            b"".join(map(known, text.split(" ")))
            if _is_of_words(text, marks)
            else self._split(text)
            for text in texts
        ]

    def _marks_in(self, texts: Sequence[str]) -> list[str]:
        """Those of `_marks` that stand in any of the texts."""
        return [mark for mark in self._marks if any(mark in text for text in texts)]

    def _pieces(self, word: str) -> list[int]:
        """The tokens of a word that stands behind a space."""
        if len(self._words) < _FEW_WORDS and len(word) < LONGEST and self._vocabulary is not None:
            return self._vocabulary.split(f"{SPACE}{word}")
        return [one.id for one in self._model.tokenize(f"{SPACE}{word}")]

    def _split(self, text: str) -> bytes:
        ids = self._tokenizer.encode(text, add_special_tokens=False).ids
        return array("H", ids).tobytes()

    @cached_property
    def _model(self) -> Model:
        """The tokenizer without its first step, which puts its sign for a space before a text."""
        model: Model = self._tokenizer.model
        return model

    @cached_property
    def _words(self) -> MetWords[bytes]:
        """The tokens of words that stand behind a space, as uint16."""
        return MetWords(lambda word: array("H", self._pieces(word)).tobytes())

    @cached_property
    def _marks(self) -> tuple[str, ...]:
        """What makes the words of a text depend on each other: marks, and its sign for a space."""
        if self._vocabulary is not None:
            return MARKS
        added = self._tokenizer.get_added_tokens_decoder().values()
        return (SPACE, *(one.content for one in added))

    @cached_property
    def _wide_table(self) -> Vectors:
        import numpy as np

        wide: Vectors = self._table.astype(np.float32)
        self.__dict__.pop("_table", None)  # one of the two is enough in memory
        return wide

    def _table_for(self, texts: int) -> Vectors:
        """The table that costs least for so many texts.

        Widening all of it costs as much as widening the tokens of 100 texts, and 16 MB.
        """
        wide = texts >= _MANY_TEXTS or "_wide_table" in self.__dict__
        return self._wide_table if wide else self._table

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of the texts: float32, shape (n, 256), every row of length 1."""
        asked = self._asked
        if asked is not None and len(texts) == 1 and asked[0] == texts[0]:
            return asked[1].copy()
        with _SEAM:
            found = self._embed(texts)
        if len(texts) == 1:  # a question: it is held against papers, then against sentences
            self._asked = texts[0], found.copy()
        return found

    def _means(self, sums: Sequence[Vectors]) -> Vectors:
        return of_length_one(sums, self.dimension)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        table = self._table_for(len(texts))
        # Words first, then rows: each of the two has the processor's cache for itself.
        return self._means([rows_of_tokens(table, one).sum(axis=0) for one in self._tokens(texts)])

    def embed_with_parts(
        self, texts: Sequence[str], parts: Sequence[Sequence[Sequence[str]]]
    ) -> tuple[Vectors, Vectors]:
        """What `embed` gives for texts, shape (n, d), and for all parts of them, shape (m, d).

        Where a text ends with its parts but the first, a space between two, they are read
        together: that takes half of the time. A part is given as what its spaces part.
        """
        with _SEAM:
            return self._embed_with_parts(texts, parts)

    def _embed_with_parts(
        self, texts: Sequence[str], parts: Sequence[Sequence[Sequence[str]]]
    ) -> tuple[Vectors, Vectors]:
        known, marks = self._words.__getitem__, self._marks_in(texts)
        begun, shared, apart = [], [], []
        for text, (first, *others) in zip(texts, parts, strict=True):
            end = " ".join(("", *chain.from_iterable(others)))
            together = bool(others) and text.endswith(end) and _is_of_words(text, marks)
            begun.append(text[: -len(end)] if together else text)
            shared.append([b"".join(map(known, one)) for one in others] if together else [])
            apart += [" ".join(one) for one in ([first] if together else [first, *others])]
        own = iter(self._tokens(apart))
        table = self._table_for(len(texts))
        sums, part_sums = [], []
        for head, joined, some in zip(self._tokens(begun), shared, parts, strict=True):
            rows = rows_of_tokens(table, b"".join([head, *joined]))
            sums.append(rows.sum(axis=0))
            alone = [rows_of_tokens(table, one) for one in islice(own, len(some) - len(joined))]
            part_sums += [one.sum(axis=0) for one in alone]
            at = len(head) // TOKEN_BYTES
            for one in joined:
                end_at = at + len(one) // TOKEN_BYTES
                part_sums.append(rows[at:end_at].sum(axis=0))
                at = end_at
        return self._means(sums), self._means(part_sums)


def _is_of_words(text: str, marks: Sequence[str]) -> bool:
    """True where the tokens of a text are those of its words.

    No token of the vocabulary reaches over a space into the next word, but a space may be one.
    """
    is_plain = text and text[0] != " " != text[-1] and "  " not in text
    return bool(is_plain) and not any(mark in text for mark in marks)


def _bases(word: str) -> Iterator[str]:
    """A lower-case word and what it may be a form of: contests, contest; gluing, glue."""
    begun = (word.removeprefix(one) for one in _BEGINNINGS)
    for whole in (word, *(one for one in begun if one != word and len(one) > _SHORTEST_BASE)):
        yield whole
        for ending in _ENDINGS:
            base = whole.removesuffix(ending)
            if base != whole and len(base) >= _SHORTEST_BASE:
                yield base
                yield base + "e"
                if base[-1] == base[-2]:
                    yield base[:-1]


def built_in_embedder() -> WordLlama | None:
    """The embedder that needs no download, or None where its wheel is missing."""
    return WordLlama.find()


NO_BUILT_IN = "the built-in embedder is not installed for this Python"
"""What is said where the package has no wheel: words alone are searched then."""
