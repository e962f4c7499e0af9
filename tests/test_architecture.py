"""The checks that hold the project together, run as tests."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    "command",
    [
        pytest.param([sys.executable, "-m", "mypy"], id="mypy"),
        pytest.param([sys.executable, "-m", "ruff", "check", "."], id="ruff check"),
        pytest.param([sys.executable, "-m", "ruff", "format", "--check", "."], id="ruff format"),
        pytest.param(
            [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
            id="import-linter",
        ),
    ],
)
def test_check(command: list[str]) -> None:
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stdout + ran.stderr


PACKAGES = [
    one
    for top in ("assistant", "store", "tui", "prompts")
    for one in sorted((ROOT / top).rglob("__init__.py"))
]


@pytest.mark.parametrize("init", PACKAGES, ids=lambda one: str(one.parent.relative_to(ROOT)))
def test_a_package_says_in_three_lines_what_lives_there_and_what_must_not(init: Path) -> None:
    tree = ast.parse(init.read_text("utf-8"))
    lines = (ast.get_docstring(tree) or "").splitlines()
    assert len(lines) == 3
    assert re.search(r"\b(?:no|not|nothing|only|never)\b", " ".join(lines), re.IGNORECASE)
    if init.parent.name != "prompts":
        assert len(tree.body) == 1, "code stands in modules that are named for it"


def test_every_folder_of_code_is_a_package() -> None:
    folders = {
        one.parent for top in ("assistant", "store", "tui") for one in (ROOT / top).rglob("*.py")
    }
    assert folders == {one.parent for one in PACKAGES if one.parent.name != "prompts"}


def test_readme_is_short_and_names_every_command() -> None:
    from assistant.cli.root import COMMANDS

    text = (ROOT / "README.md").read_text("utf-8")
    assert len(text.splitlines()) < 200
    for name in COMMANDS:
        assert f"quire {name}" in text, name


PAGES = sorted(ROOT.glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_names_is_there(page: Path) -> None:
    """Links, benches and files; what a worked example adds has a test of its own."""
    text = page.read_text("utf-8").partition("\n# Worked examples\n")[0]
    named = set(re.findall(r"\]\(([^)#:\s]+)\)", text))
    named |= {f"{one.replace('.', '/')}*" for one in re.findall(r"-m (tests\.bench\.\w+)", text)}
    named |= set(re.findall(r"\b(?:assistant|store|tui|tests)/[\w/]+\.\w+", text))
    missing = [one for one in named if not list(ROOT.glob(one))]
    assert missing == []


def test_dependencies_are_bounded_and_explained() -> None:
    import tomllib

    text = (ROOT / "pyproject.toml").read_text("utf-8")
    project = tomllib.loads(text)["project"]
    extras = [one for group in project["optional-dependencies"].values() for one in group]
    for dependency in (*project["dependencies"], *extras):
        requirement = dependency.split(";")[0]
        assert ">=" in requirement, dependency
        assert "<" in requirement, dependency
