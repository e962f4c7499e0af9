"""Citations, sources, papers and saved conversations in the app."""

from __future__ import annotations

import asyncio

import pytest
from desk import Desk
from fake_service import (
    KELP,
    TIDES,
    FakeService,
    Step,
    make_answer,
    make_evidence,
    make_paper,
    make_session,
    opener,
    whole_answer,
)
from textual.events import Paste
from textual.widgets import Input
from waiting import until

from assistant.types.events import AnswerDone, EvidenceFound, TextDelta
from assistant.types.search import SearchResult
from store.errors import LibraryDamaged
from tui.app import QuireApp
from tui.screens.dialogs import Confirm, Help
from tui.widgets.answer_text import AnswerMarkdown
from tui.widgets.turn import TurnView
from tui.widgets.virtual_list import LineList

SIZES = [(80, 24), (120, 40), (60, 20)]
WAYS = [("alt+2",), ("ctrl+g", "2"), ("f4", "down", "enter"), ("f4", "2")]


def in_view(desk: Desk) -> bool:
    """True when the first cited passage stands inside the reader's visible region."""
    reader = desk.main.pane.reader
    cited = reader.query(".passage.cited").first()
    return reader.region.intersection(cited.region) == cited.region and cited.region.height > 0


@pytest.mark.parametrize("size", SIZES)
async def test_a_citation_is_chosen_by_keys_or_a_click(desk: Desk, size: tuple[int, int]) -> None:
    async with desk.opened(*size):
        await desk.ask()
        for way in WAYS:
            await desk.main.pane.reader.clear()
            await desk.press(*way)
            await until(lambda: desk.cited() == [TIDES[2]])
            await desk.pilot.pause()
            assert in_view(desk), way
            assert "▌Surges above two" in desk.screen
            assert "no authors, year or address in its source" in desk.text
            await desk.press("escape")
            if not desk.main.box.has_focus:
                # From the empty box it led to the answer.
                await desk.press("escape")
            assert desk.main.box.has_focus, way
            assert not desk.main.has_class("-reading"), way
        await desk.main.pane.reader.clear()
        await desk.pilot.click(offset=desk.place_of("[2]", 1))
        await until(lambda: desk.cited() == [TIDES[2]])
        await desk.pilot.pause()
        assert in_view(desk)


async def test_a_source_is_shown_as_cited_also_when_its_paper_is_gone(desk: Desk) -> None:
    """Case 49."""
    async with desk.opened(120, 40):
        await desk.ask()
        assert desk.cited() == [KELP[1]]
        await desk.pilot.click("#sources", offset=(4, 3))
        await until(lambda: desk.cited() == [TIDES[2]])
        desk.service.known.clear()
        await desk.press("alt+1", "alt+2")
        page = desk.main.pane.reader
        await until(lambda: page.page and "no longer in the library" in page.page.note)
        assert desk.cited() == [TIDES[2]]


async def test_earlier_answers_keep_their_sources_and_are_copied_with_them(desk: Desk) -> None:
    alone = make_answer(text="Only tides [1].", claims=(), references=make_answer().references[:1])
    desk.service.scripts = [whole_answer(), whole_answer(alone)]
    pane = desk.main.pane
    async with desk.opened(120, 40):
        await desk.press("ctrl+g", "y")
        assert desk.notice == "There is nothing to copy yet."
        await desk.ask()
        await desk.ask()
        assert len(pane.listed.items) == 1
        await desk.press("ctrl+g", "p")
        await until(lambda: len(pane.listed.items) == 2)
        await desk.press("y")
        assert "[2] Surges on a sandy spit." in desk.app.clipboard
        assert "\x1b" not in desk.app.clipboard
        await desk.press("n")
        await until(lambda: len(pane.listed.items) == 1)


