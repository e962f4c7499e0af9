"""Instants as a person says them, in the time of where the reader is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from store.clean import clean_line

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def when(instant: str, now: datetime | None = None) -> str:
    """An instant (ISO 8601, UTC where it names no zone): "today 14:05", "12 Nov", "2025-02-03".

    What is no instant is said as it stands; `now` is the present one.
    """
    try:
        then = datetime.fromisoformat(instant)
        here = (then if then.tzinfo else then.replace(tzinfo=UTC)).astimezone()
    except (ValueError, OverflowError):
        return clean_line(instant)[:16]
    today = (now or datetime.now(UTC)).astimezone().date()
    day = here.date()
    if day == today:
        return f"today {here:%H:%M}"
    if day == today - timedelta(days=1):
        return "yesterday"
    if day.year == today.year and day < today:
        return f"{day.day} {_MONTHS[day.month - 1]}"
    return day.isoformat()
