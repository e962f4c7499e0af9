"""Completing a path over real folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.ingest import path_completion
from assistant.ingest.path_completion import Completion, complete


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with files and folders."""
    home = tmp_path / "home"
    (home / "papers" / "2023").mkdir(parents=True)
    for name in ("pages.bib", "pages.bib.old", "über uns.csv", ".hidden.ris", "a\x1b[2Jb", "-x"):
        (home / name).touch()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    return home


@pytest.mark.parametrize(
    ("typed", "text", "names"),
    [
        ("~", "~/", ("~/",)),
        ("~/p", "~/pa", ("pages.bib", "pages.bib.old", "papers/")),
        ("pap", "papers/", ("papers/",)),
        ("papers", "papers/", ("papers/",)),
        ("papers/", "papers/", ()),
        ("papers/2", "papers/2023/", ("2023/",)),
        ("~/ü", "~/über uns.csv", ("über uns.csv",)),
        ("./.", "./.hidden.ris", (".hidden.ris",)),
        ("-", "-x", ("-x",)),
        # its name cannot be shown as it is, so that it cannot be typed either
        ("a", "a", ()),
        ("", "", ()),
        ("arxiv:2403.0", "arxiv:2403.0", ()),
        ("https://arxiv.org/abs/24", "https://arxiv.org/abs/24", ()),
        ("none/there", "none/there", ()),
        ("pages.bib/x", "pages.bib/x", ()),
        ("~nobody-of-this-name/x", "~nobody-of-this-name/x", ()),
        ("nul\0/x", "nul\0/x", ()),
    ],
)
def test_a_path_is_completed_as_far_as_it_is_clear(
    typed: str, text: str, names: tuple[str, ...]
) -> None:
    found = complete(typed)
    assert (found.text, found.names) == (text, names)


def test_the_first_is_suggested_and_a_whole_one_is_known(home: Path) -> None:
    assert complete(f"{home}/pag") == Completion(
        f"{home}/pages.bib", ("pages.bib", "pages.bib.old"), f"{home}/pages.bib"
    )
    assert complete("pages.bib").is_whole
    assert not complete("p").is_whole


def test_a_folder_of_very_many_names_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(path_completion, "LOOKED_AT", 3)
    assert complete("pap") == Completion("pap")
