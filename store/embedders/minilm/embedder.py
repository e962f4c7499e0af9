"""The embedder `minilm`: all-MiniLM-L6-v2 as int8 on onnxruntime."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from store.clean import clean_line, shorten
from store.embedders.base import TEXT_VERSION
from store.embedders.minilm.folder import GET_IT, MODEL_FILE, VOCABULARY_FILE, read_checked
from store.embedders.minilm.graph import OUTPUT, TOKEN_OUTPUT, WIDTH
from store.embedders.minilm.onnx_format import with_output
from store.embedders.token_vectors import ReadTokens, TokenVectors
from store.errors import EmbedderUnavailable
from store.integrity.foreign import Foreign
from store.pattern import pattern
from store.tokens.signs import Spans, TokenAxes

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

    from store.ledger.vectors import Vectors

MAX_TOKENS = 256
"""What the model was trained to read; the rest of a longer text is left out."""
_BATCH_TOKENS = 256
_SENTENCES_WEIGHT = 0.5
_SENTENCE_END = pattern(r"(?<=[.!?])\s+(?=[A-Z0-9(\[])")
_MAX_THREADS = 16
AXES_FILE = Path(__file__).parent / "token_axes.npy"
"""The mean of its tokens, stop words and marks left out, and 128 axes: float16, shape (384, 129).
Made by `python -m tests.bench.token_axes` of 256 abstracts of PubMedQA
and the 72 of the sample; on the development questions over other papers those of these papers
themselves do no better."""


def _unusable(failure: BaseException) -> EmbedderUnavailable:
    if isinstance(failure, ImportError):
        return EmbedderUnavailable(
            f"minilm needs onnxruntime and tokenizers, and one is missing: {failure}",
            "install quire anew, or use the built-in one: quire models use wordllama",
        )
    why = shorten(clean_line(str(failure)), 160) or type(failure).__name__
    return EmbedderUnavailable(f"the embedder minilm does not work: {why}", GET_IT)


_SEAM = Foreign(_unusable)


class MiniLM:
    """Turns texts into vectors of length 1 with 384 numbers.

    Texts are sorted by their number of tokens, and neighbours that have up to 256 tokens
    together, padded to the longest of them, make a batch: an abstract runs alone, a dozen
    sentences together. Larger batches were slower, for they leave the cache. Batches run
    side by side on the cores this process may use, each on one. The files are read and
    checked at the first use; raises EmbedderUnavailable then, and for what does not work.
    """

    name = "minilm"
    dimension = 384
    fingerprint = f"minilm/all-MiniLM-L6-v2.int8.sentences/{TEXT_VERSION}"
    axes_version = "pca128/7278d86f"  # with the CRC-32 of the file

    def __init__(self, models: Path) -> None:
        self._models = models

    @cached_property
    def _parts(self) -> tuple[Tokenizer, Any]:
        files = read_checked(self._models)
        return _tokenizer(files[VOCABULARY_FILE]), _session(files[MODEL_FILE])

    def axes(self) -> TokenAxes:
        """128 axes of the principal components of its tokens; raises EmbedderUnavailable."""
        with _SEAM:
            return self._axes

    @cached_property
    def _axes(self) -> TokenAxes:
        import numpy as np

        table = np.load(AXES_FILE).astype(np.float32)
        return TokenAxes(table[:, 0], table[:, 1:])

    @property
    def _tokenizer(self) -> Tokenizer:
        return self._parts[0]

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of the texts: float32, shape (n, 384), every row of length 1.

        A text of several sentences is the sum of its own vector and half the mean direction
        of its sentences': an abstract is longer than what the model reads at once, and a
        question is about one of its sentences more often than about all. On the train
        claims of SciFact that gives nDCG@10 .667 in place of .656 alone, on the dev
        summaries of SciTLDR .805 in place of .789, for twice the work.
        """
        return self._embedded(texts, None)

    def embed_and_read(self, texts: Sequence[str], read: ReadTokens) -> Vectors:
        """What `embed` gives, and the tokens of the texts from the same runs of the model.

        `read` is told the place of a text, the spans of its tokens in it and their vectors,
        shape (n, 384) and of length 1, by several threads and in any order: those of the text
        read whole, and of one longer than that those of its further sentences, each read alone.
        """
        return self._embedded(texts, read)

    def _embedded(self, texts: Sequence[str], read: ReadTokens | None) -> Vectors:
        import numpy as np

        parts = [places if len(places := sentence_places(text)) > 1 else [] for text in texts]
        every = [*texts, *(texts[at][a:b] for at, each in enumerate(parts) for a, b in each)]
        with _SEAM:
            if read is None:
                vectors = self._vectors(self._tokenizer.encode_batch_fast(every))
            else:
                encoded = self._tokenizer.encode_batch(every)  # the other tells no places
                begins = [(at, begin) for at, each in enumerate(parts) for begin, _ in each]
                vectors = self._vectors(encoded, _reading_on(encoded, len(texts), begins, read))
        whole, rest = vectors[: len(texts)], iter(vectors[len(texts) :])
        for at, each in enumerate(parts):
            if each:
                mean = np.sum([next(rest) for _ in each], axis=0)
                whole[at] += _SENTENCES_WEIGHT * mean / max(float(np.linalg.norm(mean)), 1e-9)
        whole /= np.linalg.norm(whole, axis=1, keepdims=True)
        return whole

    def token_vectors(self, texts: Sequence[str]) -> list[TokenVectors]:
        """The vectors of texts, each read as one, and of their tokens up to the 254th.

        Shapes (384,) and (n, 384), float32, every vector of length 1. Raises EmbedderUnavailable.
        """
        found: dict[int, tuple[Spans, Vectors]] = {}

        def read(at: int, spans: Spans, tokens: Vectors) -> None:
            found[at] = spans, tokens

        with _SEAM:
            vectors = self._vectors(self._tokenizer.encode_batch(list(texts)), read)
        return [TokenVectors(vectors[at], *found[at]) for at in range(len(texts))]

    def _vectors(self, encoded: Sequence[Encoding], read: ReadTokens | None = None) -> Vectors:
        """The model's own vector of each text, of length 1; `read` is told its tokens."""
        import numpy as np

        vectors = np.empty((len(encoded), self.dimension), dtype=np.float32)
        _, session = self._parts
        outputs = [OUTPUT] if read is None else [OUTPUT, TOKEN_OUTPUT]

        def run(batch: list[int]) -> None:
            means, *layers = _run(session, [encoded[at] for at in batch], outputs)
            vectors[batch] = means
            for row, at in enumerate(batch if read else ()):
                spans = tuple(encoded[at].offsets[1:-1])
                tokens = layers[0][row, 1 : len(spans) + 1]
                assert read is not None
                read(at, spans, tokens / np.linalg.norm(tokens, axis=1, keepdims=True))

        _side_by_side(run, batches_by_size([len(one.ids) for one in encoded]))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


