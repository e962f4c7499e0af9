"""Looking through papers in stretches: the same papers as at once, and no more work than needed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from papers import made_up

import store.ledger.scan as scanning
from store.ledger.browse import Browser, Order
from store.ledger.database import Ledger
from store.ledger.looked import Looked, narrows
from store.ledger.write import write_record
from store.types import Filter, Words

WORDS = ("a", "st", "study", "Study 1", "1", "7", "é", "zzz", "STUDY", "tides")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(Ledger.open(tmp_path, create=True)) as opened:
        with opened.write():
            for one in made_up(60):
                write_record(opened, one, ())
        yield opened


@pytest.fixture
def small_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "STRETCH", 7)


def fresh(folder: Path, looked: Looked, order: Order) -> list[int]:
    with closing(Browser.open(folder)) as browser:
        keys = browser.listing("", looked, order).keys
        return [] if keys is None else [*keys]


@pytest.mark.usefixtures("small_stretches")
@pytest.mark.parametrize("seed", range(8))
def test_typing_on_finds_what_a_new_look_finds(ledger: Ledger, seed: int) -> None:
    chance, folder = random.Random(seed), ledger.path.parent
    with closing(Browser.open(folder)) as browser:
        for at in range(60):
            words = tuple(chance.choice(WORDS) for _ in range(chance.randint(1, 2)))
            cut = chance.randint(1, len(words[-1]))
            looked = Looked(
                words=(*words[:-1], words[-1][:cut]),
                wanted=Filter(statuses=("unread",)) if chance.random() < 0.3 else Filter(),
                excluded=(Words(text="7"),) if chance.random() < 0.2 else (),
            )
            order = Order(by=chance.choice(("added", "title")))
            seconds = chance.choice((None, 0.0))
            found = browser.listing("", looked, order, seconds)
            while found.is_part:
                assert found.keys
                found = browser.listing("", looked, order, seconds)
            assert [*(found.keys or ())] == fresh(folder, looked, order)
            if chance.random() < 0.1:
                with ledger.write():
                    for one in made_up(62 + at)[-2:]:
                        write_record(ledger, one, ())


@pytest.mark.usefixtures("small_stretches")
def test_the_first_papers_come_before_all_are_looked_through(ledger: Ledger) -> None:
    with closing(Browser.open(ledger.path.parent)) as browser:
        looked = Looked(words=("study",))
        first = browser.listing("study", looked, seconds=0.0)
        assert (first.is_part, 0 < len(first) <= 7) == (True, True)
        more = browser.listing("study", looked, seconds=0.0)
        assert len(more) > len(first)
        assert [*(more.keys or ())][: len(first)] == [*(first.keys or ())]
        whole = browser.listing("study", looked)
        assert (whole.is_part, len(whole)) == (False, 60)
        # Where nothing is found yet it is looked for further, so that no reader is told of nothing.
        last = browser.listing("", Looked(words=("study 59",)), seconds=0.0)
        assert len(last) == 1


def test_a_list_is_narrowed_only_by_what_narrows_it() -> None:
    year, tag = Filter(year_from=2020), Filter(tags=("cil",))
    for looked, before, expected in (
        (Looked(words=("netw",)), Looked(words=("net",)), True),
        (Looked(words=("net", "owl")), Looked(words=("net",)), True),
        (Looked(words=("NETW",)), Looked(words=("etw",)), True),
        (Looked(words=("ne",)), Looked(words=("net",)), False),
        (Looked(words=("owl",)), Looked(words=("net",)), False),
        (Looked(words=("οδος",)), Looked(words=("οδο",)), False),
        (Looked(words=("net",), wanted=tag), Looked(words=("net",)), True),
        (Looked(words=("net",), wanted=tag), Looked(words=("net",), wanted=year), False),
        (Looked(words=("net",)), Looked(words=("net",), wanted=tag), False),
        (Looked(words=("net",)), Looked(words=("net",), without=(tag,)), False),
        (Looked(without=(tag,)), Looked(), True),
        (Looked(excluded=(Words(text="a"),)), Looked(excluded=(Words(text="ab"),)), False),
        (
            Looked(required=(Words(text="a"), Words(text="b"))),
            Looked(required=(Words(text="b"),)),
            True,
        ),
    ):
        assert narrows(looked, before) == expected, (looked, before)
