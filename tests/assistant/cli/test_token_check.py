"""`quire ask` in a library with minilm: its tokens check the claims."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cli_fixture import Quire
from endpoint_fixture import ScriptedEndpoint
from minilm_fixture import MadeUp

from assistant.config.settings import models_folder
from store.embedders.local import LocalEmbedders
from store.library.library import Library

Endpoint = Callable[..., ScriptedEndpoint]
QUESTION = "How much water do glaciers lose?"


def use_minilm(quire: Quire, source: Path) -> None:
    assert quire("models", "add", "minilm", "--from", str(source)).code == 0
    assert quire("models", "use", "minilm").code == 0


def verdicts(quire: Quire) -> list[str]:
    ran = quire("ask", "-m", "scripted", "--no-cache", QUESTION, "--json")
    assert ran.code == 0, ran.err
    return [one["verdict"] for one in ran.json["claims"]]


def test_minilm_tells_paraphrases_from_what_only_shares_words(
    quire: Quire,
    stocked: Path,
    minilm_source: Path,
    scripted_endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "Water is lost at 0.74 m annually [1]. The water of the glaciers is clean [1.1]. "
    text += "Water is lost at 0.47 m annually [1]."
    monkeypatch.setenv("OPENAI_BASE_URL", scripted_endpoint(text).base_url)
    assert verdicts(quire) == ["weak", "matched", "number_not_found"]
    use_minilm(quire, minilm_source)
    assert verdicts(quire) == ["matched", "weak", "number_not_found"]


def test_tokens_come_from_the_embedder_of_the_library(
    quire: Quire, stocked: Path, made_up_minilm: MadeUp, tmp_path: Path
) -> None:
    with Library.open(stocked) as library:
        assert library.token_vectors(["ice"]) is None, "the built-in one has no context"
    (tmp_path / "onnx.tar.gz").write_bytes(made_up_minilm.archive)
    use_minilm(quire, tmp_path / "onnx.tar.gz")
    models = models_folder()
    with Library.open(stocked, embedders=LocalEmbedders(models)) as library:
        (found,) = library.token_vectors(["ice of"]) or ()
        assert found.spans == ((0, 3), (4, 6))
    ran = quire("ask", QUESTION, "--json")
    assert ran.code == 0, ran.err
    assert {one["verdict"] for one in ran.json["claims"]} <= {"matched", "weak"}
    assert quire("models", "rm", "minilm", "--yes").code == 0
    with Library.open(stocked, embedders=LocalEmbedders(models)) as library:
        assert library.token_vectors(["ice"]) is None, "the built-in check goes on"
    assert quire("ask", QUESTION, "--json").json["claims"][0]["verdict"] == "matched"
