"""Citations, sources, papers and saved conversations in the app."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from asked_app import asked
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
from textual.geometry import Offset
from textual.widgets import Input, Static
from waiting import Until

from assistant.types.events import AnswerDone, EvidenceFound, TextDelta
from assistant.types.search import SearchResult
from store.errors import LibraryDamaged
from tui.app import QuireApp
from tui.screens.dialogs import Confirm, Help
from tui.widgets.answer_text import AnswerMarkdown
from tui.widgets.turn import TurnView
from tui.widgets.virtual_list import LineList

SIZES = [(80, 24), (120, 40), (60, 20)]
See = Callable[[QuireApp], str]


def cited_texts(app: QuireApp) -> list[str]:
    return [
        str(one.render()) for one in app.main.pane.reader.query(".passage.cited").results(Static)
    ]


def in_view(app: QuireApp) -> bool:
    """True when the first cited passage stands inside the reader's visible region."""
    reader = app.main.pane.reader
    cited = reader.query(".passage.cited").first()
    return reader.region.intersection(cited.region) == cited.region and cited.region.height > 0


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "keys", [("alt+2",), ("ctrl+g", "2"), ("f4", "down", "enter"), ("f4", "2")]
)
async def test_a_citation_is_chosen_by_key(
    app: QuireApp, until: Until, screen_text: See, size: tuple[int, int], keys: tuple[str, ...]
) -> None:
    async with app.run_test(size=size) as pilot:
        await asked(pilot, until)
        await pilot.press(*keys)
        await until(lambda: cited_texts(app) == [TIDES[2]])
        await pilot.pause()
        assert in_view(app)
        shown = screen_text(app)
        assert "no authors, year or address in its source" in " ".join(
            shown.replace("│", " ").split()
        )
        assert "▌Surges above two" in shown
        await pilot.press("escape")
        if not app.main.box.has_focus:
            # From the empty box it led to the answer.
            await pilot.press("escape")
        assert app.main.box.has_focus
        assert not app.main.has_class("-reading")


def place_of(app: QuireApp, wanted: str, after: int = 0) -> Offset:
    """Where a text stands on the screen."""
    for y, strip in enumerate(app.screen._compositor.render_strips()):
        if (x := strip.text.find(wanted)) >= 0:
            return Offset(x + after, y)
    raise AssertionError(f"{wanted} is not on the screen")


@pytest.mark.parametrize("size", SIZES)
async def test_a_citation_is_chosen_by_a_click(
    app: QuireApp, until: Until, size: tuple[int, int]
) -> None:
    async with app.run_test(size=size) as pilot:
        await asked(pilot, until)
        await pilot.click(offset=place_of(app, "[2]", 1))
        await until(lambda: cited_texts(app) == [TIDES[2]])
        assert in_view(app)


async def test_a_source_is_chosen_by_a_click_in_the_list(app: QuireApp, until: Until) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await asked(pilot, until)
        assert cited_texts(app) == [KELP[1]]
        await pilot.click("#sources", offset=(4, 3))
        await until(lambda: cited_texts(app) == [TIDES[2]])


async def test_a_paper_that_is_gone_is_shown_as_cited(
    app: QuireApp, service: FakeService, until: Until
) -> None:
    """Case 49."""
    async with app.run_test(size=(120, 40)) as pilot:
        await asked(pilot, until)
        service.known.clear()
        await pilot.press("alt+2")
        page = app.main.pane.reader
        await until(lambda: page.page and "no longer in the library" in page.page.note)
        assert cited_texts(app) == [TIDES[2]]


async def test_earlier_answers_keep_their_sources(
    app: QuireApp, service: FakeService, until: Until
) -> None:
    alone = make_answer(text="Only tides [1].", claims=(), references=make_answer().references[:1])
    service.scripts = [whole_answer(), whole_answer(alone)]
    async with app.run_test(size=(120, 40)) as pilot:
        await asked(pilot, until)
        await asked(pilot, until)
        assert len(app.main.pane.listed.items) == 1
        await pilot.press("ctrl+g", "p")
        await until(lambda: len(app.main.pane.listed.items) == 2)
        await pilot.press("n")
        await until(lambda: len(app.main.pane.listed.items) == 1)


