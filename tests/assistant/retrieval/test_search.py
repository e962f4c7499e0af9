"""A reader's search over a real library: conditions, mended words, versions, reasons, likeness."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path

import pytest
from library_fixture import Shelf, pages_library
from tables import Row, compare, table

from assistant.config.settings import Settings
from assistant.errors import QuerySyntaxError
from assistant.retrieval.fusion import Calibration, DenseList, fuse
from assistant.retrieval.retriever import Retriever
from assistant.retrieval.search import Searcher
from assistant.retrieval.versions import grouped, is_same_work, sketch
from assistant.types.search import SearchResult
from assistant.workspace.workspace import open_workspace
from store.library.library import Library
from store.types import Filter, Paper, Record

*PAPERS, BEES = (Record.model_validate(row) for row in table(__file__, "papers.jsonl"))
TAGS = ("000", "001", "002", "003", "004")
TITLES = {
    "FoxCodec": "fox",
    "OwlCodec": "owl",
    "Counting": "ice",
    "A survey": "survey",
    "Bees and": "bees",
}
USUAL = {"weight": 0.5, "mean": 0.2, "spread": 0.1}
CHANCE = {"mean": 0.2, "spread": 0.1, "number": 1_000_000}


@pytest.fixture(scope="module", params=["projected", "a tail"])
def filled(
    request: pytest.FixtureRequest, shelf: Shelf, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Library]:
    """A library in both lists, and one whose papers wait to be projected."""
    folder = tmp_path_factory.mktemp("searching") / "library"
    projected = request.param == "projected"
    shelf.library_of([*PAPERS, BEES] if projected else PAPERS, folder)
    with Library.open(folder) as library:
        if not projected:
            library.ingest().run([BEES])
        # The first search starts a process that the library keeps until it is closed.
        search(library, "codec")
        yield library


@pytest.fixture
def folder(shelf: Shelf, tmp_path: Path) -> Path:
    """A library of the papers without the bees, a test's own."""
    return shelf.library_of(PAPERS, tmp_path / "library")


def search(
    library: Library, text: str, wanted: Filter | None = None, limit: int = 10
) -> SearchResult:
    return Searcher(library, Retriever(library)).search(text, limit, wanted or Filter())


def names(result: SearchResult) -> list[str]:
    return [TITLES[one.paper.title[:8]] for one in result.hits]


def test_what_two_lists_come_to() -> None:
    def came(row: Row) -> list[object]:
        near = DenseList(**{**CHANCE, **row["near"]}) if "near" in row else None
        usual = Calibration(**{**USUAL, **row.get("usual", {})})
        fused = fuse(row["lexical"], row["spread"], near, usual)
        return [pytest.approx(one._asdict()) for one in fused]

    compare(table(__file__, "fusions.jsonl"), came)


def test_conditions_hold_in_both_lists(filled: Library) -> None:
    def found(row: Row) -> list[str]:
        hits = set(names(search(filled, row["query"])))
        # The glaciers may be a hit by meaning alone, where nothing asked for rules them out.
        return sorted(hits - ({"ice"} - set(row["right"])))

    compare(table(__file__, "conditions.jsonl"), found)
    # Conditions and flags hold together.
    fox = next(one.id for one in filled.papers() if one.title.startswith("Fox"))
    wanted = Filter(papers=(fox,))
    assert names(search(filled, 'codec "single quantizer"', wanted)) == ["fox"]
    assert names(search(filled, 'codec "night recordings"', wanted)) == []
    assert names(search(filled, "codec -tokens", wanted)) == []
    with pytest.raises(QuerySyntaxError):
        search(filled, "year:2020 codec", Filter(year_from=2024))


def test_what_is_found_and_said_of_it(filled: Library) -> None:
    def came(row: Row) -> list[object]:
        result = search(filled, row["query"], Filter.model_validate(row["flags"]))
        assert result.query == row["query"]
        return [names(result), [len(one.versions) for one in result.hits], *result.notes]

    compare(table(__file__, "searches.jsonl"), came)


def test_a_typing_mistake_is_mended_for_words_and_sources(filled: Library) -> None:
    (hit,) = search(filled, "glacirs").hits
    assert hit.ranks.lexical == 1
    evidence = Retriever(filled).gather("How many glacirs are counted?", None, Filter())
    assert evidence.sources[0].paper.title.startswith("Counting")
    assert evidence.answerable
    assert evidence.notes == ("no paper has “glacirs”: searched “glaciers” instead",)
    assert Retriever(filled).ranked("glacirs", Filter())[0].lexical_rank == 1


