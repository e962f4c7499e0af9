"""HTML in one file that needs no script and fetches nothing.

Each citation is a button that opens its sentence in the abstract beside the claim: the popover of
HTML, which is reached by keyboard and closed by Esc. A browser without it shows all of them below
their claims; print shows the cited sentences alone.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from assistant.answers.documents.content import CitedPaper, Document
from assistant.answers.documents.html_answer import AnswerHtml
from assistant.answers.documents.html_text import link, text
from assistant.answers.documents.words import byline, links_of, short_title


def html(document: Document) -> str:
    """The text of the file."""
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    is_many = document.session is not None
    level = 2 if is_many else 1
    parts = [AnswerHtml(document, at, level).html() for at in range(len(document.parts))]
    title = text(document.title)
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        '<meta name="referrer" content="no-referrer">',
        '<meta name="generator" content="quire">',
        f"<title>{text(short_title(document.title))}</title>",
        f"<style>{style}</style>",
        "</head>",
        "<body>",
        "<main>",
        *([f"<h1>{title}</h1>"] if is_many else []),
        *([f'<p class="remarks">{text(document.note)}</p>'] if document.note else []),
        *parts,
        *_references(document.cited),
        "</main>",
        "</body>",
        "</html>",
    ]
    return "\n".join(lines) + "\n"


@cache
def _style() -> str:
    return Path(__file__).with_name("page.css").read_text("utf-8")


def _references(cited: tuple[CitedPaper, ...]) -> list[str]:
    if not cited:
        return []
    found = ['<section class="references">', "<h2>References</h2>", "<ol>"]
    for one in cited:
        paper = one.paper
        known = [f"<cite>{text(paper.title)}</cite>"]
        known += [text(byline(paper))] if byline(paper) else []
        known += [text(paper.venue)] if paper.venue else []
        known += ["<strong>retracted</strong>"] if paper.is_retracted else []
        line = ". ".join(known)
        links = " · ".join(link(url, name) for name, url in links_of(paper))
        shown = f'<br><span class="links">{links}</span>' if links else ""
        found.append(f'<li id="r{one.number}">{line}.{shown}</li>')
    return [*found, "</ol>", "</section>"]
