"""Projections that follow in threads: backlog, errors, ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from store.errors import ProjectionFailed
from store.library.follow import BACKLOG, Follower, Following


@dataclass
class Work:
    """A projection that has something to do, and does it in `step` once it may go."""

    behind: int = 0
    steps: int = 0
    go: threading.Event = field(default_factory=threading.Event)
    failure: Exception | None = None
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.go.set()

    def step(self) -> bool:
        self.go.wait(10)
        self.steps += 1
        if self.failure is not None:
            raise self.failure
        self.behind = max(0, self.behind - 1000)
        return True

    def follower(self) -> Follower:
        return Follower(
            "test", lambda: self.behind, self.step, batch=1000, narrate=self.lines.append
        )


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not true():
        assert time.monotonic() < until
        time.sleep(0.005)


def test_whole_batches_are_projected_and_the_rest_is_left() -> None:
    work = Work(behind=2500)
    following = Following(lambda: [work.follower()])
    following.committed()
    wait_until(lambda: work.behind == 500)
    following.committed()
    following.close()
    assert (work.steps, work.behind) == (2, 500)


def test_taking_in_waits_for_a_long_backlog_only() -> None:
    work = Work()
    work.go.clear()
    one = work.follower()
    work.behind = BACKLOG
    begun = time.monotonic()
    one.wake()
    assert time.monotonic() - begun < 0.4
    work.behind = BACKLOG + 500
    waiter = threading.Thread(target=one.wake)
    waiter.start()
    waiter.join(0.3)
    assert waiter.is_alive()
    work.go.set()
    waiter.join(10)
    assert not waiter.is_alive()
    assert one.close() is None


def test_what_cannot_be_projected_is_told_and_tried_again() -> None:
    work = Work(behind=BACKLOG + 3000)
    work.failure = ProjectionFailed("the disk is full", "free some space")
    one = work.follower()
    for told in (1, 2):
        one.wake()
        wait_until(lambda told=told: len(work.lines) == told)
    assert work.lines[0] == "the disk is full; free some space"
    work.failure = None
    one.wake()
    wait_until(lambda: work.behind < 1000)
    assert one.close() is None


def test_a_step_that_comes_no_further_stops_nobody() -> None:
    work = Work()
    one = Follower("test", lambda: 10**9, lambda: False, batch=1000, narrate=print)
    for _ in range(3):
        one.wake()
    assert one.close() is None
    assert work.steps == 0


def _following() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "follow-test"]


def test_any_other_error_is_carried_over_once_all_have_ended() -> None:
    broken, well = Work(behind=1500, failure=ZeroDivisionError("a bug")), Work(behind=1500)
    following = Following(lambda: [broken.follower(), well.follower()])
    following.committed()
    wait_until(lambda: well.behind == 500 and len(_following()) == 1)
    following.committed()
    with pytest.raises(ZeroDivisionError, match="a bug"):
        following.close()
    assert not _following()
