"""Projections that follow in threads: backlog, errors, ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from store.errors import ProjectionFailed
from store.library.follow import BACKLOG, Follower, Following


class Work:
    """A projection that has something to do, and does it in `step`."""

    def __init__(self) -> None:
        self.behind = 0
        self.steps = 0
        self.go = threading.Event()
        self.go.set()
        self.failure: Exception | None = None

    def step(self) -> bool:
        self.go.wait(10)
        self.steps += 1
        if self.failure is not None:
            raise self.failure
        self.behind = max(0, self.behind - 1000)
        return True


def follower(work: Work, lines: list[str]) -> Follower:
    return Follower("test", lambda: work.behind, work.step, batch=1000, narrate=lines.append)


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not true():
        assert time.monotonic() < until
        time.sleep(0.005)


def test_whole_batches_are_projected_and_the_rest_is_left() -> None:
    work = Work()
    following = Following(lambda: [follower(work, [])])
    work.behind = 2500
    following.committed()
    wait_until(lambda: work.behind == 500)
    following.committed()
    following.close()
    assert (work.steps, work.behind) == (2, 500)


def test_taking_in_waits_for_a_long_backlog_only() -> None:
    work = Work()
    work.go.clear()
    one = follower(work, [])
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
    work, lines = Work(), list[str]()
    work.failure = ProjectionFailed("the disk is full", "free some space")
    one = follower(work, lines)
    work.behind = BACKLOG + 3000
    one.wake()
    wait_until(lambda: len(lines) == 1)
    one.wake()
    wait_until(lambda: len(lines) == 2)
    assert lines[0] == "the disk is full; free some space"
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
    broken, well = Work(), Work()
    broken.failure = ZeroDivisionError("a bug")
    following = Following(lambda: [follower(broken, []), follower(well, [])])
    broken.behind = well.behind = 1500
    following.committed()
    wait_until(lambda: well.behind == 500 and len(_following()) == 1)
    following.committed()
    with pytest.raises(ZeroDivisionError, match="a bug"):
        following.close()
    assert not _following()
