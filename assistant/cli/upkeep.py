"""`quire status` and `quire doctor`."""

from __future__ import annotations

import click

from assistant.cli.frame import Frame, global_options, json_option
from assistant.errors import Exit


@click.command("status")
@json_option
@global_options
@click.pass_obj
def status_command(frame: Frame) -> None:
    """Say how the library stands: papers, indexes, embedder, model, disk."""
    from assistant.model_choice import model_name

    with frame.open() as library:
        shape = library.status().model_dump(mode="json")
    shape["model"] = model_name(None, frame.settings)
    if frame.json:
        frame.document(shape)
        return
    shape["disk_bytes"] = f"{shape['disk_bytes'] / 1e6:.1f} MB"
    names = {"lexical": "word index", "chroma": "Chroma", "disk_bytes": "disk"}
    for name, value in shape.items():
        frame.line(f"{names.get(name, name):<11} {value}")


@click.command("doctor")
@click.option(
    "--fix",
    is_flag=True,
    help="Also tighten permissions, complete the outbox, remove indexes set aside earlier.",
)
@json_option
@global_options
@click.pass_obj
def doctor_command(frame: Frame, fix: bool) -> None:
    """Say what is there, what is behind and what is broken, and mend it.

    An index that is behind or broken is brought in line with the ledger; a broken one is
    set aside unchanged first. Exit code 1 when something is left broken.
    """
    from store.doctor import examine, is_whole

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
