"""Addresses in abstracts."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tables import Row, compare, table

from store.text_links import ends_in_link, find_links


def test_addresses_are_found_as_they_stand() -> None:
    def came(row: Row) -> object:
        links = find_links(row["text"])
        assert [row["text"][link.start : link.end] for link in links] == [
            link.text for link in links
        ]
        return [link.url for link in links]

    compare(table(__file__, "text_links.jsonl"), came)


def test_a_text_that_ends_in_an_address() -> None:
    rows = table(__file__, "text_links_at_the_end.jsonl")
    compare(rows, lambda row: ends_in_link(row["text"]))


@pytest.mark.parametrize(
    "unit", ["a.", "https://", "www.", "a-", "x.com/", "https://a.b-", "(", "https://a.org/("]
)
def test_time_grows_with_length_alone(unit: str) -> None:
    started = time.process_time()
    find_links(unit * (50_000 // len(unit)))
    assert time.process_time() - started < 1


def test_every_address_of_the_saved_pages_is_found(shared: Path) -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted((shared / "pages").iterdir())]
    links = [link for text in texts for link in find_links(text)]
    written = sum(text.count("http://") + text.count("https://") for text in texts)
    assert sum("://" in link.text for link in links) == written
    assert {link.text for link in links if "://" not in link.text} == {
        "v-iashin.github.io/SpecVQGAN"
    }
    assert not [link.url for link in links if link.url.endswith((".", ",", ")", "}", "{", ":"))]
