"""What a model is known by, and what it costs."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.config.model_choice import EXTRACTIVE, model_name, model_settings
from assistant.config.settings import Settings

_PRICES_AND_KEYS = {"price_in", "price_out", "key_variable", "key_command"}
_LIMITS = {"context_tokens", "max_output_tokens", "first_token_s", "between_chunks_s", "total_s"}
_MILLION = 1_000_000


@dataclass(frozen=True)
class Tariff:
    """A model by name, and its prices in USD per million tokens, None where they are not known.

    `identity` is a digest of all that decides what it answers: address, model, temperature
    and what else is set, and no key. `is_local` is True when nothing leaves this machine,
    `is_near` where it goes no further than the network around it.
    """

    name: str
    identity: str
    price_in: float | None = None
    price_out: float | None = None
    is_local: bool = False
    is_near: bool = False

    @property
    def is_known(self) -> bool:
        """True when a cost can be told."""
        return self.price_in is not None and self.price_out is not None

    def cost(self, input_tokens: int, output_tokens: int) -> float | None:
        """The cost of so many tokens in USD, None where a price is not known."""
        if self.price_in is None or self.price_out is None:
            return None
        return (input_tokens * self.price_in + output_tokens * self.price_out) / _MILLION


FREE = Tariff(EXTRACTIVE, EXTRACTIVE, 0.0, 0.0, is_local=True, is_near=True)
"""The built-in model."""


def tariff_of(
    asked: str | None, settings: Settings, environment: Mapping[str, str] = os.environ
) -> Tariff:
    """What the model that answers costs; raises WrongUse as `model_settings` does.

    A model on this machine costs nothing unless the configuration says otherwise.
    """
    name = model_name(asked, settings, environment)
    model = model_settings(name, settings, environment)
    if model is None:
        return Tariff(name, name, 0.0, 0.0, is_local=True, is_near=True)
    from assistant.config.endpoint_address import check_base_url

    address = check_base_url(model.base_url)
    set_ = model.model_dump(mode="json", exclude=_PRICES_AND_KEYS | _LIMITS)
    known = json.dumps({**set_, "name": name, "base_url": address.url}, sort_keys=True)
    price_in, price_out = model.price_in, model.price_out
    if address.is_loopback and price_in is None and price_out is None:
        price_in = price_out = 0.0
    return Tariff(
        name=name,
        identity=hashlib.sha256(known.encode()).hexdigest(),
        price_in=price_in,
        price_out=price_out,
        is_local=address.is_loopback,
        is_near=address.reach != "public",
    )
