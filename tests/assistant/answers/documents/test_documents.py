"""Answers as documents: what is in them, and what of a hostile text must not be."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assistant.answers.documents.bibliography import bibliography
from assistant.answers.documents.content import CitedPaper, Document, Part, paper_of, references_of
from assistant.answers.documents.docx import docx, find_pandoc
from assistant.answers.documents.html import html
from assistant.answers.documents.markdown import markdown
from assistant.answers.documents.markdown_text import at_start, escaped
from assistant.answers.documents.words import web_address
from assistant.checking.verdicts import SIGNS
from assistant.errors import WrongUse
from assistant.text.sentences import source_sentences
from assistant.types.answers import Answer, Coverage, PaperVerdict, Reference
from assistant.types.claims import Citation, Claim, NearSentence
from assistant.types.evidence import NearMiss
from store.clean import clean_line
from store.errors import ExportFailed

PANDOC = shutil.which("pandoc") or ""
needs_pandoc = pytest.mark.skipif(not PANDOC, reason="pandoc is not on this machine")


def written(**changed: Any) -> Answer:
    """The answer of the table, its claims where their texts stand."""
    told = tomllib.loads(Path(__file__).with_name("answer.toml").read_text("utf-8"))
    references = tuple(
        Reference(number=number, **{**one, "authors": tuple(one.get("authors", ()))})
        for number, one in enumerate(told["papers"], 1)
    )
    sentences = [source_sentences(one.title, one.abstract) for one in references]
    text, claims = told["text"].lstrip("\n"), []
    for one in told["claims"]:
        start = len(text) + len(one["text"]) - len(one["text"].lstrip())
        text += one["text"]
        near = references[one["nearest"] - 1] if "nearest" in one else None
        claims.append(
            Claim(
                text=one["text"].strip(),
                start=start,
                end=len(text.rstrip()),
                verdict=one["verdict"],
                checked_by=one.get("by", "model"),
                reasons=tuple(one.get("reasons", ())),
                citations=tuple(
                    Citation(
                        number=number,
                        id=references[number - 1].id,
                        sentences=(index,),
                        quote=sentences[number - 1][index].text,
                        verdict=one["verdict"],
                    )
                    for number, index in one.get("cites", ())
                ),
                nearest=near
                and NearSentence(
                    id=near.id, title=near.title, sentence=1, quote=near.abstract[:32]
                ),
            )
        )
    whole = Answer(
        question=told["question"],
        outcome="answered",
        text=text,
        claims=tuple(claims),
        references=references,
        model="big",
        judged_by="judge",
        note="read 3 of 4 <papers>",
    )
    return whole.model_copy(update=changed)


def document(*answers: Answer, session: str | None = None) -> Document:
    cited = tuple(
        CitedPaper(number, f"key{number}", paper_of(one))
        for number, one in enumerate(references_of(answers), 1)
    )
    parts = tuple(Part(one, "2026-03-01T10:00:00Z") for one in answers)
    return Document(answers[0].question, parts, cited, session)


REFUSED = Answer(
    question="Owls?",
    outcome="not_in_collection",
    text="The collection does not answer this.",
    model="big",
    near_misses=(NearMiss(id="p", title="Near <i>", score=0.2, why="no *owl*", quote="A [q]."),),
)
COUNTED = {
    "coverage": Coverage(asked=3, yes=1, no=1, failed=1),
    "papers": (
        PaperVerdict(id="powl", title="A | <b>", verdict="yes", sentence="It [does] | so."),
        PaperVerdict(id="p2", title="B", verdict="failed"),
    ),
}
DOCUMENTS = {
    "answer": document(written()),
    "counted": document(written(outcome="interrupted", sure=False, **COUNTED)),
    "refused": document(REFUSED),
    "session": document(written(), REFUSED, written(outcome="cut"), session="s1"),
}


def words_of(line: str) -> set[str]:
    return set(line.split())


VOID = {"meta", "br"}
ALLOWED = VOID | words_of(
    "html head title style body main article section div span p h1 h2 h3 h4 ul ol li table thead"
    " tbody tr th td a button cite q mark strong blockquote details summary"
)


class Page(HTMLParser):
    """A page as it is parsed: what is open when, ids, targets, and the text of elements."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.links: list[str] = []
        self.levels: list[int] = []
        self.text: dict[str, str] = {}
        self.marks: dict[str, str] = {}
        self.card = ""
        self.policy = ""
        self.feed(source)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        assert tag in ALLOWED
        assert len(named) == len(attrs)
        assert not [one for one in named if one.startswith("on") or one in ("style", "src")]
        if tag not in VOID:
            self.open.append(tag)
        assert tag not in ("div", "section", "table") or "p" not in self.open
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if "id" in named:
            self.ids.append(str(named["id"]))
        if "popovertarget" in named:
            self.targets.append(str(named["popovertarget"]))
        if "popover" in named:
            self.card = str(named["id"])
        if href := named.get("href"):
            (self.targets if href.startswith("#") else self.links).append(href.removeprefix("#"))
        if named.get("http-equiv"):
            self.policy = str(named["content"])

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "blockquote":
            self.card = ""

    def handle_data(self, data: str) -> None:
        at = self.open[-1] if self.open else ""
        self.text[at] = self.text.get(at, "") + data
        if at == "mark":
            self.marks[self.card] = self.marks.get(self.card, "") + data


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_page_is_whole_and_holds_nothing_of_a_hostile_text(name: str) -> None:
    page = Page(html(DOCUMENTS[name]))
    assert len(page.ids) == len(set(page.ids))
    assert set(page.targets) <= set(page.ids)
    assert page.levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(page.levels))
    assert set(page.links) <= {"https://doi.org/10.1000/owl_1"}
    digest = hashlib.sha256(page.text["style"].encode()).digest()
    assert f"style-src 'sha256-{base64.b64encode(digest).decode()}'" in page.policy
    assert page.policy.startswith("default-src 'none'")
    assert not re.search(r"url\(|@import", page.text["style"])


