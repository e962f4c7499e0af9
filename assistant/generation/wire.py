"""The request that a model would make for a task, without making it."""

from __future__ import annotations

from assistant.generation.base import ChatModel, ModelTask
from assistant.generation.forwarding import ForwardingModel
from assistant.types.wire import HIDDEN_KEY, WireRequest


async def request_for(model: ChatModel, task: ModelTask) -> WireRequest | None:
    """What would be sent first for a task; None for a model that sends nothing. Raises WrongUse."""
    from assistant.generation.openai.endpoint import EndpointModel

    lacks_key = False
    while isinstance(model, ForwardingModel):
        lacks_key = lacks_key or model.lacks_key
        model = model.behind
    if not isinstance(model, EndpointModel):
        return None
    request = await model.request_for(task)
    if lacks_key:
        headers = {**request.headers, "authorization": HIDDEN_KEY}
        request = request.model_copy(update={"headers": headers})
    return request