def test_versions_are_one_hit_and_one_source(filled: Library) -> None:
    result = search(filled, "owl codec night recordings", limit=2)
    assert names(result)[0] == "owl"
    assert [one.rank for one in result.hits] == [1, 2], "two hits beside the version"
    first = result.hits[0]
    assert {first.paper.year, first.versions[0].year} == {2022, 2023}
    evidence = Retriever(filled).gather("What is OwlCodec?", None, Filter())
    owls = [one for one in evidence.sources if one.paper.title.startswith("OwlCodec")]
    assert len(owls) == 1
    assert [one.number for one in evidence.sources] == list(range(1, len(evidence.sources) + 1))
    runs = Retriever(filled).ranked("owl codec", Filter())
    assert sum(one.id in {first.paper.id, first.versions[0].id} for one in runs) == 2


def test_the_reasons_of_a_hit(filled: Library) -> None:
    searcher = Searcher(filled, Retriever(filled))
    result = searcher.search("glaciers stereo quantizer", 5, Filter(), explain=True)
    why = result.hits[0].explanation
    assert why is not None
    assert sum(why.parts.values()) == pytest.approx(why.fused, abs=1e-3)
    assert set(why.parts) == {"lexical", "dense", "covered", "similar"}
    assert 0 < why.parts["covered"] < 4
    assert 0 < why.parts["similar"] < 2
    assert (why.lexical_score or 0) > 0
    matched = {one.word: one for one in why.matched}
    assert (matched["glaciers"].title, matched["glaciers"].abstract) == (1, 2)
    assert matched["stereo"].authors == 0
    assert why.missing == ("quantizer",)
    idfs = [one.idf for one in why.matched]
    assert idfs == sorted(idfs, reverse=True)
    assert search(filled, "glaciers").hits[0].explanation is None


def test_papers_like_one(filled: Library) -> None:
    searcher = Searcher(filled, Retriever(filled))
    owl = next(one for one in filled.papers() if one.year == 2022 and one.arxiv_id)
    result = searcher.similar(owl, 3, Filter(), explain=True)
    assert (result.paper, result.query) == (owl, owl.title)
    assert [one.doi for one in result.versions] == ["10.1000/owl"]
    assert "owl" not in names(result), "neither itself nor its other version"
    assert set(names(result)[:2]) == {"fox", "survey"}
    assert [one.rank for one in result.hits] == [1, 2, 3][: len(result.hits)]
    why = result.hits[0].explanation
    assert why is not None
    assert "codec" in {one.word.lower() for one in why.matched}
    assert names(searcher.similar(owl, 3, Filter(year_from=2024))) == ["fox"]
    assert names(searcher.similar(owl, 3, Filter(year_from=2030))) == []


