"""The fault server of the shared material, for every test that needs a server that misbehaves."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@dataclass(frozen=True)
class FaultServer:
    """The fault server of the shared material, in threads of this process."""

    base_url: str
    module: ModuleType

    def log(self, scenario: str) -> list[dict[str, Any]]:
        """The requests that got this scenario."""
        return [one for one in list(self.module.LOG) if one["scenario"] == scenario]


@pytest.fixture(scope="session")
def fault_server(shared: Path) -> Iterator[FaultServer]:
    """The fault server; skipped without ../shared."""
    path = shared / "faults" / "fault_server.py"
    spec = importlib.util.spec_from_file_location("fault_server", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    server, port = module.serve(port=0)
    yield FaultServer(f"http://127.0.0.1:{port}/v1", module)
    server.close()
