"""What asking a model takes, told before it is asked, and when it needs a yes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.clean import clean_line
from tui.presenters.key_names import AS_THEY_COME, KeyNames
from tui.presenters.places import scope_words
from tui.presenters.status import papers

if TYPE_CHECKING:
    from assistant.answers.preview import Sending
    from assistant.types.asked_of import AskedOf
    from assistant.types.usage import Estimate


def asks_first(estimate: Estimate, max_cost: float | None) -> bool:
    """True when the reader is asked before: it costs money, or its price is not known.

    What is above the cap needs no yes: it is refused.
    """
    if not estimate.calls or estimate.cost == 0:
        return False
    if max_cost is None:
        return True
    return estimate.cost is not None and estimate.cost <= max_cost


def takes(estimate: Estimate | None) -> str:
    """What asking a model will take, behind a count; empty where nothing is sent."""
    if estimate is None or not estimate.calls:
        return ""
    cost = f", at most {estimate.cost:.4f} USD" if estimate.cost else ""
    return f", about {estimate.input_tokens:,} tokens{cost}"


def usual(least: int, most: int) -> str:
    """What a question takes as a rule: "about 3k to 9k tokens"; "" where none are sent."""
    if not most:
        return ""
    low, high = (f"{max(round(one / 1000), 1)}k" for one in (least, most))
    return f"about {low} tokens" if low == high else f"about {low} to {high} tokens"


def check(estimate: Estimate, model: str, sends_to: str | None) -> str:
    """What the check of an answer takes, in a sentence."""
    return f"{_requests(estimate)} to {_place(model, sends_to)}: {_amount(estimate)}."


def ask_all(sending: Sending, scope: str, keys: KeyNames = AS_THEY_COME) -> str:
    """What putting a question to every paper takes: how many papers and requests, its cost."""
    lines = [
        f"{clean_line(sending.note)}.",
        f"To {_place(sending.model, sending.sends_to)}: {_amount(sending.estimate)}.",
        f"Only {scope}." if scope else "",
        f"{keys['back']} stops; what the papers said is kept, "
        "and the same question goes on from there.",
    ]
    return "\n".join(line for line in lines if line)


def ask_all_begins(sending: Sending, keys: KeyNames = AS_THEY_COME) -> str:
    """What is done, until the first papers were heard."""
    calls = f": {_requests(sending.estimate)}" if sending.estimate.calls else ""
    asking = f"asking {papers(sending.considered)}{calls}{takes(sending.estimate)}"
    return f"{asking} · {keys['back']} stops"


def ask_all_title(text: str, scope: str) -> str:
    """The heading of a question that is put to every paper, or to every one of some."""
    return f"To {f'the {scope}' if scope else 'every paper'}: {text}"


def asked_title(text: str, number: int, asked: AskedOf | None = None) -> str:
    """The heading of a saved question that was put to so many papers."""
    if asked is None:
        return f"To {papers(number)}: {text}"
    return ask_all_title(text, scope_words(asked, number))


def _requests(estimate: Estimate) -> str:
    return "1 request" if estimate.calls == 1 else f"{estimate.calls:,} requests"


def _place(model: str, sends_to: str | None) -> str:
    return clean_line(f"{model} at {sends_to}" if sends_to else model)


def _amount(estimate: Estimate) -> str:
    if estimate.cost is None:
        cost = "the price is not known: the configuration has none for this model"
    else:
        cost = f"it costs at most {estimate.cost:.4f} USD"
    tokens = f"{estimate.input_tokens:,} tokens in, at most {estimate.output_tokens:,} out"
    return f"about {tokens}; {cost}"