def test_a_paper_without_a_vector_is_compared_by_words(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Library.open(folder) as library, library.ledger.write():
        library.ledger.run("DELETE FROM vectors")
    with Library.open(folder) as library:
        owl = library.paper("2201.00001")
        result = Searcher(library, Retriever(library)).similar(owl, 3, Filter())
        assert {"fox", "survey"} <= set(names(result))
        assert "words alone" in result.notes[0]
    monkeypatch.setattr("store.library.parts.built_in_embedder", lambda: None)
    with Library.open(tmp_path / "wordless", create=True) as library:
        library.ingest().run(PAPERS)
        library.catch_up()
        searcher = Searcher(library, Retriever(library))
        owl = library.paper("2201.00001")
        assert {"fox", "survey"} <= set(names(searcher.similar(owl, 3, Filter())))
        assert names(search(library, '"single quantizer" -owl')) == ["fox"]


async def test_the_workspace_takes_the_syntax(folder: Path) -> None:
    async with aclosing(await open_workspace(folder, None, Settings(), print)) as workspace:
        assert names(await workspace.search('"single quantizer"')) == ["fox"]
        with pytest.raises(QuerySyntaxError):
            await workspace.search('"single')


def test_without_an_index_conditions_are_read_from_the_ledger(folder: Path) -> None:
    for file in (folder / "lexical" / "1").glob("*.json"):
        file.write_bytes(b"{}")
    with Library.open(folder) as library:
        assert names(search(library, '"audio codec" -"single quantizer"')) == ["owl"]
        result = Searcher(library, Retriever(library)).search("codec", 3, Filter(), explain=True)
        assert result.hits[0].explanation is not None


def test_filters_and_no_version_on_real_pages(shelf: Shelf, shared: Path, tmp_path: Path) -> None:
    """The pages say nothing of years, authors and venues: that is counted in each case."""
    with Library.open(pages_library(shelf, shared, tmp_path / "pages")) as library:

        def papers(query: str, wanted: Filter | None = None, limit: int = 400) -> list[Paper]:
            return [one.paper for one in search(library, query, wanted, limit).hits]

        known = {one.id: one for one in library.papers()}
        assert grouped(list(known), known, 1000) == [(one,) for one in known]
        lacking = {"year:2024": "year", "author:cun": "authors", "venue:acl": "venue"}
        for field, name in lacking.items():
            result = search(library, f"diffusion {field}")
            assert result.hits == ()
            assert f"299 papers have no {name}" in result.notes[0]
        assert len(papers("diffusion year:2024", Filter(undated=True), 10)) == 10
        for tag in TAGS:
            assert 0 < len(papers(f"model tag:{tag}")) <= library.count(Filter(tags=(tag,)))
        since = {"2000-01-01": 299, "2999-01-01": 0}
        assert {day: library.count(Filter(added_since=day)) for day in since} == since


def made(said: Mapping[str, str]) -> list[Record]:
    """Papers of these titles with these abstracts."""
    return [
        Record(title=title, abstract=text, source="/a", reader="jsonl", record=number)
        for number, (title, text) in enumerate(said.items())
    ]


def test_a_paper_that_says_more_of_the_query_comes_first(shelf: Shelf, tmp_path: Path) -> None:
    """BM25 likes a rare word said often; of two papers the one with all words is meant."""
    filler = "Plain words about nothing in particular follow here and there."
    papers = made(
        {
            "Often": f"Basalt basalt basalt. Basalt and basalt, basalt again. {filler}",
            "All": f"We weigh basalt columns under steady rainfall at night. {filler}",
            **{f"Other {at}": f"Columns and rainfall, part {at}. {filler}" for at in range(12)},
        }
    )
    query = "basalt columns under rainfall"
    with Library.open(shelf.library_of(papers, tmp_path / "library")) as library:
        retriever = Retriever(library)
        ranked = retriever.ranked(query, Filter())
        titles = {one.id: one.title for one in library.papers()}
        assert titles[ranked[0].id] == "All"
        assert ranked[0].covered_share > ranked[1].covered_share
        assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)
        judged = retriever.judge(query, ranked[:5])
        fresh = Retriever(library).judge(query, ranked[:5])
        assert judged.chances == fresh.chances, "what was read before is what would be read now"


def test_as_many_hits_come_as_are_asked_for(shelf: Shelf, tmp_path: Path) -> None:
    """More than each list gives to the fusion where nobody asks for so many."""
    text = "Tides move ship number {0}. It is moved by {1} metres."
    papers = made({f"Study {at} of tides": text.format(at, at * 7) for at in range(200)})
    with Library.open(shelf.library_of(papers, tmp_path / "library")) as library:
        many = search(library, "tides that move ships", limit=170).hits
        assert len({one.paper.id for one in many}) == len(many) == 170
        few = search(library, "tides that move ships").hits
        assert [one.paper.id for one in few] == [one.paper.id for one in many[:10]]
        similar = Searcher(library, Retriever(library)).similar(many[0].paper, 170, Filter())
        assert len(similar.hits) == 170


# Versions of one paper, told from papers that are only alike.

ABSTRACTS = {row["name"]: row["text"] for row in table(__file__, "abstracts.jsonl")}


def paper(title: str, abstract: str, authors: Sequence[str] = ()) -> Paper:
    """A paper whose abstract is one of the table, by its name, or as it stands."""
    said = {"title": title, "abstract": ABSTRACTS.get(abstract, abstract), "authors": authors}
    return Paper.model_validate({**said, "id": "p", "content_hash": "", "added_at": ""})


def test_which_pairs_are_versions_of_one_paper() -> None:
    def came(row: Row) -> bool:
        one, other = sketch(paper(**row["one"])), sketch(paper(**row["other"]))
        same = is_same_work(one, other)
        assert is_same_work(other, one) is same
        return same

    compare(table(__file__, "versions.jsonl"), came)


def test_groups_keep_the_order_of_the_ranking() -> None:
    papers = {
        "b1": paper("Bats", "bats"),
        "o1": paper("OwlCodec", "owls"),
        "o2": paper("OwlCodec", "owls revised"),
        "c": paper("Counting birds 2021", "challenge 2021"),
        "b2": paper("Bats: maps from echoes", "bats"),
    }
    ranked = ["o1", "b1", "gone", "o2", "c", "b2"]
    assert grouped(ranked, papers, 9) == [("o1", "o2"), ("b1", "b2"), ("c",)]
    assert grouped(ranked, papers, 2) == [("o1", "o2"), ("b1", "b2")], "the limit counts groups"
    assert grouped([], papers, 3) == []
