"""The options --check and --no-check: whether a model judges what another one writes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

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
