"""The tantivy projection: BM25 over titles, abstracts and authors."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import tantivy

from store.clean import level_powers
from store.errors import LibraryBusy, ProjectionFailed, StoreError
from store.files import FILE_MODE, make_folder
from store.integrity.foreign import Foreign
from store.lexical.stopwords import STOP_WORDS
from store.lexical.terms import ANYWHERE, wording_query
from store.types import Paper, TermMatch, Words

FIELDS = ("text", "title", "authors")
"""The indexed fields; `text` is the title and the abstract together."""
TITLE_BOOST = 0.3
AUTHORS_BOOST = 0.5
"""How much a term counts once more in a field, beside 1 in the text. The title's was chosen on
the train claims of SciFact and the dev summaries of SciTLDR: terms weighed over title and
abstract as one text rank better than over each of them alone (nDCG@10 .700 to .692, .822 to
.816)."""

PAIR_BOOST = 0.2
"""How much two neighbouring words of a question count when they stand side by side in a paper.
Chosen as TITLE_BOOST was: .2 gives +.015 on the summaries and nothing on the claims."""

_ANALYZER = "quire_english"
_K1, _B = 1.2, 0.75  # tantivy's own constants of BM25
_HEAP_BYTES = 32_000_000
_LENGTHS = {"text": 190.0, "title": 10.0, "authors": 10.0}
_TYPICAL_WEIGHT = 1.5
_NO_SPREAD = 1e-6
MEND = "run: quire doctor"
"""What to do about an index that is not whole."""


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


@dataclass(frozen=True)
class QueryTerms:
    """What of a question is looked up: stems and pairs of neighbouring stems, with counts."""

    stems: Mapping[str, int]
    pairs: Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class WordHits:
    """The best papers by BM25 with their scores, best first, and the spread of the question.

    The spread is about the standard deviation of the question's score over all papers.
    """

    ranked: list[tuple[str, float]]
    spread: float


class QueryReader:
    """Turns a question into the terms that are looked up."""

    def __init__(self) -> None:
        self._analyzer = analyzer()

    def __call__(self, text: str) -> QueryTerms:
        """The terms of a question; stop words are out unless there is nothing else."""
        words = _words(text)
        telling = [word.lower() not in STOP_WORDS for word in words]
        stems = Counter(self._analyzer.analyze(" ".join(query_words(text))))
        pairs: Counter[tuple[str, str]] = Counter()
        for at in range(len(words) - 1):
            if telling[at] and telling[at + 1]:
                left, right = map(self._analyzer.analyze, words[at : at + 2])
                if left and right:
                    pairs[left[-1], right[0]] += 1
        return QueryTerms(stems, pairs)


def query_words(text: str) -> list[str]:
    """The words of a question that are looked up: no stop words unless nothing else is there."""
    words = _words(text)
    return [word for word in words if word.lower() not in STOP_WORDS] or words


def _words(text: str) -> list[str]:
    text = level_powers(text)
    return "".join(letter if letter.isalnum() else " " for letter in text).split()


class LexicalIndex:
    """One generation of the index, in a folder of its own, or without a folder in memory.

    Whatever tantivy raises, its panics too, becomes ProjectionFailed, or LibraryBusy when
    another process is writing to the index.
    """

    def __init__(self, folder: Path | None, *, create: bool) -> None:
        self.folder = folder
        self._foreign = Foreign(lambda failure: _failed(folder, failure))
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        for name in FIELDS:
            builder.add_text_field(name, tokenizer_name=_ANALYZER)
        with self._foreign:
            self._schema = builder.build()
            self._read = QueryReader()
            self._split = analyzer()
            self._index = self._opened(create)
            self._index.register_tokenizer(_ANALYZER, analyzer())
        self.refresh()

    def _opened(self, create: bool) -> tantivy.Index:
        if self.folder is None:
            return tantivy.Index(self._schema)
        if create:
            make_folder(self.folder)
        elif not tantivy.Index.exists(str(self.folder)):
            raise ProjectionFailed(f"no word index in {self.folder}", MEND)
        return tantivy.Index(self._schema, path=str(self.folder), reuse=True)

    def refresh(self) -> None:
        """See what was committed since, here or by another process."""
        with self._foreign:
            self._index.reload()
            self._searcher = self._index.searcher()

    def count(self) -> int:
        """How many papers the index holds."""
        return int(self._searcher.num_docs)

    def has(self, paper: str) -> bool:
        """True when a paper is in the index."""
        with self._foreign:
            query = tantivy.Query.term_query(self._schema, "id", paper)
            return bool(self._searcher.search(query, limit=1).hits)

    def writer(self) -> LexicalWriter:
        """The one writer; raises LibraryBusy when another process has it."""
        return LexicalWriter(self._index, self.folder)

    def search(
        self, text: str, k: int, only: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """The k best papers for a question by BM25, best first; with `only`, of these ids.

        A term that occurs n times in the question counts n times. Two neighbours in the
        question that are neighbours in a paper count as a term of their own.
        """
        with self._foreign:
            asked = self._read(text)
            if not asked.stems:
                return []
            parts = [
                (tantivy.Occur.Should, self._term(field, stem, boost * number))
                for stem, number in asked.stems.items()
                for field, boost in _BOOSTS
            ]
            parts += [(tantivy.Occur.Should, query) for query in self._pairs(asked)]
            query = tantivy.Query.boolean_query(parts)
            if only is not None:
                query = self._only(query, only)
            # Counting all matches would keep tantivy from passing over the hopeless ones.
            found = self._searcher.search(query, limit=k, count=False).hits
            ranked = [(str(self._searcher.doc(at)["id"][0]), float(score)) for score, at in found]
        return sorted(ranked, key=lambda pair: (-pair[1], pair[0]))

    def spread(self, text: str) -> float:
        """About the standard deviation of a question's BM25 over all papers, never 0.

        A term of which a share p of the papers holds one occurrence adds p (1 - p) idf²
        times the square of a typical weight, as if terms occurred independently. A score
        divided by it says how far a paper stands out, whatever the size of the collection.
        """
        variance = 0.0
        total = max(self.count(), 1)
        with self._foreign:
            asked = self._read(text)
        for stem, number in asked.stems.items():
            share = min(self._frequency("text", stem) / total, 1.0)
            weight = number * _TYPICAL_WEIGHT * _idf(share * total, total)
            variance += weight**2 * share * (1 - share)
        return max(math.sqrt(variance), _NO_SPREAD)

    def _only(self, query: tantivy.Query, ids: Sequence[str]) -> tantivy.Query:
        """A query for these papers alone, with the same scores."""
        named = tantivy.Query.term_set_query(self._schema, "id", list(ids))
        must = tantivy.Occur.Must
        return tantivy.Query.boolean_query(
            [(must, query), (must, tantivy.Query.const_score_query(named, 0.0))]
        )

    def _term(self, field: str, term: str, boost: float) -> tantivy.Query:
        query = tantivy.Query.term_query(self._schema, field, term)
        return query if boost == 1.0 else tantivy.Query.boost_query(query, boost)

    def _pairs(self, asked: QueryTerms) -> list[tantivy.Query]:
        """Queries for pairs, each weighed as one term by the number of papers that hold it.

        tantivy weighs a phrase by the sum of its terms' idf, too much for two rare words
        that always come together.
        """
        total, queries = self.count(), []
        for pair, number in asked.pairs.items():
            frequencies = [self._frequency("text", stem) for stem in pair]
            if not all(frequencies):
                continue
            query = tantivy.Query.phrase_query(self._schema, "text", list(pair))
            counted = self._searcher.search(query, limit=1, count=True)
            holding = int(counted.count or 0)  # type: ignore[attr-defined]  # not in its stub
            if holding:
                weight = _idf(holding, total) / sum(_idf(one, total) for one in frequencies)
                boost = PAIR_BOOST * number * weight
                queries.append(tantivy.Query.boost_query(query, boost))
        return queries

    def matching(self, required: Sequence[Words], excluded: Sequence[Words]) -> list[str]:
        """The ids of the papers that hold all of `required` and none of `excluded`."""
        with self._foreign:
            query = wording_query(self._schema, self._terms, required, excluded)
        return self._ids(query, None)

    def matches(self, text: str, paper: Paper) -> tuple[TermMatch, ...]:
        """The words of a question with how often a paper has each; those it lacks have 0."""
        authors = " ".join(paper.authors)
        texts = {"title": paper.title, "abstract": paper.abstract, "authors": authors}
        terms = {name: Counter(self.stems(part)) for name, part in texts.items()}
        found: dict[str, TermMatch] = {}
        for word in query_words(text):
            for stem in self.stems(word):
                idf = round(_idf(self.frequency(stem), self.count()), 3)
                counts = {name: terms[name][stem] for name in texts}
                found.setdefault(stem, TermMatch(word=word, idf=idf, **counts))
        return tuple(found.values())

    def _ids(self, query: tantivy.Query, limit: int | None) -> list[str]:
        """The ids of the papers that a query finds, all of them without a limit."""
        with self._foreign:
            limit = limit or max(self.count(), 1)
            found = self._searcher.search(query, limit=limit, count=False).hits
            return [str(self._searcher.doc(at)["id"][0]) for _, at in found]

    # What `near_words` asks.

    def stems(self, text: str) -> list[str]:
        """The terms of a text, in order."""
        with self._foreign:
            return self._terms(text)

    def _terms(self, text: str) -> list[str]:
        return list(self._split.analyze(level_powers(text)))

    def frequency(self, stem: str) -> int:
        """In how many papers a term occurs, in the field where it is most frequent."""
        return max(self._frequency(field, stem) for field in ANYWHERE)

    def starting(self, prefix: str) -> dict[str, int]:
        """The terms that begin so, with their frequencies."""
        counts: dict[str, int] = {}
        with self._foreign:
            for field in ANYWHERE:
                for term, number in self._searcher.terms_with_prefix(field, prefix):
                    counts[term] = max(counts.get(term, 0), number)
        return counts

    def holding(self, stem: str, limit: int) -> list[str]:
        """Ids of some papers that hold a term."""
        with self._foreign:
            fields = (tantivy.Query.term_query(self._schema, field, stem) for field in ANYWHERE)
            query = tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in fields])
        return self._ids(query, limit)

    def author_frequency(self, word: str) -> int:
        """In how many papers a word is a part of an author's name."""
        return min((self._frequency("authors", stem) for stem in self.stems(word)), default=0)

    def with_author(self, words: Sequence[str], limit: int) -> list[str]:
        """Ids of some papers whose authors' names hold all of some words."""
        stems = {stem for word in words for stem in self.stems(word)}
        with self._foreign:
            must = tantivy.Occur.Must
            parts = [(must, self._term("authors", stem, 1.0)) for stem in sorted(stems)]
            query = tantivy.Query.boolean_query(parts)
        return self._ids(query, limit) if stems else []

    def document_frequency(self, word: str) -> int:
        """In how many papers a word occurs; of a compound, its rarest part."""
        return min((self._frequency("text", stem) for stem in self.stems(word)), default=0)

    def score(self, text: str, papers: Sequence[Paper]) -> list[tuple[str, float]]:
        """BM25 of papers that are not in the index yet, by the index's own statistics.

        Lengths are measured against typical ones, for tantivy does not tell its averages,
        and pairs do not count; scores are close to what they will be, not equal.
        """
        with self._foreign:
            stems = self._read(text).stems
        total = self.count() + len(papers)
        terms = [
            {
                "text": Counter(self.stems(f"{paper.title}. {paper.abstract}")),
                "title": Counter(self.stems(paper.title)),
                "authors": Counter(self.stems(" ".join(paper.authors))),
            }
            for paper in papers
        ]
        idf = {
            (field, stem): _idf(
                self._frequency(field, stem) + sum(stem in one[field] for one in terms), total
            )
            for stem in stems
            for field in FIELDS
        }
        scores = []
        for paper, fields in zip(papers, terms, strict=True):
            score = 0.0
            for field, boost in _BOOSTS:
                norm = _K1 * (1 - _B + _B * fields[field].total() / _LENGTHS[field])
                for stem, number in stems.items():
                    frequency = fields[field][stem]
                    weight = boost * number * idf[field, stem]
                    score += weight * frequency * (_K1 + 1) / (frequency + norm)
            if score > 0:
                scores.append((paper.id, score))
        return scores

    def _frequency(self, field: str, stem: str) -> int:
        with self._foreign:
            return int(self._searcher.doc_freq(field, stem))


