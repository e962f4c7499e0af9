"""Versions of one paper, told from papers that are only alike."""

from __future__ import annotations

from collections.abc import Sequence

from tables import Row, compare, table

from assistant.retrieval.versions import grouped, is_same_work, sketch
from store.types import Paper

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
