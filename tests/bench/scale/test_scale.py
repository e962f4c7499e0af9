"""How growth is told, and that adding which is stopped is gone on with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.scale.commands import COMMANDS, stopped
from tests.bench.scale.generator import Generator
from tests.bench.scale.report import exponent, write_report


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0, 2.0])
def test_the_exponent_of_a_power_is_the_power(power: float) -> None:
    points = [(x, 3 * x**power) for x in (1e3, 1e4, 1e5)]
    assert exponent(points) == pytest.approx(power)


def test_nothing_grows_that_was_measured_once() -> None:
    assert exponent([(1000.0, 2.0)]) is None


def test_commands_stand_in_the_table_with_their_growth(tmp_path: Path) -> None:
    name = next(iter(COMMANDS))

    def step(cpu: float, **more: object) -> dict[str, object]:
        return {"cpu_s": cpu, "wall_s": cpu, "peak_mb": 90.0, "written_mb": 0.0, **more}

    figures = {
        "1000": {name: step(0.5)},
        "10000": {name: step(5.0)},
        "100000": {name: step(540.0, ended=True), "disk": {"ledger": 1.0, "sentences": 7.0}},
    }
    write_report(figures, tmp_path)
    text = (tmp_path / "figures.md").read_text("utf-8")
    assert f"| {name} | CPU s | 0.5 | 5 | > 540 | 1.52 (2.03) |" in text
    assert "|  | MB | 90 | 90 | > 90 | 0.00 (0.00) |" in text
    assert "| – sentences |  |  | 7.0 | |" in text
    assert "polyline" in (tmp_path / "growth.svg").read_text("utf-8")


@pytest.mark.slow
def test_adding_that_is_stopped_twice_is_gone_on_with(tmp_path: Path) -> None:
    size = 2000
    records = tmp_path / "papers.jsonl"
    Generator(seed=3).write(records, size)
    found = stopped(records, tmp_path / "library", size)
    assert 0.3 * size <= found["kept"][0] <= found["kept"][1] <= size
    assert found["codes"][-1] == 0
    assert (found["papers"], found["once"]) == (size, True)
