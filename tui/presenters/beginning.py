"""What stands in the library while there is no paper: how to begin."""

from __future__ import annotations

from typing import Literal, NamedTuple

from assistant.ingest.sample import ABOUT_SAMPLE, SAMPLE_PAPERS, SAMPLE_TAG
from tui.presenters.key_names import AS_THEY_COME, KeyNames

Act = Literal["add", "sample", "how"]
"""What a reader may do first."""


class Choice(NamedTuple):
    """A way to begin: its key, what it does, and what it takes."""

    act: Act
    key: str
    title: str
    about: str


CHOICES = (
    Choice("add", "a", "Add papers", "a file, a folder, an id, an address, or what you copied"),
    Choice("sample", "d", "Look round in a sample", f"{SAMPLE_PAPERS} landmark papers"),
    Choice("how", "h", "How to save a page of papers", "arXiv, PubMed, Hugging Face, a publisher"),
)
"""The ways to begin in the order in which they are shown."""

HEAD = "No papers yet."

SAMPLE_ASKED = f"Add a sample of {SAMPLE_PAPERS} landmark papers to this library?"
SAMPLE_DETAIL = (
    f"They get the tag {SAMPLE_TAG} ({ABOUT_SAMPLE}). In a shell, quire undo takes them out "
    "again, as long as nothing is added after them."
)
SAMPLE_ADDED = f"They have the tag {SAMPLE_TAG}. In a shell, quire undo takes them out again."

HOW_HEAD = "How to save a page of papers"
HOW = (
    (
        "Copy it",
        "In the browser select the whole page (Ctrl+A), copy it (Ctrl+C), then press a here and "
        "paste it (Ctrl+Shift+V in most terminals).",
    ),
    (
        "Save it",
        "In the browser save the page (Ctrl+S, web page or text), then press a here and type where "
        "the file is: Tab completes. A folder of such files is added whole.",
    ),
    (
        "Export it",
        "Zotero, PubMed, Scopus and others export BibTeX, RIS or CSV with abstracts: nothing is "
        "lost that way.",
    ),
    (
        "Name it",
        "An id is fetched from its service: arxiv:2403.01234, doi:10.…, pmid:…, or the address of "
        "the paper's page.",
    ),
)
"""The ways from a page to papers: each in a word, and what is done."""


def row(choice: Choice) -> tuple[str, str]:
    """A choice in the list."""
    return f"{choice.key}  {choice.title}", f"   {choice.about}"


def model_line(is_extractive: bool, keys: KeyNames = AS_THEY_COME) -> str:
    """What is said where the built-in model answers; "" else."""
    if not is_extractive:
        return ""
    return f"no model: answers are sentences of the abstracts · {keys['model']} connects one"
