"""LaTeX in BibTeX: no text is a command of TeX, and each is read back as it was."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import bibtexparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odd_records import odd_papers
from pybtex.database import parse_string

from store.exporters.base import ExportOptions
from store.exporters.bibtex.titles import protected
from store.exporters.registry import exporters
from store.latex.codec import escaped, exact
from store.latex.signs import group_of, sign_of, signs

COMMANDS = {
    f"{{\\text{name}}}"
    for name in [
        "backslash",
        "asciitilde",
        "asciicircum",
        "less",
        "greater",
        "braceleft",
        "braceright",
    ]
}


def text_of(format_name: str) -> str:
    return "".join(exporters().named(format_name).write(odd_papers(200), ExportOptions()))


def test_what_bibtex_gets_is_ascii_where_latex_has_commands() -> None:
    beyond = {sign for sign in text_of("bibtex") if not sign.isascii()}
    assert beyond
    assert not beyond & set("éüøßłŁÅøαβΔ²₂⁻³≤–—“”’…→∞ℝ∂°")


def test_every_sign_that_has_a_command_is_read_of_it() -> None:
    every = {*signs(), *(chr(point) for point in range(0xA1, 0x2000))}
    commands = {sign: group_of(sign) for sign in every if group_of(sign) != sign}
    assert len(commands) > 600
    assert {sign for sign, group in commands.items() if sign_of(group) != sign} == set()


@settings(max_examples=400)
@given(st.text(st.sampled_from("ab Z{}\\%$#_&~^<>-'`,!?@\n\"αé²–王")), st.booleans())
def test_any_text_is_its_own_latex_read_back(text: str, ascii_only: bool) -> None:
    latex = escaped(text, ascii_only=ascii_only)
    depths = [latex[:at].count("{") - latex[:at].count("}") for at in range(len(latex) + 1)]
    assert min(depths) == depths[-1] == 0
    bare = re.sub(r"\{\$[^$]*\$\}", "", latex)
    assert re.findall(r"(?<!\\)[%$#&_^~]", bare) == []
    written = {f"{{\\{name}}}" for name in re.findall(r"\\([A-Za-z]{2,})", bare)}
    assert written <= {*signs().values(), *COMMANDS}
    read = exact(latex, groups=False)
    assert (latex if read is None else read) == text


@pytest.mark.parametrize("format_name", ["bibtex", "biblatex"])
def test_other_parsers_read_the_same(format_name: str) -> None:
    papers, text = odd_papers(200), text_of(format_name)
    library = bibtexparser.parse_string(text)
    entries = parse_string(text, "bibtex").entries
    assert (library.failed_blocks, len(library.entries)) == ([], len(papers))
    for paper, one, (key, other) in zip(papers, library.entries, entries.items(), strict=True):
        assert one.key == key == paper.id
        told = [(other.fields.get(name), getattr(paper, name)) for name in ("doi", "url")]
        assert [one for one in told if one[0] != one[1]] == []
        assert len(other.persons.get("author", ())) == len(paper.authors)
        title = one.fields_dict["title"].value
        assert title == other.fields["title"]
        assert (exact(title, groups=True) or title) == paper.title


PANDOC = shutil.which("pandoc")


@pytest.mark.skipif(PANDOC is None, reason="no pandoc")
@pytest.mark.parametrize("format_name", ["bibtex", "biblatex"])
def test_pandoc_reads_the_same(format_name: str) -> None:
    papers = odd_papers(200)
    assert PANDOC is not None
    command = [PANDOC, "-f", format_name, "-t", "csljson"]
    ran = subprocess.run(
        command, input=text_of(format_name), capture_output=True, text=True, timeout=60
    )
    assert ran.stderr == ""
    items = json.loads(ran.stdout)
    assert [one.get("DOI") for one in items] == [one.doi for one in papers]
    assert [len(one.get("author", ())) for one in items] == [len(one.authors) for one in papers]


@pytest.mark.parametrize(
    "right",
    [
        "Counting kelp near {Como} with {DNA}: A census",
        "{GPT-4} and Vitamin {C} in a Self-Taught World",
        "{mRNA} of {{\\'E}tretat}",
        "ALL IS LOUD",
    ],
)
def test_capitals_that_mean_something_are_protected(right: str) -> None:
    title = exact(right, groups=True) or right
    assert protected(title, ascii_only=True) == right


PDFLATEX = shutil.which("pdflatex")
FIELD = re.compile(r"(?ms)^  (?:abstract|annote|comment|keywords|author|title) = \{(.*?)\},$")


@pytest.mark.skipif(PDFLATEX is None, reason="no pdflatex")
def test_tex_sets_every_text_without_an_error(tmp_path: Path) -> None:
    assert PDFLATEX is not None
    texts = [one for one in FIELD.findall(text_of("bibtex")) if one.isascii()]
    assert len(texts) > 500
    body = "\n\n".join(f"{{{one}}}" for one in texts)
    packages = "\\usepackage[T1]{fontenc}\\usepackage{amssymb}"
    document = f"\\documentclass{{article}}{packages}\\begin{{document}}\n{body}\n\\end{{document}}"
    (tmp_path / "texts.tex").write_text(document)
    command = [PDFLATEX, "-halt-on-error", "-no-shell-escape", "texts.tex"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60)
    assert ran.returncode == 0, ran.stdout[-400:]
    assert (tmp_path / "texts.pdf").stat().st_size > 10_000
