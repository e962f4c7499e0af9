"""Addresses in abstracts."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from store.text_links import ends_in_link, find_links


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("Code at https://github.com/x/y.", ["https://github.com/x/y"]),
        ("Code: github.com/x/y, and more", ["https://github.com/x/y"]),
        ("samples: some-lab.github.io/Sounds", ["https://some-lab.github.io/Sounds"]),
        ("see huggingface.co/papers/2301.00001)", ["https://huggingface.co/papers/2301.00001"]),
        ("see www.example.it.", ["https://www.example.it"]),
        ("see youtu.be/abc or t.me/x", ["https://youtu.be/abc", "https://t.me/x"]),
        ("HTTP://Example.org/A", ["HTTP://Example.org/A"]),
        ("(https://uni.example.de/inf).", ["https://uni.example.de/inf"]),
        ("https://a.org/wiki/Foo_(bar)) x", ["https://a.org/wiki/Foo_(bar)"]),
        ("https://a.org/(unclosed", ["https://a.org/"]),
        (r"\href{https://a.org/b}{text}", ["https://a.org/b"]),
        ("on https://a.org/b{URL}.", ["https://a.org/b"]),
        ("https://a.org/b{https://a.org/b}", ["https://a.org/b", "https://a.org/b"]),
        ("released athttps://a.org/b and", ["https://a.org/b"]),
        ("page:~https://a.org/b", ["https://a.org/b"]),
        ("at http://a.github.io/ .", ["http://a.github.io/"]),
        ("https://a.org.The code", ["https://a.org"]),
        ("“https://a.org/b”，及", ["https://a.org/b"]),
        ("http://x.com:8080/a?b=c#d'", ["http://x.com:8080/a?b=c#d"]),
        ("at https://a.org/efficient- NLP-training", ["https://a.org/efficient-NLP-training"]),
        ("at https://a.org/x- which is", ["https://a.org/x-"]),
    ],
)
def test_addresses_are_found_as_they_stand(text: str, urls: list[str]) -> None:
    links = find_links(text)
    assert [link.url for link in links] == urls
    assert [text[link.start : link.end] for link in links] == [link.text for link in links]


@pytest.mark.parametrize(
    "text",
    [
        "e.g. this, i.e that, et al. and so on, cf. Fig.2 and Eq.3",
        "model.py, node.js, README.md, v1.2.3 and 0.5/0.7",
        "a method.In this work results.It/them and/or ASP.net and Booking.com",
        "write to jane@mail.example.com or joe@example.com/x",
        "ftp://github.com/x and javascript:alert(1) and file:///etc/passwd",
        "https://github.com@evil.example/x and https://user:word@evil.example/",
        "https://localhost/x and https:// and https://x",
        "arXiv:2301.00001 and 10.1234/abc.def",
    ],
)
def test_what_is_no_address(text: str) -> None:
    assert find_links(text) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Code: https://github.com/x/y", True),
        ("Code: https://github.com/x/y/", True),
        ("Code: {https://github.com/x/y}", True),
        ("Code: https://github.com/x/efficient- NLP-training", True),
        ("Code: https://github.com/x/y is there", False),
        ("No address at all", False),
    ],
)
def test_a_text_that_ends_in_an_address(text: str, expected: bool) -> None:
    assert ends_in_link(text) is expected


@pytest.mark.parametrize(
    "unit", ["a.", "https://", "www.", "a-", "x.com/", "https://a.b-", "(", "https://a.org/("]
)
def test_time_grows_with_length_alone(unit: str) -> None:
    started = time.perf_counter()
    find_links(unit * (200_000 // len(unit)))
    assert time.perf_counter() - started < 5


def test_every_address_of_the_saved_pages_is_found(shared: Path) -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted((shared / "pages").iterdir())]
    links = [link for text in texts for link in find_links(text)]
    written = sum(text.count("http://") + text.count("https://") for text in texts)
    assert sum("://" in link.text for link in links) == written
    assert {link.text for link in links if "://" not in link.text} == {
        "v-iashin.github.io/SpecVQGAN"
    }
    assert not [link.url for link in links if link.url.endswith((".", ",", ")", "}", "{", ":"))]