def test_each_citation_opens_its_sentence_in_the_abstract() -> None:
    answer = written()
    page = Page(html(document(answer)))
    for index, claim in enumerate(answer.claims):
        for at, citation in enumerate(claim.citations):
            name = f"s0-{index}-{at}"
            assert page.targets.count(name) == 2, (
                "the citation opens it, the button in it closes it"
            )
            assert page.marks.get(name) == citation.quote
    shown = " ".join(page.text["span"].split())
    assert not [claim for claim in answer.claims if SIGNS[claim.verdict].name not in shown]


def test_no_line_of_a_page_ends_in_a_date_or_before_a_sign() -> None:
    whole = replace(document(written()), parts=(Part(written(), "2026-11-21T10:00:00"),))
    page = html(whole)
    assert '<span class="whole">2026-11-21</span></p>' in page
    behind = r'<button [^<]*</button>[.]?<span class="sign '
    signs = re.findall(behind, page)
    assert signs
    assert len(re.findall(f'<span class="whole">{behind}', page)) == len(signs)


NEAR = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def tokens(source: str) -> Iterator[Any]:
    for token in NEAR.parse(source):
        yield token
        yield from token.children or ()


SAFE = words_of(
    "heading_open heading_close paragraph_open paragraph_close inline text text_special softbreak"
    " hardbreak em_open em_close strong_open strong_close bullet_list_open bullet_list_close"
    " ordered_list_open ordered_list_close list_item_open list_item_close blockquote_open"
    " blockquote_close table_open table_close thead_open thead_close tbody_open tbody_close tr_open"
    " tr_close th_open th_close td_open td_close"
)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_markdown_holds_no_markup_of_a_hostile_text(name: str) -> None:
    _, _, body = markdown(DOCUMENTS[name], "x.bib").split("---\n", 2)
    links = []
    for token in tokens(body):
        if token.type == "link_open":
            links.append(token.attrs["href"])
        assert token.type in SAFE | {"link_open", "link_close"}, token
    assert set(links) <= {"https://doi.org/10.1000/owl_1"}


@needs_pandoc
@pytest.mark.parametrize("name", DOCUMENTS)
def test_pandoc_reads_the_citations_and_the_notes_and_nothing_else(name: str) -> None:
    which = DOCUMENTS[name]
    tree = json.loads(pandoc(markdown(which, "my_x.bib"), "--to=json", "--from=markdown-smart"))
    found: dict[str, list[Any]] = {}

    def walk(node: Any) -> None:
        for one in node.values() if isinstance(node, dict) else node:
            if isinstance(one, dict | list):
                walk(one)
        if isinstance(node, dict) and "t" in node:
            found.setdefault(node["t"], []).append(node.get("c"))

    walk(tree["blocks"])
    assert not set(found) & {"RawBlock", "RawInline", "CodeBlock", "Code", "Math", "Image"}
    assert not set(found) & {"Superscript", "Subscript", "Strikeout", "Div", "Span", "LineBlock"}
    assert not set(found) & {"DefinitionList", "HorizontalRule", "SmallCaps", "Quoted"}
    claims = [claim for part in which.parts for claim in part.answer.claims]
    notes = [" ".join(words(one)) for one in found.get("Note", [])]
    assert len(notes) == len(claims)
    for claim, note in zip(claims, notes, strict=True):
        assert not [one for one in claim.citations if clean_line(one.quote) not in note]
    keys = {key["citationId"] for cite in found.get("Cite", []) for key in cite[0]}
    assert keys == {one.key for one in which.cited}
    modes = {key["citationMode"]["t"] for cite in found.get("Cite", []) for key in cite[0]}
    assert modes <= {"NormalCitation"}
    meta = tree["meta"]
    assert "".join(words(meta["pagetitle"]["c"])) == which.title
    if which.cited:
        assert "".join(words(meta["bibliography"]["c"])) == "my_x.bib"


