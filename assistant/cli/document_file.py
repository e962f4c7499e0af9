"""The option -o of commands that answer: the answer as a document, beside what is printed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.cli.frame import Frame
from store.errors import InputError, StoreError

if TYPE_CHECKING:
    from assistant.answers.documents.target import Target
    from assistant.types.answers import Answer
    from assistant.workspace.workspace import Workspace

output_option = click.option(
    "-o",
    "--output",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the answer to FILE too: .md (with its .bib), .html, .bib, .docx or .json.",
)
"""Take -o FILE."""


class DocumentFile:
    """A file that gets the answer when it is there; nothing is done where none is named.

    It is looked at when this is made, before anything is asked. Raises WrongUse, StoreError.
    """

    def __init__(self, frame: Frame, file: Path | None) -> None:
        self._frame = frame
        self._target: Target | None = None
        if file is not None:
            from assistant.answers.documents.target import target_of

            self._target = target_of(file)

    @property
    def is_named(self) -> bool:
        """True where a file is to be written."""
        return self._target is not None

    async def keep(self, workspace: Workspace, answer: Answer) -> StoreError | None:
        """Write the answer, and say where it is; returns why it could not be written."""
        if self._target is None:
            return None
        try:
            files = await workspace.write_document(self._target, answer)
        except StoreError as failure:
            # It could be written when it was looked at: it is no longer the reader who is wrong.
            is_input = isinstance(failure, InputError)
            told = StoreError(failure.message, failure.hint) if is_input else failure
            if answer.session is not None:
                again = f"from its conversation: quire sessions export {answer.session} -o FILE"
                told.hint = "; ".join(filter(None, (told.hint, again)))
            return told
        self._frame.narrate(f"written: {', '.join(map(str, files))}")
        return None
