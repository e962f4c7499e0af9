"""The built-in embedder: wordllama's table of token vectors."""

from __future__ import annotations

import json
import mmap
from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from store.embedders.base import REINSTALL, TEXT_VERSION
from store.embedders.vocabulary import LONGEST, MARKS, SPACE, Vocabulary
from store.errors import EmbedderUnavailable
from store.integrity.foreign import Foreign

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from tokenizers.models import Model

    from store.ledger.vectors import Vectors


_ENDINGS = ("s", "es", "ed", "ing", "er", "ers", "ly", "less", "ness", "th")
_BEGINNINGS = ("re", "un", "non", "pre", "mis", "over", "sub")
_SHORTEST_BASE = 3
_MANY_TEXTS = 200
_NO_LENGTH = 1e-9
_MOST_WORDS, _MOST_LATELY, _LONGEST_WORD = 60_000, 20_000, 40
_FEW_WORDS = 500
"""Words that are split without the tokenizer: about as many as can be while it is read."""
_HEAD_BYTES = 8


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
        table = _mapped(self._weights_file, "embedding.weight")
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

        No token of the vocabulary reaches over a space into the next word, and most words
        were met before: so this takes a fifth of the time of splitting whole texts.
        """
        found = []
        known = self._words.__getitem__
        marks = [mark for mark in self._marks if any(mark in text for text in texts)]
        for text in texts:
            words = text.split(" ")
            if "" in words or any(mark in text for mark in marks):
                found.append(self._split(text))
            else:
                found.append(b"".join(map(known, words)))
        return found

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
    def _words(self) -> _WordTokens:
        return _WordTokens(self._pieces)

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

    def _embed(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        # Widening the whole table costs as much as widening the tokens of 100 texts, and 16 MB.
        wide = len(texts) >= _MANY_TEXTS or "_wide_table" in self.__dict__
        table = self._wide_table if wide else self._table
        # Words first, then rows: each of the two has the processor's cache for itself.
        for at, tokens in enumerate(self._tokens(texts)):
            if tokens:
                ids = np.frombuffer(tokens, dtype=np.uint16)
                rows = table.take(ids, axis=0, mode="clip").astype(np.float32, copy=False)
                np.add.reduce(rows, axis=0, out=vectors[at])
        lengths = np.linalg.norm(vectors, axis=1)
        if not np.isfinite(lengths).all():
            raise ValueError("its weights hold what is no number")
        known = lengths > _NO_LENGTH
        if not known.all():
            vectors[~known] = self.dimension**-0.5
            lengths[~known] = 1
        vectors /= lengths[:, None]
        return vectors


class _WordTokens(dict[str, bytes]):
    """The tokens of words that stand behind a space, as uint16.

    Most words were met before. Common ones come early: what stands here first is worth keeping.
    Of others those met lately are kept too, for the sentences of a paper are read soon after it.
    """

    def __init__(self, pieces: Callable[[str], list[int]]) -> None:
        self._pieces = pieces
        self._lately: dict[str, bytes] = {}

    def __missing__(self, word: str) -> bytes:
        lately = self._lately
        found = lately.get(word)
        if found is not None:
            return found
        found = array("H", self._pieces(word)).tobytes()
        if len(word) <= _LONGEST_WORD:
            if len(self) < _MOST_WORDS:
                self[word] = found
            else:
                if len(lately) >= _MOST_LATELY:
                    self._lately = lately = {}
                lately[word] = found
        return found


def _mapped(file: Path, name: str) -> Vectors:
    """A tensor of a safetensors file, mapped: only the rows that are used are read.

    The format, by the README of safetensors: a length of eight bytes, so many bytes of JSON,
    then the numbers. Raises OSError, ValueError, TypeError, KeyError.
    """
    import numpy as np

    with file.open("rb") as opened:
        pages = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    length = int.from_bytes(pages[:_HEAD_BYTES], "little")
    about = json.loads(pages[_HEAD_BYTES : _HEAD_BYTES + length])[name]
    kind = {"F16": np.float16, "F32": np.float32}[about["dtype"]]
    begin, end = about["data_offsets"]
    numbers = np.frombuffer(
        pages, kind, (end - begin) // np.dtype(kind).itemsize, _HEAD_BYTES + length + begin
    )
    table: Vectors = numbers.reshape(about["shape"])
    return table


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
