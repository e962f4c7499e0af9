"""What shells complete, asked as they ask and in the shells themselves; manual pages."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cli_fixture import CONFIG, Add, Quire
from tables import Row, for_each, table
from terminal_fixture import Terminals

from assistant.cli.completing.answer import lines
from assistant.cli.completing.command_line import cut
from assistant.cli.manual import pages

ROOT = Path(__file__).resolve().parents[3]
BREAKS = " \t\n\"'@><=;|&(:"
MARKED = [
    {
        "title": "Owls",
        "abstract": "Owls see at night.",
        "authors": ["Owl, Olga"],
        "tags": ["10.1/a:b"],
    },
    {"title": "Foxes: a study", "abstract": "Foxes dig.", "tags": ["audio", "two words"]},
]
ASKED = {
    "bash": """
        source {file}
        for line in 'quire sta' 'quire list --tag tw'; do
            COMP_LINE=$line COMP_POINT=${{#line}} COMP_TYPE=9
            _quire_completion quire
            echo "${{COMPREPLY[@]}}"
        done
        complete -p quire""",
    "fish": """
        complete -C "quire sta"; complete -C "quire list --tag tw"; complete -C "quire add pyp" """,
}


@pytest.fixture
def marked(added: Add, tmp_path: Path) -> Path:
    """A library whose tags are hard to type, and a configured model."""
    library = added(MARKED)
    (tmp_path / CONFIG).parent.mkdir(parents=True)
    (tmp_path / CONFIG).write_text('[models.big]\nbase_url = "http://localhost/"\nmodel = "m"\n')
    return library


def values(shell: str, *arguments: str) -> list[str]:
    return [line.split("\t")[1] for line in lines(shell, arguments)]


def test_what_stands_behind_a_tab(marked: Path, quire: Quire, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    ids = {one["title"]: one["id"] for one in quire("list", "--json").json["papers"]}
    quire("ask", "-s", "night birds", "Do owls see at night?")
    quire("ask", "Do foxes dig?")

    def check(row: Row) -> None:
        typed = "quire " + row["typed"].format(nowhere=nowhere)
        line = cut(typed, BREAKS)
        came = values("zsh", *line.words, line.current)
        right = row.get("all", row.get("found", []))
        assert came == right if "all" in row else set(right) <= set(came), came
        bash = values("bash", typed, "9", BREAKS)
        assert set(row.get("bash", [one for one in right if not line.quote])) <= set(bash), bash

    for_each(table(__file__, "completed.jsonl"), check)
    assert lines("zsh", ["show", ids["Owls"][:4]]) == [f"plain\t{ids['Owls']}\tOwls"]
    assert lines("zsh", ["sessions", "show", "ni"]) == ["plain\tnight birds\tDo owls see at night?"]
    shown = [line.split("\t", 1)[1] for line in lines("zsh", ["ask", "-s", ""])]
    assert [one.split("\t")[1] for one in shown] == [
        "Do owls see at night?",
        "Do foxes dig?",
        "night birds",
    ]
    listed = values("bash", "quire show ", "63", BREAKS)
    assert listed == [f"{ids[name]}  ({name})" for name in ("Foxes: a study", "Owls")]
    assert lines("fish", ["add", "x"]) == ["file\tx"]
    assert not nowhere.exists()


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of its own, and a quire on the path; returns the home."""
    program = tmp_path / "bin" / "quire"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m tui "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("ZDOTDIR", "BASH_COMPLETION_USER_DIR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.mark.parametrize("shell", ASKED)
def test_a_shell_completes(shell: str, marked: Path, installed: Path, quire: Quire) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell}")
    file = quire("completion", "install", shell, "--json").json["file"]
    script = ASKED[shell].format(file=file)
    ran = subprocess.run([shell, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert ran.stderr == ""
    assert re.search(r"^status\b", ran.stdout, re.M), ran.stdout
    assert re.search(r"^two\\? words", ran.stdout, re.M), ran.stdout
    assert ("pyproject.toml" in ran.stdout) is (shell == "fish")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("zsh") is None, reason="no zsh")
def test_zsh_completes(marked: Path, installed: Path, quire: Quire, on_terminal: Terminals) -> None:
    (installed / ".zshrc").write_text("PS1='> '; zle_highlight=(none)\n")
    quire("completion", "install", "zsh")
    zsh = on_terminal(program="import os; os.execvp('zsh', ['zsh', '-i'])")
    zsh.until("> ")
    for typed, done in (
        ("sta", "status "),
        ("list --tag tw", "two\\ words "),
        ("add pypr", "oject.toml "),
    ):
        zsh.type(f"quire {typed}\t")
        zsh.until(done, after=len(zsh.output))
        zsh.type("\x15")


def test_a_shell_is_told_once_and_can_forget(
    installed: Path, quire: Quire, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = "alias ll='ls -l'\n"
    (installed / ".zshrc").write_text(own)
    for shell, news in (("/bin/zsh", True), ("/bin/zsh", False), ("/opt/fish", True)):
        monkeypatch.setenv("SHELL", shell)
        ran = quire("completion", "install", "--json").json
        assert (ran["shell"], ran["new"]) == (Path(shell).name, news)
    assert (installed / ".zshrc").read_text().count("compdef _quire quire") == 1
    assert quire("completion", "uninstall", "zsh", "--json").json["changed"]
    assert (installed / ".zshrc").read_text() == own
    assert quire("completion", "uninstall", "zsh", "--json").json["changed"] == []
    file = Path(quire("completion", "show", "fish", "--json").json and ran["file"])
    assert file.read_text() == quire("completion", "show", "fish").out
    file.write_text("complete -c quire -a mine\n")
    assert "not of quire" in quire("completion", "install", "fish").err
    assert "mine" in file.read_text()


JUDGES = [
    ["groff", "-man", "-ww", "-z", "-Tutf8"],
    ["groff", "-man", "-ww", "-z"],
    ["mandoc", "-Tlint", "-Wwarning"],
]


def test_pages_are_made_of_the_help(installed: Path, quire: Quire) -> None:
    ran = quire("man", "--install", "--json").json
    files = [Path(ran["folder"], name) for name in ran["pages"]]
    assert {one.name for one in files} >= {"quire.1", "quire-ask.1", "quire-models-add.1"}
    assert (
        quire("man", "models", "add").out == Path(ran["folder"], "quire-models-add.1").read_text()
    )
    assert "--key\\-variable" in quire("man", "models", "add").out.replace("\\-\\-", "--")
    assert quire("man", "nothing-such").code == 2
    for judge in JUDGES:
        if shutil.which(judge[0]):
            said = subprocess.run([*judge, *map(str, files)], capture_output=True, text=True)
            assert said.stdout + said.stderr == "", judge


def test_no_text_of_the_help_is_a_request() -> None:
    known = {"TH", "SH", "PP", "TP", "nf", "fi", "BR", "if"}
    for page in pages():
        requests = re.findall(r"^[.']\s*(\w*)", page.text, re.M)
        assert set(requests) <= known, page.name
        assert page.text.isascii()
