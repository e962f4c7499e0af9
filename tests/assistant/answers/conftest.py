"""What the tests of answers share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from endpoint_fixture import Script, ScriptedEndpoint


@pytest.fixture
def serving(
    scripted_endpoint: Callable[..., ScriptedEndpoint], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., ScriptedEndpoint]:
    """Start the endpoint that commands ask with `-m scripted`: `serving(reply, delay=0.0)`."""

    def start(reply: Script, **options: Any) -> ScriptedEndpoint:
        endpoint = scripted_endpoint(reply, **options)
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
        return endpoint

    return start
