"""The instant that a reader means by a date or an age: 2026-01-31, 7d."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from assistant.errors import QuerySyntaxError
from store.pattern import pattern

_AGO = pattern(r"(\d{1,4})\s*(h|d|w|m|y)\Z")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}


def instant(text: str) -> str:
    """The instant as ISO 8601 in UTC; raises QuerySyntaxError."""
    try:
        return _instant(text.strip()).isoformat()
    except (ValueError, OverflowError):
        raise QuerySyntaxError(
            f"“{text}” is no date such as 2026-01-31 and no age such as 7d", "give one of these"
        ) from None


def _instant(text: str) -> datetime:
    ago = _AGO.match(text.lower())
    if ago:
        number, unit = int(ago[1]), ago[2]
        past = timedelta(hours=number) if unit == "h" else timedelta(days=number * _DAYS[unit])
        return datetime.now(UTC) - past
    when = datetime.fromisoformat(text)
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
