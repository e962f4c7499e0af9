"""Reading the Markdown of an answer."""

from __future__ import annotations

from itertools import pairwise

import pytest
from fake_service import TEXT, make_answer, make_claim
from tables import Row, compare, table

from tui.presenters.claim_blocks import margin
from tui.presenters.markdown import AnswerParser, annotate, link, overflow, plain, split

KNOWN = "https://reef.example/papers/1"


def read(text: str) -> list[tuple[str, str]]:
    """The inline parts of a text: kind and content; a link with its address."""
    parts: list[tuple[str, str]] = []
    for token in AnswerParser([KNOWN]).parse(text):
        for child in token.children or ():
            if child.type == "link_open":
                parts.append(("link", str(child.attrs["href"])))
            elif child.content:
                parts.append((child.type, child.content))
    return parts


def test_what_a_model_wrote_is_read_harmlessly() -> None:
    compare(table(__file__, "read.jsonl"), lambda row: [list(part) for part in read(row["text"])])
    rows = table(__file__, "links.jsonl")
    compare(rows, lambda row: (found := link(row["address"])) and list(found))


def test_a_table_is_one_paragraph() -> None:
    tokens = AnswerParser().parse("|a|b|\n|-|-|\n" + "|x [1]|y|\n" * 600)
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children or []
    assert sum(child.type == "hardbreak" for child in children) == 600
    assert sum(child.type == "link_open" for child in children) == 600
    text = "a\n\n" + "> " * 50 + "b\n\n" + " " * 90 + "- c\n\nd"
    last = [token for token in AnswerParser().parse(text) if token.map][-1]
    assert last.map == [6, 7]


DEEP = ["> " * 2000 + "x", ">" * 2000 + "x", "- " * 2000 + "x", "> - " * 900 + "x", "1. " * 900]


@pytest.mark.parametrize("text", DEEP, ids=lambda text: text[:4])
def test_nesting_is_limited_and_nothing_is_lost(text: str) -> None:
    """Case 82: deep nesting."""
    tokens = AnswerParser().parse(text)
    depth = sum(token.type in ("blockquote_open", "bullet_list_open") for token in tokens)
    assert depth <= 4
    if text.endswith("x"):
        assert any("x" in child.content for token in tokens for child in token.children or ())


def test_signs_stick_to_the_last_mark_or_word_and_marks_know_their_claim() -> None:
    text = annotate(TEXT, make_answer().claims)
    assert plain(text) == (
        "Rockfish were counted on eight reefs [1]·. Surges reshape the spit [2]~. "
        "Nobody asked why.○"
    )
    links = [part[1] for part in read(text) if part[0] == "link"]
    assert links == ["cite:1:0", "cite:2:1"]


def test_a_claim_is_a_paragraph_with_its_sign_before_it() -> None:
    """What stands between claims has none; where a sign cannot stand before, it stands behind."""

    def shown(row: Row) -> list[str]:
        text = row["text"]
        claims = [
            make_claim(text, one, verdict)
            for one, verdict in zip(row["claims"], row["verdicts"], strict=True)
        ]
        paragraphs = []
        tokens = AnswerParser().parse(annotate(text, claims))
        for opening, inline in pairwise(tokens):
            if inline.type == "inline":
                found = margin(opening) if opening.type == "paragraph_open" else None
                words = "".join(one.content for one in inline.children or ())
                paragraphs.append(f"{found.place} {found.symbol} {words}" if found else words)
        return paragraphs

    compare(table(__file__, "margins.jsonl"), shown)


def test_signs_do_not_break_the_markdown() -> None:
    def shown(row: Row) -> str:
        return plain(annotate(row["text"], [make_claim(row["text"], row["claim"], "matched")]))

    compare(table(__file__, "signs.jsonl"), shown)
    forged = "It holds [1]\ue0000\ue001\ue002a."
    text = annotate(forged, [])
    assert plain(text) == "It holds [1]\ufffd0\ufffd\ufffda."
    assert ("link", "cite:1") in read(text)


def test_claims_that_overlap_or_lie_outside_are_left_out() -> None:
    text = "One [1]. Two [2]."
    claims = [
        make_claim(text, "One [1].", "matched"),
        make_claim(text, "One [1]. Two", "weak"),
        make_claim(text, "Two [2].", "weak").model_copy(update={"start": 90, "end": 99}),
    ]
    assert plain(annotate(text, claims)).startswith("One [1]·.")
    assert len(plain(annotate(text, claims))) <= len(text) + 2


def test_a_long_answer_is_cut_for_markdown_and_nothing_is_lost() -> None:
    high, wide, deep = "line\n" * 101, "x" * 13_000, "      - x\n" * 30
    assert split("") == ("", "")
    assert split("a\nb") == ("a\nb", "")
    assert split(wide) == (wide[:12_000], wide[12_000:])
    assert split(high) == (high[:499], high[499:])
    assert split(deep) == (deep[:249], deep[249:]), "a level counts as a line"
    assert overflow(annotate("Fish [1].", [make_claim("Fish [1].", "Fish [1].", "weak")])) == (
        "Fish [1]~."
    )
    assert overflow("x" * 12_345).endswith("xx\n… 345 characters more; y copies all of it")
    assert overflow("x\n" * 401).count("x\n") == 400
