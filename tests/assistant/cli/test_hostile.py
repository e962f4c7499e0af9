"""Hostile text through the commands: nothing crashes, nothing reaches the terminal."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cli_fixture import Add, Quire, Ran, Serving
from tables import Row, for_each, table
from terminal_fixture import Terminals, each_of, several

QUESTION = "What recall do owls have?"
BODY = " We measure owls at night and report a recall of 0.61 for a hundred owls."
STRINGS = {row["name"]: row["text"] for row in table(__file__, "hostile.jsonl")}
# Bold and dim, and the waiting line, which is written over itself.
ALLOWED = re.compile(r"\x1b\[(?:0|1|2)?m|\r\x1b\[K")


def check(text: str, *, styled: bool = False) -> None:
    """Nothing but text, line breaks, tabs and, on a terminal, our own bold and dim."""
    if styled:
        text = ALLOWED.sub("", text).replace("\r\n", "\n")
    bad = [one for one in text if (ord(one) < 32 and one not in "\n\t") or 0x7F <= ord(one) <= 0x9F]
    assert not bad, ascii(bad[:5])
    assert not set(text) & set("\u202e\u202c\u2066\u200b\ufeff")
    assert "Traceback" not in text


def checked(ran: Ran, *codes: int) -> Ran:
    check(ran.out)
    check(ran.err)
    assert ran.code in codes
    return ran


def owls(text: str, number: int = 0) -> dict[str, Any]:
    """A record with a text in each of its fields."""
    return {
        "title": f"Owls {number} {text}",
        "abstract": f"{text}{BODY}",
        "authors": [f"A. {text} B."],
        "venue": text,
        "tags": [text[:30]],
        "url": f"https://example.org/{text}",
    }


def through_every_command(quire: Quire, tmp_path: Path, strings: list[str]) -> list[str]:
    """Add records with these strings and look at them in every way; returns their ids."""
    path = tmp_path / "ha\x1b]0;x\x07rm.jsonl"
    records = [owls(text, number) for number, text in enumerate(strings)]
    path.write_text("\n".join(json.dumps(one) for one in records))
    report = checked(quire("add", str(path), "--json"), 0, 1).json
    assert report["read"] == len(records)
    assert report["new"] + report["same"] + report["changed"] + report["refused"] == len(records)
    assert report["new"] > len(records) // 2
    checked(quire("list"), 0)
    ids = [one["id"] for one in checked(quire("list", "--json"), 0).json["papers"]]
    search = ("search", "owls at night", "-n", str(len(records)))
    ask = ("ask", "What recall is reported for owls?")
    for shown in (("show", *ids), search):
        checked(quire(*shown), 0)
        checked(quire(*shown, "--json"), 0)
    checked(quire(*ask), 0, 5)
    checked(quire(*ask, "--jsonl"), 0, 5)
    checked(quire("summarize"), 0)
    return ids


def test_our_own_strings(quire: Quire, tmp_path: Path) -> None:
    """Case 78, at the command line."""
    ids = through_every_command(quire, tmp_path, list(STRINGS.values()))
    checked(quire("ask", "what of \x1b]52;c;AAAA\x07 owls?"), 0, 5)
    checked(quire("show", "\x1b[31mnope"), 2)
    checked(quire("--library", "/no\x1b]0;x\x07where", "list"), 3)
    command = [sys.executable, "-m", "tui", "show", *ids]
    apart = subprocess.run(command, capture_output=True, timeout=90)
    checked(Ran(apart.returncode, apart.stdout.decode(), apart.stderr.decode()), 0)


def test_the_hostile_strings(quire: Quire, tmp_path: Path, shared: Path) -> None:
    """Case 78, at the command line."""
    strings = json.loads((shared / "faults" / "hostile_strings.json").read_text())
    through_every_command(quire, tmp_path, [text for text in strings.values() if len(text) < 500])


def test_what_a_model_writes_is_text(quire: Quire, added: Add, serving: Serving) -> None:
    added([owls("plain")])
    endpoint = serving("").endpoint

    def through_a_model(row: Row) -> None:
        text = row["text"].replace("\ud800", "")
        endpoint.reply = f"Owls {text} have a recall of 0.61 [1.1]. Done {text}"
        asked = ("ask", "-m", "scripted", "--no-cache", QUESTION)
        assert "0.61 [1]" in checked(quire(*asked), 0).out
        checked(quire(*asked, "--json"), 0)

    for_each(table(__file__, "hostile.jsonl"), through_a_model)


@pytest.mark.slow
def test_a_hostile_endpoint_on_a_terminal_and_in_a_pipe(
    quire: Quire,
    added: Add,
    fault_server: Any,
    on_terminal: Terminals,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Cases 79 to 82 and 92."""
    added([owls("plain")])
    monkeypatch.setenv("OPENAI_BASE_URL", fault_server.base_url)
    rows = table(__file__, "hostile_endpoint.jsonl")
    for row in rows:
        row["asking"] = ["ask", "-m", f"fault:{row['scenario']}", QUESTION]
    shown = each_of(several(on_terminal, *(row["asking"] for row in rows)))
    for row, one in zip(rows, shown, strict=True):
        row["shown"] = one

    def in_both(row: Row) -> None:
        check(row["shown"].output, styled=True)
        assert row["shown"].code in (0, 1, 4, 5)
        checked(quire(*row["asking"], "--json"), 0, 1, 4, 5)

    for_each(rows, in_both)


def test_a_record_that_repeats_itself_is_told(quire: Quire, added: Add) -> None:
    """Case 98: where every paper is asked, too."""
    said = "Owls hunt 7 mice an hour by sound. "
    added([{"title": "Owls of the north", "abstract": said * 500}, owls("plain")])
    ran = quire("ask", "--all", "Which papers say that owls hunt mice by sound?", "--json")
    line = r"the abstract of “Owls of the north” says one sentence \d{3} times"
    assert ran.json["papers"][0]["verdict"] == "yes"
    assert re.search(line, ran.json["note"])
