"""Addresses in what a chat model is shown, for scripted models that cite."""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"^\[(\d+\.\d+)\] (.*)$", re.MULTILINE)


def addresses_of(prompt: str, sign: str) -> list[str]:
    """The addresses of the sentences that hold this sign, in the order of the prompt."""
    return [address for address, text in _SENTENCE.findall(prompt) if sign in text]
