"""Saved pages of Hugging Face papers."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from reading import notices, papers_of, read, read_file, refused
from tables import Row, for_each, table

from store.errors import UnusableSource
from store.types import Notice, Record, Rejection

Layout = Callable[[list[tuple[str, str]]], str]
ROWS = table(__file__, "pages.jsonl")
PAPERS = [(row["title"], row["abstract"]) for row in table(__file__, "page_papers.jsonl")]


def header(layout: str) -> str:
    return str(next(row["header"] for row in ROWS if row["layout"] == layout))


def wide(papers: list[tuple[str, str]]) -> str:
    return header("wide") + "\n\n".join(text for paper in papers for text in paper)


def tight(papers: list[tuple[str, str]]) -> str:
    return header("tight") + "\n".join(text for paper in papers for text in paper)


def holds_nothing(page: str) -> bool:
    with contextlib.suppress(UnusableSource):
        return not read(page)
    return True


def page_of(row: Row) -> str:
    between = "\n\n" if row["layout"] == "wide" else "\n"
    papers = PAPERS
    if row.get("votes"):
        papers = [paper for title, text in PAPERS for paper in [("12", title), ("1.2k", text)]]
    page = row["header"] + between.join(text for paper in papers for text in paper)
    page = page.replace(between, row.get("between", between)) + row.get("foot", "")
    return str(page.replace("\n", row.get("line_end", "\n")))


def test_both_layouts_and_their_variations() -> None:
    def check(row: Row) -> None:
        items = read(page_of(row))
        assert papers_of(items) == PAPERS
        assert len(items) == len(PAPERS)
        for number, item in enumerate(items, start=1):
            assert isinstance(item, Record)
            assert (item.reader, item.page_date) == ("hf-page", row.get("date"))
            assert (item.record, item.year, item.date) == (number, None, None)

    for_each(ROWS, check)


def test_lines_are_counted_in_the_file() -> None:
    page = wide(PAPERS)
    lines = page.split("\n")
    for item in read(page):
        assert isinstance(item, Record)
        assert item.line is not None
        assert lines[item.line - 1] == item.title


def test_abstracts_broken_into_short_lines() -> None:
    broken = [(title, text.replace(". ", ".\n")) for title, text in PAPERS[:1]]
    assert max(map(len, broken[0][1].split("\n"))) < 250
    assert papers_of(read(wide(broken))) == PAPERS[:1]


@pytest.mark.parametrize("layout", [wide, tight])
def test_an_odd_paragraph_does_not_shift_the_others(layout: Layout) -> None:
    (t1, a1), (t2, a2), (t3, a3), (t4, a4) = PAPERS
    page = layout([(t1, a1), (t2, t3), (a3, t4), (a4, a2), (t2, a2)])
    items = read(page)
    assert papers_of(items) == [(t1, a1), (t3, a3), (t4, a4), (t2, a2)]
    odd = [(one.reason, one.record) for one in items if isinstance(one, Rejection)]
    assert odd == [("no abstract", 2), ("no title", 5)]


@pytest.mark.parametrize("layout", [wide, tight])
def test_a_page_cut_anywhere_has_whole_records_and_says_what_is_missing(
    layout: Layout,
) -> None:
    """Nothing but the last record may be affected, and then it is said."""
    page = layout(PAPERS)
    first_title = page.index(PAPERS[0][0])
    for end in (*range(1, first_title), *range(first_title, len(page), 3)):
        if end <= first_title and holds_nothing(page[:end]):
            continue
        items = read(page[:end])
        found = papers_of(items)
        said = [item for item in items if not isinstance(item, Record)]
        assert found[:-1] == PAPERS[: max(len(found) - 1, 0)]
        if found:
            title, text = PAPERS[len(found) - 1]
            cut = found[-1][1]
            assert found[-1][0] == title
            assert text.startswith(cut)
            if cut != text and cut[-1].isalpha() and "git" not in cut[-40:]:
                assert [type(one) for one in said] == [Notice]
        assert {reason for _, reason in refused(items)} <= {"no abstract"}
        assert all(one.partial for one in notices(items))


def test_a_cut_abstract_is_named_with_its_last_words() -> None:
    page = wide(PAPERS)
    *_, record, notice = read(page[: page.rindex("answers") + len("answe")])
    assert isinstance(record, Record)
    assert notice == Notice(
        source="-",
        line=record.line,
        record=4,
        message="the last abstract may be cut: it ends in "
        "“…parameters. On 18 collections it answe”",
        partial=True,
    )


def test_a_title_at_the_end_has_no_abstract() -> None:
    items = read(wide(PAPERS) + "\n\nThe Next Paper")
    assert [reason for _, reason in refused(items)] == ["no abstract"]


def test_a_page_is_told_by_content(tmp_path: Path) -> None:
    assert papers_of(read_file(tmp_path / "page.csv", wide(PAPERS).encode())) == PAPERS


def test_the_saved_pages_are_read_whole(shared: Path) -> None:
    counts = []
    for path in sorted((shared / "pages").iterdir()):
        lines = [line.strip() for line in path.read_text(encoding="utf-8").split("\n")]
        body = [line for line in lines if line]
        body = body[5:] if body[0] == "new" else body[2:]
        body[0] = body[0].removeprefix("Subscribe")
        items = read(path.read_bytes())
        assert papers_of(items) == list(zip(body[::2], body[1::2], strict=True))
        assert len(papers_of(items)) == len(items)
        counts.append(len(items))
    assert counts == [21, 32, 76, 82, 130]


def test_saved_pages_cut_at_random_places(shared: Path) -> None:
    """Also inside a character."""
    random_places = random.Random(8)
    for path in sorted((shared / "pages").iterdir()):
        data = path.read_bytes()
        whole = papers_of(read(data))
        places = [random_places.randrange(300, len(data)) for _ in range(25)]
        places += [at + 1 for at, byte in enumerate(data) if byte >= 0xC0]
        for place in places:
            items = read(data[:place])
            found = papers_of(items)
            assert found[:-1] == whole[: max(len(found) - 1, 0)]
            if found:
                title, text = whole[len(found) - 1]
                assert found[-1][0] == title
                assert text.startswith(found[-1][1])
