"""What a dry run says of texts that would be sent to an endpoint for their vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.wording import counted

if TYPE_CHECKING:
    from assistant.cli.frame import Frame
    from assistant.cli.shapes import Shape
    from assistant.generation.openai.unsent_embedding import UnsentTexts
    from assistant.types.wire import WireRequest
    from assistant.wiring.embedders import AllEmbedders
    from store.embedders.base import Embedder
    from store.library.library import Library


def unsent_embedders(frame: Frame, unsent: UnsentTexts) -> AllEmbedders:
    """The embedders of a dry run: what would be sent is kept in `unsent`."""
    from assistant.wiring.embedders import AllEmbedders

    return AllEmbedders(frame.settings, frame.narrate, unsent=unsent)


class Rehearsal:
    """A dry run of adding: what the library's embedder would be sent, where it is served."""

    def __init__(self) -> None:
        from assistant.generation.openai.unsent_embedding import UnsentTexts

        self._unsent = UnsentTexts()
        self._embedder: Embedder | None = None

    def start(self, frame: Frame, library: Library) -> Embedder | None:
        """What is to be told the texts; None where vectors are made on this machine."""
        from assistant.wiring.embedders import OPENAI
        from store.embedders.base import embedder_name

        if embedder_name(library.fingerprint).startswith(OPENAI):
            self._embedder = unsent_embedders(frame, self._unsent).make(library.fingerprint, None)
        return self._embedder

    def end(self, library: Library) -> None:
        """After what is new, what had no vector before."""
        if self._embedder is not None:
            rehearse_lacking(library, self._embedder)

    @property
    def shape(self) -> Shape:
        """A part of the JSON of a dry run; nothing where nothing would be sent."""
        return vectors_shape(self._unsent)

    def tell(self, frame: Frame) -> None:
        """Write it, where something would be sent."""
        tell_unsent(frame, self._unsent, "abstract")


def rehearse_lacking(library: Library, embedder: Embedder) -> None:
    """Tell an embedder of a dry run every text that has no vector of it yet."""
    from contextlib import suppress

    from store.embedders.active import unembedded
    from store.errors import EmbeddingFailed

    for texts in unembedded(library.ledger, embedder.fingerprint):
        with suppress(EmbeddingFailed):
            embedder.embed(texts)


def unsent_shape(unsent: UnsentTexts) -> Shape:
    """What would be sent for vectors, as JSON."""
    request = None if unsent.request is None else unsent.request.model_dump()
    return {
        "embedder": unsent.embedder,
        "sends_to": unsent.address,
        "texts": unsent.texts,
        "calls": unsent.calls,
        "request": request,
    }


def vectors_shape(unsent: UnsentTexts) -> Shape:
    """A part of the JSON of a dry run; nothing where nothing would be sent for vectors."""
    return {"vectors": unsent_shape(unsent)} if unsent.calls else {}


def tell_unsent(frame: Frame, unsent: UnsentTexts, what: str) -> None:
    """Write what would be sent for vectors, `what` for one of the texts, and the first request."""
    from assistant.answers.preview import requests

    if unsent.request is None:
        return
    number = counted(unsent.texts, what)
    frame.line(
        f"would be sent to {unsent.embedder} at {unsent.address} for vectors: {number} in"
        f" {requests(unsent.calls)}; nothing was sent",
        bold=True,
    )
    write_request(frame, unsent.request)


def write_request(frame: Frame, request: WireRequest) -> None:
    """A request as it travels, its body in one piece and unfolded."""
    length = len(request.body.encode())
    frame.line(f"\nthe first request, {length} bytes as they would be sent;", dim=True)
    frame.line("the 12 hex digits that fence texts are drawn anew for each request", dim=True)
    frame.line(f"{request.method} {request.url}")
    for name, value in request.headers.items():
        frame.line(f"{name}: {value}")
    frame.line(f"\n{request.body}")
