"""An OpenAI-compatible endpoint on loopback: the same vectors and replies for all, counted."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

from tests.bench.beside.vectors import Vectors, token_count

SENTENCE = "The abstracts found here speak to this question."
"""What every reply says, in the shape that its tool asks for."""
_STATEMENT = re.compile(r"(?m)^statement (\d+):")
_ADDRESS = re.compile(r"\[(\d+\.\d+)\]")
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_CONTEXT_KEY = re.compile(r"\bpqac-\w+")

Body = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One request: its kind ("chat" or "embeddings"), texts and tokens in it, monotonic seconds."""

    kind: str
    texts: int
    tokens: int
    begun: float
    ended: float


@dataclass
class Endpoint:
    """A running endpoint: its address, and the calls that it has answered."""

    base_url: str
    vectors: Vectors
    calls: list[Call] = field(default_factory=list)

    def between(self, begun: float, ended: float) -> list[Call]:
        """The calls that began between two moments of the monotonic clock."""
        return [one for one in self.calls if begun <= one.begun <= ended]


def seconds_of(calls: Sequence[Call]) -> float:
    """Seconds in which at least one of the calls was being answered."""
    total, until = 0.0, float("-inf")
    for one in sorted(calls, key=lambda call: call.begun):
        total += max(0.0, one.ended - max(one.begun, until))
        until = max(until, one.ended)
    return total


@contextmanager
def serving(vectors: Vectors) -> Iterator[Endpoint]:
    """Serve on a free port of loopback until the block ends."""
    handler = type("Bound", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    handler.own = Endpoint(f"http://127.0.0.1:{server.server_address[1]}/v1", vectors)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield handler.own
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    own: Endpoint

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        names = [{"id": name, "object": "model"} for name in ("bench", "bench-embedder")]
        self._send({"object": "list", "data": names})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        begun = time.monotonic()
        if self.path.endswith("/embeddings"):
            texts = [body["input"]] if isinstance(body["input"], str) else list(body["input"])
            kind, number, tokens = "embeddings", len(texts), token_count(texts)
            usage = {"prompt_tokens": tokens, "total_tokens": tokens}
            answer = self._embeddings(texts, body.get("encoding_format") == "base64")
            data, form = json.dumps({**answer, "usage": usage}).encode(), "application/json"
        else:
            kind, number, tokens = "chat", 1, token_count(list(_sent(body)))
            data, form = chat_reply(body, tokens)
        # Before it is sent: who asked may end, and count, as soon as it has the reply.
        self.own.calls.append(Call(kind, number, tokens, begun, time.monotonic()))
        self._send_bytes(data, form)

    def _embeddings(self, texts: list[str], packed: bool) -> Body:
        rows = self.own.vectors.of(texts)
        data = [
            {
                "object": "embedding",
                "index": at,
                "embedding": base64.b64encode(row.tobytes()).decode() if packed else row.tolist(),
            }
            for at, row in enumerate(rows.astype(np.float32))
        ]
        return {"object": "list", "model": "bench-embedder", "data": data}

    def _send(self, value: Body) -> None:
        self._send_bytes(json.dumps(value).encode(), "application/json")

    def _send_bytes(self, data: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def chat_reply(body: Body, tokens: int) -> tuple[bytes, str]:
    """A chat completion as bytes, whole or as a stream of events, and its content type."""
    message = reply_to(body)
    finish = "tool_calls" if "tool_calls" in message else "stop"
    usage = {"prompt_tokens": tokens, "completion_tokens": 12, "total_tokens": tokens + 12}
    head = {"id": "chatcmpl-bench", "created": int(time.time()), "model": "bench"}
    if not body.get("stream"):
        choice = {"index": 0, "message": message, "finish_reason": finish}
        whole = {**head, "object": "chat.completion", "choices": [choice], "usage": usage}
        return json.dumps(whole).encode(), "application/json"
    for call in message.get("tool_calls", ()):
        call["index"] = 0
    chunk = {**head, "object": "chat.completion.chunk"}
    events: list[Body] = [
        {**chunk, "choices": [{"index": 0, "delta": message, "finish_reason": None}]},
        {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]},
    ]
    if (body.get("stream_options") or {}).get("include_usage"):
        events.append({**chunk, "choices": [], "usage": usage})
    lines = [f"data: {json.dumps(event)}\n\n" for event in events] + ["data: [DONE]\n\n"]
    return "".join(lines).encode(), "text/event-stream"


def reply_to(body: Body) -> Body:
    """The message that answers a request for a chat completion, in the shape it asks for.

    A model that has a tool to search with calls it once with the question, then one to cite with
    for the first source found. Who wants a score of a text gets one as JSON, who wants statements
    judged a line for each, and who numbers its sources a sentence that cites the first one.
    """
    messages = body.get("messages", [])
    text = "\n".join(_content(one) for one in messages)
    called = _tool_call(messages, [one["function"] for one in body.get("tools") or ()])
    if called is not None:
        return called
    asked = text.rpartition("You write:")[2]
    if "relevance_score" in text:
        content = json.dumps({"summary": SENTENCE, "relevance_score": 8})
    elif "Judge statements" in asked:
        address = _first(_ADDRESS, asked)
        numbers = _STATEMENT.findall(asked)
        content = "\n".join(f"{number}: supported {address}" for number in numbers)
    elif _CONTEXT_KEY.search(text):
        content = f"{SENTENCE[:-1]} ({_first(_CONTEXT_KEY, text)})."
    elif _ADDRESS.search(text):
        content = f"{SENTENCE[:-1]} [1.1]."
    else:
        content = SENTENCE
    return {"role": "assistant", "content": content}


def _tool_call(messages: Sequence[Body], tools: Sequence[Body]) -> Body | None:
    """The next call of a tool, or None where it is time to answer."""
    results = [_content(one) for one in messages if one.get("role") == "tool"]
    found = _first(_UUID, results[0]) if results else ""
    wanted = {0: "search", 1: "cite"}.get(len(results))
    tool = next((one for one in tools if wanted and wanted in one["name"]), None)
    if tool is None or (wanted == "cite" and not found):
        return None
    name, form = next(iter(tool["parameters"]["properties"].items()))
    question = next(_content(one) for one in reversed(messages) if one.get("role") == "user")
    value = question if wanted == "search" else found
    arguments = json.dumps({name: [value] if form.get("type") == "array" else value})
    function = {"name": tool["name"], "arguments": arguments}
    call = {"id": f"call_{len(results)}", "type": "function", "function": function}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def _first(form: re.Pattern[str], text: str) -> str:
    found = form.search(text)
    return found.group(found.lastindex or 0) if found else ""


def _sent(body: Body) -> Iterator[str]:
    """All that a chat model reads of a request: messages, tools, the form of the reply."""
    for one in body.get("messages", []):
        yield _content(one)
        if one.get("tool_calls"):
            yield json.dumps(one["tool_calls"])
    for name in ("tools", "response_format"):
        if body.get(name):
            yield json.dumps(body[name])


def _content(message: Body) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content)
    return content or ""
