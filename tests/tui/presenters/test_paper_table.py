"""The table of papers, and what is copied of them."""

from __future__ import annotations

import fake_service as fake
from rich.cells import cell_len
from tables import Row, compare, table

from store.ledger.browse import PaperLine
from tui.presenters import copies, paper_table


def test_what_stands_in_a_row() -> None:
    def drawn(row: Row) -> list[str]:
        one = paper_table.row(PaperLine.model_validate({"id": "p", **row["paper"]}))
        width = row["width"]
        columns = paper_table.shown(row["told"], width)
        marks = paper_table.margin(one, is_current=True, is_selected=row.get("selected", False))
        lines = [paper_table.head(columns, width), marks + paper_table.line(one, columns, width)]
        assert {cell_len(line) for line in lines} == {width}
        return [" ".join(line.split()) for line in lines]

    compare(table(__file__, "rows.jsonl"), drawn)


def test_what_is_copied() -> None:
    bare = fake.make_paper("p", "A title alone", [""])
    papers = [fake.KELP_PAPER, bare]
    by_form = {form: copies.text(papers, form) for _, form, _ in copies.FORMS}
    assert by_form["link"] == "https://reef.example/papers/1\n"
    assert by_form["citation"].splitlines() == [
        "Rockfish in kelp forests (2021), by Ada Moreno, Jon Blum, Kim Ito, Lea Roux; "
        "Reef Letters. https://reef.example/papers/1",
        "A title alone",
    ]
    assert by_form["abstract"] == " ".join(fake.KELP) + "\n"
    assert "A title alone" in by_form["whole"]
    assert copies.text([bare], "link") == ""
    assert copies.said(1, "link", is_empty=True) == "Nothing copied: 1 paper without a link."
    assert copies.said(1200, "BibTeX", is_empty=False) == "Copied 1,200 papers: BibTeX."
