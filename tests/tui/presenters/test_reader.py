"""The page of one paper: names, addresses, places, the abstract with what is cited of it."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import fake_service as fake
from tables import Row, compare, for_each, table

from assistant.types.claims import Citation
from store.types import Details
from tui.presenters import paper, reader, sources
from tui.presenters.papers import paper_item
from tui.presenters.passages import Passage, cut, hold, locate

GONE = "This paper is no longer in the library"


def page_of(row: Row) -> reader.ReaderPage:
    """The page of a paper as a list has it, or as an answer cites it and the library lost it."""
    if row["of"] == "cited":
        item = sources.of_answer(fake.make_answer())[0]
        return reader.page(replace(item, held=(fake.KELP[3],), title_cited=True), gone=GONE)
    known = {
        "kelp": fake.KELP_PAPER,
        "tides": fake.TIDE_PAPER,
        "bare": fake.make_paper("p", "", [""]),
    }[row["of"]]
    return reader.page(paper_item(known.model_copy(update=row.get("changes", {}))))


def test_what_stands_on_the_page_of_a_paper() -> None:
    def came(row: Row) -> object:
        page = page_of(row)
        told = {
            "parts": [[part.text, part.look] for part in reader.parts(page)],
            "copied": reader.copied(page).split("\n"),
            "no address": reader.no_address(page),
        }
        shown = {name: told.get(name) or getattr(page, name) for name in row["shows"]}
        return json.loads(json.dumps(shown))

    compare(table(__file__, "pages.jsonl"), came, "shows")
    assert reader.no_address(None) == "Choose a source first."


def test_that_a_paper_is_retracted_is_said_before_all_else() -> None:
    known = fake.KELP_PAPER.model_copy(update={"details": Details(retracted=True)})
    assert paper_item(known).detail.startswith("retracted · Ada Moreno")
    assert reader.page(paper_item(known)).byline.startswith("retracted · Ada Moreno")
    reference = fake.make_reference(1, known, (2,)).model_copy(update={"retracted": True})
    cited = sources.of_answer(fake.make_answer(references=(reference,)))[0]
    assert cited.detail.startswith("retracted · Ada Moreno")
    assert reader.page(cited, gone=GONE).byline.startswith("retracted · Ada Moreno")


def shows_its_origin(row: Row) -> None:
    place = fake.KELP_PAPER.provenance[0]
    place = place.model_copy(update={"source": row["source"], "page_date": None})
    known = fake.KELP_PAPER.model_copy(update={"provenance": (place,)})
    assert reader.page(paper_item(known)).origin[1:] == (row["shown"], "id pkelp")
    reference = fake.make_reference(1, known, (2,)).model_copy(update={"source": row["source"]})
    cited = sources.of_answer(fake.make_answer(references=(reference,)))[0]
    assert reader.page(cited, gone=GONE).origin == (row["shown"], "id pkelp")


def test_a_citation_shows_where_its_record_came_from() -> None:
    """Cases 26, 99: a borrowed title is told apart by id, file and date."""
    for_each(table(__file__, "origins.jsonl"), shows_its_origin)


def test_a_cited_title_is_marked_and_a_cited_abstract_shown_as_it_was_cited() -> None:
    quote = f"{fake.KELP_PAPER.title} {fake.KELP[0]}"
    citation = Citation(number=1, id="pkelp", sentences=(0, 1), quote=quote, verdict="matched")
    claim = fake.make_claim("x", "x", "matched", citation)
    references = (fake.make_reference(1, fake.KELP_PAPER, (0, 1)),)
    answer = fake.make_answer(claims=(claim,), references=references, text="x")
    page = reader.page(sources.of_answer(answer)[0])
    assert page.title_cited
    assert page.passages[0] == Passage(fake.KELP[0], True)
    # Case 49.
    item = sources.of_answer(fake.make_answer())[0]
    now = fake.KELP_PAPER.model_copy(update={"abstract": "All of it is other now."})
    page = reader.page(item, now)
    assert Passage(fake.KELP[1], True) in page.passages
    assert "changed" in page.note
    gone = reader.page(item, gone=GONE)
    assert Passage(fake.KELP[1], True) in gone.passages
    assert gone.note == f"{GONE}; shown as it was found."
    erased = replace(
        item,
        reference=fake.make_reference(1, fake.KELP_PAPER, (0, 1)).model_copy(
            update={"abstract": ""}
        ),
    )
    assert reader.page(erased, gone=GONE).note == f"{GONE}."


def test_a_huge_abstract_is_cut_for_the_screen() -> None:
    page = reader.page(paper_item(fake.make_paper("p", "T", ["x" * 100_000])))
    assert page.passages[-1].text == "… 60000 characters more"
    began = time.process_time()
    locate("la " * 20_000, ["la la lo " * 3_000])
    assert time.process_time() - began < 2


def test_only_plain_web_addresses_are_taken() -> None:
    rows = table(__file__, "addresses.jsonl")
    compare(rows, lambda row: bool(paper.web_address(row["text"])), "taken")
    assert paper.web_address(rows[0]["text"]) == rows[0]["text"]
    stated = table(__file__, "stated.jsonl")
    compare(stated, lambda row: list(paper.stated_addresses(row["abstract"])))


ABSTRACT = "Gulls nest on roofs. They eat 12 kinds of fish. Chicks fledge in June. Roofs are warm."


def test_quotes_are_found_where_they_stand() -> None:
    def found(row: Row) -> list[str]:
        return [ABSTRACT[start:end] for start, end in locate(ABSTRACT, row["quotes"])]

    compare(table(__file__, "quotes.jsonl"), found)

    def passages(row: Row) -> list[list[object]]:
        found = cut(row["abstract"], locate(row["abstract"], row["quotes"]))
        return [list(one[:3]) for one in hold(found, row["held"])]

    compare(table(__file__, "passages.jsonl"), passages)
