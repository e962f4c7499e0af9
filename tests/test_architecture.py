"""The checks that hold the project together, and ARCHITECTURE.md followed to the letter."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from papers import made_up

from assistant.cli.root import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
CODE = ("assistant", "store", "tui")
CHECKS = {
    "mypy": ["-m", "mypy"],
    "ruff check": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "import-linter": ["-c", "from importlinter.cli import lint_imports_command as c; c()"],
}
PACKAGES = [one for top in (*CODE, "prompts") for one in sorted((ROOT / top).rglob("__init__.py"))]
PAGES = sorted(ROOT.glob("*.md"))
COPIED = ("assistant", "store", "tui", "prompts", "tests", "pyproject.toml", "README.md")
# A path on a line of its own, then the blocks that make or change that file.
PART = re.compile(
    r"^`(?P<path>[\w/.]+)`$|^```(?P<kind>python|diff)\n(?P<body>.*?)^```$", re.M | re.S
)
TEMPLATES = """Template-Type: ReDIF-Paper 1.0
Title: How owls hear
Abstract: Owls hear mice below the snow. Their ears
  stand at two heights.
Author-Name: Tyto, Alba
Creation-Date: 2019-05

Template-Type: ReDIF-Paper 1.0
Title: A letter
"""
Changed = tuple[Path, list[Path]]
"""The folder of a copy of the project with all examples, and their tests there."""


def run(folder: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run Python in the project, or in a copy of it."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=300,
    )


def passes(folder: Path, check: str) -> None:
    ran = run(folder, *CHECKS[check])
    assert ran.returncode == 0, f"{check}: {ran.stdout}{ran.stderr}"


@pytest.mark.parametrize("check", CHECKS)
def test_check(check: str) -> None:
    passes(ROOT, check)


@pytest.mark.parametrize("init", PACKAGES, ids=lambda one: str(one.parent.relative_to(ROOT)))
def test_a_package_says_in_three_lines_what_lives_there_and_what_must_not(init: Path) -> None:
    tree = ast.parse(init.read_text("utf-8"))
    lines = (ast.get_docstring(tree) or "").splitlines()
    assert len(lines) == 3
    assert re.search(r"\b(?:no|not|nothing|only|never)\b", " ".join(lines), re.IGNORECASE)
    if init.parent.name not in ("prompts", "assistant"):  # these are imported for what they hold
        assert len(tree.body) == 1, "code stands in modules that are named for it"


def test_every_folder_of_code_is_a_package() -> None:
    folders = {one.parent for top in CODE for one in (ROOT / top).rglob("*.py")}
    assert folders == {one.parent for one in PACKAGES if one.parent.name != "prompts"}


def test_readme_is_short_and_names_every_command() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert len(text.splitlines()) < 200
    assert [name for name in COMMANDS if f"quire {name}" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_names_is_there(page: Path) -> None:
    """Links, benches and files; what a worked example adds has a test of its own."""
    text = page.read_text("utf-8").partition("\n# Worked examples\n")[0]
    named = set(re.findall(r"\]\(([^)#:\s]+)\)", text))
    named |= {f"{one.replace('.', '/')}*" for one in re.findall(r"-m (tests\.bench\.\w+)", text)}
    named |= set(re.findall(r"\b(?:assistant|store|tui|tests)/[\w/]+\.\w+", text))
    assert [one for one in named if not list(ROOT.glob(one))] == []


def test_dependencies_are_bounded() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [one for group in project["optional-dependencies"].values() for one in group]
    for dependency in (*project["dependencies"], *extras):
        requirement = dependency.split(";")[0]
        assert ">=" in requirement, dependency
        assert "<" in requirement, dependency


HEAVY = "chromadb openai httpx2 textual tantivy numpy tokenizers rich pydantic"
LISTS = ("list", "list --json", "list --ids --sort title", "tag", "note --list")
MARKS = ("tag --all --add x", "mark kept --tag x", "note --tag x --text n", "undo --dry-run")
LIGHT = ("--help", "--version", "status", *LISTS, *MARKS)
WITH_HELP = ("ask", "summarize", "add", "search", "similar", "models", "models add")
_COMMANDS = """
import contextlib, io, json, sys
from tui.__main__ import main

