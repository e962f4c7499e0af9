"""How papers, texts and rows are named and hashed."""

from __future__ import annotations

import hashlib
import json
import marshal
import unicodedata

from store.pattern import pattern
from store.types import Details, Record

_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
_SORTED = json.JSONEncoder(sort_keys=True, default=list)
_NO_DETAILS = Details()
_WORD = pattern(r"[^\W_]+")


def identity_key(record: Record) -> str:
    """What a new paper's id is made from: its DOI, arXiv id, or title."""
    if record.doi:
        return f"doi:{record.doi}"
    if record.arxiv_id:
        return f"arxiv:{record.arxiv_id}"
    return f"title:{plain_title(record.title) or record.title}"


def plain_title(title: str) -> str:
    """The words of a title in lower case: what papers were known by before version 3."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", title).casefold()))


def paper_id(key: str, attempt: int = 0) -> str:
    """An id of twelve characters from an identity key; it starts with a letter.

    `attempt` makes another one when the id is taken: SHA-256, first 55 bits, base 32.
    """
    digest = hashlib.sha256(f"{key}\n{attempt}".encode("utf-8", "replace")).digest()
    number = int.from_bytes(digest[:7], "big") >> 1
    return "p" + "".join(_BASE32[number >> shift & 31] for shift in range(50, -1, -5))


def content_hash(fields: dict[str, object]) -> str:
    """The hash of what a source says of a paper: 32 hex digits of SHA-256.

    Details that say nothing are no part of it.
    """
    said = dict(fields)
    details = said.pop("details", None)
    if isinstance(details, Details) and details != _NO_DETAILS:
        said["details"] = said_of(details)
    text = _SORTED.encode(said)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:32]


def said_of(details: Details) -> dict[str, object]:
    """The details that a source gives, without those that it does not have."""
    return {name: value for name, value in details.model_dump().items() if value}


def text_hash(title: str, abstract: str) -> str:
    """The hash of what is embedded: 32 hex digits of SHA-256."""
    return text_digest(title.encode("utf-8", "replace"), abstract.encode("utf-8", "replace"))


def text_digest(title: bytes, abstract: bytes) -> str:
    """`text_hash` of a title and an abstract in UTF-8."""
    return hashlib.sha256(title + b"\n" + abstract).hexdigest()[:32]


def row_digest(*values: bytes | int | float | None) -> int:
    """A number below 2**63 for a row: SHA-256 over its values, each with type and length.

    Format 2 of marshal writes them so in one step, the same in every Python. Both were chosen
    by the time that adding takes: OpenSSL's SHA-256 is faster than the blake2b of Python.
    """
    whole = hashlib.sha256(marshal.dumps(values, 2), usedforsecurity=False).digest()
    return int.from_bytes(whole[:8], "big") >> 1
