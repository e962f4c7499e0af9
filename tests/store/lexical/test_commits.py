"""What an index keeps between questions goes when papers are committed, by whomever."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from store.lexical.index import LexicalIndex
from store.types import Paper


def paper(name: str, title: str) -> Paper:
    return Paper(id=name, title=title, abstract="", content_hash=name, added_at="2026")


def put(index: LexicalIndex, papers: Iterable[Paper], without: Iterable[str] = ()) -> None:
    writer = index.writer()
    for one in papers:
        writer.put(one)
    for name in without:
        writer.delete(name)
    writer.commit()
    writer.close()


def answers(index: LexicalIndex) -> tuple[object, ...]:
    asked = "noncoding genes of deep water"
    matches = index.matches(asked, paper("z", "Non-coding genes"))
    return index.search(asked, 9), index.spread(asked), matches, index.document_frequency("genes")


def test_what_a_neighbour_commits_is_seen_at_the_next_look(tmp_path: Path) -> None:
    mine = LexicalIndex(tmp_path / "index", create=True)
    put(mine, [paper("a", "Genes of deep water"), paper("b", "Deep sleep")])
    mine.refresh()
    before = answers(mine)
    put(
        LexicalIndex(tmp_path / "index", create=False),
        [paper("c", "Non-coding genes"), paper("d", "Deep water, again")],
        without=["b"],
    )
    assert answers(mine) == before
    mine.refresh()
    assert answers(mine) != before
    assert answers(mine) == answers(LexicalIndex(tmp_path / "index", create=False))
    assert {name for name, _ in mine.search("deep", 9)} == {"a", "d"}
