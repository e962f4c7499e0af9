"""What is told of costs."""

from __future__ import annotations

import pytest

from assistant.types.usage import Estimate
from tui.presenters import costs


@pytest.mark.parametrize(
    ("estimate", "says"),
    [
        (None, ""),
        (Estimate(calls=1, input_tokens=4312, output_tokens=1200), ", about 4,312 tokens"),
        (Estimate(calls=1, input_tokens=9, cost=0.0), ", about 9 tokens"),
        (Estimate(calls=1, input_tokens=9, cost=0.02), ", about 9 tokens, at most 0.0200 USD"),
    ],
)
def test_what_a_question_will_take(estimate: Estimate | None, says: str) -> None:
    assert costs.takes(estimate) == says
