"""Waits between attempts."""

from __future__ import annotations

import asyncio

import pytest

from assistant.generation.openai.retry import count_down


async def test_a_wait_is_counted_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """Case 62: a long wait says every ten seconds how long it still takes."""
    slept: list[float] = []

    async def sleep(step: float) -> None:
        slept.append(step)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    for seconds, told in (
        (0.05, [""]),
        (4.0, [" in 4 s"]),
        (10.0, [" in 10 s"]),
        (24.7, [" in 25 s", " in 20 s", " in 10 s"]),
        (100.0, [f" in {left} s" for left in range(100, 0, -10)]),
    ):
        slept.clear()
        shown = [waiting.text async for waiting in count_down("busy", seconds)]
        assert shown == [f"busy; retrying{one}" for one in told]
        assert seconds <= sum(slept) < seconds + 1
