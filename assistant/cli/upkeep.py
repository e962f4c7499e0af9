"""`quire status` and `quire doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from assistant.cli.frame import Frame, global_options, json_option
from assistant.errors import Exit

if TYPE_CHECKING:
    from store.library.library import Library


@click.command("status")
@json_option
@global_options
@click.pass_obj
def status_command(frame: Frame) -> None:
    """Say how the library stands: papers, indexes, embedder, model, disk, and what can be read.

    And what leaves this machine: which model, embedder and services are configured, what each
    gets, and that there is nothing else.

    Example: quire status --json
    """
    import os

    from assistant.cli.leaving import leaves, leaving_lines
    from assistant.cli.render import paragraph
    from assistant.config.model_choice import model_name
    from store.readers.registry import readers

    with frame.open() as library:
        shape = library.status().model_dump()
        better = "" if frame.json else _better(frame, library)
    shape["name"] = frame.library_name
    shape["model"] = model_name(None, frame.settings)
    sent = leaves(frame.settings, shape["embedder"], os.environ)
    known = readers()
    brought = {one.name: str(one.origin) for one in known.installed}
    if frame.json:
        problems = list(known.problems)
        formats_of = {"formats": known.names, "readers": brought, "problems": problems}
        frame.document({**shape, **formats_of, "leaves": sent})
        return
    formats = (f"{one} ({brought[one]})" if one in brought else one for one in known.names)
    shape["formats"] = ", ".join(formats)
    shape["disk_bytes"] = f"{shape['disk_bytes'] / 1e6:.1f} MB"
    names = {"lexical": "word index", "chroma": "Chroma", "disk_bytes": "disk"}
    shape["embedder"] += better
    if name_of := shape.pop("name"):
        shape["library"] = f"{shape['library']} ({name_of})"
    for name, value in shape.items():
        frame.line(f"{names.get(name, name):<11} {value}")
    frame.line("what leaves this machine", bold=True)
    for line in leaving_lines(sent):
        if frame.is_terminal:
            paragraph(frame, f"  {line}", hanging="    ")
        else:
            frame.line(f"  {line}")
    for problem in known.problems:
        frame.tell(problem)


def _better(frame: Frame, library: Library) -> str:
    """What is said behind the embedder of a library that minilm would find more in."""
    from assistant.wiring.embedders import BETTER, FETCHED_MB
    from store.embedders.base import embedder_name

    if library.wanted_embedder:
        done, total = library.vectors_kept(library.wanted_embedder)
        made = f"{done} of {total} papers have the vectors of {library.wanted_embedder}"
        return f"; {made}: quire models use {library.wanted_embedder}, or the app, makes the others"
    if frame.settings.embedder != "auto" or embedder_name(library.fingerprint) != "wordllama":
        return ""
    finds = f"; {BETTER} finds more: quire models use {BETTER}"
    if frame.embedders.is_here(BETTER):
        return finds
    return f"{finds} (fetches {FETCHED_MB} MB once, sends nothing of yours)"


@click.command("doctor")
@click.option(
    "--fix",
    is_flag=True,
    help="Also tighten permissions, complete the outbox, remove indexes set aside earlier.",
)
@click.option(
    "--salvage",
    "target",
    metavar="NEWFOLDER",
    help="Save what can be read of a damaged library into a new one; the old one stays as it is.",
)
@json_option
@global_options
@click.pass_obj
def doctor_command(frame: Frame, fix: bool, target: str | None) -> None:
    """Say what is there, what is behind and what is broken, and mend it.

    An index that is behind or broken is brought in line with the ledger; a broken one is
    set aside unchanged first. Exit code 1 when something is left broken. With --salvage: 0 when
    everything was saved, 1 when something is lost or altered, 3 when nothing could be read.

    Example: quire doctor --fix
    """
    if target is not None:
        if fix:
            raise click.UsageError("--fix mends a library, --salvage leaves it as it is")
        _salvage(frame, target)
        return
    from store.library.doctor import examine, is_whole

    with frame.open() as library:
        findings = examine(library, fix=fix)
    if frame.json:
        frame.document(
            {"whole": is_whole(findings), "findings": [one.model_dump() for one in findings]}
        )
    else:
        for one in findings:
            frame.line(f"{one.state:<7} {one.part}: {one.message}")
    frame.exit_code = Exit.DONE if is_whole(findings) else Exit.PARTLY


def _salvage(frame: Frame, target: str) -> None:
    """Save a damaged library into a new one, and report what of it."""
    from assistant.config.libraries import folder_at
    from store.library.salvage import salvage

    report = salvage(frame.folder, folder_at(target), frame.narrate, frame.embedders)
    frame.exit_code = Exit.DONE if report.is_whole else Exit.PARTLY
    if frame.json:
        frame.document({"whole": report.is_whole, **report.model_dump()})
        return
    frame.line(f"{'':<14} {'saved':>8} {'altered':>8} {'lost':>8}")
    kinds = ("papers", "vectors", "tags", "notes", "statuses", "sessions", "turns")
    for name in kinds:
        one = getattr(report, name)
        frame.line(f"{_KINDS.get(name, name):<14} {one.saved:>8} {one.altered:>8} {one.lost:>8}")
    if not report.exact:
        frame.line("the figures of what is lost are what is lost at least")
    if report.vectors.lost:
        frame.line("vectors that are lost are made anew")
    for word, names in (("altered", report.altered), ("lost", report.lost)):
        if names:
            frame.line(f"papers {word}: {', '.join(names)}")
    frame.line(f"the new library: {report.library}")


_KINDS = {"sessions": "conversations", "turns": "answers"}
