"""`quire show` and `quire rm`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from assistant.cli.frame import Frame, confirm, global_options, json_option
from assistant.cli.options import yes_option
from assistant.types.paper_records import names_together
from store.wording import counted

if TYPE_CHECKING:
    from store.library.library import Library
    from store.types import Paper


@click.command("show")
@click.argument("papers", nargs=-1, required=True, metavar="PAPER...")
@click.option("--raw", is_flag=True, help="Title and abstract as the source has them.")
@json_option
@global_options
@click.pass_obj
def show_command(frame: Frame, papers: tuple[str, ...], raw: bool) -> None:
    """Show papers: abstract, where each came from, and links.

    PAPER is an id, a unique beginning of one, a DOI, an arXiv id, a PMID, PMCID or OpenAlex id, a
    citation key, or %3 for the third of the last list shown on this terminal; - reads papers from
    stdin.

    Example: quire show 10.1145/3290605
    """
    from assistant.cli.names import names_given
    from assistant.cli.shapes import paper_shape

    names = names_given(frame, papers)
    with frame.open() as library:
        found = [library.paper(name) for name in names]
        texts = {one.id: library.original_text(one.id) for one in found if raw}
        keys = library.citation_keys([one.id for one in found])
    if frame.json:
        frame.document(
            [paper_shape(one, keys.get(one.id, one.id), texts.get(one.id)) for one in found]
        )
        return
    for at, paper in enumerate(found):
        if at:
            frame.line()
        text = texts.get(paper.id) or (paper.title, paper.abstract)
        _show(frame, paper, text, keys.get(paper.id, paper.id))


def _show(frame: Frame, paper: Paper, text: tuple[str, str], key: str) -> None:
    import textwrap

    from assistant.cli.render import text_width
    from assistant.cli.shapes import links_of
    from assistant.types.paper_records import NO_ABSTRACT
    from store.clean import clean_line, clean_text

    width = text_width()
    wrap = textwrap.TextWrapper(width, break_long_words=False, break_on_hyphens=False)
    title, abstract = text
    lines = wrap.wrap(clean_line(title))
    frame.line("\n".join(lines), bold=True)
    frame.line(_byline(paper))
    frame.line()
    for paragraph in clean_text(abstract).split("\n\n") if abstract else [NO_ABSTRACT]:
        frame.line(wrap.fill(paragraph))
    frame.line()
    frame.line(f"id         {paper.id}")
    frame.line(f"key        {key}")
    frame.line(f"status     {paper.status}")
    for name, value in _details(paper):
        frame.line(f"{name:<10} {value}")
    if paper.tags:
        frame.line(f"tags       {', '.join(paper.tags)}")
    for note in paper.notes:
        frame.line(f"note       {clean_text(note)}".replace("\n", f"\n{' ' * 11}"))
    for link in links_of(paper) or ["no address known"]:
        frame.line(f"link       {link}")
    for place in paper.provenance:
        date = f", page of {place.page_date}" if place.page_date else ""
        record = f", record {place.record}" if place.record else ""
        frame.line(f"from       {place.source}{record}{date}, added {place.added_at[:10]}")


def _details(paper: Paper) -> Iterator[tuple[str, str]]:
    """What the source says beside the byline, by the name of each line."""
    from assistant.text.paper_language import noted_language

    details = paper.details
    version = f"v{details.arxiv_version}" if details.arxiv_version else ""
    named = (
        ("retracted", "yes, so a source of it says" if details.retracted else ""),
        ("type", details.type),
        ("in", standing_of(paper)),
        ("publisher", details.publisher),
        ("ISSN", details.issn),
        ("ISBN", details.isbn),
        ("language", noted_language(paper)),
        ("DOI", paper.doi),
        ("arXiv", f"{paper.arxiv_id}{version}" if paper.arxiv_id else ""),
        ("PMID", details.pmid),
        ("PMCID", details.pmcid),
        ("OpenAlex", details.openalex_id),
        ("S2", details.s2_id),
        ("keywords", "; ".join(details.keywords)),
    )
    yield from ((name, value) for name, value in named if value)


def standing_of(paper: Paper) -> str:
    """Where in its journal or book a paper stands: "Nature 521 (7553), 436-444", or ""."""
    details = paper.details
    issue = f"({details.issue})" if details.issue else ""
    number = " ".join(filter(None, (details.volume, issue)))
    place = ", ".join(filter(None, (number, details.pages)))
    joint = " " if number else ", "
    return joint.join(filter(None, (paper.venue, place))) if place else ""


def _byline(paper: Paper) -> str:
    retracted = "retracted" if paper.is_retracted else ""
    authors = names_together(paper.authors) or "authors not known"
    when = paper.date or (str(paper.year) if paper.year else "year not known")
    return " · ".join(part for part in (retracted, authors, when, paper.venue or "") if part)


@click.command("rm")
@click.argument("papers", nargs=-1, required=True, metavar="PAPER...")
@yes_option
@click.option("--forever", is_flag=True, help="Leave no trace of them; cannot be undone.")
@json_option
@global_options
@click.pass_obj
def rm_command(frame: Frame, papers: tuple[str, ...], yes: bool, forever: bool) -> None:
    """Remove papers from the library, and from the indexes that follow it.

    Saved answers that cite them keep their own copies; quire undo brings the papers back. Asks
    first on a terminal; elsewhere, and with - for papers on stdin, --yes is needed. Answered with
    no it removes nothing, and exits with 0.

    With --forever nothing of them is left in the files of the library: indexes are built anew, the
    cache of answers is emptied, saved answers lose the sentences that cite them, and copies of the
    ledger that were kept when quire was updated (ledger-version-2.sqlite3) are deleted. Papers
    removed before are named by their ids. Other quires should be closed: one that keeps Chroma is
    asked to let it go. Your own files (sources, exports, backups) are yours to delete.

    Example: quire rm pdh4q2xj7gmm
    """
    from assistant.cli.names import STDIN, names_given

    numbered = [name for name in papers if name.startswith("%")]
    if numbered:
        raise click.UsageError(f"{numbered[0]}: rm takes no numbers of a list; give the id")
    if STDIN in papers and not yes:
        raise click.UsageError("with papers from stdin rm cannot ask: give --yes")
    names = names_given(frame, papers)
    with frame.open() as library:
        found = dict(_named(library, name, forever=forever) for name in names)
        if not yes:
            if not sys.stdin.isatty():
                raise click.UsageError("rm asks on a terminal; elsewhere give --yes")
            for name, title in found.items():
                frame.tell(f"  {name}  {title}")
            number = counted(len(found), "paper")
            question = f"remove {number}{' for good, which cannot be undone' * forever}?"
            confirm(frame, question, "nothing was removed")
        if forever:
            _remove_forever(frame, library, list(found))
            return
        removed = library.remove(list(found))
    if frame.json:
        frame.document({"removed": removed, "papers": list(found)})
    else:
        frame.line(f"removed {removed}")


def _named(library: Library, name: str, *, forever: bool) -> tuple[str, str]:
    """Id and title of a paper; for good also of one that was removed before, by its id."""
    from store.errors import UnknownPaper

    try:
        paper = library.paper(name)
    except UnknownPaper:
        if forever and library.removals([name]):
            return name, "(removed before)"
        raise
    return paper.id, paper.title


def _remove_forever(frame: Frame, library: Library, ids: list[str]) -> None:
    from assistant.answers.erased import without_erased
    from store.library.erase import erase

    frame.wait("writing the library anew …")
    report = erase(library, ids, without_erased)
    if frame.json:
        shape = {"removed": report.papers, "papers": ids, "forever": True}
        frame.document({**shape, "answers": report.answers, "copies_deleted": list(report.copies)})
        return
    frame.line(f"removed {report.papers} for good")
    if report.answers:
        number = counted(report.answers, "saved answer")
        frame.narrate(f"{number} changed: what cited them is gone")
    for name in report.copies:
        frame.narrate(f"deleted: {name}, the ledger as an older quire left it")
