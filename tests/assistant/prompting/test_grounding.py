"""Sources as a model is shown them (cases 91 and 93, as far as code goes)."""

from __future__ import annotations

import json
import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from made_sources import made_source
from tables import Row, compare, for_each, table

from assistant.prompting.grounding import disarm, estimate_tokens, fence_token, fit, render_sources
from assistant.types.evidence import Evidence, Source
from store.clean import clean_text

TOKENS = [row["token"] for row in table(__file__, "template_tokens.jsonl")]


def source(number: int, abstract: str, title: str = "A title") -> Source:
    """A source whose record says what its abstract says."""
    said = {"authors": (abstract, title), "venue": abstract, "date": title}
    return made_source(number, clean_text(title), clean_text(abstract), **said)


def test_template_tokens_are_broken_and_the_rest_is_kept() -> None:
    """What looks like ours is changed too."""

    def broken(row: Row) -> None:
        shown = disarm(f"before {row['token']} after")
        assert row["token"] not in shown
        assert (shown[:6], shown[-5:]) == ("before", "after")

    for_each(table(__file__, "template_tokens.jsonl"), broken)
    compare(table(__file__, "shown.jsonl"), lambda row: disarm(row["text"]))


def check_fences(sources: list[Source]) -> str:
    """The text of sources, each of which stands between its own two lines."""
    token = fence_token(sources)
    text = render_sources(sources, token)
    lines = text.split("\n")
    for one in sources:
        assert token not in one.paper.abstract + one.paper.title
        assert lines.count(f"{token} source {one.number}") == 1
        assert lines.count(f"{token} end of source {one.number}") == 1
    assert text.count(token) == 2 * len(sources)
    own = re.compile(rf"(?:{token} (?:end of )?source \d+|\[\d+\.\d+\] .*|)\Z")
    assert all(own.match(line) for line in lines)
    addresses = re.findall(r"\[(\d+\.\d+)\]", text)
    own_addresses = [f"{s.number}.{one.index}" for s in sources for one in s.sentences]
    assert list(dict.fromkeys(addresses)) == own_addresses
    assert len(addresses) == len(own_addresses) + len(sources), "one line more for each record"
    return text


@given(st.lists(st.text(min_size=1, max_size=300), min_size=1, max_size=4))
def test_nothing_in_a_source_closes_its_fence(texts: list[str]) -> None:
    check_fences([source(number, f"x {text}") for number, text in enumerate(texts, 1)])


def test_injected_abstracts_stay_in_their_fences(shared: Path) -> None:
    """Case 91, for every payload."""
    lines = (shared / "faults" / "injections.jsonl").read_text("utf-8").splitlines()
    payloads = enumerate(map(json.loads, lines), 1)
    text = check_fences([source(at, one["abstract"], one["title"]) for at, one in payloads])
    assert not any(token in text for token in TOKENS)
    assert clean_text(text) == text
    sources = [source(1, "x.")]
    assert len({fence_token(sources) for _ in range(20)}) == 20


def test_a_budget_keeps_the_best_and_counts_the_rest() -> None:
    sources = tuple(source(number, "A sentence of some length here. " * 20) for number in (1, 2, 3))
    one = estimate_tokens(render_sources(sources[:1], "0" * 12))
    evidence = Evidence(sources=sources, considered=30)
    assert len(fit(evidence, 10 * one).sources) == 3
    kept = fit(evidence, int(2.5 * one))
    assert ([s.number for s in kept.sources], kept.dropped) == ([1, 2], 1)
    assert len(fit(evidence, 5).sources) == 1, "one source is always kept"
    assert estimate_tokens("") == 0
    assert 20 <= estimate_tokens("word " * 20) <= 40
    assert estimate_tokens("深層学習") == 4
