"""Names of options that people try first, and what they are called here."""

from __future__ import annotations

import click

_NAMES: dict[str, tuple[str, ...]] = {
    "-k": ("-n",),
    "--limit": ("-n",),
    "--max": ("-n", "--max-cost"),
    "--max-results": ("-n",),
    "--num": ("-n",),
    "--number": ("-n",),
    "--size": ("-n",),
    "--sources": ("-n",),
    "--top": ("-n",),
    "--top-k": ("-n",),
    "--address": ("--url",),
    "--api-base": ("--url",),
    "--endpoint": ("--url",),
    "--host": ("--url",),
    "--server": ("--url",),
    "-m": ("--model",),
    "--model-id": ("--model",),
    "--model-name": ("--model",),
    "--api-key": ("--key-variable", "--key-command"),
    "--env": ("--key-variable",),
    "--key": ("--key-variable", "--key-command"),
    "--key-env": ("--key-variable",),
    "--context": ("--context-tokens",),
    "--context-length": ("--context-tokens",),
    "--context-window": ("--context-tokens",),
    "--max-tokens": ("--context-tokens",),
    "--input-price": ("--price-in",),
    "--output-price": ("--price-out",),
    "--price": ("--price-in", "--price-out"),
    "--force": ("--yes", "--replace", "--no-cache"),
    "--no-confirm": ("--yes",),
    "--overwrite": ("--replace",),
    "-y": ("--yes",),
    "--budget": ("--max-cost",),
    "--cost": ("--max-cost",),
    "--fresh": ("--no-cache",),
    "--nocache": ("--no-cache",),
    "--refresh": ("--no-cache",),
    "--verify": ("--check",),
    "--conversation": ("--session",),
    "--resume": ("--continue",),
    "--every": ("--all",),
    "--output-format": ("--json",),
    "--from": ("--year",),
    "--since": ("--added-since", "--year"),
    "--years": ("--year",),
    "--authors": ("--author",),
    "--journal": ("--venue",),
    "--label": ("--tag",),
    "--tags": ("--tag",),
    "--id": ("--paper",),
    "--papers": ("--paper",),
    "--query": ("--queries",),
    "--subject": ("--topic",),
    "--repair": ("--fix",),
    "--db": ("--library",),
    "--home": ("--library",),
}
"""What was tried, and what may have been meant: the first that the command has is told of."""


def meant(failure: click.NoSuchOption) -> str:
    """Why an option is refused, with the name of the right one where it is known."""
    command = failure.ctx.command if failure.ctx is not None else None
    there = {name for one in (command.params if command else ()) for name in one.opts}
    right = [name for name in _NAMES.get(failure.option_name, ()) if name in there]
    if not right:
        return failure.format_message()
    return f"no such option “{failure.option_name}”; did you mean {' or '.join(right)}?"
