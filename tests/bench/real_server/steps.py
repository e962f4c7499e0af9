"""The steps of a walk with a real server: from adding its model to its end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.real_server.server import RunningServer
from tests.bench.real_server.walk import Ran, Walk

PAPERS = Path(__file__).with_name("papers.jsonl")
QUESTION = "Which method counts herons without labels, and how large is its error?"
FOLLOW_UP = "And how large is it for the method with labels?"
YES_OR_NO = "Does it study herons?"
LEAST_ROOM = 128
"""Tokens that a second try has to leave for the answer."""

LEAVING_SECONDS = 5.0
"""How long a command may take to end after Ctrl-C."""

_MARKUP = re.compile(r"(?m)^#{1,6} |\*\*[^*\n]+\*\*")
_ANSWERED = (0, 1, 4, 5)


class Steps:
    """The steps with one server, whose model has the walk's name."""

    def __init__(self, walk: Walk, server: RunningServer, context: int) -> None:
        self._walk = walk
        self._server = server
        self._context = context

    def all(self) -> None:
        """Walk them in turn; some lean on those before."""
        for name, step in (
            ("add", self.add),
            ("models test", self.test),
            ("ask", self.ask),
            ("ask --jsonl", self.stream),
            ("ask, plain", self.plain),
            ("follow-up", self.follow_up),
            ("ask --check", self.check),
            ("ask --all", self.ask_all),
            ("summarize", self.summarize),
            ("tldr", self.tldr),
            ("cancel", self.cancel),
            ("too many sources", self.too_many),
            ("too long a question", self.too_long),
        ):
            self._walk.step(name, step)

    def add(self) -> None:
        """The model and three papers; the window is left to the server, where it states one."""
        walk, server = self._walk, self._server
        told = () if server.window else ("--context-tokens", str(self._context))
        added = walk.quire(
            *("models", "add", walk.model, "--url", server.base_url, "--model", "tiny", *told)
        )
        walk.hold("the model is added", added.code == 0, added.err)
        papers = walk.quire(*walk.library("three"), "add", str(PAPERS))
        walk.hold("the papers are added", papers.code == 0, papers.err)
        sent = walk.quire(*walk.asking(QUESTION, "--dry-run", "--json")).json
        walk.say(added, stated=server.window, estimated_prompt=sent.get("input_tokens"))

    def test(self) -> None:
        """`quire models test`: what works with this server, within its window."""
        walk = self._walk
        ran = walk.quire("models", "test", walk.model, "--json")
        walk.hold("test ends with 0, 1 or 4", ran.code in (0, 1, 4), ran.err)
        findings = {one["name"]: one for one in ran.json.get("findings", [])}
        found = {name: f"{one['works']}: {one['about']}" for name, one in findings.items()}
        walk.say(ran, **(found or {"error": ran.err.strip()}))
        if self._server.window:
            # A dry run asks no server: here stands the window that prompts are made for.
            about = findings.get("context", {}).get("about", "")
            walk.hold("the window is the server's", f"{self._server.window} " in about, about)
        if self._server.window and "long prompts" in findings:
            about = findings["long prompts"]["about"]
            walk.hold("the longest prompt fits the window", "fails" not in about, about)

    def ask(self) -> None:
        """A question, as one document."""
        walk = self._walk
        walk.say_answer(walk.quire(*walk.asking(QUESTION, "--json")))

    def stream(self) -> None:
        """The same, as events: the pieces are the text at the end."""
        walk = self._walk
        ran = walk.stream(*walk.asking(QUESTION, "--jsonl", "--no-cache"))
        events = self._events(ran)
        kinds = [one["event"] for one in events]
        walk.hold("an answer or an error at the end", kinds[-1:] in (["done"], ["error"]), ran.err)
        counts = {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
        done = [one["answer"] for one in events if one["event"] == "done"]
        walk.say_answer(ran, done[-1] if done else events[-1], events=counts)

    def _events(self, ran: Ran) -> list[Any]:
        """What a command printed as events; the pieces of text are the answer's at the end."""
        events = [json.loads(line) for line in ran.out.splitlines()]
        kinds = [one["event"] for one in events]
        begun = len(kinds) - 1 - kinds[::-1].index("again") if "again" in kinds else 0
        text = "".join(one["text"] for one in events[begun:] if one["event"] == "delta")
        done = [one["answer"]["text"] for one in events if one["event"] == "done"]
        same = not done or done[-1] == text
        self._walk.hold("the pieces are the text", same, f"{done[-1:]} {text}")
        return events

    def plain(self) -> None:
        """The answer as text: nothing of a model's markup."""
        walk = self._walk
        ran = walk.quire(*walk.asking(QUESTION))
        walk.say(ran, text=ran.out, stderr=ran.err.strip().splitlines()[-3:])
        walk.hold("plain ends as it should", ran.code in _ANSWERED, ran.err)
        marked = _MARKUP.search(ran.out)
        walk.hold("no markup in plain text", not marked, marked.group() if marked else "")

    def follow_up(self) -> None:
        """A question that leans on the one before."""
        walk = self._walk
        ran = walk.quire(*walk.asking(FOLLOW_UP, "-c", "--json"))
        understood = ran.json.get("standalone") or ""
        walk.say_answer(ran, standalone=understood)
        walk.hold("the question is one line", "\n" not in understood, understood)
        words = not understood or any(char.isalnum() for char in understood)
        walk.hold("the question has words", words, understood)

    def check(self) -> None:
        """The model judges an answer of its own."""
        walk = self._walk
        ran = walk.quire(*walk.asking(QUESTION, "--check", "--json"))
        walk.say_answer(ran, check=ran.json.get("check"))

    def ask_all(self) -> None:
        """A question to every paper: each is counted once."""
        walk = self._walk
        ran = walk.quire(*walk.asking(YES_OR_NO, "--all", "--yes", "--json"))
        counted = ran.json.get("coverage") or {}
        walk.say_answer(ran, coverage=counted)
        parts = sum(counted.get(name, 0) for name in ("yes", "no", "unclear", "failed"))
        walk.hold("three papers are counted", counted.get("asked") == parts == 3, ran.err)

    def summarize(self) -> None:
        """A summary of all papers."""
        walk = self._walk
        walk.say_answer(walk.quire(*walk.library("three"), "summarize", "-m", walk.model, "--json"))

    def tldr(self) -> None:
        """One paper in a sentence."""
        walk = self._walk
        papers = walk.quire(*walk.library("three"), "list", "--json").json["papers"]
        ran = walk.quire(
            *walk.library("three"), "tldr", "-m", walk.model, papers[0]["id"], "--json"
        )
        found = ran.json
        walk.say_answer(ran, found[0] if isinstance(found, list) else found, one_sentence=True)

    def cancel(self) -> None:
        """Ctrl-C at the first word; then the server answers another question."""
        walk = self._walk
        ran = walk.stream(*walk.asking(QUESTION, "--jsonl", "--no-cache"), stop=True)
        self._events(ran)
        # An answer may have been whole before the key came.
        walk.hold("Ctrl-C leaves", ran.code in (130, *_ANSWERED), ran.err)
        walk.hold("Ctrl-C leaves soon", ran.seconds < LEAVING_SECONDS, f"{ran.seconds:.1f} s")
        after = walk.quire(*walk.asking("Which birds sing?", "--json", "--no-cache"))
        walk.say(ran, next_exit=after.code, next_seconds=round(after.seconds, 1))
        answers = after.code in _ANSWERED and "listens" not in after.err
        walk.hold("the server answers again", answers, after.err)

    def too_many(self) -> None:
        """More sources than fit, under a window that is told too large."""
        walk, server = self._walk, self._server
        walk.quire(
            *("models", "add", "greedy", "--url", server.base_url, "--model", "tiny"),
            *("--context-tokens", "32000"),
        )
        stations = walk.home / "stations.jsonl"
        stations.write_text("".join(_stations(self._context // 40)))
        walk.quire(*walk.library("many"), "add", str(stations))
        question = "How many herons were counted at the stations?"
        ran = walk.quire(
            *walk.asking(question, "-n", "100", "--json", library="many", model="greedy")
        )
        walk.say_answer(ran)
        walk.hold("an answer comes", "outcome" in ran.json, ran.err)
        took = (ran.json.get("usage") or {}).get("input_tokens", 0)
        room = self._context - took
        walk.hold("room is left for the answer", room >= LEAST_ROOM, f"{took} of {self._context}")

    def too_long(self) -> None:
        """A question that is longer than the window: it is said, soon, in a line."""
        walk = self._walk
        question = "How many herons were counted? " + " ".join(_stations(self._context // 40))
        ran = walk.quire(*walk.asking("-", "--json"), stdin=question)
        error = (ran.json.get("error") or {}).get("message", "")
        walk.say(ran, error=error, hint=(ran.json.get("error") or {}).get("hint", ""))
        walk.hold("it ends with 2 or 4", ran.code in (2, 4), ran.err)
        walk.hold("it is said in a line", bool(error) and "\n" not in error, ran.err)


def gone(walk: Walk) -> None:
    """A question after the server has ended: exit 4, one line."""
    ran = walk.quire(*walk.asking("Which birds sleep?"))
    lines = ran.err.strip().splitlines()
    walk.say(ran, stderr=lines[-1:])
    said = ran.code == 4 and bool(lines) and lines[-1].startswith("error: ")
    walk.hold("exit 4, one line", said, ran.err)


def _stations(number: int) -> Iterator[str]:
    """Made-up papers of some fifty tokens each, as JSON lines."""
    for at in range(number):
        counted, moved = 100 + 7 * at, 3 + at % 5
        yield (
            json.dumps(
                {
                    "title": f"Herons at station {at}",
                    "abstract": f"At station {at} we counted {counted} herons in {2000 + at % 24}."
                    f" They nested {moved} km from the water.",
                }
            )
            + "\n"
        )
