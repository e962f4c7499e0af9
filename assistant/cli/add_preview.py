"""What `quire add --dry-run` would ask services for, without asking."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.cli.frame import Frame
    from assistant.types.wire import WireRequest


def unsent(frame: Frame, sources: tuple[str, ...]) -> tuple[list[WireRequest], tuple[str, ...]]:
    """The requests for the papers that are named at services, and the sources that are read here.

    A name that makes no sense is left among those, to be refused. Raises WrongUse.
    """
    from assistant.fetching.references import is_reference, reference_of

    named = [
        one
        for one in sources
        if is_reference(one) and not os.path.lexists(one) and not isinstance(reference_of(one), str)
    ]
    if not named:
        return [], sources
    from assistant.fetching.fetch import Fetching
    from assistant.fetching.http import UnsentHttp
    from store.readers.options import NO_OPTIONS

    services = frame.settings.services
    contact = services.contact if services else None
    http = UnsentHttp(contact)
    fetching = Fetching(services.bases if services else {}, contact, frame.narrate, http)
    for _ in fetching.items(named, NO_OPTIONS):
        pass  # each says that nothing was asked
    return http.requests, tuple(one for one in sources if one not in named)


def tell_requests(frame: Frame, requests: list[WireRequest]) -> None:
    """Write requests as they would travel."""
    number = "1 request" if len(requests) == 1 else f"at most {len(requests)} requests"
    frame.line(f"{number} would be sent; nothing was sent", bold=True)
    for one in requests:
        frame.line(f"\n{one.method} {one.url}")
        for name, value in one.headers.items():
            frame.line(f"{name}: {value}")
