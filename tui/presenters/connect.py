"""The models that may answer: how each is listed, what a look, a test and a choice came to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from store.clean import clean_line, shorten
from tui.presenters.status import failure

if TYPE_CHECKING:
    from assistant.wiring.chat_models import ModelChoice
    from assistant.workspace.chat_models import LocalModels, ModelTest, ServerSeen

LIST_KEYS = "Enter  use   t  test   l  find servers   n  address   Esc  close"
FORM_KEYS = "Enter  next     Tab  next box     Esc  cancel"
AGAIN_KEYS = "Enter  ask it     Esc  close"
NO_OTHER = "There is no other model yet: {key} connects one."
LOOKING = "Looking for model servers on this machine…"
FORM_ABOUT = (
    "The key itself is never typed here: quire reads it from that variable. The model is asked one "
    "short question about made-up papers before it is kept."
)
"""What the form says of keys, and of what happens at its end."""

_MOST_SAID = 90


def place(choice: ModelChoice) -> str:
    """Where questions go with a model."""
    if choice.sends_to is None:
        return "nothing leaves this machine"
    return f"sends to {clean_line(choice.sends_to)}"


def row(choice: ModelChoice) -> tuple[str, str]:
    """A model in the list: its name, and where questions go with it."""
    name = clean_line(choice.name)
    if choice.in_use:
        name += " · answers now"
    elif choice.table is not None:
        name += " · new"
    if choice.unusable:
        return name, f"cannot be used: {clean_line(choice.unusable)}"
    return name, f"{place(choice)} · {clean_line(choice.about)}"


def again_row(choice: ModelChoice, by: str) -> tuple[str, str]:
    """A model in the list of those that a question may be asked again with, answered `by` one."""
    name, detail = row(choice)
    return (f"{clean_line(choice.name)} · gave this answer" if choice.name == by else name), detail


def again_refusal(choice: ModelChoice, by: str) -> str:
    """Why a question that one model answered is not asked again with a model; "" where it is."""
    if choice.name == by:
        return f"{clean_line(choice.name)} gave this answer."
    return refusal(choice) if choice.unusable else ""


def again_consent(choice: ModelChoice) -> tuple[str, str]:
    """The question before this one question goes to another machine, and what it is about."""
    goes = "This question is sent there, with the abstracts found for it"
    sent = f"{goes}; the model that answers otherwise stays."
    return _sending(choice, "this question and its abstracts", sent)


def _sending(choice: ModelChoice, what: str, sent: str) -> tuple[str, str]:
    about = f"{clean_line(choice.name)} is {clean_line(choice.about)}. {sent}"
    note = f" Note: {clean_line(choice.warning)}." if choice.warning else ""
    return f"Send {what} to {clean_line(choice.sends_to or '')}?", about + note


def place_in_use(choices: Sequence[ModelChoice]) -> int:
    """Where the model in use stands in a list, from 0; 0 where none is."""
    return next((at for at, one in enumerate(choices) if one.in_use), 0)


def refusal(choice: ModelChoice) -> str:
    """Why a model cannot be chosen, with what to do; "" when it can."""
    name = clean_line(choice.name)
    if choice.unusable:
        why = clean_line(choice.unusable)
        return f"{name} cannot be used: {why}. Mend it with: quire config edit"
    return f"{name} answers already." if choice.in_use else ""


def consent(choice: ModelChoice) -> tuple[str, str]:
    """The question before anything is sent to another machine, and what it is about."""
    goes = "Each question is sent there, with the abstracts found for it"
    return _sending(choice, "questions and abstracts", f"{goes}, until another model is chosen.")


def testing(choice: ModelChoice) -> str:
    """What is said while a model is asked."""
    where = clean_line(choice.sends_to or "this machine")
    return f"Asking {clean_line(choice.name)} at {where} one short question…"


def tested(choice: ModelChoice, test: ModelTest) -> str:
    """What a test came to, in one line."""
    said = shorten(clean_line(test.answers), _MOST_SAID)
    name = clean_line(choice.name)
    return f"{name} answers ({test.seconds:.1f} s), {clean_line(test.citing)}; {said}"


def failed(choice: ModelChoice, error: Exception) -> str:
    """What is said where a model that is not kept yet did not answer."""
    line = failure(error)
    return line if choice.table is None else f"{line} Enter once more keeps it all the same."


def found(local: LocalModels) -> str:
    """What a look on this machine came to."""
    if not local.servers:
        ports = ", ".join(local.ports)
        return f"No model server answers at the ports {ports}. Start one, or n names an address."
    return " ".join(f"{_server(one)}." for one in local.servers)


def _server(seen: ServerSeen) -> str:
    trouble = clean_line(seen.trouble)
    models = "no model" if not seen.models else f"{seen.models} model{'s' * (seen.models > 1)}"
    return f"{seen.program}, {seen.host}: {trouble or models}"


def used(choice: ModelChoice, overriding: str) -> str:
    """What is said once another model answers; `overriding` is what QUIRE_MODEL names."""
    line = f"{clean_line(choice.name)} answers from the next question on: {place(choice)}."
    if overriding and overriding != choice.name:
        line += f" Next time QUIRE_MODEL comes first: {clean_line(overriding)}."
    return line


def asking(address: str) -> str:
    """What is said while an address is asked for its models."""
    return f"Asking {clean_line(address)} for its models…"


def listed(models: Sequence[str]) -> str:
    """What an address said of its models."""
    if not models:
        return "It lists no model: type the name of one."
    return f"It has {len(models)} model{'s' * (len(models) > 1)}: ↓ chooses, or type a name."
