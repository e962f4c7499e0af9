"""Changes taken back: random walks of adds, removals, merges and splits end where they began."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import closing, nullcontext, suppress
from typing import get_args

import pytest

from store.errors import InputError, LibraryDamaged, NothingToPart, NothingToUndo
from store.ledger import journal
from store.ledger.database import Ledger, now
from store.ledger.digests import KINDS
from store.ledger.images import remove_paper
from store.ledger.joining import merge, split
from store.ledger.journal import Change
from store.ledger.marks import add_note, change_note, change_tags, set_status
from store.ledger.outbox import last_seq
from store.ledger.papers import papers_by_id
from store.ledger.sessions import StoredTurn, save_turn
from store.ledger.undo import next_undo, take_back
from store.ledger.write import write_record
from store.types import Details, Filter, Record, Status

TABLES = [kind for kind in KINDS if kind.table not in ("vectors", "embedders")]
State = dict[str, list[tuple[object, ...]]]


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with closing(Ledger.in_memory()) as opened:
        yield opened


def state(ledger: Ledger) -> State:
    """All rows but those of projections and of the journal itself."""
    names = {kind.table: ", ".join(kind.columns) for kind in TABLES} | {"digests": "*"}
    return {
        table: sorted(ledger.rows(f"SELECT {some} FROM {table}"), key=repr)
        for table, some in names.items()
    }


def records(chance: random.Random, number: int) -> list[Record]:
    """Records of few papers, so that many join: with shared titles, DOIs, arXiv ids, texts."""

    def one() -> Record:
        paper = chance.randrange(12)
        return Record(
            title=f"Of the {chance.choice(['owls', 'OWLS:'])} number {paper}",
            abstract=f"We count owl {paper} in woods and say {chance.choice('abc')} of it.",
            authors=chance.choice([(), ("Noctua, A",)]),
            year=chance.choice([None, 2001]),
            doi=chance.choice([None, f"10.1000/{paper}"]),
            arxiv_id=chance.choice([None, f"2401.0000{chance.randrange(4)}"]),
            details=chance.choice([Details(), Details(pmid=str(paper))]),
            tags=chance.choice([(), ("Birds",)]),
            notes=chance.choice([(), ("seen",)]),
            status=chance.choice([None, "kept"]),
            raw_title=chance.choice([None, "<i>Of</i>"]),
            source=chance.choice("xyz"),
            reader="jsonl",
            record=chance.randrange(20),
        )

    return [one() for _ in range(number)]


def add(ledger: Ledger, *batches: list[Record], tags: tuple[str, ...] = ()) -> None:
    change = Change(ledger, "add")
    for batch in batches:
        with ledger.write():
            for one in batch:
                write_record(ledger, one, tags, change)
            change.flush()


def ids(ledger: Ledger) -> list[str]:
    return [row[0] for row in ledger.rows("SELECT id FROM papers ORDER BY key")]


def remove(ledger: Ledger, names: list[str]) -> None:
    with ledger.write():
        change = Change(ledger, "rm")
        marks = ",".join("?" * len(names))
        keys = ledger.rows(f"SELECT key FROM papers WHERE id IN ({marks})", names)
        look = change.look([row[0] for row in keys])
        for one in names:
            remove_paper(ledger, one)
        change.wrote(look)
        change.flush()


def among(names: list[str]) -> Filter:
    return Filter(papers=tuple(names))


def quiet(line: str) -> None:
    """Say nothing."""


def do_something(ledger: Ledger, chance: random.Random) -> None:
    names = ids(ledger)
    some = chance.sample(names, min(len(names), chance.randint(2, 3)))
    with suppress(NothingToPart):
        match chance.randrange(9):
            case 0 | 1:
                add(
                    ledger, records(chance, 7), records(chance, 4), tags=chance.choice([(), ("t",)])
                )
            case 2 if some:
                remove(ledger, some)
            case 3 if len(some) > 1:
                with ledger.write():
                    merge(ledger, some, Change(ledger, "merge"))
            case 4 if some:
                with ledger.write():
                    split(ledger, some[0], Change(ledger, "split"))
            case 5 if some:
                set_status(ledger, among(some), chance.choice(get_args(Status)), quiet)
            case 6 if some:
                tags = chance.sample("tbirds", 2)
                change_tags(ledger, among(some), tags[:1], tags[1:], quiet)
            case 7 if some:
                add_note(ledger, among(some), chance.choice(["seen", "again"]), quiet)
            case 8 if some:
                with suppress(InputError):  # it has no such note
                    text = chance.choice([None, "seen", "anew"])
                    change_note(ledger, some[0], chance.randint(1, 2), text, quiet)


@pytest.mark.parametrize("seed", range(8))
def test_taking_everything_back_gives_every_state_again(ledger: Ledger, seed: int) -> None:
    chance = random.Random(seed)
    states: dict[int, State] = {}
    for _ in range(25):
        before, number = state(ledger), ledger.number("changes")
        do_something(ledger, chance)
        if ledger.number("changes") == number:
            assert state(ledger) == before, "what is no change changes nothing"
        else:
            states[ledger.number("changes")] = before
    assert len(states) > 4
    while states:
        number, right = states.popitem()
        take_back(ledger, number)
        assert state(ledger) == right
    with pytest.raises(NothingToUndo):
        next_undo(ledger)


def owl(source: str, **fields: object) -> Record:
    base = {"title": "Owls", "abstract": "We count owls.", "doi": "10.1000/owl", "reader": "jsonl"}
    return Record.model_validate({**base, "source": source, **fields})


def only(ledger: Ledger) -> str:
    (name,) = ids(ledger)
    return name


def parted(ledger: Ledger, name: str) -> tuple[str, ...]:
    with ledger.write():
        return split(ledger, name, Change(ledger, "split"))


@pytest.mark.parametrize("seed", range(8))
def test_a_split_gives_again_what_was_merged(ledger: Ledger, seed: int) -> None:
    chance = random.Random(seed)
    add(
        ledger,
        [
            one.model_copy(
                update={
                    "doi": f"10.1000/{at}",
                    "title": f"Owl {at}",
                    "source": "x",
                    "arxiv_id": None,
                    "record": at,
                }
            )
            for at, one in enumerate(records(chance, 4))
        ],
    )
    before = state(ledger)
    names = ids(ledger)
    chance.shuffle(names)
    with ledger.write():
        merge(ledger, names, Change(ledger, "merge"))
    assert only(ledger) == names[0]
    assert sorted(parted(ledger, names[0])) == sorted(names)
    for table in ("papers", "aliases", "provenance", "tags", "notes", "originals", "revisions"):
        ignored = {"key", "paper"}
        kind = next(one for one in TABLES if one.table == table)
        kept = [at for at, one in enumerate(kind.columns) if one not in ignored]
        now, then = (
            [tuple(row[at] for at in kept) for row in one[table]] for one in (state(ledger), before)
        )
        assert sorted(now, key=repr) == sorted(then, key=repr), table


def test_joined_records_are_parted_and_stay_so(ledger: Ledger) -> None:
    """By one DOI, with marks made since; the same files are read again, and a third one."""
    other = owl("b", abstract="We count the owls of another year.", year=2002, tags=("b",))
    add(ledger, [owl("a", year=2001, tags=("a",))], [other], [owl("c", year=2001)])
    name = only(ledger)
    with ledger.write():
        ledger.run("INSERT INTO tags SELECT key, 'since' FROM papers")
        ledger.run("UPDATE papers SET status = 'later'")
    first, second = parted(ledger, name)
    assert first == name
    papers = papers_by_id(ledger, (first, second))
    one, two = papers[first], papers[second]
    assert (one.abstract, one.year, one.tags) == ("We count owls.", 2001, ("a", "since"))
    assert (two.abstract, two.year, two.tags) == (other.abstract, 2002, ("b",))
    assert (one.status, two.status) == ("later", "unread")
    assert [place.source for place in one.provenance] == ["a", "c"]
    assert [place.source for place in two.provenance] == ["b"]
    before = state(ledger)
    add(ledger, [owl("a", year=2001, tags=("a",)), other])
    assert state(ledger) == before
    add(ledger, [owl("d", year=2002, abstract=other.abstract, tags=("b",))])
    assert len(ids(ledger)) == 2
    assert len(papers_by_id(ledger, [second])[second].provenance) == 2, "which says the same"
    with ledger.write():
        merge(ledger, [first, second], Change(ledger, "merge"))
    assert not ledger.value("SELECT count(*) FROM apart")


def test_a_part_says_what_its_record_says_by_now(ledger: Ledger) -> None:
    add(ledger, [owl("a", year=2001)], [owl("b", year=2002)])
    add(ledger, [owl("a", year=2003)], [owl("b", year=2004)], [owl("a", year=2005)])
    first, second = parted(ledger, only(ledger))
    papers = papers_by_id(ledger, (first, second))
    assert (papers[first].year, papers[second].year) == (2005, 2004)


def test_what_cannot_be_parted(ledger: Ledger) -> None:
    for batch, why in (
        ([owl("a")], "it is one record"),
        ([owl("b")], "its 2 records all say the same"),
        ([owl("c", year=2001)], ""),
    ):
        add(ledger, batch)
        with pytest.raises(NothingToPart, match=why) if why else nullcontext():
            parted(ledger, ids(ledger)[0])


def test_marks_are_taken_back_and_not_what_came_to_the_record_since(ledger: Ledger) -> None:
    """A neighbour's add that is no longer in the journal changed the record and marked it."""
    add(ledger, [owl("a", notes=("first",))])
    wanted = Filter()
    set_status(ledger, wanted, "kept", quiet)
    change_tags(ledger, wanted, ["t"], [], quiet)
    add_note(ledger, wanted, "mine", quiet)
    said = set_status(ledger, wanted, "kept", quiet)
    assert (said.of, said.papers, ledger.number("changes")) == (1, (), 4)
    before = last_seq(ledger)
    with ledger.write():
        write_record(ledger, owl("b", year=2002, tags=("theirs",), notes=("other",)), ())
        ledger.run("UPDATE papers SET status = 'later'")
    since = last_seq(ledger)
    for _ in range(3):
        take_back(ledger, next_undo(ledger).number)
    paper = papers_by_id(ledger, ids(ledger))[only(ledger)]
    assert (paper.year, paper.status, paper.tags) == (2002, "later", ("theirs",))
    assert paper.notes == ("first", "other")
    assert last_seq(ledger) == since > before, "no projection is told of marks"
    assert next_undo(ledger).kind == "add"


