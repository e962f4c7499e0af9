"""Options that several commands take: what answers, what it may cost, which file is written."""

from __future__ import annotations

from pathlib import Path

import click

model_option = click.option(
    "-m",
    "--model",
    metavar="NAME",
    help="The model: extractive, one of quire models, openai:ID, an id at $OPENAI_BASE_URL, or"
    " recorded:FILE.",
)
whole_option = click.option("--no-stream", is_flag=True, help="Print the answer when it is whole.")
usage_option = click.option(
    "-u", "--usage", is_flag=True, help="Say what the answer took, cost included."
)
dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Show what would be sent and what it would take; send nothing."
)
max_cost_option = click.option(
    "--max-cost",
    metavar="USD",
    type=click.FloatRange(min=0),
    help="Send nothing when it may cost more than this (max_cost in the configuration).",
)
anew_option = click.option(
    "--no-cache", "anew", is_flag=True, help="Ask the model though it answered the same before."
)
record_option = click.option(
    "--record",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Add what the model writes to FILE; -m recorded:FILE says it again.",
)
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")
format_option = click.option(
    "--format", "format_name", metavar="F", help="What to write; else by FILE's suffix."
)
file_option = click.option(
    "-o",
    "--output",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write this file, whole or not at all.",
)
