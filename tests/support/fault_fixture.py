"""Servers and networks that misbehave: the fault server of the shared material, no DNS."""

from __future__ import annotations

import importlib.util
import socket
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


@pytest.fixture
def no_name_resolves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every look-up of a host name fail, with no proxy to ask instead."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
