"""Citations, sources, papers, saved conversations and turns in the app."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import fake_service as fake
import pytest
from desk import Desk, walks
from tables import Row, compare_awaited, table
from textual.app import App, ComposeResult
from textual.events import Paste
from textual.widgets import Input, Static, TextArea
from waiting import until

from assistant.types.events import AnswerDone, EvidenceFound, TextDelta
from assistant.types.search import SearchResult
from assistant.types.sessions import SessionChoice
from store.errors import LibraryDamaged
from store.types import Filter
from tui.app import QuireApp
from tui.presenters import turn as turns
from tui.presenters.turn import TurnPage
from tui.widgets.answer_text import AnswerMarkdown
from tui.widgets.inputs import BURST_SECONDS
from tui.widgets.turn import TurnView

WALKS = walks(__file__)
SIZES = [(80, 24), (120, 40), (60, 20)]
WAYS = [("alt+2",), ("ctrl+g", "2"), ("escape", "2"), ("escape", "s", "2")]


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
            await until(lambda: desk.cited() == [fake.TIDES[2]])
            await desk.pilot.pause()
            assert in_view(desk), way
            assert "▌Surges above two" in desk.screen
            # From the empty box it leads to the answer, from the sources too.
            await desk.press("escape")
            if not desk.main.box.has_focus:
                await desk.press("escape")
            assert desk.main.box.has_focus, way
        await desk.main.pane.reader.clear()
        await desk.pilot.click(offset=desk.place_of("spit [2]", 6))
        await until(lambda: desk.cited() == [fake.TIDES[2]])
        await desk.pilot.pause()
        assert in_view(desk)


@pytest.mark.parametrize("walk", ["a source whose paper goes", "help and commands"])
async def test_a_source_stays_as_it_was_cited_and_help_opens_everywhere(
    desk: Desk, walk: str
) -> None:
    await desk.walk(WALKS[walk], gone=desk.service.known.clear)


async def test_earlier_answers_keep_their_sources_and_are_copied_with_them(desk: Desk) -> None:
    def copied() -> None:
        assert "[2] Surges on a sandy spit." in desk.app.clipboard
        assert "\x1b" not in desk.app.clipboard

    alone = fake.make_answer(
        text="Only tides [1].", claims=(), references=fake.make_answer().references[:1]
    )
    desk.service.scripts = [fake.whole_answer(), fake.whole_answer(alone)]
    await desk.walk(WALKS["earlier answers"], copied=copied)


async def test_an_address_opens_after_a_yes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Case 81: one that is clicked in the answer too, and no other than those of its sources."""
    opened: list[str] = []

    def none_opened() -> None:
        assert opened == []

    def opened_once() -> None:
        assert opened == ["https://reef.example/papers/1"]

    monkeypatch.setattr(desk.app, "open_url", lambda url, **_: opened.append(url))
    text = "See https://reef.example/papers/1 and https://evil.example/x [1]."
    desk.service.scripts = [fake.whole_answer(fake.make_answer(text=text, claims=()))]
    walk = WALKS["an address is opened"]
    await desk.walk(walk, none_opened=none_opened, opened_once=opened_once)


@pytest.mark.parametrize("size", SIZES[1:])
async def test_papers_are_listed_filtered_and_read(desk: Desk, size: tuple[int, int]) -> None:
    async def paste_much() -> None:
        box = desk.app.query_one("#filter", Input)
        box.post_message(Paste("ke\x1b]52;c;eA==\x07lp\n\u202efish " + "x" * 100_000))
        await until(lambda: box.value)
        assert box.value.startswith("kelp fish xxx")
        assert len(box.value) <= 400

    desk.service.known += [
        fake.make_paper(f"p{n}", f"Study {n}", [f"It is about gulls {n}."]) for n in range(90)
    ]
    walk = [{"opens": size}, *WALKS["papers are filtered and read"]]
    await desk.walk(walk, paste_much=paste_much)


