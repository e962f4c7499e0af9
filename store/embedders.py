"""Embedders: what turns texts into vectors, behind one seam."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from store.errors import EmbedderUnavailable, UnknownEmbedder
from store.foreign import Foreign

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from tokenizers.models import Model

    from store.vectors import Vectors

TEXT_VERSION = "title.abstract/1"
"""The end of every fingerprint: what of a paper is embedded, see `paper_text`."""


_ENDINGS = ("s", "es", "ed", "ing", "er", "ers", "ly", "less", "ness", "th")
_BEGINNINGS = ("re", "un", "non", "pre", "mis", "over", "sub")
_SHORTEST_BASE = 3


class Embedder(Protocol):
    """Turns texts into vectors of length 1."""

    @property
    def name(self) -> str:
        """The name a reader uses."""
        ...

    @property
    def fingerprint(self) -> str:
        """What the vectors were made with; vectors of two fingerprints are never mixed."""
        ...

    @property
    def dimension(self) -> int:
        """The length d of a vector."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of the texts: float32, shape (n, d), every row of length 1.

        Raises EmbedderUnavailable, EmbeddingFailed.
        """
        ...


class Embedders(Protocol):
    """Where a library gets its embedder from."""

    def fingerprint(self, name: str) -> str:
        """The fingerprint of the embedder with this name; raises UnknownEmbedder."""
        ...

    def make(self, fingerprint: str, dimension: int | None) -> Embedder:
        """The embedder with this fingerprint; `dimension` is that of its vectors so far.

        Raises EmbedderUnavailable when it is not on this machine.
        """
        ...


_MANY_TEXTS = 200
_NO_LENGTH = 1e-9
_MOST_WORDS, _LONGEST_WORD = 60_000, 40


def _unusable(failure: BaseException) -> EmbedderUnavailable:
    from store.clean import clean_line, shorten

    why = shorten(clean_line(str(failure)), 160) or type(failure).__name__
    return EmbedderUnavailable(f"the built-in embedder does not work: {why}", REINSTALL)


_SEAM = Foreign(_unusable)


def paper_text(title: str, abstract: str) -> str:
    """The text of a paper that is embedded."""
    return f"{title}. {abstract}"


class WordLlama:
    """The built-in embedder: the mean of the token vectors of wordllama's 256-d table.

    Reads the weights (float16, 32 000 × 256) and the tokenizer that the package
    `wordllama` carries, without importing it: its own loader looks into a folder for
    downloads first, and its import alone takes 0.3 CPU seconds. A text without a known
    token gets the vector whose entries are all equal, for a zero has no direction. The files
    are read at the first use; raises EmbedderUnavailable then, and for what does not work.
    """

    name = "wordllama"
    dimension = 256
    fingerprint = f"wordllama/l2_supercat_256/{TEXT_VERSION}"

    def __init__(self, folder: Path) -> None:
        self._weights_file = folder / "weights" / "l2_supercat_256.safetensors"
        self._tokenizer_file = folder / "tokenizers" / "l2_supercat_tokenizer_config.json"

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
        return tokenizer

    @cached_property
    def _table(self) -> Vectors:
        from safetensors.numpy import load_file

        table: Vectors = load_file(self._weights_file)["embedding.weight"]
        rows = self._tokenizer.get_vocab_size()
        if table.dtype != "float16" or table.shape != (rows, self.dimension):
            shape = " × ".join(str(one) for one in table.shape)
            raise ValueError(f"its weights are {table.dtype}, {shape}, for {rows} tokens")
        return table

    def is_word(self, word: str) -> bool:
        """True for an English word, or a plain form of one: it is one token of the vocabulary.

        A mistyped or a rare word is put together from pieces.
        """
        low = word.lower()
        with _SEAM:
            return any(self._tokenizer.token_to_id(f"▁{one}") is not None for one in _bases(low))

    def _tokens(self, text: str) -> bytes:
        """The tokens of a text as uint16, put together from those of its words.

        No token of the vocabulary reaches over a space into the next word, and most words
        were met before: so this takes a fifth of the time of splitting whole texts.
        """
        words = text.split(" ")
        if not all(words) or any(mark in text for mark in self._marks):
            return self._split(text)
        known, model = self._words, self._model
        found: list[bytes] = []
        for word in words:
            tokens = known.get(word)
            if tokens is None:
                tokens = array("H", [one.id for one in model.tokenize(f"▁{word}")]).tobytes()
                # Common words come early: what stands here first is worth keeping.
                if len(word) <= _LONGEST_WORD and len(known) < _MOST_WORDS:
                    known[word] = tokens
            found.append(tokens)
        return b"".join(found)

    def _split(self, text: str) -> bytes:
        ids = self._tokenizer.encode(text, add_special_tokens=False).ids
        return array("H", ids).tobytes()

    @cached_property
    def _model(self) -> Model:
        """The tokenizer without its first step, which puts its sign for a space before a text."""
        model: Model = self._tokenizer.model
        return model

    @cached_property
    def _words(self) -> dict[str, bytes]:
        return {}

    @cached_property
    def _marks(self) -> tuple[str, ...]:
        """What makes the words of a text depend on each other: marks, and its sign for a space."""
        added = self._tokenizer.get_added_tokens_decoder().values()
        return ("▁", *(one.content for one in added))

    @cached_property
    def _wide_table(self) -> Vectors:
        import numpy as np

        wide: Vectors = self._table.astype(np.float32)
        self.__dict__.pop("_table", None)  # one of the two is enough in memory
        return wide

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of the texts: float32, shape (n, 256), every row of length 1."""
        with _SEAM:
            return self._embed(texts)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        # Widening the whole table costs as much as widening the tokens of 100 texts, and 16 MB.
        wide = len(texts) >= _MANY_TEXTS or "_wide_table" in self.__dict__
        table = self._wide_table if wide else self._table
        for at, text in enumerate(texts):
            ids = np.frombuffer(self._tokens(text), dtype=np.uint16)
            if len(ids):
                rows = table.take(ids, axis=0, mode="clip").astype(np.float32, copy=False)
                np.add.reduce(rows, axis=0, out=vectors[at])
        lengths = np.linalg.norm(vectors, axis=1)
        if not np.isfinite(lengths).all():
            raise ValueError("its weights hold what is no number")
        known = lengths > _NO_LENGTH
        vectors[known] /= lengths[known, None]
        vectors[~known] = self.dimension**-0.5
        return vectors


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


