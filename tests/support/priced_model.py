"""A model with a price, and the commands that ask it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cli_fixture import Quire, Ran
from endpoint_fixture import ScriptedEndpoint


@dataclass(frozen=True)
class PricedModel:
    """A scripted endpoint that a configuration knows as the model `big`, with its prices."""

    endpoint: ScriptedEndpoint
    config: Path
    quire: Quire

    def run(self, command: str, *arguments: str) -> Ran:
        """Run a command with this model."""
        return self.quire("--config", str(self.config), command, "-m", "big", *arguments)

    @property
    def sent(self) -> int:
        """How many requests came."""
        return len(self.endpoint.requests)


def priced_model(
    quire: Quire, folder: Path, endpoint: ScriptedEndpoint, price_in: float, price_out: float
) -> PricedModel:
    """The model with these prices, its configuration in a folder."""
    config = folder / "config.toml"
    config.write_text(
        f'[models.big]\nbase_url = "{endpoint.base_url}"\nmodel = "scripted"\n'
        f"price_in = {price_in}\nprice_out = {price_out}\n"
    )
    return PricedModel(endpoint, config, quire)
