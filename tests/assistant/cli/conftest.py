"""What tests of several commands use: a model that the environment names, the configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from endpoint_fixture import Endpoints, Script, ScriptedEndpoint


@pytest.fixture
def answering(scripted_endpoint: Endpoints, monkeypatch: pytest.MonkeyPatch) -> Endpoints:
    """Start a scripted endpoint where the environment says one is: `-m scripted` asks it."""

    def start(reply: Script, **options: Any) -> ScriptedEndpoint:
        endpoint = scripted_endpoint(reply, **options)
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
        return endpoint

    return start


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Where the configuration file stands once there is one."""
    return tmp_path / "xdg-config" / "quire" / "config.toml"
