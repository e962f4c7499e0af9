"""ARCHITECTURE.md is followed to the letter: its examples are built in a copy, and work."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("assistant", "store", "tui", "prompts", "tests", "pyproject.toml", "README.md")
# A path on a line of its own, then the blocks that make or change that file.
PART = re.compile(
    r"^`(?P<path>[\w/.]+)`$|^```(?P<kind>python|diff)\n(?P<body>.*?)^```$", re.M | re.S
)
CITATIONS = """PMID- 7
TI  - How owls hear
AB  - Owls hear mice below the snow. Their ears stand at two heights.
FAU - Tyto, Alba
DP  - 2019

PMID- 8
TI  - A letter
"""


def apply(page: str, folder: Path) -> list[Path]:
    """Build the examples of a page; returns the tests that they bring or change."""
    path = folder / "nowhere"
    touched: list[Path] = []
    for part in PART.finditer(page[page.index("# Worked examples") :]):
        match part["kind"]:
            case "python":
                assert not path.exists(), f"{path} is there already"
                path.write_text(part["body"], "utf-8")
            case "diff":
                change(path, part["body"].splitlines(keepends=True))
            case _:
                path = folder / part["path"]
                touched.append(path)
    return [one for one in dict.fromkeys(touched) if one.name.startswith("test_")]


def change(path: Path, lines: list[str]) -> None:
    before = "".join(line[1:] for line in lines if line[0] != "+")
    after = "".join(line[1:] for line in lines if line[0] != "-")
    text = path.read_text("utf-8")
    assert text.count(before) == 1, f"not once in {path}:\n{before}"
    path.write_text(text.replace(before, after), "utf-8")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    """A copy of the project with all examples, and their tests."""
    folder = tmp_path_factory.mktemp("examples")
    for name in COPIED:
        if (ROOT / name).is_dir():
            kept_out = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=kept_out)
        else:
            shutil.copyfile(ROOT / name, folder / name)
    return folder, apply((ROOT / "ARCHITECTURE.md").read_text("utf-8"), folder)


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_papers_are_added_by_the_reader_and_read_back(
    changed: tuple[Path, list[Path]], tmp_path: Path
) -> None:
    def quire(*arguments: str) -> str:
        ran = run(changed[0], "-m", "tui", *arguments)
        assert ran.returncode in (0, 1), ran.stderr
        return ran.stdout

    (tmp_path / "saved.nbib").write_text(CITATIONS, "utf-8")
    report = json.loads(quire("add", str(tmp_path / "saved.nbib"), "--json"))
    assert (report["read"], report["new"], report["refused"]) == (2, 1, 1)
    assert report["rejections"][0]["reason"] == "no abstract"
    (paper,) = json.loads(quire("show", *report["papers"], "--json"))
    assert paper["title"] == "How owls hear"
    assert paper["abstract"].startswith("Owls hear mice below the snow.")
    assert (paper["authors"], paper["year"]) == (["Tyto, Alba"], 2019)
    assert quire("years").split() == ["2019", "1"]
    quire("models", "use", "hashed")
    found = json.loads(quire("search", "ears of owls", "--json"))
    assert [hit["ranks"]["dense"] for hit in found["hits"]] == [1]


def test_the_tests_of_the_examples_pass(changed: tuple[Path, list[Path]]) -> None:
    folder, tests = changed
    wanted = ["-k", "nbib or years or hashed or a_format or absence"]
    paths = [str(one.relative_to(folder)) for one in tests]
    assert len(paths) == 5
    ran = run(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", *wanted, *paths)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    passed = re.search(r"(\d+) passed", ran.stdout)
    assert passed, ran.stdout
    assert int(passed[1]) >= 12, "tests of each example were run"


def test_the_examples_pass_the_checks(changed: tuple[Path, list[Path]]) -> None:
    imports = "from importlinter.cli import lint_imports_command as c; c()"
    for check in (
        ("-m", "ruff", "check", "."),
        ("-m", "ruff", "format", "--check", "."),
        ("-c", imports, "--no-cache"),
    ):
        ran = run(changed[0], *check)
        assert ran.returncode == 0, ran.stdout + ran.stderr
