"""Reading the verdicts of a model, however it writes them."""

from __future__ import annotations

import time

import pytest

from assistant.checking.model_verdicts import Judgement, read_judgements

OWN = [
    frozenset({(1, 0), (1, 3)}),
    frozenset({(2, 0), (2, 4), (2, 5)}),
    frozenset({(1, 0), (1, 2)}),
]
"""The addresses of three statements; the first and the third cite the same paper."""

S, C, N = "supported", "contradicted", "not_stated"
WANTED = {1: (S, ((1, 3),)), 2: (C, ((2, 4),)), 3: (N, ())}

WHOLE = {
    "as asked": "1: supported 1.3\n2: contradicted 2.4\n3: not stated",
    "full stops": "1. supported 1.3\n2. contradicted 2.4\n3. not stated",
    "brackets": "1) supported [1.3]\n2) contradicted [2.4]\n3) not stated",
    "both brackets": "(1) Supported (1.3)\n(2) Contradicted (2.4)\n(3) Not stated",
    "square": "[1] supported [1.3]\n[2] contradicted [2.4]\n[3] not stated",
    "capitals": "1: SUPPORTED 1.3\n2: CONTRADICTED 2.4\n3: NOT STATED",
    "named": "Statement 1: supported 1.3\nStatement 2: contradicted 2.4\nStatement 3: not stated",
    "claims": "Claim #1 - supported, 1.3\nClaim #2 - contradicted, 2.4\nClaim #3 - not stated",
    "bold": "**1:** supported **1.3**\n**2:** contradicted 2.4\n**3:** *not stated*",
    "list": "- 1: supported 1.3\n- 2: contradicted 2.4\n- 3: not_stated",
    "code": "```\n1: supported 1.3\n2: contradicted 2.4\n3: not-stated\n```",
    "table": (
        "| # | verdict | address |\n|---|---|---|\n| 1 | supported | 1.3 |\n"
        "| 2 | contradicted | 2.4 |\n| 3 | not stated | - |"
    ),
    "reordered": "3: not stated\n1: supported 1.3\n2: contradicted 2.4",
    "around": (
        "Here are my judgements of the 3 statements:\n\n1: supported 1.3\n2: contradicted 2.4\n"
        "3: not stated\n\nLet me know if you need more."
    ),
    "words": (
        "1: The statement is supported by sentence [1.3], which says the same.\n"
        "2: This is contradicted by 2.4: it says 91.4 and not 94.1.\n"
        "3: It is not directly stated in any sentence."
    ),
    "other words": "1: entailed 1.3\n2: refuted 2.4\n3: not mentioned",
    "negations": "1: not contradicted, supported 1.3\n2: contradicted 2.4\n3: unsupported",
    "thoughts": (
        "<think>\n1: contradicted 1.3? No, 3 fits.\n3: supported\n</think>\n"
        "1: supported 1.3\n2: contradicted 2.4\n3: not stated"
    ),
    "a thought without its opening": (
        "1: contradicted 1.3, or is it</think>1: supported 1.3\n2: contradicted 2.4\n3: not stated"
    ),
    "headings": (
        "### Statement 1\nVerdict: supported 1.3\n\n### Statement 2\nVerdict: contradicted (2.4)\n"
        "\n### Statement 3\nVerdict: not stated"
    ),
    "repeated": (
        "statement 1: OwlNet finds 91.4% of the birds.\nsupported 1.3\n"
        "statement 2: Heron is quick.\ncontradicted 2.4\nstatement 3: Owls fly.\nnot stated"
    ),
    "no numbers": "supported 1.3\ncontradicted 2.4\nnot stated",
    "json": '{"1": "supported 1.3", "2": "contradicted 2.4", "3": "not stated"}',
    "json records": (
        '[{"statement": 1, "verdict": "supported", "address": "1.3"},\n'
        ' {"statement": 2, "verdict": "contradicted", "address": "2.4"},\n'
        ' {"statement": 3, "verdict": "not stated", "address": null}]'
    ),
    "json within": (
        '```json\n{\n "judgements": [\n  {"id": 1, "label": "SUPPORTED", "evidence": ["1.3"]},\n'
        '  {"id": 2, "label": "CONTRADICTED", "evidence": ["2.4"]},\n'
        '  {"id": 3, "label": "NOT_STATED", "evidence": []}\n ]\n}\n```'
    ),
    "json by name": (
        '{"statement 1": {"verdict": "supported", "address": "1.3"},'
        ' "statement 2": {"verdict": "contradicted", "address": "2.4"},'
        ' "statement 3": {"verdict": "not stated"}}'
    ),
    "json lines": (
        '{"n": 1, "verdict": "supported", "address": "1.3"}\n'
        '{"n": 2, "verdict": "contradicted", "address": "2.4"}\n'
        '{"n": 3, "verdict": "not stated"}'
    ),
    "paper alone": "1: supported [1]\n2: contradicted 2.4\n3: not stated",
    "ticks": "1: ✔ supported 1.3\n2: ✗ contradicted 2.4\n3: – not stated",
    "carriage returns": "1: supported 1.3\r\n2: contradicted 2.4\r\n3: not stated\r\n",
    "equals": "1 = supported 1.3\n2 = contradicted 2.4\n3 = not stated",
    "arrows": "1 -> supported 1.3\n2 -> contradicted 2.4\n3 -> not stated",
}