async def test_the_size_may_change_while_an_answer_comes(desk: Desk) -> None:
    answer = fake.make_answer()
    waits = [asyncio.Event() for _ in range(6)]
    steps: list[fake.Step] = [EvidenceFound(evidence=fake.make_evidence())]
    for at, wait in enumerate(waits):
        steps += [TextDelta(text=answer.text[16 * at : 16 * at + 16]), wait]
    desk.service.scripts = [[*steps, AnswerDone(answer=answer)]]
    held = iter(waits)
    await desk.walk(WALKS["the size changes while an answer comes"], go_on=lambda: next(held).set())


async def test_a_tiny_screen_still_does_everything(desk: Desk) -> None:
    """Case 84: 20 x 5."""
    desk.service.saved = {"s1": fake.make_session()}
    await desk.walk(WALKS["a tiny screen"])


async def test_papers_are_ranked_by_enter_in_the_filter_and_summarized(desk: Desk) -> None:
    """What a search finds that another one has overtaken is not shown."""

    def late_search() -> None:
        desk.main.papers.rank(SearchResult(query="older"))

    await desk.walk(WALKS["papers are ranked and summarized"], late_search=late_search)


async def test_a_conversation_is_reopened_whole(desk: Desk) -> None:
    async def both_whole() -> None:
        await until(lambda: desk.text.count("reefs [1].") == 2)

    service = desk.service
    other = fake.make_session().model_copy(
        update={"id": "s2", "updated_at": "2025-01-01T00:00:00Z"}
    )
    service.saved = {"s1": fake.make_session(), "s2": other}
    await desk.walk(WALKS["a conversation is reopened"], both_whole=both_whole)
    assert service.questions[0].session == "s1"


async def test_a_session_and_a_question_may_be_given_from_outside(
    service: fake.FakeService,
) -> None:
    service.saved = {"s1": fake.make_session()}
    desk = Desk(
        QuireApp(fake.opener(service), going=SessionChoice(id="s1"), question="Go on?"), service
    )
    async with desk.opened():
        await until(lambda: service.questions)
        await desk.idle()
        assert service.questions[0].session == "s1"
        assert len(desk.app.query(TurnView)) == 3


async def test_claims_are_walked_and_their_sources_follow(desk: Desk) -> None:
    def at(place: int) -> Callable[[], None]:
        def look() -> None:
            claim = desk.main.conversation.claim
            assert claim == (desk.turn, place)
            shown = [one.margin for one in desk.turn.claims if one.has_class("-current")]
            assert [one and one.place for one in shown] == [place]

        return look

    def no_cursor() -> None:
        assert not [one for one in desk.turn.claims if one.has_class("-current")]

    names = {"first": at(0), "second": at(1), "third": at(2)}
    await desk.walk(WALKS["claims are walked"], no_cursor=no_cursor, **names)


async def test_a_failing_library_is_said_and_nothing_ends(desk: Desk) -> None:
    def failing(name: str) -> Callable[[], None]:
        def fail() -> None:
            desk.main.show_place("ask")
            desk.main.status.quieten()
            desk.service.changes = [True]
            desk.service.fails = {name: LibraryDamaged("It cannot be read", "Run quire doctor.")}

        return fail

    kinds = ("papers", "sessions", "paper", "changed", "status")
    walk = WALKS["a library fails"]
    await desk.walk(walk, **{name: failing(name) for name in kinds})


async def test_the_screen_and_its_keys_change_with_its_size(desk: Desk) -> None:
    async def last_key() -> None:
        await until(lambda: desk.screen.splitlines()[-1].rstrip().endswith("^p all"))

    await desk.walk(WALKS["the size changes"], last_key=last_key)


@pytest.mark.parametrize(
    "walk",
    [
        "papers are marked, tagged, sorted and as before",
        "the reader follows the cursor",
        "a preview stands under the list",
    ],
)
async def test_the_list_of_papers_is_worked_in(desk: Desk, walk: str) -> None:
    await desk.walk(WALKS[walk])


