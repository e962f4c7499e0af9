"""Word documents, made by pandoc from the Markdown where it is installed.

No writer of .docx in Python knows citations and footnotes, which pandoc has both. It runs in its
sandbox; builds whose data lies beside them (Debian's) find none there, and run outside it: what
they read is escaped, and the extensions of Markdown that embed or run anything are off.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from assistant.answers.documents.bibliography import bibliography
from assistant.answers.documents.content import Document
from assistant.answers.documents.markdown import markdown
from assistant.errors import WrongUse
from store.clean import clean_line, shorten
from store.errors import ExportFailed
from store.pattern import pattern

_SECONDS = 60.0
_VERSION = pattern(r"(?m)^pandoc\S*\s+(\d+)\.(\d+)")
_OLDEST = (2, 15)
"""The first with --sandbox; --citeproc is older."""
_NO_DATA = 97
"""What pandoc ends with where a file of its own data is not found."""
_OFF = "smart raw_html raw_tex raw_attribute latex_macros native_divs native_spans"
_INSTALL = "install it (https://pandoc.org/installing.html), or write .md or .html"
_LONGEST = 300


def find_pandoc() -> str:
    """The path of a pandoc that can be used; raises WrongUse."""
    found = shutil.which("pandoc")
    if found is None:
        raise WrongUse("a .docx is made by pandoc, which is not on this machine", _INSTALL)
    try:
        ran = subprocess.run(
            [found, "--version"], capture_output=True, timeout=10, check=False, text=True
        )
        version = _VERSION.search(ran.stdout)
    except (OSError, subprocess.TimeoutExpired, UnicodeError):
        version = None
    if version is None:
        raise WrongUse(f"a .docx is made by pandoc, and {found} does not work", _INSTALL)
    if (int(version[1]), int(version[2])) < _OLDEST:
        raise WrongUse(
            f"a .docx is made by pandoc 2.15 or newer, and {found} is {version[1]}.{version[2]}",
            _INSTALL,
        )
    return found


def docx(document: Document, pandoc: str, seconds: float = _SECONDS) -> bytes:
    """The content of the file; raises ExportFailed where pandoc fails or takes `seconds`."""
    with tempfile.TemporaryDirectory(prefix="quire-") as name:
        folder = Path(name)
        (folder / "answer.bib").write_text(bibliography(document), "utf-8")
        (folder / "answer.md").write_text(markdown(document, "answer.bib"), "utf-8")
        _run(folder, pandoc, seconds)
        try:
            return (folder / "answer.docx").read_bytes()
        except OSError as failure:
            raise _failed("it wrote nothing") from failure


def _run(folder: Path, pandoc: str, seconds: float) -> None:
    off = "".join(f"-{one}" for one in _OFF.split())
    command = [pandoc, f"--from=markdown{off}", "--to=docx", "--citeproc"]
    command += ["--output=answer.docx", "answer.md"]
    code, said = _ended([*command, "--sandbox"], folder, seconds)
    if code == _NO_DATA:
        code, said = _ended(command, folder, seconds)
    if code:
        raise _failed(shorten(said, _LONGEST) or f"it ended with {code}")


def _ended(command: list[str], folder: Path, seconds: float) -> tuple[int, str]:
    """How a program ended, and what it said of that, in one line."""
    # Written into a file: a program that it started may hold a pipe open after its end.
    with (folder / "errors").open("w+b") as errors:
        try:
            ran = subprocess.run(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as failure:
            raise _failed(f"it took more than {seconds:.0f} s") from failure
        except OSError as failure:
            raise _failed(failure.strerror or str(failure)) from failure
        errors.seek(0)
        return ran.returncode, clean_line(errors.read(100_000).decode("utf-8", "replace"))


def _failed(why: str) -> ExportFailed:
    return ExportFailed(f"pandoc made no .docx: {why}", "write .md or .html instead")