def words(node: Any) -> Iterator[str]:
    """The texts of a tree of pandoc, in their order."""
    if isinstance(node, list):
        text = ""
        for one in node:
            text += "".join(words(one))
        yield text
    elif isinstance(node, dict):
        if node["t"] == "Str":
            yield node["c"]
        elif node["t"] in ("Space", "SoftBreak", "LineBreak"):
            yield " "
        elif node["t"] not in ("Note",) and "c" in node:
            yield from words(node["c"])


def pandoc(text: str, *options: str) -> str:
    return subprocess.run(
        [PANDOC, *options], input=text, capture_output=True, text=True, check=True, timeout=60
    ).stdout


@given(st.text(alphabet=st.sampled_from("\\`*_{}[]<>#|~^$@&!\"'().-+=:%1aB ä\n/;"), max_size=30))
def test_a_line_of_any_text_stays_that_text(text: str) -> None:
    line = f"{at_start(escaped(text))}"
    shown = "".join(one.content for one in tokens(line) if one.type.startswith("text"))
    assert shown == clean_line(text)


@needs_pandoc
def test_a_line_of_any_text_is_one_for_pandoc() -> None:
    signs = "\\`*_{}[]<>#|~^$@&!\"'().-+=:%1aBi ;/"
    lines = [clean_line(a + b + c + " x" + b + a) for a in signs for b in signs for c in "1 .a:"]
    lines = [one for one in lines if one]
    source = "\n\n".join(at_start(escaped(one)) for one in lines)
    tree = json.loads(pandoc(source, "--to=json", "--from=markdown-smart"))
    assert {one["t"] for one in tree["blocks"]} == {"Para"}
    came = ["".join(words(one["c"])) for one in tree["blocks"]]
    wrong = [pair for pair in zip(lines, came, strict=True) if pair[0] != pair[1]]
    assert not wrong[:5]


def test_a_bibliography_has_the_papers_cited_in_their_order() -> None:
    keys = re.findall(r"(?m)^@\w+\{([^,]+),", bibliography(DOCUMENTS["session"]))
    assert keys == ["key1", "key2", "key3"]


def test_an_address_is_one_of_the_web_or_none() -> None:
    assert web_address("javascript:alert(1)") is None
    assert web_address("https://x.org/a b") is None
    assert web_address("https:///x") is None
    assert web_address('https://x.org/"><b>') == "https://x.org/%22%3E%3Cb%3E"


PANDOCS = {
    "exit 1": "does not work",
    "echo pandoc 2.9.1": "2.9",
    "echo pandoc.exe 3.1; [ $1 = --version ] || { echo 'no *reference*' >&2; exit 97; }": "no *ref",
    "echo pandoc 3.1; [ $1 = --version ] || exit 3": "ended with 3",
    "echo pandoc 3.1": "wrote nothing",
    "echo pandoc 3.1; [ $1 = --version ] || exec sleep 30": "more than 1 s",
}


@pytest.mark.parametrize("script", PANDOCS)
def test_a_pandoc_that_fails_is_told(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "pandoc"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises((WrongUse, ExportFailed)) as told:
        docx(DOCUMENTS["refused"], find_pandoc(), seconds=1)
    assert PANDOCS[script] in told.value.message


def test_without_pandoc_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(WrongUse) as told:
        find_pandoc()
    assert "pandoc.org" in told.value.hint


@needs_pandoc
def test_a_word_document_holds_the_answer(tmp_path: Path) -> None:
    made = tmp_path / "answer.docx"
    made.write_bytes(docx(DOCUMENTS["answer"], PANDOC))
    shown = pandoc("", "--to=plain", "--wrap=none", str(made))
    assert "What do <these> *say* of $x$ & [@y]?" in shown
    assert "References" in shown
    assert "✗ contradicted" in shown
