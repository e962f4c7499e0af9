"""What an answer takes: calls, tokens, cost."""

from __future__ import annotations

from store.value import Value


class Usage(Value):
    """What an answer took; tokens as reported by the server or estimated, cost in USD."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None
    estimated: bool = False


class Estimate(Value):
    """What a request will take before it is sent: tokens out are the most that may come.

    `cost` is in USD, at most; None where a price is not known.
    """

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None