def test_marks_made_since_stay_or_are_told(ledger: Ledger) -> None:
    add(ledger, [owl("a")])
    add(ledger, [owl("a", year=2001), owl("b", title="Bees", doi=None, tags=("x",))])
    assert next_undo(ledger).marked == ()
    with ledger.write():
        ledger.run("INSERT INTO tags SELECT key, 'mine' FROM papers")
        ledger.run("INSERT INTO notes(paper, text, written_at) SELECT key, 'n', '' FROM papers")
    owls, bees = ids(ledger)
    answer = json.dumps({"references": [{"id": bees}]})
    save_turn(ledger, None, StoredTurn(now(), "q", answer))
    undoing = next_undo(ledger)
    assert (undoing.removed, undoing.reset, undoing.marked) == (1, 1, (bees,))
    assert (undoing.words, undoing.citing) == ("a and 1 more", 1)
    take_back(ledger, undoing.number)
    paper = papers_by_id(ledger, [owls])[only(ledger)]
    assert (paper.year, paper.tags, paper.notes) == (None, ("mine",), ("n",))


def test_the_journal_is_bounded_and_checked(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    for at in range(5):
        monkeypatch.setattr(journal, "MOST_CHANGES", 3)
        add(ledger, [owl("a", year=at)])
    assert ledger.rows("SELECT number FROM changes") == [(3,), (4,), (5,)]
    monkeypatch.setattr(journal, "MOST_CHARACTERS", 500)
    for year, words in ((10, "can no longer be taken back"), (11, "")):
        with ledger.write():
            change = Change(ledger, "add", said.append)
            write_record(ledger, owl("a", year=year), (), change)
            change.flush()
        assert [one for one in said if words in one]
    assert ledger.rows("SELECT number FROM changes") == [(7,)]
    with ledger.write():
        ledger.run("UPDATE images SET before = replace(before, 'owls', 'cats')")
    before = state(ledger)
    with pytest.raises(LibraryDamaged, match="is not as written"):
        take_back(ledger, 7)
    assert state(ledger) == before
    monkeypatch.setattr(journal, "_ALONE", 10)
    with ledger.write():
        change = Change(ledger, "add", said.append)
        write_record(ledger, owl("a", year=12), (), change)
        change.flush()
    assert "too large" in said[-1]
    with pytest.raises(NothingToUndo):
        next_undo(ledger)