async def test_an_address_opens_only_after_a_yes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case 81: one that is clicked in the answer too, and no other than those of its sources."""
    opened: list[str] = []
    monkeypatch.setattr(desk.app, "open_url", lambda url, **_: opened.append(url))
    text = "See https://reef.example/papers/1 and https://evil.example/x [1]."
    desk.service.scripts = [whole_answer(make_answer(text=text, claims=()))]
    async with desk.opened(120, 40):
        await desk.ask()
        await desk.pilot.click(offset=desk.place_of("https://evil", 3))
        await desk.pilot.pause()
        assert not isinstance(desk.app.screen, Confirm)
        await desk.pilot.click(offset=desk.place_of("https://reef", 3))
        await desk.met(Confirm)
        await desk.press("escape", "f4", "o")
        await desk.met(Confirm)
        assert "https://reef.example/papers/1" in desk.text
        await desk.press("enter", "n")
        assert opened == []
        await desk.press("o", "y")
        assert opened == ["https://reef.example/papers/1"]
        await desk.press("2", "o")
        assert desk.notice == "This paper has no web address."


@pytest.mark.parametrize("size", SIZES[1:])
async def test_papers_are_listed_filtered_and_read(desk: Desk, size: tuple[int, int]) -> None:
    desk.service.known += [
        make_paper(f"p{n}", f"Study {n}", [f"It is about gulls {n}."]) for n in range(90)
    ]
    async with desk.opened(*size):
        await desk.press("f2")
        listed, box = desk.main.papers.listed, desk.app.query_one("#filter", Input)
        await until(lambda: len(listed.items) == 92)
        await desk.sees("Surges on a sandy spit")
        assert "no authors · no year" in desk.text
        await desk.press("slash", *"GULLS", "space", "7")
        await until(lambda: len(listed.items) == 18)
        assert "18 of 92 papers" in desk.text
        await desk.press("slash", "backspace")
        assert box.value == "GULLS 7"
        await desk.press("down", "down", "enter")
        page = desk.main.pane.reader
        await until(lambda: page.page and page.page.title == "Study 17")
        assert page.has_focus
        await desk.sees("It is about gulls 17.")
        await desk.press("escape")
        assert listed.has_focus
        await desk.press("escape")
        assert desk.main.box.has_focus
        await desk.press("f2", "slash")
        box.value = ""
        box.post_message(Paste("ke\x1b]52;c;eA==\x07lp\n\u202efish " + "x" * 100_000))
        await until(lambda: box.value)
        assert box.value.startswith("kelp fish xxx")
        assert len(box.value) <= 400


async def test_the_size_may_change_while_an_answer_comes(desk: Desk) -> None:
    """Case 84."""
    sizes = [(60, 20), (20, 5), (8, 2), (200, 60), (99, 11), (80, 24)]
    waits = [asyncio.Event() for _ in sizes]
    answer = make_answer()
    parts = [answer.text[at : at + 16] for at in range(0, len(answer.text), 16)]
    steps: list[Step] = [EvidenceFound(evidence=make_evidence())]
    for wait, part in zip(waits, parts, strict=False):
        steps += [TextDelta(text=part), wait]
    desk.service.scripts = [[*steps, AnswerDone(answer=answer)]]
    async with desk.opened(120, 40):
        await desk.send()
        await until(lambda: desk.service.running)
        for wait, size in zip(waits, sizes, strict=True):
            await desk.pilot.resize_terminal(*size)
            await desk.pilot.pause(0.1)
            assert desk.screen
            wait.set()
        await desk.idle()
        assert "eight reefs [1]✓." in desk.text


async def test_a_tiny_screen_still_does_everything(desk: Desk) -> None:
    """Case 84: 20 x 5."""
    desk.service.saved = {"s1": make_session()}
    async with desk.opened(20, 5):
        await desk.ask()
        for key in ("f4", "2", "enter", "escape", "f2", "enter", "f3", "enter", "f1", "escape"):
            await desk.press(key)
            assert desk.screen
        await desk.press("ctrl+p", "pagedown", "escape", "alt+2")
        await until(lambda: desk.cited() == [TIDES[2]])
        await desk.pilot.pause()
        assert "▌" in desk.screen


async def test_papers_are_ranked_by_enter_in_the_filter_and_summarized(desk: Desk) -> None:
    service, main = desk.service, desk.main
    async with desk.opened(120, 40):
        listed = main.papers.listed
        await desk.press("f2", "slash", *"kelp", "enter")
        await until(lambda: service.searches == ["kelp"] and listed.has_focus)
        await desk.press("enter")
        await until(lambda: desk.cited() == [TIDES[0]])
        main.papers.ranked(SearchResult(query="older"))
        assert len(listed.items) == 2
        await desk.press("escape", "G", "s")
        await until(lambda: service.requests)
        await desk.idle()
        assert service.requests[0].papers == ("pkelp",)
        assert desk.turn.page.question == "Summarize: Rockfish in kelp forests"
        assert main.view == "conversation"


async def test_a_conversation_is_reopened_whole_and_deleted_after_a_yes(desk: Desk) -> None:
    service = desk.service
    other = make_session().model_copy(update={"id": "s2", "updated_at": "2025-01-01T00:00:00Z"})
    service.saved = {"s1": make_session(), "s2": other}
    async with desk.opened(120, 50):
        listed = desk.main.sessions.lines
        await desk.press("f3")
        await desk.sees("Kelp and spits")
        assert "2025-02-03 04:05 UTC · 2 questions" in desk.text
        await desk.press("enter")
        await until(lambda: desk.main.conversation.session == "s1")
        await until(lambda: len(desk.app.query("AnswerMarkdown MarkdownParagraph")) == 2)
        await desk.pilot.pause()
        assert "Question 1?" in desk.text
        assert "Question 2?" in desk.text
        assert desk.text.count("reefs [1]✓.") == 2
        await desk.press("alt+1")
        await until(lambda: desk.cited() == [KELP[1]])
        await desk.ask("And now?")
        assert service.questions[0].session == "s1"
        await desk.press("f3", "d", "n")
        assert len(service.saved) == 2
        await desk.press("d", "y")
        await until(lambda: len(listed.items) == 1)
        assert list(service.saved) == ["s2"]
        assert not desk.app.query(TurnView), "the one deleted was open"


async def test_a_session_and_a_question_may_be_given_from_outside(service: FakeService) -> None:
    service.saved = {"s1": make_session()}
    desk = Desk(QuireApp(opener(service), session="s1", question="Go on?"), service)
    async with desk.opened():
        await until(lambda: service.questions)
        await desk.idle()
        assert service.questions[0].session == "s1"
        assert len(desk.app.query(TurnView)) == 3


async def test_a_failing_library_is_said_and_nothing_ends(desk: Desk) -> None:
    failure = LibraryDamaged("The ledger cannot be read", "Run quire doctor.")
    ways = {"papers": "f2", "sessions": "f3", "paper": "alt+1", "changed": "enter"}
    async with desk.opened(120, 40):
        await desk.ask()
        for name, key in ways.items():
            desk.main.show_view("conversation")
            desk.main.box.load_text("Again?")
            desk.main.status.quieten()
            desk.service.fails = {name: failure}
            await desk.press(key)
            await desk.told("quire doctor")
            await desk.idle()
        desk.main.status.quieten()
        desk.service.fails = {"status": failure}
        desk.service.changes = [True]
        await desk.send()
        await desk.told("quire doctor")
        await desk.idle()


async def test_the_screen_and_its_keys_change_with_its_size(desk: Desk) -> None:
    head, answer = "Sources: 2 cited", "Rockfish were counted on eight reefs"
    async with desk.opened(120, 40):
        await desk.ask()
        assert head in desk.text
        for size in SIZES:
            await desk.pilot.resize_terminal(*size)
            await until(lambda: desk.screen.splitlines()[-1].rstrip().endswith("^q Quit"))
        await desk.pilot.resize_terminal(80, 24)
        await desk.pilot.pause()
        assert head not in desk.text
        await desk.press("f4")
        assert head in desk.text
        assert answer not in desk.text
        await desk.pilot.resize_terminal(120, 40)
        await desk.sees("F6 Ask all ^n New ^q Quit")
        assert head in desk.text
        assert answer in desk.text


async def test_help_and_commands_open_from_everywhere(desk: Desk) -> None:
    async with desk.opened(120, 50):
        await desk.press("f1")
        await desk.met(Help)
        assert "?!" in desk.text
        await desk.press("escape", "ctrl+g", "question_mark")
        await desk.met(Help)
        await desk.press("escape", "ctrl+p", *"papers")
        await desk.sees("F2: all papers, with a filter")
        await desk.press("enter")
        await until(lambda: desk.main.view == "papers")


async def test_thirty_thousand_papers_are_listed_at_once(desk: Desk) -> None:
    """The list draws only what is in view."""
    one = make_paper("p", "T", ["x"])
    service = desk.service
    service.known = [one.model_copy(update={"title": f"Paper {n}"}) for n in range(30_000)]
    async with desk.opened():
        await desk.press("f2")
        listed = desk.app.query_one("#paper-list", LineList)
        await until(lambda: len(listed.items) == 30_000)
        await desk.press("G")
        await desk.sees("❯ Paper 29999")
        assert service.windows == [(0, 100), (29_900, 100)]
        await desk.press("g")
        await desk.sees("❯ Paper 0")
        assert len(service.windows) == 2
        assert desk.app.query_one("#filter", Input).value == ""
        assert len(desk.main.papers.query("*")) < 10


async def test_code_and_lists_are_shown(desk: Desk) -> None:
    text = "# Head\n\n- one [1]\n  - two\n\n```python\nx = [1]\n```\n\n> said\n"
    desk.service.scripts = [whole_answer(make_answer(text=text, claims=()))]
    async with desk.opened(120, 40):
        await desk.ask()
        for part in ("Head", "• one [1]", "two", "x = [1]", "said"):
            assert part in desk.text
        assert desk.app.query_one(AnswerMarkdown).source
