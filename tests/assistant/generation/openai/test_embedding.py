"""The embedder behind an endpoint, and every check of what it gives."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Callable

import numpy as np
import pytest
from fault_fixture import FaultServer
from hashed_embedder import Hashed
from tables import Row, for_each, table
from vector_fixture import VectorEndpoint

from assistant.config.settings import Settings
from assistant.config.tables import EmbedderSettings
from assistant.errors import WrongUse
from assistant.generation.openai.embedding import TEXTS_A_REQUEST, EndpointEmbedder, batches
from assistant.generation.openai.limits import EndpointSettings
from assistant.generation.openai.vectors import UnusableVectors, vectors_of_reply
from assistant.wiring.embedders import AllEmbedders
from store.embedders.base import Embedder, embedder_name
from store.errors import EmbeddingFailed, UnknownEmbedder

KEY = "sk-test-0123456789abcdef"


def made(
    base_url: str, dimension: int | None = None, narrate: Callable[[str], None] = lambda line: None
) -> EndpointEmbedder:
    settings = EndpointSettings(
        "openai:m", base_url, "m", api_key=KEY, backoff_s=0.02, total_s=10.0
    )
    return EndpointEmbedder(settings, dimension, narrate)


def refused(embedder: Embedder, *texts: str) -> EmbeddingFailed:
    """The failure that texts come to; it never shows the key."""
    with pytest.raises(EmbeddingFailed) as caught:
        embedder.embed(texts)
    assert KEY not in repr(caught.value) + caught.value.hint
    return caught.value


def test_vectors_are_those_of_the_texts(vector_endpoint: VectorEndpoint) -> None:
    embedder = made(vector_endpoint.base_url)
    texts = [f"text {number} of many" for number in range(TEXTS_A_REQUEST * 2 + 3)]
    found = embedder.embed(texts)
    assert np.allclose(found, Hashed().embed(texts), atol=1e-6), "of length 1, in their order"
    assert found.dtype == np.float32
    asked, sent = vector_endpoint.requests, vector_endpoint.headers[0]
    assert [len(one["input"]) for one in asked] == [64, 64, 3]
    assert (asked[0]["encoding_format"], sent["authorization"]) == ("float", f"Bearer {KEY}")
    told = [name for name in sent if name.startswith("x-stainless")]
    assert told == ["x-stainless-raw-response"], "nothing of this machine is told"
    assert embedder.dimension == 48
    assert embedder.embed([]).shape == (0, 48)
    assert embedder.fingerprint == "openai:m/title.abstract/1"
    assert embedder_name("openai:BAAI/bge-m3/title.abstract/1") == "openai:BAAI/bge-m3"
    assert made(vector_endpoint.base_url).dimension == 48, "asked for when nothing is known"
    assert made(vector_endpoint.base_url, 32).dimension == 32


def test_unusable_vectors_are_told_apart() -> None:
    def check(row: Row) -> None:
        with pytest.raises(UnusableVectors) as caught:
            vectors_of_reply(json.dumps({"data": row["data"]}).encode(), 2, 2)
        assert row["right"] in str(caught.value)

    for_each(table(__file__, "vectors.jsonl"), check)
    packed = base64.b64encode(np.array([0, 2], "<f4").tobytes()).decode()
    vectors = {3: packed, 0: [5, 0], 2: [0, 1e-320], 1: [1e308, 1e308]}
    entries = [{"index": at, "embedding": one} for at, one in vectors.items()]
    found = vectors_of_reply(json.dumps({"data": entries}).encode(), 4, None)
    assert found is not None
    for body in (b"", b"{}", b"[]", b"<html>", b'{"data": {}}', b"[" * 99_999):
        assert vectors_of_reply(body, 2, None) is None, "no list of vectors"
    assert found.tolist() == [[1, 0], [pytest.approx(0.5**0.5)] * 2, [0, 1], [0, 1]]


def test_what_passes_is_waited_for_visibly(vector_endpoint: VectorEndpoint) -> None:
    vector_endpoint.refusals = [(503, "loading the model", ""), (429, "slow down", "0")]
    lines: list[str] = []
    embedder = made(vector_endpoint.base_url, narrate=lines.append)
    assert embedder.embed(["a"]).shape == (1, 48)
    assert any("loading the model" in one and "retrying" in one for one in lines)
    vector_endpoint.refusals = [(429, "slow down", "100"), (401, f"bad key {KEY}", "")]
    assert "asks to wait 100 s" in refused(embedder, "a").message
    assert "key is refused" in refused(embedder, "a").message


def test_texts_longer_than_the_model_reads_are_cut(vector_endpoint: VectorEndpoint) -> None:
    vector_endpoint.reads = 900
    lines: list[str] = []
    found = made(vector_endpoint.base_url, narrate=lines.append).embed(["a b " * 1000, "short"])
    assert found.shape == (2, 48)
    assert max(map(len, vector_endpoint.texts)) <= 900
    assert "short" in vector_endpoint.texts
    assert "reads no more" in lines[0]


def test_what_hangs_is_left(
    vector_endpoint: VectorEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question alone waits less long than a batch."""
    monkeypatch.setattr("assistant.generation.openai.embedding.QUESTION_SECONDS", 0.2)
    vector_endpoint.delay = 0.5
    assert "not done in 0.2 s" in refused(made(vector_endpoint.base_url), "a").message
    assert made(vector_endpoint.base_url).embed(["a", "b"]).shape == (2, 48)