async def test_the_answer_is_copied_with_its_references(app: QuireApp, until: Until) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+g", "y")
        assert app.main.status.notice == "There is nothing to copy yet."
        await asked(pilot, until)
        await pilot.press("ctrl+g", "y")
        assert "[1] Rockfish in kelp forests." in app.clipboard
        assert "\x1b" not in app.clipboard


async def test_an_address_opens_only_after_a_yes(
    app: QuireApp, until: Until, screen_text: See, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case 81."""
    opened: list[str] = []
    monkeypatch.setattr(app, "open_url", lambda url, **_: opened.append(url))
    async with app.run_test(size=(120, 40)) as pilot:
        await asked(pilot, until)
        await pilot.press("f4", "o")
        await pilot.pause()
        assert isinstance(app.screen, Confirm)
        assert "https://reef.example/papers/1" in screen_text(app)
        await pilot.press("enter", "n")
        await pilot.pause()
        assert opened == []
        await pilot.press("o", "y")
        await pilot.pause()
        assert opened == ["https://reef.example/papers/1"]
        await pilot.press("2", "o")
        await pilot.pause()
        assert app.main.status.notice == "This paper has no web address."


async def test_a_click_on_an_address_in_the_answer_asks_too(
    app: QuireApp, service: FakeService, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(app, "open_url", lambda url, **_: opened.append(url))
    text = "See https://reef.example/papers/1 and https://evil.example/x [1]."
    service.scripts = [whole_answer(make_answer(text=text, claims=()))]
    async with app.run_test(size=(120, 40)) as pilot:
        await asked(pilot, until)
        await pilot.click(offset=place_of(app, "https://evil", 3))
        await pilot.pause()
        assert not isinstance(app.screen, Confirm)
        await pilot.click(offset=place_of(app, "https://reef", 3))
        await pilot.pause()
        assert isinstance(app.screen, Confirm)
        assert opened == []


@pytest.mark.parametrize("size", SIZES)
async def test_papers_are_listed_filtered_and_read(
    app: QuireApp, service: FakeService, until: Until, screen_text: See, size: tuple[int, int]
) -> None:
    service.known += [
        make_paper(f"p{n}", f"Study {n}", [f"It is about gulls {n}."]) for n in range(90)
    ]
    async with app.run_test(size=size) as pilot:
        await until(lambda: app._library)
        await pilot.press("f2")
        listed = app.query_one("#paper-list", LineList)
        await until(lambda: len(listed.items) == 92)
        await pilot.pause()
        assert "Surges on a sandy spit" in screen_text(app)
        assert "no authors · no year" in screen_text(app)
        await pilot.press("slash", *"GULLS", "space", "7")
        await until(lambda: len(listed.items) == 18)
        assert "18 of 92 papers" in screen_text(app)
        await pilot.press("slash", "backspace")
        assert app.query_one("#filter", Input).value == "GULLS 7"
        await pilot.press("down", "down", "enter")
        page = app.main.pane.reader
        await until(lambda: page.page and page.page.title == "Study 17")
        assert page.has_focus
        await pilot.pause()
        assert "It is about gulls 17." in screen_text(app)
        await pilot.press("escape")
        assert listed.has_focus
        await pilot.press("escape")
        assert app.main.box.has_focus


async def test_a_paste_into_the_filter_is_cleaned(app: QuireApp, until: Until) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app._library)
        await pilot.press("f2", "slash")
        box = app.query_one("#filter", Input)
        box.post_message(Paste("ke\x1b]52;c;eA==\x07lp\n\u202efish " + "x" * 100_000))
        await pilot.pause()
        assert box.value.startswith("kelp fish xxx")
        assert len(box.value) <= 400


async def test_the_size_may_change_while_an_answer_comes(
    app: QuireApp, service: FakeService, until: Until, screen_text: See
) -> None:
    """Case 84."""
    waits = [asyncio.Event() for _ in range(6)]
    answer = make_answer()
    parts = [answer.text[at : at + 16] for at in range(0, len(answer.text), 16)]
    steps: list[Step] = [EvidenceFound(evidence=make_evidence())]
    for wait, part in zip(waits, parts, strict=False):
        steps += [TextDelta(text=part), wait]
    steps += [*(TextDelta(text=part) for part in parts[6:]), AnswerDone(answer=answer)]
    service.scripts = [steps]
    async with app.run_test(size=(120, 40)) as pilot:
        await until(lambda: app._library)
        await pilot.press("x", "enter")
        for wait, size in zip(
            waits, [(60, 20), (20, 5), (8, 2), (200, 60), (99, 11), (80, 24)], strict=True
        ):
            await until(lambda: service.running)
            await pilot.resize_terminal(*size)
            await pilot.pause(0.1)
            screen_text(app)
            wait.set()
        await until(lambda: not app.main.busy)
        await pilot.pause()
        assert "eight reefs [1]✓." in screen_text(app)


async def test_a_tiny_screen_still_does_everything(
    app: QuireApp, service: FakeService, until: Until, screen_text: See
) -> None:
    """Case 84: 20 x 5."""
    service.saved = {"s1": make_session()}
    async with app.run_test(size=(20, 5)) as pilot:
        await asked(pilot, until)
        for key in ("f4", "2", "enter", "escape", "f2", "enter", "f3", "enter", "f1", "escape"):
            await pilot.press(key)
            await pilot.pause()
            screen_text(app)
        await pilot.press("ctrl+p", "pagedown", "escape", "alt+2")
        await until(lambda: cited_texts(app) == [TIDES[2]])
        await pilot.pause()
        assert "▌" in screen_text(app)


async def test_enter_in_the_filter_ranks(app: QuireApp, service: FakeService, until: Until) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await until(lambda: app._library)
        await pilot.press("f2", "slash", *"kelp", "enter")
        listed = app.query_one("#paper-list", LineList)
        await until(lambda: service.searches == ["kelp"] and listed.has_focus)
        await pilot.press("enter")
        await until(lambda: cited_texts(app) == [TIDES[0]])
        app.main.papers.ranked(SearchResult(query="older"))
        assert len(listed.items) == 2


async def test_a_paper_is_summarized(app: QuireApp, service: FakeService, until: Until) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await until(lambda: app._library)
        await pilot.press("f2")
        await until(lambda: len(app.query_one("#paper-list", LineList).items) == 2)
        await pilot.press("s")
        await until(lambda: service.requests and not app.main.busy)
        assert service.requests[0].papers == ("pkelp",)
        assert app.query_one(TurnView).page.question == "Summarize: Rockfish in kelp forests"
        assert app.main.view == "conversation"


async def test_a_conversation_is_reopened_whole(
    app: QuireApp, service: FakeService, until: Until, screen_text: See
) -> None:
    service.saved = {"s1": make_session()}
    async with app.run_test(size=(120, 50)) as pilot:
        await until(lambda: app._library)
        await pilot.press("f3")
        await until(lambda: "Kelp and spits" in screen_text(app))
        assert "2025-02-03 04:05 UTC · 2 questions" in screen_text(app)
        await pilot.press("enter")
        await until(lambda: app.main.conversation.session == "s1")
        await until(lambda: len(app.query("AnswerMarkdown MarkdownParagraph")) == 2)
        await pilot.pause()
        shown = screen_text(app)
        assert "Question 1?" in shown
        assert "Question 2?" in shown
        assert shown.count("reefs [1]✓.") == 2
        await pilot.press("alt+1")
        await until(lambda: cited_texts(app) == [KELP[1]])
        app.main.box.load_text("And now?")
        await pilot.press("enter")
        await until(lambda: service.questions and not app.main.busy)
        assert service.questions[0].session == "s1"


async def test_a_conversation_is_deleted_after_a_yes(
    app: QuireApp, service: FakeService, until: Until
) -> None:
    service.saved = {"s1": make_session(), "s2": make_session().model_copy(update={"id": "s2"})}
    async with app.run_test() as pilot:
        await until(lambda: app._library)
        await pilot.press("f3")
        listed = app.query_one("#session-list", LineList)
        await until(lambda: len(listed.items) == 2)
        await pilot.press("d", "n")
        await pilot.pause()
        assert len(service.saved) == 2
        await pilot.press("d", "y")
        await until(lambda: len(listed.items) == 1)
        assert list(service.saved) == ["s2"]


async def test_a_session_may_be_given_from_outside(service: FakeService, until: Until) -> None:
    service.saved = {"s1": make_session()}
    app = QuireApp(opener(service), session="s1", question="Go on?")
    async with app.run_test():
        await until(lambda: service.questions and not app.main.busy)
        assert service.questions[0].session == "s1"
        assert len(app.query(TurnView)) == 3


@pytest.mark.parametrize(
    ("name", "keys"),
    [("papers", "f2"), ("sessions", "f3"), ("paper", "alt+1"), ("status", "f1"), ("changed", "f4")],
)
async def test_a_failing_library_is_said_and_nothing_ends(
    app: QuireApp, service: FakeService, until: Until, name: str, keys: str
) -> None:
    service.fails = {name: LibraryDamaged("The ledger cannot be read", "Run quire doctor.")}
    async with app.run_test(size=(120, 40)) as pilot:
        await asked(pilot, until)
        await pilot.press(keys)
        await until(lambda: "quire doctor" in app.main.status.notice)


async def test_the_screen_changes_with_its_size(
    app: QuireApp, until: Until, screen_text: See
) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await asked(pilot, until)
        assert "Sources: 2 cited" in screen_text(app)
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "Sources: 2 cited" not in screen_text(app)
        await pilot.press("f4")
        await pilot.pause()
        assert "Sources: 2 cited" in screen_text(app)
        assert "Rockfish were counted on eight reefs" not in screen_text(app)
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert "Sources: 2 cited" in screen_text(app)
        assert "Rockfish were counted on eight reefs" in screen_text(app)


async def test_help_opens_from_everywhere(app: QuireApp, screen_text: See) -> None:
    async with app.run_test(size=(120, 50)) as pilot:
        await pilot.press("f1")
        await pilot.pause()
        assert isinstance(app.screen, Help)
        assert "?!" in screen_text(app)
        await pilot.press("escape")
        await pilot.press("ctrl+g", "question_mark")
        await pilot.pause()
        assert isinstance(app.screen, Help)


async def test_a_command_of_the_palette_is_done(app: QuireApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+p", *"papers")
        await pilot.pause(0.3)
        await pilot.press("enter")
        await pilot.pause()
        assert app.main.view == "papers"


@pytest.mark.parametrize("size", SIZES)
async def test_no_key_of_the_footer_is_cut(
    app: QuireApp, until: Until, screen_text: See, size: tuple[int, int]
) -> None:
    async with app.run_test(size=size) as pilot:
        await asked(pilot, until)
        assert screen_text(app).splitlines()[-1].rstrip().endswith("^q Quit")
        await pilot.resize_terminal(120, 40)
        await until(lambda: "F6 Ask all ^n New ^q Quit" in screen_text(app))


async def test_new_does_not_cut_an_answer(
    app: QuireApp, service: FakeService, until: Until
) -> None:
    wait = asyncio.Event()
    service.scripts = [[wait, *whole_answer()]]
    async with app.run_test() as pilot:
        await until(lambda: app._library)
        app.main.box.load_text("x?")
        await pilot.press("enter", "ctrl+n")
        await until(lambda: app.main.busy)
        assert app.main.status.notice == "Esc stops the answer first."
        wait.set()
        await until(lambda: not app.main.busy)
        await pilot.press("ctrl+n")
        await until(lambda: not app.query(TurnView))
        assert app.main.pane.listed.items == ()


async def test_thirty_thousand_papers_are_listed_at_once(
    app: QuireApp, service: FakeService, until: Until, screen_text: See
) -> None:
    """The list draws only what is in view."""
    one = make_paper("p", "T", ["x"])
    service.known = [one.model_copy(update={"title": f"Paper {n}"}) for n in range(30_000)]
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app._library)
        await pilot.press("f2")
        listed = app.query_one("#paper-list", LineList)
        await until(lambda: len(listed.items) == 30_000)
        await pilot.press("G")
        await until(lambda: "❯ Paper 29999" in screen_text(app))
        assert service.windows == [(0, 100), (29_900, 100)]
        await pilot.press("g")
        await pilot.pause()
        assert "❯ Paper 0" in screen_text(app)
        assert len(service.windows) == 2
        assert app.query_one("#filter", Input).value == ""
        assert len(app.main.papers.query("*")) < 10


async def test_code_and_lists_are_shown(
    app: QuireApp, service: FakeService, until: Until, screen_text: See
) -> None:
    text = "# Head\n\n- one [1]\n  - two\n\n```python\nx = [1]\n```\n\n> said\n"
    service.scripts = [whole_answer(make_answer(text=text, claims=()))]
    async with app.run_test(size=(120, 40)) as pilot:
        await asked(pilot, until)
        shown = screen_text(app)
        for part in ("Head", "• one [1]", "two", "x = [1]", "said"):
            assert part in shown
        assert app.query_one(AnswerMarkdown).source
