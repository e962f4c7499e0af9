"""Saved pages of Hugging Face papers."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from reading import as_it_came, notices, papers_of, read, read_file, refusal, refused
from tables import Row, for_each, table

from store.types import Notice, ReadItem, Record, Rejection

Papers = Sequence[tuple[str, str]]
ROWS = table(__file__, "pages.jsonl")
WIDE, TIGHT = ROWS[:2]
PAPERS = [(row["title"], row["abstract"]) for row in table(__file__, "page_papers.jsonl")]


def page(papers: Papers, row: Row = WIDE) -> str:
    """A page with these papers, laid out as a row says."""
    between = "\n\n" if row["layout"] == "wide" else "\n"
    above, below = row.get("above", ""), row.get("below", "")
    parts = (text for title, abstract in papers for text in (above + title, abstract + below))
    text = row["header"] + between.join(parts)
    text = text.replace(between, row.get("between", between)) + row.get("foot", "")
    return str(text.replace("\n", row.get("line_end", "\n")))


def test_both_layouts_and_their_variations() -> None:
    def check(row: Row) -> None:
        text = page(PAPERS, row)
        items = read(text)
        assert papers_of(items) == PAPERS
        assert len(items) == len(PAPERS)
        lines = text.split(row.get("line_end", "\n"))
        for number, item in enumerate(items, start=1):
            assert isinstance(item, Record)
            assert (item.reader, item.page_date) == ("hf-page", row.get("date"))
            assert (item.record, item.year, item.date) == (number, None, None)
            assert lines[(item.line or 0) - 1].endswith(item.title)

    for_each(ROWS, check)


def test_a_page_is_told_by_content_also_where_lines_are_short(tmp_path: Path) -> None:
    broken = [(title, text.replace(". ", ".\n")) for title, text in PAPERS[:1]]
    assert max(map(len, broken[0][1].split("\n"))) < 250
    for name, papers in (("page.csv", PAPERS), ("short.csv", broken)):
        items = read_file(tmp_path / name, page(papers).encode())
        assert papers_of(items) == PAPERS[: len(papers)]


def test_an_odd_paragraph_does_not_shift_the_others() -> None:
    (t1, a1), (t2, a2), (t3, a3), (t4, a4) = PAPERS
    for row in (WIDE, TIGHT):
        items = read(page([(t1, a1), (t2, t3), (a3, t4), (a4, a2), (t2, a2)], row))
        assert papers_of(items) == [(t1, a1), (t3, a3), (t4, a4), (t2, a2)]
        odd = [(one.reason, one.record) for one in items if isinstance(one, Rejection)]
        assert odd == [("no abstract", 2), ("no title", 5)]


def check_beginning(items: list[ReadItem], whole: Papers) -> str:
    """Nothing but the last record of a page that was cut may be affected; gives its abstract."""
    found = as_it_came(items)
    if not found:
        return ""
    *before, (title, abstract) = found
    assert before == whole[: len(before)]
    assert title == whole[len(before)][0]
    assert whole[len(before)][1].startswith(abstract)
    return abstract


def test_a_page_cut_anywhere_has_whole_records_and_says_what_is_missing() -> None:
    for row in (WIDE, TIGHT):
        text = page(PAPERS, row)
        first_title = text.index(PAPERS[0][0])
        for end in (*range(1, first_title), *range(first_title, len(text), 3)):
            if end <= first_title and refusal(text[:end].encode()):
                continue
            items = read(text[:end])
            last = check_beginning(items, PAPERS)
            is_cut = last and last not in dict(PAPERS).values()
            if is_cut and last[-1].isalpha() and "git" not in last[-40:]:
                said = [type(item) for item in items if not isinstance(item, Record)]
                assert said == [Notice], last
            assert {reason for _, reason in refused(items)} <= {"no abstract"}
            assert all(one.partial for one in notices(items))


def test_what_a_cut_page_ends_with_is_named() -> None:
    """A cut abstract with its last words, a title as one without an abstract."""
    text = page(PAPERS)
    *_, record, notice = read(text[: text.rindex("answers") + len("answe")])
    assert isinstance(record, Record)
    cut = "the last abstract may be cut: it ends in “…parameters. On 18 collections it answe”"
    assert notice == Notice(source="-", line=record.line, record=4, message=cut, partial=True)
    items = read(text + "\n\nThe Next Paper")
    assert [reason for _, reason in refused(items)] == ["no abstract"]


def test_the_saved_pages_are_read_whole_and_cut_at_random_places(shared: Path) -> None:
    """Also inside a character."""
    random_places = random.Random(8)
    counts = []
    for path in sorted((shared / "pages").iterdir()):
        data = path.read_bytes()
        lines = [line.strip() for line in data.decode().split("\n")]
        body = [line for line in lines if line]
        body = body[5:] if body[0] == "new" else body[2:]
        body[0] = body[0].removeprefix("Subscribe")
        items = read(data)
        whole = as_it_came(items)
        assert whole == list(zip(body[::2], body[1::2], strict=True))
        assert len(whole) == len(items)
        counts.append(len(items))
        places = [random_places.randrange(300, len(data)) for _ in range(25)]
        places += [at + 1 for at, byte in enumerate(data) if byte >= 0xC0]
        for place in places:
            check_beginning(read(data[:place]), whole)
    assert counts == [21, 32, 76, 82, 130]