@pytest.mark.parametrize(
    ("walk", "turns"),
    [
        ("a paper is a place", 1),
        ("a mark that reading made is taken back", 0),
        ("a chat that cites a paper is opened at its answer", 2),
        ("a paper on a narrow screen", 1),
        ("a paper that is gone has nothing beside it", 0),
    ],
)
async def test_a_paper_is_read_in_its_place(desk: Desk, walk: str, turns: int) -> None:
    def at_the_second() -> None:
        assert desk.main.conversation.current is desk.app.query(TurnView)[1]

    service = desk.service
    if turns:
        service.saved = {"s1": fake.make_session(turns)}
    acts = {"at_the_second": at_the_second, "gone": service.known.clear}
    await desk.walk(WALKS[walk], **acts)


async def test_a_question_goes_to_the_papers_selected(desk: Desk) -> None:
    def asked_one() -> None:
        assert desk.service.questions[-1].filter.papers == ("ptide",)

    def asked_all() -> None:
        assert desk.service.questions[-1].filter == Filter()

    walk = WALKS["a question goes to the papers selected"]
    await desk.walk(walk, asked_one=asked_one, asked_all=asked_all)


async def test_papers_are_copied_as_what_is_asked(desk: Desk) -> None:
    def copied() -> None:
        assert desk.app.clipboard == "bibtex of pkelp\n"

    await desk.walk(WALKS["papers are copied"], copied=copied)


async def test_an_answer_and_its_claims_are_copied_as_what_is_asked(desk: Desk) -> None:
    def copies(text: str) -> Callable[[], None]:
        def look() -> None:
            assert desk.app.clipboard == text

        return look

    kelp = "Rockfish were counted on eight reefs [1].\n[1] Rockfish in kelp forests."
    marked = r"Surges reshape the spit \[2\]." + "\n\n" + r"\[2\] Surges on a sandy spit" + "\n"
    acts = {
        "claim": lambda: desk.app.clipboard.startswith(kelp) or pytest.fail(desk.app.clipboard),
        "markdown": copies(marked),
        "quotation": copies("Surges above two metres reshaped the spit.\n"),
        "bibtex": copies("bibtex of pkelp\nbibtex of ptide\n"),
    }
    await desk.walk(WALKS["an answer is copied"], **acts)


async def test_thirty_thousand_papers_are_listed_at_once(desk: Desk) -> None:
    """The list draws only what is in view."""

    def two_windows() -> None:
        assert desk.service.windows == [(0, 100), (29_900, 100)]
        assert not desk.main.papers.listed.query("*")

    one = fake.make_paper("p", "T", ["x"])
    desk.service.known = [one.model_copy(update={"title": f"Paper {n}"}) for n in range(30_000)]
    await desk.walk(WALKS["thirty thousand papers"], two_windows=two_windows)


async def test_code_and_lists_are_shown(desk: Desk) -> None:
    text = "# Head\n\n- one [1]\n  - two\n\n```python\nx = [1]\n```\n\n> said\n"
    desk.service.scripts = [fake.whole_answer(fake.make_answer(text=text, claims=()))]
    await desk.walk(WALKS["code and lists"])


AT_ONCE = table(__file__, "typed_at_once.jsonl")
PLACES = {"box": ("escape", "#ask"), "filter": ("f2 slash", "#filter"), "path": ("f5", "#add-path")}
"""Where a reader types: the keys that lead there, and what is typed into."""


@pytest.mark.parametrize("place", PLACES)
async def test_keys_that_come_together_act_in_their_order(desk: Desk, place: str) -> None:
    """The box held "old" before them, and the cursor stood behind it."""

    async def came(row: Row) -> str:
        wanted = desk.app.screen.query_one(PLACES[place][1])
        assert isinstance(wanted, Input | TextArea)
        if isinstance(wanted, Input):
            wanted.value, wanted.cursor_position = "old", len("old")
        else:
            wanted.load_text("old")
            wanted.move_cursor(wanted.document.end)
        await desk.pilot.pause()
        desk.type_at_once(row["keys"])
        text = lambda: wanted.value if isinstance(wanted, Input) else wanted.text  # noqa: E731
        with suppress(AssertionError):
            await until(lambda: text() == row["right"], 2)
        await desk.pilot.pause()
        return text()

    async with desk.opened():
        await desk.press(*PLACES[place][0].split())
        await compare_awaited([row for row in AT_ONCE if place in row["in"]], came)


