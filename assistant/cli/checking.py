"""Whether a model judges what another one writes: --check, --no-check, and an earlier answer."""

from __future__ import annotations

import functools
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, Any

import click

from assistant.cli.frame import Frame

if TYPE_CHECKING:
    from assistant.answers.preview import Sending
    from assistant.types.events import Event
    from assistant.types.sessions import Turn
    from assistant.workspace.workspace import Workspace

_CHECK = click.option(
    "--check",
    is_flag=True,
    help="Have the model judge each sentence by the sentences it cites: one more call.",
)
_NO_CHECK = click.option("--no-check", is_flag=True, help="Have no model judge the sentences.")


def check_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add both; the command gets `check`: True, False, or None where neither is given."""

    @functools.wraps(command)
    def with_check(*given: Any, check: bool, no_check: bool, **named: Any) -> Any:
        if check and no_check:
            raise click.UsageError("--check and --no-check exclude each other")
        asked = True if check else False if no_check else None
        return command(*given, check=asked, **named)

    return _CHECK(_NO_CHECK(with_check))


async def judging_last(
    workspace: Workspace, *, frame: Frame, session: str | None, max_cost: float | None
) -> AsyncGenerator[Event, None]:
    """The check of the last answer of a conversation; raises WrongUse where there is none."""
    return workspace.check((await _last(workspace, frame, session)).answer, max_cost)


def show_judging(frame: Frame, model: str | None, session: str | None) -> None:
    """Tell what that check would send; nothing is."""
    from assistant.cli.dry_run import show_planned

    async def planned(workspace: Workspace) -> Sending:
        return await workspace.sending_check((await _last(workspace, frame, session)).answer)

    show_planned(frame, model, planned)


async def _last(workspace: Workspace, frame: Frame, session: str | None) -> Turn:
    from assistant.errors import WrongUse

    name = await workspace.last_session() if session is None else session
    turns = () if name is None else (await workspace.session(name)).turns
    if not turns:
        raise WrongUse("there is no answer to judge", "ask a question first: quire ask QUESTION")
    frame.narrate(f"the answer to “{turns[-1].question}”")
    return turns[-1]
