"""Saved pages of Hugging Face papers."""

from __future__ import annotations

import contextlib
import io
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from store.errors import UnusableSource
from store.readers.registry import read_source
from store.readers.source import Source
from store.types import Notice, ReadItem, Record, Rejection

Layout = Callable[[list[tuple[str, str]]], str]

WIDE_HEADER = (
    "new\n\nGet trending papers in your email inbox!\n\nSubscribe\n\n"
    "byAK and the research community\n\nMar 11\n\n"
)
TIGHT_HEADER = (
    "Get trending papers in your email inbox once a day!\n"
    "Get trending papers in your email inbox!\nSubscribe"
)


def abstract(topic: str, end: str = ".") -> str:
    return (
        f"We study {topic} on collections of long documents, where earlier methods are slow. "
        "Our method orders the candidates by a cheap score first, and looks at the best of them "
        f"again with a model of 110M parameters. On 18 collections it answers 2.5 times faster{end}"
    )


PAPERS = [
    ("Sparse Retrieval: A Survey", abstract("sparse retrieval")),
    ("iRank: Is Ranking All You Need?", abstract("ranking", ". Code: lab.github.io/iRank")),
    ("Cutting Costs", abstract("costs", ". Code: https://github.com/lab/cut- the-costs")),
    ("Dense Passages (Extended)", abstract("dense passages", " (see above)")),
]


def wide(papers: list[tuple[str, str]], header: str = WIDE_HEADER) -> str:
    return header + "\n\n".join(text for paper in papers for text in paper)


def tight(papers: list[tuple[str, str]], header: str = TIGHT_HEADER) -> str:
    return header + "\n".join(text for paper in papers for text in paper)


def read(page: str | bytes) -> list[ReadItem]:
    data = page.encode() if isinstance(page, str) else page
    return list(read_source(Source("-", None, io.BytesIO(data))))


def holds_nothing(page: str) -> bool:
    with contextlib.suppress(UnusableSource):
        return not read(page)
    return True


def papers_of(items: list[ReadItem]) -> list[tuple[str, str]]:
    return [(item.title, item.abstract) for item in items if isinstance(item, Record)]


@pytest.mark.parametrize(
    ("page", "date"),
    [
        (wide(PAPERS), "Mar 11"),
        (tight(PAPERS), None),
        (wide(PAPERS, WIDE_HEADER.removeprefix("new\n\n")), "Mar 11"),
        (wide(PAPERS, WIDE_HEADER.replace("Mar 11", "Mar 3, 2024")), "Mar 3, 2024"),
        (wide(PAPERS, WIDE_HEADER.replace("Mar 11\n\n", "")), None),
        (wide(PAPERS, WIDE_HEADER.replace("byAK", "by AK and others")), "Mar 11"),
        (wide(PAPERS, WIDE_HEADER.replace("\n\n", "\n")), "Mar 11"),
        (wide(PAPERS, "Models\n\nDatasets\n\nDaily Papers\n\n" + WIDE_HEADER), "Mar 11"),
        (tight(PAPERS, TIGHT_HEADER + "\n"), None),
        (tight(PAPERS, TIGHT_HEADER + "byAK and the research community\nMar 12\n"), "Mar 12"),
        (wide(PAPERS).replace("\n", "\r\n"), "Mar 11"),
        (tight(PAPERS).replace("\n", "\r"), None),
        (wide(PAPERS).replace("\n\n", "\n\n \n\n\n") + "\n\n\n", "Mar 11"),
        (wide(PAPERS) + "\n\nCompany\n\nTOS\n\nPrivacy\n\n© Hugging Face\n", "Mar 11"),
        (wide([paper for title, text in PAPERS for paper in [("12", title), ("1.2k", text)]]),
         "Mar 11"),
        ("\ufeff" + tight(PAPERS), None),
    ],
)  # fmt: skip
def test_both_layouts_and_their_variations(page: str, date: str | None) -> None:
    items = read(page)
    assert papers_of(items) == PAPERS
    assert len(items) == len(PAPERS)
    for number, item in enumerate(items, start=1):
        assert isinstance(item, Record)
        assert (item.reader, item.page_date, item.record) == ("hf-page", date, number)
        assert item.year is None
        assert item.date is None


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
    refused = [(one.reason, one.record) for one in items if isinstance(one, Rejection)]
    assert refused == [("no abstract", 2), ("no title", 5)]


@pytest.mark.parametrize("layout", [wide, tight])
def test_a_page_cut_anywhere_has_whole_records_and_says_what_is_missing(
    layout: Layout,
) -> None:
    """Case 8, for pages: nothing but the last record may be affected, and then it is said."""
    page = layout(PAPERS)
    first_title = page.index(PAPERS[0][0])
    for end in range(1, len(page)):
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
        for one in said:
            if isinstance(one, Rejection):
                assert one.reason == "no abstract"
            else:
                assert isinstance(one, Notice)
                assert one.partial


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
    *_, last = read(wide(PAPERS) + "\n\nThe Next Paper")
    assert isinstance(last, Rejection)
    assert (last.reason, last.record) == ("no abstract", 5)


def test_a_page_is_told_by_content(tmp_path: Path) -> None:
    path = tmp_path / "page.csv"
    path.write_text(wide(PAPERS))
    assert papers_of(list(read_source(Source(str(path), path)))) == PAPERS


def test_the_saved_pages_are_read_whole(shared: Path) -> None:
    counts = []
    for path in sorted((shared / "pages").iterdir()):
        lines = [line.strip() for line in path.read_text(encoding="utf-8").split("\n")]
        body = [line for line in lines if line]
        body = body[5:] if body[0] == "new" else body[2:]
        body[0] = body[0].removeprefix("Subscribe")
        items = list(read_source(Source(str(path), path)))
        assert papers_of(items) == list(zip(body[::2], body[1::2], strict=True))
        assert len(papers_of(items)) == len(items)
        counts.append(len(items))
    assert counts == [21, 32, 76, 82, 130]


def test_saved_pages_cut_at_random_places(shared: Path) -> None:
    """Case 8, on the pages themselves, also inside a character."""
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