def fingerprint_of_model(model: str) -> str:
    """The fingerprint of the vectors of a model behind an endpoint.

    Its id alone stands for them, wherever it is served: a library moves from one machine to
    another, and the same id means the same weights.
    """
    return f"openai:{model}/{TEXT_VERSION}"


def embedder_name(fingerprint: str) -> str:
    """The name that a reader uses for the embedder with a fingerprint.

    A fingerprint is the name, then for a model that quire carries its own name and form,
    then `TEXT_VERSION`. Of `openai:MODEL` the model's id is all that is known; it may hold
    slashes itself.
    """
    if fingerprint.startswith("openai:"):
        return fingerprint.removesuffix(f"/{TEXT_VERSION}")
    return fingerprint.split("/")[0]


class LocalEmbedders:
    """The embedders that need no service: `wordllama` and `minilm`.

    `models` is the folder of models that were fetched; without it there is only the
    built-in one.
    """

    names = ("wordllama", "minilm")

    def __init__(self, models: Path | None = None) -> None:
        self._models = models

    def fingerprint(self, name: str) -> str:
        """The fingerprint of the embedder with this name; raises UnknownEmbedder."""
        from store.minilm.embedder import MiniLM

        for known in (WordLlama, MiniLM):
            if name == known.name:
                return known.fingerprint
        raise UnknownEmbedder(
            f"no embedder “{name}”; there is {', '.join(self.names)} and openai:MODEL",
            "see: quire models list",
        )

    def make(self, fingerprint: str, dimension: int | None = None) -> Embedder:
        """The embedder with this fingerprint; raises EmbedderUnavailable."""
        from store.minilm.embedder import MiniLM
        from store.minilm.folder import GET_IT, is_installed

        name = embedder_name(fingerprint)
        if fingerprint == WordLlama.fingerprint:
            built_in = built_in_embedder()
            if built_in is None and find_spec("wordllama") is not None:
                raise EmbedderUnavailable("the built-in embedder lacks its files", REINSTALL)
            if built_in is None:
                raise EmbedderUnavailable(NO_BUILT_IN, "use Python 3.11 to 3.13")
            return built_in
        if fingerprint == MiniLM.fingerprint:
            if self._models is None or not is_installed(self._models):
                raise EmbedderUnavailable(f"the embedder {name} is not on this machine", GET_IT)
            return MiniLM(self._models)
        raise EmbedderUnavailable(
            f"this quire does not know the embedder {fingerprint}",
            "use the quire that made it, or change the embedder: quire models use wordllama",
        )


NO_BUILT_IN = "the built-in embedder is not installed for this Python"
REINSTALL = "reinstall the package wordllama"
"""What to do where its files are damaged."""
