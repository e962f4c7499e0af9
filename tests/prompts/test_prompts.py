"""Prompts: what they declare is what they use, and a changed body has a new version."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tables import Row, for_each, table

from assistant.errors import PromptError
from assistant.prompting.prompts import load_prompt, parse_prompt
from prompts import folder

INPUTS = {row["name"]: frozenset(row["inputs"]) for row in table(__file__, "inputs.jsonl")}
KNOWN = Path(__file__).with_name("versions.json")


@pytest.mark.parametrize("name", INPUTS)
def test_a_changed_body_has_a_new_version_and_is_filled(name: str) -> None:
    """When the first fails, raise the version in the prompt and note it in versions.json."""
    prompt = load_prompt(name, INPUTS[name])
    known = json.loads(KNOWN.read_text())[name]
    assert known.get(prompt.reference.version) == prompt.reference.digest
    values = {one: f"<{one} $stray>" for one in INPUTS[name]}
    system, user = prompt.fill(**values)
    assert (system.role, user.role) == ("system", "user")
    assert all(value in system.content + user.content for value in values.values())
    with pytest.raises(PromptError):
        prompt.fill(question="x")


def test_a_wrong_prompt_is_refused() -> None:
    def check(row: Row) -> None:
        with pytest.raises(PromptError, match=row["says"]):
            parse_prompt("answer", row["text"], frozenset({"question"}), "answer.md")

    for_each(table(__file__, "wrong_prompts.jsonl"), check)
    assert {path.stem for path in folder().glob("*.md")} == set(INPUTS)


def test_the_readers_own_prompt_comes_first(tmp_path: Path) -> None:
    (tmp_path / "uncited.md").write_text(
        '+++\nversion = "mine"\npurpose = "x"\ninputs = ["address", "refusal"]\n+++\n'
        "# system\nMine.\n# user\n$address $refusal\n"
    )
    assert load_prompt("uncited", INPUTS["uncited"], tmp_path).reference.version == "mine"
    assert load_prompt("answer", INPUTS["answer"], tmp_path).reference.version != "mine"
