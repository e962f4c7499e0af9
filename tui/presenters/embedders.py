"""The embedders that a library may use, and what is asked before texts are sent to one."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.wiring.embedders import BETTER, FETCHED_MB, EmbedderChoice
from store.clean import clean_line

OFFER = (
    f"{BETTER} finds more by meaning: Ctrl+P, Change embedder fetches it once ({FETCHED_MB} MB) and"
    " uses it; nothing of yours is sent."
)
"""What is said once where it would help and is not on this machine."""
MEANWHILE = "Questions use the old vectors until all new ones are made."
"""What a change of embedder means for the reader while it runs."""


def place_in_use(choices: Sequence[EmbedderChoice]) -> int:
    """Where the embedder in use stands in a list, from 0; 0 where none is."""
    return next((at for at, one in enumerate(choices) if one.in_use), 0)


def row(one: EmbedderChoice) -> tuple[str, str]:
    """An embedder in a list: its name, and where it works, the host first."""
    place = ""
    if one.here:
        where = "texts stay here"
        if one.sends_to:
            where = f"sends texts to {clean_line(one.sends_to)}"
        place = f"{where} · "
    name = clean_line(one.name) + (" · in use" if one.in_use else "")
    return name, place + clean_line(one.about)


def refusal(one: EmbedderChoice) -> str:
    """Why an embedder cannot be changed to, with what to do; "" when it can."""
    if one.in_use:
        return f"{clean_line(one.name)} is in use already."
    if not one.here and not one.fetches:
        return f"{clean_line(one.name)} cannot be used: {clean_line(one.about)}"
    return ""


def consent(one: EmbedderChoice) -> tuple[str, str] | None:
    """The question before anything is fetched or texts are sent away, and what it is about.

    None where nothing is fetched and texts stay.
    """
    if one.fetches:
        return f"Fetch {clean_line(one.name)}?", f"It is fetched once: {clean_line(one.fetches)}."
    if one.sends_to is None:
        return None
    host = clean_line(one.sends_to)
    detail = (
        f"{clean_line(one.name)} is {clean_line(one.about)}. The titles and abstracts of this "
        "library are sent there for their vectors, and from then on every question."
    )
    if one.warning:
        detail += f" Note: {clean_line(one.warning)}."
    return f"Send your papers and questions to {host}?", detail