def plain(found: dict[int, Judgement]) -> dict[int, tuple[str, tuple[tuple[int, int], ...]]]:
    return {number: (one.verdict, one.addresses) for number, one in found.items()}


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
def test_a_whole_reply(text: str) -> None:
    assert plain(read_judgements(text, OWN)) == WANTED


PARTS = [
    ("", {}),
    ("I cannot judge this.", {}),
    ("2: contradicted 2.4", {2: (C, ((2, 4),))}),
    ("1: supported 1.3\n3: not stated", {1: (S, ((1, 3),)), 3: (N, ())}),
    # Fewer verdicts without numbers than statements: nobody knows which they are.
    ("supported\nnot stated", {}),
    ("0: supported\n4: supported\n77: contradicted", {}),
    ("1, 3: not stated", {1: (N, ()), 3: (N, ())}),
    ("1: supported", {1: (S, ())}),
    ("2: supported 2.4, 2.5", {2: (S, ((2, 4), (2, 5)))}),
    ("2: supported 2.4-2.5", {2: (S, ((2, 4), (2, 5)))}),
    ("2: supported 2.4–5", {2: (S, ((2, 4), (2, 5)))}),
    ("2: partially supported 2.4", {2: (N, ())}),
    ("2: not supported", {2: (N, ())}),
    ("2: no evidence", {2: (N, ())}),
    ("2: The sentences do not contradict it but say nothing of it: not stated", {2: (N, ())}),
    ("2: maybe", {}),
    ("<think>1: supported 1.3", {}),
]


@pytest.mark.parametrize(("text", "wanted"), PARTS, ids=[one[0][:40] for one in PARTS])
def test_what_is_missing_stays_missing(text: str, wanted: dict[int, object]) -> None:
    assert plain(read_judgements(text, OWN)) == wanted


FOREIGN = [
    # An address of another statement's paper alone is no judgement of this statement.
    ("1: supported 2.4", {}),
    ("2: supported 1.3", {}),
    ("1: contradicted 2.4 2.5", {}),
    # A sentence that nobody showed, or another one of the same paper, is only left out.
    ("1: supported 9.9", {1: (S, ())}),
    ("1: supported 1.2", {1: (S, ())}),
    ("1: supported 1.3 2.4", {1: (S, ((1, 3),))}),
    ("1: contradicted, it says 91.4% and 2.4%", {1: (C, ())}),
]


@pytest.mark.parametrize(("text", "wanted"), FOREIGN, ids=[one[0] for one in FOREIGN])
def test_a_statement_is_judged_by_its_own_sentences(text: str, wanted: dict[int, object]) -> None:
    assert plain(read_judgements(text, OWN)) == wanted


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("1: supported 1.3\n1: contradicted 1.3", C),
        ("1: contradicted 1.3\n1: supported 1.3", C),
        ("1: not stated\n1: supported 1.3", N),
    ],
)
def test_of_two_verdicts_the_more_cautious_counts(text: str, verdict: str) -> None:
    assert read_judgements(text, OWN)[1].verdict == verdict


@pytest.mark.parametrize(
    "text",
    ["1: supported " * 50_000, "[" * 100_000, '{"1":' * 5_000, "1. " * 100_000, "9" * 200_000],
    ids=["one line", "brackets", "json", "numbers", "digits"],
)
def test_a_monstrous_reply_is_read_in_bounded_time(text: str) -> None:
    began = time.perf_counter()
    read_judgements(text[:200_000], OWN)
    assert time.perf_counter() - began < 5