async def test_enter_amid_pasted_keys_is_a_line_break_and_behind_them_sends(desk: Desk) -> None:
    """Of a terminal that does not bracket what is pasted."""
    box = desk.main.box
    async with desk.opened():
        for row in (row for row in AT_ONCE if row["in"] == "paste"):
            asked = len(desk.service.questions)
            desk.type_at_once(row["keys"], apart=0.001)
            await until(lambda row=row: box.text == row["right"])
            await desk.pilot.pause(2 * BURST_SECONDS)
            assert len(desk.service.questions) == asked
            await desk.press("enter")
            await until(lambda row=row: desk.service.questions[-1].text == row["right"])
            await desk.idle()
        desk.type_at_once("Why?<enter>", apart=0.001)
        await until(lambda: desk.service.questions[-1].text == "Why?")


ALIKE = {"focus": "ask", "asked": 2, "checks": 0, "copied": False, "current": 1}
"""What comes of keys typed in the second of two answers, where a row does not say otherwise."""


async def test_a_letter_that_begins_a_question_takes_the_next_keys_with_it(desk: Desk) -> None:
    """A check could cost money."""
    box, answer = desk.main.box, desk.main.conversation

    def seen() -> Row:
        return {
            "box": box.text,
            "focus": desk.app.focused and desk.app.focused.id,
            "asked": len(desk.service.questions),
            "checks": len(desk.service.checks),
            "copied": desk.app.clipboard != "",
            "current": answer.children.index(desk.turn),
        }

    async def came(row: Row) -> Row:
        box.load_text("")
        answer.select(desk.app.query(TurnView)[1])
        desk.app.copy_to_clipboard("")
        answer.focus()
        await until(lambda: answer.has_focus)
        desk.type_at_once(row["keys"])
        with suppress(AssertionError):
            await until(lambda: seen() == ALIKE | row["right"], 2)
        await desk.idle()
        return {name: one for name, one in seen().items() if one != ALIKE.get(name)}

    async with desk.opened():
        await desk.ask()
        await desk.ask()
        await compare_awaited([row for row in AT_ONCE if row["in"] == "answer"], came)


ASKED = turns.begun("What lives in kelp?")
BEFORE = turns.finished(ASKED, fake.make_answer(note="noted before"))
AFTER = turns.finished(ASKED, fake.make_answer(text="Other.", claims=(), note="noted after"))


class Host(App[None]):
    def compose(self) -> ComposeResult:
        yield TurnView(BEFORE)


@pytest.mark.parametrize("page", [BEFORE, AFTER])
async def test_a_stopped_drawing_is_made_good(
    page: TurnPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the same page, or the one before, is shown next."""
    app, begun = Host(), asyncio.Event()
    whole = AnswerMarkdown.update

    async def endless(self: AnswerMarkdown, text: str) -> None:
        begun.set()
        await asyncio.Event().wait()

    async with app.run_test() as pilot:
        await pilot.pause()
        turn = app.query_one(TurnView)
        monkeypatch.setattr(AnswerMarkdown, "update", endless)
        drawing: asyncio.Task[Any] = asyncio.create_task(turn.show(AFTER))
        await begun.wait()
        drawing.cancel()
        with suppress(asyncio.CancelledError):
            await drawing
        monkeypatch.setattr(AnswerMarkdown, "update", whole)
        await turn.show(page)
        assert turn.shown == page.text
        assert page.text is not None
        assert app.query_one(AnswerMarkdown).source == page.text
        assert str(turn.query_one(".ending", Static).render()) == page.ending
