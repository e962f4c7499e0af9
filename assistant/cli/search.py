"""`quire search`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.cli.filters import filter_options, make_filter
from assistant.cli.frame import Frame, global_options, joined, json_option

if TYPE_CHECKING:
    from assistant.values import Found, SearchResult

_RUN_LENGTH = 100


@click.command("search")
@click.argument("query", nargs=-1, metavar="QUERY")
@click.option(
    "-n",
    "limit",
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    help="How many papers.",
)
@click.option("--explain", is_flag=True, help="Say the rank of each paper in both lists.")
@click.option(
    "--queries",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Search every query of a file, JSON lines with id and text.",
)
@click.option(
    "--run",
    "run_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --queries: write a TREC run to this file.",
)
@json_option
@global_options
@filter_options
@click.pass_obj
def search_command(
    frame: Frame,
    query: tuple[str, ...],
    limit: int,
    explain: bool,
    queries: Path | None,
    run_file: Path | None,
    asked: dict[str, Any],
) -> None:
    """Rank the papers of the library for a query: by words and by meaning, fused."""
    from assistant.cli.lastlist import remember, resolve
    from assistant.retrieval import Retriever
    from store.library import READ_LIMIT

    if (queries is None) != (run_file is None):
        raise click.UsageError("--queries and --run go together")
    text = "" if queries is not None else joined(query)
    with frame.open() as library:
        if queries is None:
            library.prefer_scan()
        else:
            library.warm_up()
        wanted = make_filter(asked, library, lambda name: resolve(frame, name))
        library.catch_up(READ_LIMIT)
        retriever = Retriever(library)
        if queries is not None and run_file is not None:
            _write_run(frame, retriever, queries, run_file, wanted, max(limit, _RUN_LENGTH))
            return
        result = retriever.search(text, limit, wanted)
        frame.note_trouble(library.trouble())
    for note in result.notes:
        frame.narrate(f"note: {note}")
    if frame.json:
        from assistant.cli.shapes import search_shape

        frame.document(search_shape(result))
        return
    remember(frame, [one.paper.id for one in result.hits])
    _tell(frame, result, explain)


def _tell(frame: Frame, result: SearchResult, explain: bool) -> None:
    import textwrap

    from assistant.cli.render import text_width
    from store.clean import clean_line

    if not result.hits:
        frame.narrate("nothing in this library speaks to that")
    width = text_width()
    for hit in result.hits:
        year = f" ({hit.paper.year})" if hit.paper.year else ""
        head = f"{hit.rank:>3}. {clean_line(hit.paper.title)}{year}"
        frame.line(textwrap.fill(head, width, subsequent_indent="     "), bold=True)
        if hit.sentence is not None and hit.sentence.index:
            frame.line(
                textwrap.fill(
                    clean_line(hit.sentence.text),
                    width,
                    initial_indent="     ",
                    subsequent_indent="     ",
                )
            )
        frame.line(f"     {hit.paper.id} · {_standing(hit, explain)}", dim=True)


def _standing(hit: Found, explain: bool) -> str:
    if not explain:
        return f"score {hit.score:.3f}"
    words = f"words: {_rank(hit.ranks.lexical)}"
    return f"score {hit.score:.3f} · {words} · meaning: {_rank(hit.ranks.dense)}"


def _rank(rank: int | None) -> str:
    return "not in its list" if rank is None else f"rank {rank}"


def _write_run(
    frame: Frame, retriever: Any, queries: Path, run_file: Path, wanted: Any, limit: int
) -> None:
    """One line a hit: query, Q0, paper, rank from 1, score, quire."""
    import json

    from store.errors import UnusableSource

    number = 0
    with queries.open(encoding="utf-8") as lines, run_file.open("w", encoding="utf-8") as run:
        for at, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                entry = json.loads(line)
                name, text = str(entry["id"]), str(entry["text"])
            except (ValueError, KeyError, TypeError):
                raise UnusableSource(
                    f"{queries}, line {at}: no query with id and text", "give JSON lines"
                ) from None
            for rank, one in enumerate(retriever.ranked(text, wanted)[:limit], 1):
                run.write(f"{name} Q0 {one.id} {rank} {one.score:.5f} quire\n")
            number += 1
    frame.narrate(f"{number} queries searched, run written to {run_file}")
