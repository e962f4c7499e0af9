"""Versions of one paper, told from papers that are only alike."""

from __future__ import annotations

import pytest

from assistant.retrieval.versions import grouped, is_same_work, sketch
from store.types import Paper

OWLS = (
    "Recordings made at night are noisy. We present a codec for them that turns sound into"
    " tokens with two quantizers. It is trained on ninety hours of owl calls from nine forests."
    " Listeners prefer it over three older codecs in a blind test, and it needs half of their"
    " bits. Code and recordings are available."
)
OWLS_REVISED = (
    "Night recordings suffer from noise. We present a codec for them that turns sound into"
    " tokens with two quantizers. Training uses ninety hours of owl calls from nine forests in"
    " three countries. In a blind test listeners prefer our codec to all others. We also study"
    " how bits can be saved. Code and recordings are available."
)
BATS = (
    "Bats find their way by echoes. We present a network that maps a cave from the calls of a"
    " single bat, and compare it with a laser scan of eleven caves. The mean error is nine"
    " centimetres. Calls of several bats at once make the map worse. Code is available."
)
CHALLENGE = (
    "We report on the yearly challenge in counting birds from sound. {} teams took part and"
    " sent {} systems, which were ranked by their mean error on recordings that nobody had"
    " heard before. The best systems use large pretrained encoders, and all of them are worse"
    " at dawn than at noon. The recordings of the challenge are open to everybody."
)


def paper(title: str, abstract: str, *authors: str, name: str = "p", **more: object) -> Paper:
    values = {"id": name, "content_hash": "", "added_at": "", "authors": authors, **more}
    return Paper.model_validate({"title": title, "abstract": abstract, **values})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            paper("A codec for the night", OWLS),
            paper("A Codec for the Night.", OWLS_REVISED),
            id="one title, rewritten abstract",
        ),
        pytest.param(
            paper("OwlCodec", OWLS, "Ada Lovelace"),
            paper("OwlCodec: a codec for the night", OWLS + " Accepted.", "Lovelace, Ada"),
            id="a subtitle more",
        ),
        pytest.param(
            paper("OwlCodec 2.0", OWLS),
            paper("OwlCodec 2.0", OWLS_REVISED),
            id="the same number",
        ),
        pytest.param(
            paper("Tokens of the dark", OWLS, "A. Lovelace"),
            paper("A codec for night recordings", OWLS, "Ada Lovelace", "Alan Turing"),
            id="another title, the same abstract",
        ),
        pytest.param(
            paper("Owls, Part I", OWLS), paper("Owls", OWLS), id="a number lost, all else equal"
        ),
    ],
)
def test_versions(one: Paper, other: Paper) -> None:
    assert is_same_work(sketch(one), sketch(other))
    assert is_same_work(sketch(other), sketch(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(paper("Owls", OWLS), paper("Bats", BATS), id="two papers"),
        pytest.param(paper("Codecs", OWLS), paper("Codecs", BATS), id="one title, two papers"),
        pytest.param(
            paper("A codec", OWLS, "Ada Lovelace"),
            paper("A codec", OWLS, "Alan Turing"),
            id="no author in common",
        ),
        pytest.param(
            paper("Counting birds 2021", CHALLENGE.format(14, 31)),
            paper("Counting birds 2022", CHALLENGE.format(22, 47)),
            id="yearly reports",
        ),
        pytest.param(
            paper("Owls, Part I", OWLS), paper("Owls, Part II", OWLS_REVISED), id="a series"
        ),
        pytest.param(
            paper("OwlCodec", OWLS), paper("OwlCodec 2.0", OWLS_REVISED), id="a second release"
        ),
        pytest.param(
            paper("Owls at night", OWLS), paper("Codecs in the woods", OWLS_REVISED), id="alike"
        ),
        pytest.param(paper("", OWLS), paper("", OWLS_REVISED), id="no titles"),
        pytest.param(paper("Erratum", "See text."), paper("Erratum", "See page."), id="short"),
        pytest.param(paper("Owls", ""), paper("Owls", ""), id="no abstracts"),
    ],
)
def test_no_versions(one: Paper, other: Paper) -> None:
    assert not is_same_work(sketch(one), sketch(other))
    assert not is_same_work(sketch(other), sketch(one))


def test_groups_keep_the_order_of_the_ranking() -> None:
    papers = {
        "b1": paper("Bats", BATS),
        "o1": paper("OwlCodec", OWLS),
        "o2": paper("OwlCodec", OWLS_REVISED),
        "c": paper("Counting birds 2021", CHALLENGE.format(14, 31)),
        "b2": paper("Bats: maps from echoes", BATS),
    }
    ranked = ["o1", "b1", "gone", "o2", "c", "b2"]
    assert grouped(ranked, papers, 9) == [("o1", "o2"), ("b1", "b2"), ("c",)]
    assert grouped(ranked, papers, 2) == [("o1", "o2"), ("b1", "b2")], "the limit counts groups"
    assert grouped([], papers, 3) == []


def test_no_versions_among_the_pages(shared: object, tmp_path: object) -> None:
    """The 299 papers of the pages are 299 papers."""
    from store.library.library import Library
    from store.readers.registry import read_source
    from store.readers.sources import Source, find_sources

    with Library.open(tmp_path / "pages", create=True) as library:  # type: ignore[operator]
        found = find_sources((str(shared / "pages"),), None)  # type: ignore[operator]
        for source in found:
            if isinstance(source, Source):
                library.ingest().run(read_source(source, None))
        papers = {one.id: one for one in library.papers()}
    assert len(papers) == 299
    assert all(len(group) == 1 for group in grouped(list(papers), papers, 1000))
