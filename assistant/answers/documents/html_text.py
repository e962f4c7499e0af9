"""Text, links and tables in HTML: all that comes from outside is escaped here."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from assistant.answers.documents.passages import Words
from store.clean import clean_line, clean_text


def text(value: str) -> str:
    """Text in one line, escaped for an element and for an attribute in quotes."""
    return escape(clean_line(value))


def spaced(value: str) -> str:
    """The same with the space at its ends."""
    return escape(clean_text(value).replace("\n", " "))


def words_html(words: Words) -> str:
    """A run of text in its weight."""
    inner = spaced(words.text)
    return f"<strong>{inner}</strong>" if words.bold and inner.strip() else inner


def link(url: str, name: str) -> str:
    """A link to an address that is known to be one of the web."""
    return f'<a href="{escape(url)}" rel="noopener noreferrer">{text(name)}</a>'


def table(label: str, head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of cells of HTML, in a frame that scrolls by itself where it is too wide."""
    names = "".join(f'<th scope="col">{one}</th>' for one in head)
    lines = [f"<tr>{''.join(f'<td>{one}</td>' for one in row)}</tr>" for row in rows]
    frame = f'<div class="scrolls" role="group" aria-label="{text(label)}" tabindex="0">'
    parts = [frame, "<table>", f"<thead><tr>{names}</tr></thead>", "<tbody>"]
    return "\n".join([*parts, *lines, "</tbody>", "</table>", "</div>"])
