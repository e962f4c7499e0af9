"""Events of a chat stream, written short in tables."""

from __future__ import annotations

import json
from typing import Any

ChatEvent = str | dict[str, Any]
"""Text as it is, or what the delta of a chunk holds, with its finish reason as "finish"."""


def written(event: ChatEvent) -> str:
    """The data of an event."""
    if isinstance(event, str):
        return event
    delta = {name: value for name, value in event.items() if name != "finish"}
    choice = {"index": 0, "delta": delta, "finish_reason": event.get("finish")}
    return json.dumps({"choices": [choice]})