def test_requests_are_bounded() -> None:
    texts = ["x" * 30_000] * 7 + ["y"] * 70
    found = batches(texts)
    assert [text for batch in found for text in batch] == texts
    assert [len(one) for one in found] == [5, 64, 8]


def test_no_answer_is_said_in_one_line(vector_endpoint: VectorEndpoint) -> None:
    vector_endpoint.change = lambda data: "no list"
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    public = AllEmbedders(Settings(), environment={}).make("openai:m/title.abstract/1", None)
    for embedder, message, hint in (
        (made(vector_endpoint.base_url), "not an OpenAI-compatible list of vectors", "BASE_URL"),
        (made(nobody), "nothing listens there (127.0.0.1:", "start the server"),
        (public, "no key for the endpoint (api.openai.com)", "set OPENAI_API_KEY"),
    ):
        failure = refused(embedder, "a")
        assert message in failure.message
        assert hint in failure.hint
    with pytest.raises(WrongUse, match="no scheme"):
        made("127.0.0.1:80/v1")


def test_unusable_vectors_of_an_endpoint_are_refused(fault_server: FaultServer) -> None:
    environment = {"OPENAI_BASE_URL": fault_server.base_url, "OPENAI_API_KEY": KEY}
    embedders = AllEmbedders(Settings(), environment=environment)

    def check(row: Row) -> None:
        embedder = embedders.make(f"openai:fault:{row['scenario']}/title.abstract/1", 8)
        assert row["right"] in refused(embedder, "a", "b", "c").message

    for_each(table(__file__, "embedding_faults.jsonl"), check)


def test_names_find_their_address() -> None:
    settings = Settings(
        embedders={"local": EmbedderSettings(base_url="http://127.0.0.1:11434/v1", model="nomic")}
    )
    embedders = AllEmbedders(settings, environment={})
    assert embedders.fingerprint("local") == embedders.fingerprint("openai:nomic")
    assert embedders.served("nomic").base_url == "http://127.0.0.1:11434/v1"
    hosts = {"local": None, "openai:other": "api.openai.com", "wordllama": None}
    assert {name: embedders.host(embedders.fingerprint(name)) for name in hosts} == hosts
    elsewhere = AllEmbedders(settings, environment={"OPENAI_BASE_URL": "https://x.example.org/v1"})
    assert elsewhere.served("other").base_url == "https://x.example.org/v1"
    for name in ("openai:", "minillm", ""):
        with pytest.raises(UnknownEmbedder, match="no embedder"):
            embedders.fingerprint(name)
