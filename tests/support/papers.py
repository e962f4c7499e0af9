"""Made-up papers for tests: every call gives the same ones."""

from __future__ import annotations

import random

from store.types import Record

_PARTS = (
    "sparse retrieval|glacier melt|protein folding|speech coding|graph matching|crop yield",
    "a variational bound|contrastive pairs|a random forest|tensor sketches|beam search",
    "recall|error|energy use|latency|coverage|variance|precision|throughput",
)
_WORDS = (
    "baseline corpus encoder gradient kernel lattice margin node orbit prior query robust "
    "sample token uniform vector window yield anchor bound cluster decoder entropy feature"
)


def late(title: str = "Zebrafish stripes") -> Record:
    """A record that is none of the made-up ones, for what comes later."""
    text = f"{title} in glacier melt form by a Turing mechanism."
    return Record(title=title, abstract=text, source="late.jsonl", reader="jsonl", record=1)


def made_up(number: int, seed: int = 7) -> list[Record]:
    """So many records with distinct titles, abstracts of four sentences each."""
    chance = random.Random(seed)
    records = []
    for at in range(number):
        subject, method, thing = (chance.choice(part.split("|")) for part in _PARTS)
        filler = " ".join(chance.choices(_WORDS.split(), k=14))
        abstract = (
            f"We study {subject} in setting {at}. The {filler} is considered. "
            f"Our method uses {method} and lowers the {thing} by {chance.randint(1, 99)}%. "
            f"Code {at} is available."
        )
        title = f"Study {at} of {subject} with {method}"
        origin = {"source": "made-up.jsonl", "reader": "jsonl", "record": at + 1}
        records.append(Record(title=title, abstract=abstract, **origin))
    return records
