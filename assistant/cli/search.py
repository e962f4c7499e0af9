"""`quire search` and `quire similar`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.cli.filters import filter_options, make_filter
from assistant.cli.frame import Frame, global_options, joined, json_option, jsonl_option
from store.pattern import pattern

if TYPE_CHECKING:
    from assistant.types.search import SearchResult
    from store.library.library import Library

_EXCLUSION = pattern(r"-(?:[^\W\d_]{2}|\")")
_CLUSTER = pattern(r"-[qvh]+\Z|-n\d+\Z")

_LIMIT = click.option(
    "-n",
    "limit",
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    help="How many papers.",
)
_EXPLAIN = click.option(
    "--explain",
    is_flag=True,
    help="Say why each paper stands there: ranks, scores, and the words it has.",
)


class _QueryCommand(click.Command):
    """A command whose arguments may be words with a minus before them: -medical."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Tell what is excluded from options: two letters or a quote behind the minus."""
        options = {name.lstrip("-") for one in self.params for name in one.opts}
        kept = args.index("--") if "--" in args else len(args)
        for at, text in enumerate(args[:kept]):
            name = re.split(r"[=\s]", text[1:], maxsplit=1)[0]
            is_option = _CLUSTER.match(text) or name in options
            if _EXCLUSION.match(text) and not is_option:
                args[at] = f" {text}"  # behind a space it is no option
        return super().parse_args(ctx, args)


@click.command("search", cls=_QueryCommand)
@click.argument("query", nargs=-1, metavar="QUERY")
@_LIMIT
@_EXPLAIN
@click.option(
    "--queries",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Search every query of a file, JSON lines with id and text, as plain words.",
)
@click.option(
    "--run",
    "run_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --queries: write a TREC run to this file, 100 papers a query or -n.",
)
@jsonl_option
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
    """Rank the papers of the library for a query: by words and by meaning, fused.

    Plain words rank. These must hold (in single quotes for the shell):

    \b
      "diffusion models"     these words together, in any form: model, models
      -medical  -"health care"  -tag:read  -status:skipped     not these
      title:survey  title:"a survey"     in the title
      author:"Le Cun"  venue:acl  tag:audio  status:kept  source:page.txt
      year:2020  year:2020..2023  year:2020..  year:..2019  added:7d

    Example: quire search '"speech codec" -music title:low year:2022..'

    A word that no paper has is taken for a typing mistake of the nearest one; this is said.
    Versions of one paper are shown together.

    Of --queries FILE each is searched as plain words, and versions stay apart. --jsonl prints
    ranked (a query and its papers) as each is searched, and at the end done or error.
    """
    from assistant.retrieval.retriever import Retriever
    from assistant.retrieval.search import Searcher
    from store.library.library import READ_LIMIT

    if queries is None and (run_file is not None or frame.jsonl):
        raise click.UsageError("--run and --jsonl tell of a file of queries: give --queries FILE")
    if queries is not None and run_file is None and not frame.jsonl:
        raise click.UsageError("--queries needs --run FILE, or --jsonl to print what is found")
    if queries is not None and query:
        raise click.UsageError("give a QUERY or --queries FILE, not both")
    text = "" if queries is not None else joined(query, "query")
    with frame.open() as library:
        if queries is None:
            library.prefer_scan()
        else:
            library.warm_up()
        wanted = make_filter(asked, library)
        library.catch_up(READ_LIMIT)
        retriever = Retriever(library)
        if queries is not None:
            from assistant.cli.query_file import search_all

            search_all(frame, library, retriever, queries, wanted, run_file, limit)
            return
        result = Searcher(library, retriever).search(text, limit, wanted, explain=explain)
        _show(frame, library, result)


@click.command("similar")
@click.argument("paper", metavar="PAPER")
@_LIMIT
@_EXPLAIN
@json_option
@global_options
@filter_options
@click.pass_obj
def similar_command(
    frame: Frame, paper: str, limit: int, explain: bool, asked: dict[str, Any]
) -> None:
    """Rank the papers nearest to one, by its meaning and by its most telling words.

    PAPER is an id, a unique beginning of one, a DOI, an arXiv id, or %3 for the third of
    the last list shown on this terminal. Other versions of it are named and not ranked.

    Example: quire similar 10.48550/arXiv.1706.03762
    """
    from assistant.cli.lastlist import resolve
    from assistant.retrieval.retriever import Retriever
    from assistant.retrieval.search import Searcher
    from store.library.library import READ_LIMIT

    with frame.open() as library:
        library.warm_up()
        named = library.paper(resolve(frame, paper))
        wanted = make_filter(asked, library)
        library.catch_up(READ_LIMIT)
        searcher = Searcher(library, Retriever(library))
        _show(frame, library, searcher.similar(named, limit, wanted, explain=explain))


def _show(frame: Frame, library: Library, result: SearchResult) -> None:
    """Write a result, and what the reader should know of it."""
    from assistant.cli.lastlist import remember

    frame.note_trouble(library.trouble())
    for note in result.notes:
        frame.narrate(f"note: {note}")
    if frame.json:
        from assistant.cli.shapes import search_shape

        frame.document(search_shape(result))
        return
    from assistant.cli.hits import tell_hits

    remember(frame, [one.paper.id for one in result.hits])
    tell_hits(frame, result)
