"""Which saved answers cite a paper, and which of its sentences as they are now."""

from __future__ import annotations

import json
from contextlib import closing, suppress

from assistant.text.sentences import source_texts
from assistant.types.sessions import Citing
from store.errors import LibraryBusy, LibraryReadOnly, NoSpace
from store.ledger.citing import (
    CitingTurn,
    citing_turns,
    digest_of,
    has_citations,
    keep_citations,
)
from store.ledger.database import Ledger
from store.ledger.sessions import turn_of
from store.library.library import Library

Places = dict[int, int]
"""Where the sentences of a former text stand now, by their indices then."""


def cited_in(library: Library, name: str) -> tuple[Citing, ...]:
    """The saved answers that cite a paper, the last one first; raises UnknownPaper.

    The first time in a library that was made before answers were listed by the papers they cite,
    they are: seconds for 100 000 answers. Where that cannot be written, the last ones are read.
    """
    paper = library.paper(name)
    if not has_citations(library.ledger):
        # Over a connection of its own, so that nobody waits for it.
        with (
            suppress(LibraryBusy, LibraryReadOnly, NoSpace),
            closing(Ledger.open(library.folder)) as own,
        ):
            keep_citations(own)
    turns = citing_turns(library.ledger, paper.id)
    here = source_texts(paper.title, paper.abstract)
    places: dict[int, Places] = {digest_of(paper.abstract): {at: at for at in range(len(here))}}
    found = []
    for one in turns:
        if one.text not in places:
            then = _text_cited(library.ledger, one)
            places[one.text] = {at: here.index(it) for at, it in enumerate(then) if it in here}
        stand = (places[one.text].get(at) for at in one.sentences)
        found.append(
            Citing(
                session=one.session,
                name=one.name,
                turn=one.number,
                question=one.question,
                asked_at=one.asked_at,
                sentences=tuple(sorted({at for at in stand if at is not None})),
            )
        )
    return tuple(found)


def _text_cited(ledger: Ledger, turn: CitingTurn) -> list[str]:
    """The title and the sentences that a turn cites as they were; none where that is not known."""
    stored = turn_of(ledger, turn.session, turn.number)
    with ledger.reading():
        answer = json.loads(stored.answer) if stored else {}
    for one in answer.get("references", ()):
        abstract = one.get("abstract") or ""
        if digest_of(abstract) == turn.text:
            return source_texts(one.get("title") or "", abstract)
    return []