def _reading_on(
    encoded: Sequence[Encoding], texts: int, begins: Sequence[tuple[int, int]], read: ReadTokens
) -> ReadTokens:
    """What is told of the tokens of texts, and of their sentences behind where those are cut.

    The first `texts` of what is encoded are whole texts, the others sentences, each with the
    place of its text and where it begins there.
    """

    def told(at: int, spans: Spans, tokens: Vectors) -> None:
        if at < texts:
            read(at, spans, tokens)
            return
        text, begin = begins[at - texts]
        end = encoded[text].offsets[-2][1]
        moved = tuple((begin + one, begin + other) for one, other in spans)
        known = sum(one < end for one, _ in moved)
        if known < len(moved):
            read(text, moved[known:], tokens[known:])

    return told


def sentence_places(text: str) -> list[tuple[int, int]]:
    """Where sentences begin and end: cut where a full stop is followed by a capital or a digit."""
    cuts = [(0, 0), *(one.span() for one in _SENTENCE_END.finditer(text)), (len(text), len(text))]
    places = [(begin, end) for (_, begin), (end, _) in pairwise(cuts)]
    return [(begin, end) for begin, end in places if text[begin:end].strip()]


def batches_by_size(sizes: Sequence[int], room: int = _BATCH_TOKENS) -> list[list[int]]:
    """Places of texts in batches, the longest texts first.

    `sizes` are those of the texts in tokens. A batch holds one text, or as many as fit into
    `room` tokens when each is padded to the longest of them.
    """
    batches: list[list[int]] = []
    width = 0
    for at in sorted(range(len(sizes)), key=lambda place: -sizes[place]):
        if batches and width * (len(batches[-1]) + 1) <= room:
            batches[-1].append(at)
        else:
            batches.append([at])
            width = max(1, sizes[at])
    return batches


def cores() -> int:
    """How many cores this process may use, 16 at most."""
    if hasattr(os, "sched_getaffinity"):
        found = len(os.sched_getaffinity(0))
    else:
        found = os.cpu_count() or 1
    return max(1, min(found, _MAX_THREADS))


def _side_by_side(run: Callable[[list[int]], None], batches: Sequence[list[int]]) -> None:
    if len(batches) == 1:
        run(batches[0])
    elif batches:
        with ThreadPoolExecutor(min(cores(), len(batches))) as pool:
            list(pool.map(run, batches))


def _run(session: Any, encoded: list[Encoding], outputs: list[str]) -> list[Vectors]:
    """Outputs of the model for texts, padded to the longest of them."""
    import numpy as np

    width = max(len(one.ids) for one in encoded)
    ids = np.zeros((len(encoded), width), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, one in enumerate(encoded):
        ids[row, : len(one.ids)] = one.ids
        mask[row, : len(one.ids)] = 1
    found: list[Vectors] = session.run(outputs, {"input_ids": ids, "attention_mask": mask})
    return found


def _tokenizer(vocabulary: bytes) -> Tokenizer:
    """BERT's uncased word pieces, as the model's own tokenizer.json describes them."""
    from tokenizers import AddedToken, Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from tokenizers.processors import TemplateProcessing

    unknown = "[UNK]"
    tokens = vocabulary.decode("utf-8").split("\n")
    numbers = {token: number for number, token in enumerate(tokens) if token}
    tokenizer = Tokenizer(WordPiece(numbers, unk_token=unknown, max_input_chars_per_word=100))
    special = ("[PAD]", unknown, "[CLS]", "[SEP]", "[MASK]")
    tokenizer.add_special_tokens([AddedToken(one, normalized=False) for one in special])
    tokenizer.normalizer = BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True
    )
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[(one, numbers[one]) for one in ("[CLS]", "[SEP]")]
    )
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def _session(model: bytes) -> Any:
    """A session of onnxruntime that uses one thread for each call, and writes no log.

    From 1.29 on, its packages for Linux and macOS report to Microsoft as soon as they are
    imported, before `disable_telemetry_events` can be called (its Privacy.md; seen with 1.32: an
    identifier written to the folder for temporary files): only the variable comes in time.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    model = with_output(model, TOKEN_OUTPUT, ("texts", "tokens", WIDTH))
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
