"""The tantivy projection: BM25 over titles, abstracts and authors."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import tantivy

from store.errors import LibraryBusy, ProjectionFailed
from store.files import FILE_MODE, make_folder
from store.model import Paper
from store.stopwords import STOP_WORDS

FIELDS = ("title", "abstract", "authors")
TITLE_BOOST = 0.5
AUTHORS_BOOST = 0.5
"""How much a term counts in a field, beside 1 in the abstract."""

_ANALYZER = "quire_english"
_K1, _B = 1.2, 0.75  # tantivy's own constants of BM25
_HEAP_BYTES = 64_000_000
_TITLE_LENGTH, _ABSTRACT_LENGTH = 10.0, 180.0


def analyzer() -> tantivy.TextAnalyzer:
    """How texts become terms: words, lower case, without marks on letters, English stems."""
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(64))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


class QueryTerms:
    """Turns a question into the terms that are looked up, with how often each occurs."""

    def __init__(self) -> None:
        self._analyzer = analyzer()

    def __call__(self, text: str) -> Counter[str]:
        """Stems with their counts; stop words are out unless there is nothing else."""
        words = [word for word in _words(text) if word.lower() not in STOP_WORDS]
        return Counter(self._analyzer.analyze(" ".join(words) if words else text))


def _words(text: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in text).split()


class LexicalIndex:
    """One generation of the index, in a folder of its own.

    Raises ProjectionFailed when the folder is no index that can be read, LibraryBusy when
    another process is writing to it.
    """

    def __init__(self, folder: Path, *, create: bool) -> None:
        self.folder = folder
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        for name in FIELDS:
            builder.add_text_field(name, tokenizer_name=_ANALYZER)
        self._schema = builder.build()
        self._terms = QueryTerms()
        self._split = analyzer()
        try:
            if create:
                make_folder(folder)
            elif not tantivy.Index.exists(str(folder)):
                raise ProjectionFailed(f"no word index in {folder}", "run: quire doctor")
            self._index = tantivy.Index(self._schema, path=str(folder), reuse=True)
            self._index.register_tokenizer(_ANALYZER, analyzer())
            self._index.reload()
            self._searcher = self._index.searcher()
        except (ValueError, OSError) as failure:
            raise _failed(folder, failure) from failure

    def refresh(self) -> None:
        """See what was committed since, here or by another process."""
        try:
            self._index.reload()
            self._searcher = self._index.searcher()
        except (ValueError, OSError) as failure:
            raise _failed(self.folder, failure) from failure

    def count(self) -> int:
        """How many papers the index holds."""
        return int(self._searcher.num_docs)

    def has(self, paper: str) -> bool:
        """True when a paper is in the index."""
        query = tantivy.Query.term_query(self._schema, "id", paper)
        try:
            return bool(self._searcher.search(query, limit=1).hits)
        except (ValueError, OSError) as failure:
            raise _failed(self.folder, failure) from failure

    def writer(self) -> LexicalWriter:
        """The one writer; raises LibraryBusy when another process has it."""
        return LexicalWriter(self._index, self.folder)

    def search(self, text: str, k: int) -> list[tuple[str, float]]:
        """The k best papers for a question by BM25, best first.

        A term that occurs n times in the question counts n times.
        """
        counts = self._terms(text)
        if not counts:
            return []
        parts = [
            (tantivy.Occur.Should, self._term(field, term, boost * number))
            for term, number in counts.items()
            for field, boost in _BOOSTS
        ]
        try:
            found = self._searcher.search(tantivy.Query.boolean_query(parts), limit=k).hits
            ranked = [(str(self._searcher.doc(at)["id"][0]), float(score)) for score, at in found]
        except (ValueError, OSError) as failure:
            raise _failed(self.folder, failure) from failure
        return sorted(ranked, key=lambda pair: (-pair[1], pair[0]))

    def _term(self, field: str, term: str, boost: float) -> tantivy.Query:
        query = tantivy.Query.term_query(self._schema, field, term)
        return query if boost == 1.0 else tantivy.Query.boost_query(query, boost)

    def document_frequency(self, word: str) -> int:
        """In how many papers a word occurs; of a compound, its rarest part."""
        stems = self._split.analyze(word)
        return min(
            (
                max(self._frequency(field, stem) for field in ("abstract", "title"))
                for stem in stems
            ),
            default=0,
        )

    def score(self, text: str, papers: Sequence[Paper]) -> list[tuple[str, float]]:
        """BM25 of papers that are not in the index yet, by the index's own statistics.

        Lengths are measured against typical ones (10 and 180 terms), for tantivy does not
        tell its averages; scores are close to what they will be, not equal.
        """
        counts = self._terms(text)
        total = self.count() + len(papers)
        terms = [
            {
                "title": Counter(self._split.analyze(paper.title)),
                "abstract": Counter(self._split.analyze(paper.abstract)),
                "authors": Counter(self._split.analyze(" ".join(paper.authors))),
            }
            for paper in papers
        ]
        idf = {}
        for term in counts:
            for field, _ in _BOOSTS:
                holding = self._frequency(field, term) + sum(term in one[field] for one in terms)
                idf[field, term] = math.log(1 + (total - holding + 0.5) / (holding + 0.5))
        scores = []
        for paper, fields in zip(papers, terms, strict=True):
            score = 0.0
            for term, number in counts.items():
                for field, boost in _BOOSTS:
                    frequency = fields[field][term]
                    if frequency:
                        length = fields[field].total() / (
                            _ABSTRACT_LENGTH if field == "abstract" else _TITLE_LENGTH
                        )
                        norm = _K1 * (1 - _B + _B * length)
                        weight = boost * number * idf[field, term]
                        score += weight * frequency * (_K1 + 1) / (frequency + norm)
            if score > 0:
                scores.append((paper.id, score))
        return scores

    def _frequency(self, field: str, stem: str) -> int:
        try:
            return int(self._searcher.doc_freq(field, stem))
        except (ValueError, OSError) as failure:
            raise _failed(self.folder, failure) from failure


class LexicalWriter:
    """Adds and deletes papers; nothing counts before `commit`."""

    def __init__(self, index: tantivy.Index, folder: Path) -> None:
        self._folder = folder
        try:
            self._writer = index.writer(heap_size=_HEAP_BYTES, num_threads=1)
        except ValueError as failure:
            if "LockBusy" in str(failure) or "lock" in str(failure).lower():
                raise LibraryBusy(
                    f"another process is writing the word index in {folder}",
                    "run the command again when it is done",
                ) from failure
            raise _failed(folder, failure) from failure

    def put(self, paper: Paper) -> None:
        """Add a paper, or replace it."""
        self.delete(paper.id)
        document = tantivy.Document(
            id=[paper.id],
            title=[paper.title],
            abstract=[paper.abstract],
            authors=[" ".join(paper.authors)],
        )
        try:
            self._writer.add_document(document)
        except (ValueError, OSError) as failure:
            raise _failed(self._folder, failure) from failure

    def delete(self, paper: str) -> None:
        """Take a paper out; one that is not there does nothing."""
        try:
            self._writer.delete_documents_by_term("id", paper)
        except (ValueError, OSError) as failure:
            raise _failed(self._folder, failure) from failure

    def commit(self) -> None:
        """Put all changes on the disk."""
        try:
            self._writer.commit()
        except (ValueError, OSError) as failure:
            raise _failed(self._folder, failure) from failure
        for name in os.listdir(self._folder):
            try:
                os.chmod(self._folder / name, FILE_MODE)
            except OSError:
                continue  # merged away meanwhile

    def close(self) -> None:
        """Finish merging and give the writer's lock back."""
        try:
            self._writer.wait_merging_threads()
        except (ValueError, OSError) as failure:
            raise _failed(self._folder, failure) from failure


_BOOSTS = (("abstract", 1.0), ("title", TITLE_BOOST), ("authors", AUTHORS_BOOST))


def _failed(folder: Path, failure: Exception) -> ProjectionFailed:
    return ProjectionFailed(
        f"the word index in {folder} cannot be used: {str(failure)[:200]}", "run: quire doctor"
    )
