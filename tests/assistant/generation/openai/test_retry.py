"""Waits between attempts."""

from __future__ import annotations

import asyncio

import pytest

from assistant.generation.openai.retry import count_down


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.05, ["busy; retrying"]),
        (4.0, ["busy; retrying in 4 s"]),
        (10.0, ["busy; retrying in 10 s"]),
        (24.7, [f"busy; retrying in {left} s" for left in (25, 20, 10)]),
        (100.0, [f"busy; retrying in {left} s" for left in range(100, 0, -10)]),
    ],
)
async def test_a_wait_is_counted_down(
    seconds: float, shown: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case 62: a long wait says every ten seconds how long it still takes."""
    slept: list[float] = []

    async def sleep(step: float) -> None:
        slept.append(step)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    assert [waiting.text async for waiting in count_down("busy", seconds)] == shown
    assert seconds <= sum(slept) < seconds + 1
