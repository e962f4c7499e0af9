"""The list of papers: its rows, and what is said above it."""

from __future__ import annotations

from dataclasses import replace

from assistant.types.search import Found, SearchResult
from store.clean import clean_line
from store.ledger.browse import Listing, PaperLine
from store.types import Paper
from tui.presenters.paper import about
from tui.presenters.sources import Item

NONE_FOUND = "No paper speaks to it."
"""What stands in the list where a search found nothing."""


def paper_item(paper: Paper) -> Item:
    """A paper of the library as a list item."""
    return Item("paper", paper.id, clean_line(paper.title), about(paper), None, paper)


def line_item(line: PaperLine) -> Item:
    """A line of the list of papers as an item; the paper itself is asked for when it is read."""
    return Item("paper", line.id, clean_line(line.title), about(line))


def found_item(found: Found) -> Item:
    """A paper that a search found, with the sentence that speaks most to it."""
    item = paper_item(found.paper)
    sentence = found.sentence
    if sentence is None:
        return item
    at_title = sentence.index == 0
    return replace(item, quotes=() if at_title else (sentence.text,), title_cited=at_title)


def none_listed(listing: Listing) -> str:
    """What stands in the list where no paper has the words, or there is none at all."""
    return "No paper has all these words." if listing.total else "No papers yet: a adds some."


def count(listing: Listing) -> str:
    """How many papers are listed, and the keys of the list."""
    total = "1 paper" if listing.total == 1 else f"{listing.total:,} papers"
    listed = f"{len(listing):,} of {total}" if listing.words else total
    return f"{listed} · Enter reads, s summarizes, / filters, a adds"


def ranked_count(result: SearchResult) -> str:
    """How many papers a search found, with its notes."""
    found = "1 paper" if len(result.hits) == 1 else f"{len(result.hits)} papers"
    return " · ".join([f"{found}, best first", *(clean_line(note) for note in result.notes)])
