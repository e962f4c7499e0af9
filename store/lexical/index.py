"""The tantivy projection: BM25 over titles, abstracts and authors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import tantivy

from store.errors import ProjectionFailed
from store.files import make_folder
from store.integrity.foreign import Foreign
from store.lexical.alternatives import Terms, Vocabulary
from store.lexical.counts import IndexCounts
from store.lexical.fields import ANYWHERE, FIELDS, PaperTerms, analyzer
from store.lexical.held import HeldName, holding, names_of, term_matches
from store.lexical.lookup import Lookup, what_papers_have
from store.lexical.plain_text import plain
from store.lexical.question import query_words, words_of
from store.lexical.ranking import (
    ranking_query,
    scores,
    spread,
    term_or_phrase,
)
from store.lexical.segment_files import ANALYZER
from store.lexical.terms import has_wording, wording_query
from store.lexical.writer import MEND, LexicalWriter, index_failure
from store.lexical.writings import Sought, idf
from store.types import Paper, TermMatch, Words

_TERMS_KEPT, _FREQUENCIES_KEPT = 1 << 14, 1 << 14


@dataclass(frozen=True)
class WordHits:
    """The best papers by BM25 with their scores, best first, and the spread of the question.

    The spread is about the standard deviation of the question's score over all papers.
    """

    ranked: list[tuple[str, float]]
    spread: float


class LexicalIndex:
    """One generation of the index, in a folder of its own, or without a folder in memory.

    Whatever tantivy raises, its panics too, becomes ProjectionFailed, or LibraryBusy when
    another process is writing to the index.
    """

    def __init__(self, folder: Path | None, *, create: bool) -> None:
        self.folder = folder
        self._foreign = Foreign(lambda failure: index_failure(folder, failure))
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        for name in FIELDS:
            builder.add_text_field(name, tokenizer_name=ANALYZER)
        with self._foreign:
            self._schema = builder.build()
            self._split = analyzer()
            self._term = lru_cache(maxsize=_TERMS_KEPT)(self._one_term)
            self._index = self._opened(create)
            self._index.register_tokenizer(ANALYZER, analyzer())
        self._seen = b""
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
        meta = self._meta()
        if meta and meta == self._seen:
            return  # each commit writes other segments into it
        with self._foreign:
            self._index.reload()
            self._searcher = self._index.searcher()
            self._counts = IndexCounts(self._schema, self._searcher)
            self._lookup = Lookup(self._term, self._counts)
            # Of the papers that are summed up one after another many hold the same words.
            self._of_word = lru_cache(maxsize=_FREQUENCIES_KEPT)(self._frequency_of_word)
        self._seen = meta

    def _meta(self) -> bytes:
        """What tantivy says of the index in its folder; empty where that cannot be read."""
        try:
            return (self.folder / "meta.json").read_bytes() if self.folder else b""
        except OSError:
            return b""

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
        question that are neighbours in a paper count as a term of their own, and so does a word
        with hyphens as a whole.
        """
        with self._foreign:
            asked, words = self._lookup.asked(text)
            if not asked.stems:
                return []
            query = ranking_query(self._schema, asked, words, self._counts)
            if only is not None:
                query = self._only(query, only)
            # Counting all matches would keep tantivy from passing over the hopeless ones.
            found = self._searcher.search(query, limit=k, count=False).hits
            names = self._counts.ids(at for _, at in found)
            ranked = [(name, float(found[at][0])) for at, name in enumerate(names)]
        return sorted(ranked, key=lambda pair: (-pair[1], pair[0]))

    def spread(self, text: str) -> float:
        """About the standard deviation of a question's BM25 over all papers, never 0."""
        return spread(self._sought(text), self.count())

    def _sought(self, text: str) -> list[Sought]:
        with self._foreign:
            return self._lookup.asked(text)[1]

    def hyphenated(self, text: str) -> str:
        """A question with hyphens in its compounds where most papers write these; else as it is."""
        with self._foreign:
            return self._lookup.hyphenated(text)

    def _only(self, query: tantivy.Query, ids: Sequence[str]) -> tantivy.Query:
        """A query for these papers alone, with the same scores."""
        named = tantivy.Query.term_set_query(self._schema, "id", list(ids))
        must = tantivy.Occur.Must
        return tantivy.Query.boolean_query(
            [(must, query), (must, tantivy.Query.const_score_query(named, 0.0))]
        )

    def matching(self, required: Sequence[Words], excluded: Sequence[Words]) -> list[str]:
        """The ids of the papers that hold all of `required` and none of `excluded`."""
        with self._foreign:
            readings = self._readings(self._lookup.vocabulary)
            query = wording_query(self._schema, readings, required, excluded)
        return self._ids(query, None)

    def holds(self, paper: Paper, required: Sequence[Words], excluded: Sequence[Words]) -> bool:
        """True when a paper that is not in the index holds what `matching` asks for."""
        with self._foreign:
            there = PaperTerms(paper, self._terms)
            readings = self._readings(what_papers_have(self._term, self._with([there])))
            return has_wording(there, readings, required, excluded)

    def _readings(self, vocabulary: Vocabulary) -> Callable[[str, str], Sequence[Terms]]:
        return lambda text, field: vocabulary.readings(words_of(text, names=field == "authors"))

    def matches(self, text: str, paper: Paper) -> tuple[TermMatch, ...]:
        """The words of a question with how often a paper has each, in any of its writings.

        Those it lacks have 0.
        """
        words = self._sought(text)
        with self._foreign:
            there = PaperTerms(paper, self._terms)
            title = PaperTerms(paper.model_copy(update={"abstract": ""}), self._terms)
        return term_matches(query_words(text), words, there, title, self.count())

    def names(self, text: str) -> list[Sought]:
        """The names that a question asks for: compounds that are half of it or more."""
        return names_of(self._sought(text))

    def holding_names(self, text: str, ids: Sequence[str], also: Sequence[Paper]) -> list[HeldName]:
        """The names that a question asks for, with those of some papers that have them.

        They are those of the ids, of which all but `also` are read in the index.
        """
        names = self.names(text)
        with self._foreign:
            fresh = [PaperTerms(paper, self._terms) for paper in also]
            there = set(ids) - {one.id for one in also}
            found = []
            for name in names:
                query = self._only(holding(self._schema, name), sorted(there))
                held = self._ids(query, len(ids)) if there else []
                held += [one.id for one in fresh if name.occurrences(one)]
                found.append(HeldName(idf(name.papers, self.count()), frozenset(held)))
        return found

    def _ids(self, query: tantivy.Query, limit: int | None) -> list[str]:
        """The ids of the papers that a query finds, all of them without a limit."""
        with self._foreign:
            limit = limit or max(self.count(), 1)
            found = self._searcher.search(query, limit=limit, count=False).hits
            return self._counts.ids(at for _, at in found)

    # What `near_words` asks.

    def stems(self, text: str) -> list[str]:
        """The terms of a text, in order."""
        with self._foreign:
            return self._terms(plain(text))

    def _terms(self, text: str) -> list[str]:
        """The terms of a text that is in plain letters."""
        return list(self._split.analyze(text))

    def _one_term(self, word: str) -> str:
        """The term of one word in plain letters; empty for one that is too long."""
        return next(iter(self._split.analyze(word)), "")

    def _with(self, also: Sequence[PaperTerms]) -> IndexCounts:
        return IndexCounts(self._schema, self._searcher, also)

    def is_written(self, word: str) -> bool:
        """True for a word that papers hold in any spelling, with hyphens or in parts."""
        return any(one.papers for one in self._sought(word))

    def frequency(self, stem: str) -> int:
        """In how many papers a term occurs, in the field where it is most frequent."""
        return max(self._frequency(field, stem) for field in ANYWHERE)

    def starting(self, prefix: str) -> dict[str, int]:
        """The terms that begin so, with their frequencies."""
        counts: dict[str, int] = {}
        with self._foreign:
            for field in ANYWHERE:
                found = dict(self._searcher.terms_with_prefix(field, prefix))
                for term in found.keys() & counts.keys():
                    found[term] = max(found[term], counts[term])
                counts.update(found)
        return counts

    def holding(self, stem: str, limit: int) -> list[str]:
        """Ids of some papers that hold a term."""
        with self._foreign:
            fields = (tantivy.Query.term_query(self._schema, field, stem) for field in ANYWHERE)
            query = tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in fields])
        return self._ids(query, limit)

    def author_frequency(self, word: str) -> int:
        """In how many papers a word is a part of an author's name."""
        stems = self._name_terms(word)
        return min((self._frequency("authors", stem) for stem in stems), default=0)

    def with_author(self, words: Sequence[str], limit: int) -> list[str]:
        """Ids of some papers whose authors' names hold all of some words."""
        stems = {stem for word in words for stem in self._name_terms(word)}
        with self._foreign:
            must = tantivy.Occur.Must
            parts = [
                (must, term_or_phrase(self._schema, "authors", (stem,))) for stem in sorted(stems)
            ]
            query = tantivy.Query.boolean_query(parts)
        return self._ids(query, limit) if stems else []

    def _name_terms(self, name: str) -> list[str]:
        with self._foreign:
            return self._terms(plain(name, names=True))

    def document_frequency(self, word: str) -> int:
        """In how many papers a word occurs in any of its writings; of several, the rarest."""
        # Terms have no capitals: "Model" and "model" are one word.
        return self._of_word(word.lower() if word.isascii() else word)

    def _frequency_of_word(self, word: str) -> int:
        with self._foreign:
            if word.isascii() and word.isalpha():  # as most are: it is read as it stands
                term = self._term(word)
                return self._lookup.writings.papers(word, term) if term else 0
            sought = self._lookup.asked(word)[1]
        return min((one.papers for one in sought if one.word in words_of(word)), default=0)

    def score(self, text: str, papers: Sequence[Paper]) -> list[tuple[str, float]]:
        """BM25 of papers that are not in the index yet, by its statistics and theirs."""
        with self._foreign:
            there = [PaperTerms(paper, self._terms) for paper in papers]
            counts = self._with(there)
            return scores(Lookup(self._term, counts).asked(text)[1], there, counts)

    def _frequency(self, field: str, stem: str) -> int:
        with self._foreign:
            return self._counts.frequency(field, stem)
