"""What is read of one paper in the layouts of many programs: python -m tests.bench.pdf_layouts

Makes a PDF of each layout whose program is here (pdflatex, groff, LibreOffice, typst, weasyprint),
reads it, and prints what was found of title, authors, abstract and identifiers.
"""

from __future__ import annotations

import argparse
import difflib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from store.errors import UnusableSource
from store.readers.registry import read_source
from store.readers.source import Source
from store.types import Record, Rejection

HERE = Path(__file__).parent
PROGRAMS = {
    ".tex": "pdflatex",
    ".ms": "groff",
    ".html": "soffice",
    ".typ": "typst",
}


def made(layout: Path, folder: Path, paper: dict[str, Any]) -> Path | None:
    """The PDF of a layout, None where its program is not here."""
    percent = "\\%" if layout.suffix == ".tex" else "%"
    text = layout.read_text("utf-8")
    for name in ("title", "abstract", "introduction"):
        words = " ".join(paper[name].split()).replace("%", percent)
        text = text.replace(f"@{name.upper()}@", words)
    source, target = folder / layout.name, folder / f"{layout.stem}.pdf"
    source.write_text(text, "utf-8")
    command = _command(layout, source, target)
    if command is None:
        return None
    with (folder / f"{layout.stem}.txt").open("wb") as log:
        for _ in range(2 if layout.suffix == ".tex" else 1):
            subprocess.run(
                command, cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL, check=False
            )
    return target if target.is_file() else None


def _command(layout: Path, source: Path, target: Path) -> list[str] | None:
    if layout.stem == "journal":
        if importlib.util.find_spec("weasyprint") is None:
            return None
        code = "import sys, weasyprint; weasyprint.HTML(sys.argv[1]).write_pdf(sys.argv[2])"
        return [sys.executable, "-c", code, str(source), str(target)]
    if layout.suffix == ".typ":
        if importlib.util.find_spec("typst") is None:
            return None
        code = "import sys, typst; typst.compile(sys.argv[1], output=sys.argv[2])"
        return [sys.executable, "-c", code, str(source), str(target)]
    if shutil.which(PROGRAMS[layout.suffix]) is None:
        return None
    match layout.suffix:
        case ".tex":
            return ["pdflatex", "-interaction=batchmode", source.name]
        case ".ms":
            return ["sh", "-c", f"groff -ms -Tps {source.name} | ps2pdf - {target.name}"]
        case _:
            word, office = f"{source.stem}.docx", "soffice --headless --convert-to"
            as_word = f"{office} 'docx:MS Word 2007 XML' --infilter=writer_web_HTML {source.name}"
            return ["sh", "-c", f"{as_word} && {office} pdf {word}"]


def row(name: str, path: Path, paper: dict[str, Any]) -> str:
    """What was read of a PDF, in a line."""
    try:
        items = list(read_source(Source(str(path), path)))
    except UnusableSource as failure:
        return f"{name:<12} {failure.message}"
    found = next((one for one in items if isinstance(one, Record)), None)
    if found is None:
        reasons = (one.reason for one in items if isinstance(one, Rejection))
        return f"{name:<12} {'; '.join(reasons)}"
    wanted = " ".join(paper["abstract"].split())
    alike = difflib.SequenceMatcher(None, wanted, found.abstract, autojunk=False).ratio()
    authors = [one.replace("’", "'") for one in found.authors]
    names = [one for one in paper["authors"] if one in authors]
    more = [one for one in authors if one not in paper["authors"]]
    title = "yes" if found.title == paper["title"] else found.title
    ids = " ".join(filter(None, (found.doi, found.arxiv_id)))
    return f"{name:<12} abstract {alike:.3f}  authors {len(names)} and {more}  title {title}  {ids}"


def main() -> None:
    """Make, read and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="a folder to keep the PDFs in")
    asked = parser.parse_args()
    paper = tomllib.loads((HERE / "paper.toml").read_text("utf-8"))
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        folder.mkdir(exist_ok=True)
        for layout in sorted(HERE.iterdir()):
            if layout.suffix in PROGRAMS:
                path = made(layout, folder, paper)
                print(row(layout.stem, path, paper) if path else f"{layout.stem:<12} not made here")


if __name__ == "__main__":
    main()
