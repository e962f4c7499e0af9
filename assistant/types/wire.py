"""A request as it travels."""

from __future__ import annotations

from collections.abc import Mapping

from store.value import Value

HIDDEN_KEY = "Bearer (hidden)"
"""What stands for a key in a request that is shown."""


class WireRequest(Value):
    """A request, byte for byte: `body` in UTF-8, `headers` by name in lower case, without keys."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: str
