"""The signs of a library's papers' tokens, kept as the papers get their vectors.

They come from the runs of the model that make the vectors. Where a paper has none (it was added
by an older quire, or a process was killed) it gets them later, and stands where it would without.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from store.embedders.base import paper_text
from store.embedders.token_vectors import LateEmbedder
from store.kept.file import KeptFile, Kind, Row, forget
from store.ledger import outbox
from store.ledger.database import Ledger
from store.library.text_hashes import all_keys, digest, text_hashes
from store.tokens.signs import QuestionTokens, Spans, telling

if TYPE_CHECKING:
    from store.ledger.vectors import Vectors

MOST_TOKENS = 1024
"""Tokens kept of one paper: four times what an abstract has."""
_BATCH = 64


def _is_whole(row: Row) -> bool:
    try:
        return bool(row[3] == _crc(row[0], row[1], row[2]))
    except (TypeError, IndexError):
        return False


def _crc(key: int, hashed: bytes, signs: bytes) -> int:
    return zlib.crc32(b"".join((str((key, len(signs))).encode(), hashed, signs)))


TOKENS = Kind("tokens", {"signs": "BLOB", "crc": "INTEGER"}, _is_whole)


class KeptTokens:
    """Keeps the signs of the tokens of papers, by an embedder that tells tokens apart.

    Safe to use from several threads. What cannot be kept or read is not there.
    """

    def __init__(self, ledger: Ledger, folder: Path, embedder: LateEmbedder) -> None:
        self.embedder = embedder
        self._ledger = ledger
        self._folder = folder
        self._lock = threading.RLock()
        version = f"{embedder.fingerprint} {embedder.axes_version}"
        self._file = KeptFile(folder, TOKENS, version, read_only=ledger.read_only)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()

    def of(self, ids: Sequence[str]) -> dict[str, bytes]:
        """The signs of the papers that have some, by id."""
        found = self._ledger.rows_in(
            "SELECT id, key, text_hash FROM papers WHERE id IN ({})", list(dict.fromkeys(ids))
        )
        with self._lock:
            if not self._file.look():
                return {}
            rows = self._file.rows({key: digest(hashed) for _, key, hashed in found})
        signs = {name: rows[key][2] for name, key, _ in found if key in rows}
        return {name: one for name, one in signs.items() if one}

    def embed(self, papers: Sequence[tuple[str, str]]) -> tuple[Vectors, list[bytes]]:
        """The vectors of papers by title and abstract, shape (n, d), and the signs of each.

        Raises EmbedderUnavailable.
        """
        texts = [paper_text(*one) for one in papers]
        parts: list[list[tuple[int, bytes]]] = [[] for _ in texts]

        axes = self.embedder.axes()

        def read(at: int, spans: Spans, tokens: Vectors) -> None:
            kept = telling(texts[at], spans)[:MOST_TOKENS]
            if kept:
                parts[at].append((spans[0][0], axes.signs(tokens[kept])))

        vectors = self.embedder.embed_and_read(texts, read)
        most = MOST_TOKENS * axes.axes.shape[1] // 8
        return vectors, [b"".join(signs for _, signs in sorted(one))[:most] for one in parts]

    def question(self, text: str) -> tuple[Vectors, QuestionTokens]:
        """The vector of a question, shape (d,), and its tokens, from one run of the model.

        Raises EmbedderUnavailable.
        """
        import numpy as np

        found: list[tuple[Spans, Vectors]] = []
        vector = self.embedder.embed_and_read([text], lambda _, *told: found.append(told))[0]
        found.sort(key=lambda told: told[0][:1])
        spans = tuple(span for each, _ in found for span in each)
        empty = np.empty((0, len(vector)), dtype=np.float32)
        tokens = np.concatenate([empty, *(each for _, each in found)])
        return vector, QuestionTokens(spans, self.embedder.axes().turned(tokens))

    def put(self, papers: Sequence[tuple[int, str, bytes]], seq: int | None = None) -> bool:
        """Keep signs (key of the paper, hash of its text, signs); False where that fails.

        `seq` is the change of the ledger up to which every paper then has its own.
        """
        rows: list[Row] = [
            (key, hashed, signs, _crc(key, hashed, signs))
            for key, hashed, signs in ((key, digest(text), one) for key, text, one in papers)
        ]

        def current() -> Collection[tuple[int, bytes]]:
            # Asked while the file is locked: a paper removed for good before is not kept again.
            return text_hashes(self._ledger, [row[0] for row in rows]).items()

        with self._lock:
            there = self._file.look() or self._file.begin()
            return there and self._file.put(rows, current, seq)

    def behind(self) -> int:
        """How many papers changed since every paper had its own: so many may have none."""
        return outbox.pending_count(self._ledger, self._seq())

    def catch_up(
        self,
        stopped: Callable[[], bool],
        most: int | None = None,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> bool:
        """Make what papers lack, in the order of their changes; False when stopped before the end.

        At most so many papers, where that is given. `progress` is told how many papers were looked
        at, and of how many. Raises EmbedderUnavailable.
        """
        seq, total, done = self._seq(), self.behind(), 0
        while pending := outbox.pending(self._ledger, seq, _BATCH):
            progress(done, max(total, done))
            done += len(pending)
            live = [one.id for one in pending if not one.deleted]
            found = self._ledger.rows_in("SELECT key FROM papers WHERE id IN ({})", live)
            made = self._made([key for (key,) in found], stopped, most)
            if made is None or not self.put(made, pending[-1].seq):
                return False
            seq = pending[-1].seq
            most = None if most is None else most - len(made)
        return True

    def mend(self) -> tuple[bool, int, int]:
        """Make what any paper lacks, whatever was followed, and drop what is of none.

        Whether that came to its end, how many papers were read, and how many rows were not as
        they were written. Raises EmbedderUnavailable.
        """
        wrong, count = self._sweep(), 0
        seq = outbox.last_seq(self._ledger)
        for keys in all_keys(self._ledger, _BATCH):
            made = self._made(keys, lambda: False, None)
            if made is None or not self.put(made):
                return False, count, wrong
            count += len(made)
        return self.put([], seq), count, wrong

    def drop_others(self) -> None:
        """Drop the rows of papers that are gone, and every trace of them in the file.

        Where that fails all of it is removed, and made again later.
        """
        self._sweep()
        with self._lock:
            if not self._file.look() or not self._file.write_anew():
                self._file.close()
                forget(self._folder, TOKENS)

    def _seq(self) -> int:
        with self._lock:
            seq = self._file.seq if self._file.look() else 0
        return seq if seq <= outbox.last_seq(self._ledger) else 0

    def _made(
        self, keys: Sequence[int], stopped: Callable[[], bool], most: int | None
    ) -> list[tuple[int, str, bytes]] | None:
        """The signs of those of some papers that have none; None where that is not to be done."""
        hashes = text_hashes(self._ledger, keys)
        with self._lock:
            lacking = self._file.lacking(hashes) if self._file.look() else list(hashes)
        if not lacking:
            return []
        if stopped() or (most is not None and len(lacking) > most):
            return None
        found = self._ledger.rows_in(
            "SELECT key, text_hash, title, abstract FROM papers WHERE key IN ({})", lacking
        )
        _, signs = self.embed([(title, abstract) for *_, title, abstract in found])
        return [
            (key, text_hash, one) for (key, text_hash, _, _), one in zip(found, signs, strict=True)
        ]

    def _sweep(self) -> int:
        """Remove rows that are not as they were written, and those of no paper as it stands."""
        wrong = 0
        with self._lock:
            for rows in self._file.all_rows() if self._file.look() else ():
                broken = {row[0] for row in rows if not _is_whole(row)}
                hashes = text_hashes(self._ledger, [row[0] for row in rows])
                gone = {row[0] for row in rows if hashes.get(row[0]) != row[1]}
                self._file.remove(sorted(broken | gone))
                wrong += len(broken)
        return wrong
