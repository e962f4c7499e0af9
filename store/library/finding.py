"""What an examination of a library found of one part."""

from __future__ import annotations

from typing import Literal

from store.value import Value

State = Literal["ok", "behind", "broken", "mended", "in use", "left"]


class Finding(Value):
    """What was found of one part: how it stands at the end, and one line on it."""

    part: str
    state: State
    message: str