heavy, commands = json.load(sys.stdin)
for arguments in commands:
    sys.argv = ["quire", *arguments]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        code = main()
    print(json.dumps([arguments, code, [name for name in heavy.split() if name in sys.modules]]))
"""


def test_light_commands_import_nothing_heavy(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one process, so that the first that imports something is the one that is named."""
    monkeypatch.setenv("QUIRE_HOME", str(filled))
    added = ["models", "add", "x", "--url", "http://127.0.0.1:1/v1", "--model", "m"]
    commands = [
        *(one.split() for one in (*LIGHT, *(f"{name} --help" for name in WITH_HELP))),
        ["show", made_up(40)[2].title],
        ["nonsense"],
        added,
    ]
    ran = run(ROOT, "-c", _COMMANDS, stdin=json.dumps([HEAVY, commands]))
    came = [json.loads(line) for line in ran.stdout.splitlines()]
    # A configuration is checked by pydantic, once there is one.
    right = [
        [one, 2 if one == ["nonsense"] else 0, ["pydantic"] if one is added else []]
        for one in commands
    ]
    assert came == right, ran.stderr


_IMPORTS = """
import socket, sys

def refuse(*arguments, **named):
    raise AssertionError("a socket")

socket.socket.connect = refuse
import assistant.types.answers, assistant.types.events, store.types
store.types.Rejection(source="-", reason="no").model_dump_json()
print("pydantic" in sys.modules)
import assistant.answers.ask, assistant.workspace.workspace, assistant.wiring.models
import assistant.generation.openai.endpoint, store.library.library
import store.chroma.worker, store.chroma.projection
print([name for name in ("chromadb", "openai", "textual") if name in sys.modules])
"""


def test_importing_the_packages_opens_nothing_and_values_need_no_pydantic() -> None:
    """Nothing downloads, connects or writes on import."""
    ran = run(ROOT, "-c", _IMPORTS)
    assert ran.stdout.split() == ["False", "[]"], ran.stderr


def apply(page: str, folder: Path) -> list[Path]:
    """Build the examples of a page; returns the tests, or the folders of tables, they change."""
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
    tests = (one for one in dict.fromkeys(touched) if folder / "tests" in one.parents)
    return [one if one.suffix == ".py" else one.parent for one in tests]


def change(path: Path, lines: list[str]) -> None:
    before = "".join(line[1:] for line in lines if line[0] != "+")
    after = "".join(line[1:] for line in lines if line[0] != "-")
    text = path.read_text("utf-8")
    assert text.count(before) == 1, f"not once in {path}:\n{before}"
    path.write_text(text.replace(before, after), "utf-8")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Changed:
    """A copy of the project with all examples, and their tests."""
    folder = tmp_path_factory.mktemp("examples")
    for name in COPIED:
        if (ROOT / name).is_dir():
            kept_out = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=kept_out)
        else:
            shutil.copyfile(ROOT / name, folder / name)
    return folder, apply((ROOT / "ARCHITECTURE.md").read_text("utf-8"), folder)


def test_papers_are_added_by_the_reader_and_read_back(changed: Changed) -> None:
    def quire(*arguments: str, stdin: str = "") -> str:
        ran = run(changed[0], "-m", "tui", *arguments, stdin=stdin)
        assert ran.returncode in (0, 1), ran.stderr
        return ran.stdout

    report = json.loads(quire("add", "-", "--json", stdin=TEMPLATES))
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


def test_the_tests_of_the_examples_pass(changed: Changed, tmp_path: Path) -> None:
    folder, tests = changed
    wanted = ["-k", "redif or years or hashed or claims_and_replies"]
    plain = ["-rp", "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'examples'}"]
    assert len(tests) == 4
    ran = run(folder, "-m", "pytest", *plain, *wanted, *map(str, tests))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for one in tests:
        assert f"PASSED {one.relative_to(folder)}" in ran.stdout, f"{one.name}: {ran.stdout}"


def test_the_examples_pass_the_checks(changed: Changed) -> None:
    for check in ("ruff check", "ruff format", "import-linter"):
        passes(changed[0], check)
