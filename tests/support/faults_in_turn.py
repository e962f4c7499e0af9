"""The fault server for one app: its model plays one scenario after another."""

from __future__ import annotations

from typing import Any

import pytest
from fault_fixture import FaultServer


class FaultsInTurn:
    """Whatever model is asked for, the server plays the scenario that was chosen last."""

    def __init__(self, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
        self.base_url = server.base_url
        self._server = server
        self._scenario = "ok"
        self._before = 0
        pick = server.module.pick

        def pick_chosen(body: Any, headers: Any, _: Any) -> Any:
            return pick(body, headers, self._scenario)

        monkeypatch.setattr(server.module, "pick", pick_chosen)

    def play(self, scenario: str) -> None:
        """Play this one from now on, as if it had never been asked."""
        self._scenario = scenario
        self._server.module.COUNT.clear()
        self._before = len(self._server.module.LOG)

    @property
    def asked(self) -> list[dict[str, Any]]:
        """What is noted of the requests since then: "ended" is there once one is over."""
        return list(self._server.module.LOG[self._before :])
