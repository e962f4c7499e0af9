"""Locks and modes of files that only their owner may read."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.files import try_lock


def test_a_lock_is_held_by_one_and_free_again_after(tmp_path: Path) -> None:
    path = tmp_path / "one.lock"
    with try_lock(path) as mine:
        assert mine
        with try_lock(path) as another:
            assert not another
        with try_lock(path) as another:
            assert not another, "asking in vain lets nobody in"
    with pytest.raises(KeyError), try_lock(path) as mine:
        raise KeyError
    with try_lock(path) as mine:
        assert mine, "a failure lets go"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_lock_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"), try_lock(tmp_path / "file" / "one.lock"):
        pytest.fail("nothing was locked")
