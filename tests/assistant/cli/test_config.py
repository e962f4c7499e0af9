"""`quire config`: what is set, setting it, and every setting documented under its name."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from cli_fixture import Quire, Walk

import assistant
from assistant.cli.leaving import leaves, leaving_lines
from assistant.config.descriptions import descriptions, names, service_addresses
from assistant.config.file import ConfigFile
from assistant.config.settings import Settings
from assistant.fetching.fetch import SERVICES
from assistant.fetching.references import PAGE_HOSTS

_EDITOR = """#!/bin/sh
case $1 in
    wrong) sed -i 's/max_cost/max_kost/' "$2" ;;
    right) sed -i 's/check = "on"/check = "off"/' "$2" ;;
    bad) sed -i 's/check = "on"/check = "maybe"/' "$2" ;;
    mend) sed -i '/^model/d' "$2" ;;
esac
"""


def test_settings_are_asked_for_set_and_explained(walk: Walk, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text(_EDITOR)
    editor.chmod(0o700)
    walk(__file__, "configured.jsonl")


def test_every_setting_is_documented_under_its_name(quire: Quire) -> None:
    known = descriptions()
    assert set(names()) == {name for name, one in known.items() if not one.is_variable}
    for name, one in known.items():
        assert all((one.about.endswith("."), one.example, one.used_by, one.default)), name
        assert one.allowed, name
    for name in quire("config", "explain", "--json").json["settings"]:
        assert quire("config", "explain", name["name"]).code == 0


def test_status_says_what_leaves_this_machine(walk: Walk, stocked: Path) -> None:
    walk(__file__, "leaving.jsonl")
    assert service_addresses() == {name: one.url for name, one in SERVICES.items()}


def test_an_embedder_elsewhere_and_a_setting_that_makes_no_sense_are_told() -> None:
    served = {"base_url": "https://vectors.example.org/v1", "model": "v"}
    settings = Settings.model_validate({"check_model": "nobody", "embedders": {"e": served}})
    _, judge, embedder, _ = leaves(settings, "openai:v", {})
    assert "no model “nobody”" in judge["problem"]
    assert (embedder["address"], embedder["reach"]) == (served["base_url"], "public")
    assert "every paper" in embedder["gets"]
    assert embedder["key"] == "key from OPENAI_API_KEY, which is not set"


_SHOWN = {
    "127.0.0.1",
    "arxiv.org",
    "doi.org",
    "info.arxiv.org",
    "pandoc.org",
    "search.yahoo.com",
    "ui.adsabs.harvard.edu",
    "www.ctan.org",
    "www.itunes.com",
    "www.sqlite.org",
    "www.w3.org",
    "www.zotero.org",
}
"""Hosts in links, in names of elements and as sources of what the code knows: none is asked."""


def test_no_host_that_the_code_names_is_left_out_of_what_leaves() -> None:
    root = Path(assistant.__file__).parents[1]
    files = [one for room in ("assistant", "store", "tui") for one in (root / room).rglob("*.*")]
    text = "\n".join(one.read_text("utf-8") for one in files if one.suffix in (".py", ".toml"))
    named = set(re.findall(r"https?://([a-z0-9.-]+\.[a-z0-9]+)", text)) - _SHOWN
    rows = leaves(Settings(model="openai:m"), "openai:v", {"OPENAI_API_KEY": "sk-x"})
    said = "\n".join(leaving_lines(rows))
    assert {host for host in named | set(PAGE_HOSTS) if host not in said} == set()
    assert "api.openai.com" in named, "it is looked for in the right files"


_WRITER = """
import sys
from pathlib import Path
from assistant.config.file import ConfigFile
config = ConfigFile(Path(sys.argv[1]))
for number in range(20):
    config.set_model(f"m{sys.argv[2]}-{number}", {"base_url": "http://127.0.0.1:1", "model": "m"})
"""


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(path), str(number)])
        for number in range(3)
    ]
    assert [one.wait(60) for one in writers] == [0, 0, 0]
    assert len(ConfigFile(path).settings().models) == 60
    assert [one.name for one in tmp_path.iterdir()] == ["config.toml"]
