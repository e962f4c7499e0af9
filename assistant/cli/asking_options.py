"""What `quire ask` and `quire summarize` both take: the model, what it may cost, how it is told."""

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
jsonl_option = click.option(
    "--jsonl", is_flag=True, help="Print one JSON event a line, as they come."
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