class LexicalWriter:
    """Adds and deletes papers; nothing counts before `commit`. Raises as `LexicalIndex` does."""

    def __init__(self, index: tantivy.Index, folder: Path | None) -> None:
        self._folder = folder
        self._foreign = Foreign(lambda failure: _failed(folder, failure))
        with self._foreign:
            self._writer = index.writer(heap_size=_HEAP_BYTES, num_threads=1)

    def put(self, paper: Paper) -> None:
        """Add a paper, or replace it."""
        self.delete(paper.id)
        with self._foreign:
            self._writer.add_document(
                tantivy.Document(
                    id=[paper.id],
                    text=[paper.title, paper.abstract],
                    title=[paper.title],
                    authors=[" ".join(paper.authors)],
                )
            )

    def delete(self, paper: str) -> None:
        """Take a paper out; one that is not there does nothing."""
        with self._foreign:
            self._writer.delete_documents_by_term("id", paper)

    def commit(self) -> None:
        """Put all changes on the disk."""
        with self._foreign:
            self._writer.commit()
        self._keep_private()

    def close(self) -> None:
        """Finish merging and give the writer's lock back."""
        with self._foreign:
            self._writer.wait_merging_threads()
        self._keep_private()

    def _keep_private(self) -> None:
        if self._folder is None:
            return
        for path in self._folder.iterdir():
            try:
                if path.stat().st_mode & 0o777 != FILE_MODE:
                    path.chmod(FILE_MODE)
            except OSError:
                continue  # merged away meanwhile


_BOOSTS = (("text", 1.0), ("title", TITLE_BOOST), ("authors", AUTHORS_BOOST))


def _idf(holding: float, total: int) -> float:
    """How telling a term is that so many of all papers hold (as BM25 has it in tantivy)."""
    return math.log(1 + (max(total - holding, 0) + 0.5) / (holding + 0.5))


def _failed(folder: Path | None, failure: BaseException) -> StoreError:
    text = str(failure)
    if isinstance(failure, ValueError) and "LockBusy" in text:
        return LibraryBusy(
            f"another process is writing the word index in {folder}",
            "run the command again when it is done",
        )
    where = "in memory" if folder is None else f"in {folder}"
    return ProjectionFailed(f"the word index {where} cannot be used: {text[:200]}", MEND)
