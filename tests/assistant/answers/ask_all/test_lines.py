"""Reading what models write of each paper, from tidy to wild."""

from __future__ import annotations

import pytest

from assistant.answers.ask_all.lines import Line, read_lines

YES, NO, UNCLEAR = Line("yes"), Line("no"), Line("unclear")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1: yes 1.4\n2: no\n3: unclear", {1: Line("yes", (4,)), 2: NO, 3: UNCLEAR}),
        ("1: Yes [1.4]\n2: NO.", {1: Line("yes", (4,)), 2: NO}),
        ("1. yes (1.2, 1.3)\n2) no", {1: Line("yes", (2, 3)), 2: NO}),
        ("- 1: yes 1.0", {1: Line("yes", (0,))}),
        ("* **1**: yes 1.2", {1: Line("yes", (2,))}),
        ("**1: yes** [1.2]", {1: Line("yes", (2,))}),
        ("[1]: yes [1.2]\n[2]: no", {1: Line("yes", (2,)), 2: NO}),
        ("1 - yes - 1.2\n2 – no", {1: Line("yes", (2,)), 2: NO}),
        ("1 yes 1.2\n2 no", {1: Line("yes", (2,)), 2: NO}),
        ("1 = yes, 1.2", {1: Line("yes", (2,))}),
        ("Source 1: yes 1.2\nsource 2: no", {1: Line("yes", (2,)), 2: NO}),
        ("Paper 1 -> yes 1.2", {1: Line("yes", (2,))}),
        ("| 1 | yes | 1.2 |\n| 2 | no | |", {1: Line("yes", (2,)), 2: NO}),
        ("1: yes, sentence 3", {1: Line("yes", (3,))}),
        ("1: yes 3", {1: Line("yes", (3,))}),
        ("1: yes", {1: YES}),
        ("1: yes, it names 91% of them", {1: YES}),
        ("1: yes 91% of them [1.2]", {1: Line("yes", (2,))}),
        ("1: yes 2.3", {1: Line("yes", (), strays=True)}),
        ("1: yes 2.3, 1.1", {1: Line("yes", (1,))}),
        ("1: maybe\n2: partially\n3: ?", {1: UNCLEAR, 2: UNCLEAR, 3: UNCLEAR}),
        ("1: not sure\n2: not relevant", {1: UNCLEAR, 2: NO}),
        ("1: none\n2: n\n3: y 3.1", {1: NO, 2: NO, 3: Line("yes", (1,))}),
        ('{"1": "yes 1.2", "2": "no"}', {1: Line("yes", (2,)), 2: NO}),
        ("１：yes １.２", {1: Line("yes", (2,))}),
        ("1: yes 【1.2】", {1: Line("yes", (2,))}),
        ("Here are my verdicts:\n\n1: no\n\nHope this helps!", {1: NO}),
        ("> 1: no", {1: NO}),
        ("01: no", {1: NO}),
        ("7: no\n1: yes 1.1", {1: Line("yes", (1,))}),  # 7 was not asked about
        ("1: yes 1.2\n1: no", {1: UNCLEAR}),
        ("1: yes\n1: yes 1.2", {1: Line("yes", (2,))}),
        ("1.2 yes", {}),
        ("1: banana", {}),
        ("1:\n2: no", {2: NO}),
        ("yes\nno\nno", {}),
        ("2019: no", {}),
        ("", {}),
    ],
)
def test_what_models_write(text: str, found: dict[int, Line]) -> None:
    assert read_lines(text, {1, 2, 3}) == found


def test_a_thousand_lines_are_read_quickly() -> None:
    text = "\n".join(f"{at % 3 + 1}: {'(' * 500}" for at in range(3000))
    assert read_lines(text, {1, 2, 3}) == {}
