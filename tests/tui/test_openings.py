"""A conversation without a question: what it offers is asked and opened by keys and clicks."""

from __future__ import annotations

import pytest
from desk import Desk
from fake_service import FakeService, make_answer
from waiting import until

from assistant.types.sessions import Session, Turn
from store.errors import LibraryDamaged

QUESTIONS = ("What is known about kelp?", "What is known about [tides]?", "What is known of a<b?")
SIZES = [(120, 40), (80, 24), (60, 20)]


def chat(number: int) -> Session:
    turn = Turn(
        question=f"Old question {number}", answer=make_answer(), asked_at="2026-01-02T03:04"
    )
    return Session(
        id=f"s{number}",
        title=f"Chat {number} on [MASK]",
        created_at="2026-01-02T03:04:05",
        updated_at="2026-01-02T03:04:05",
        turns=(turn,),
    )


@pytest.fixture
def offering(desk: Desk, service: FakeService) -> Desk:
    """A reader whose papers answer three questions, and who had seven chats."""
    service.suggested = QUESTIONS
    service.saved = {one.id: one for one in map(chat, range(7))}
    return desk


@pytest.mark.parametrize("size", SIZES)
async def test_all_that_is_offered_is_in_view(offering: Desk, size: tuple[int, int]) -> None:
    offering.service.usual = (2600, 9100)
    async with offering.opened(*size):
        if size[0] > 60:  # elsewhere the box has no border
            await offering.sees("nothing leaves this machine · about 3k to 9k tokens")
        await offering.sees(QUESTIONS[2])
        for words in (
            *QUESTIONS,
            "4 Chat 0 on [MASK]",
            "8 Chat 4 on",
            "2 Jan",
            "answered by tiny-model",
        ):
            await offering.sees(words)
        assert "Chat 5" not in offering.screen
        assert offering.main.box.has_focus, "what is typed is the reader's own question"


async def test_an_offer_is_chosen_by_keys_a_digit_or_a_click(
    offering: Desk, service: FakeService
) -> None:
    async with offering.opened(80, 24):
        await offering.sees(QUESTIONS[2])
        await offering.press("escape", "down", "enter")
        await until(lambda: [one.text for one in service.questions] == [QUESTIONS[1]])
        await offering.idle()
        await offering.press("ctrl+n")
        await offering.sees(QUESTIONS[2])
        await offering.press("escape", "3")
        await until(lambda: len(service.questions) == 2)
        await offering.idle()
        await offering.press("ctrl+n")
        await offering.sees(QUESTIONS[2])
        await offering.pilot.click(offset=offering.place_of(QUESTIONS[0], 2))
        await until(lambda: len(service.questions) == 3)
        await offering.idle()
        assert [one.text for one in service.questions] == [QUESTIONS[at] for at in (1, 2, 0)]
        await offering.press("ctrl+n")
        await offering.sees("Chat 4")
        await offering.press("up")  # from the empty box to the last row
        await offering.press("up", "enter")
        await until(lambda: offering.main.conversation.session == "s3")


async def test_letters_and_digits_in_the_box_are_text(offering: Desk, service: FakeService) -> None:
    async with offering.opened(80, 24):
        await offering.sees(QUESTIONS[2])
        await offering.press(*"2 cows")
        assert offering.main.box.text == "2 cows"
        await offering.press("ctrl+u", "escape")
        await until(lambda: offering.app.focused and offering.app.focused.id == "openings")
        await offering.press(*"cis?")
        await until(lambda: offering.main.box.text == "cis?")
        assert offering.main.box.has_focus
        assert service.questions == []


async def test_what_cannot_be_offered_is_left_out(desk: Desk, service: FakeService) -> None:
    service.fails["suggested_questions"] = LibraryDamaged("broken", "mend it")
    service.fails["sessions"] = LibraryDamaged("broken", "mend it")
    async with desk.opened(80, 24):
        await until(lambda: service.catch_ups)
        await desk.press("escape", "1", "up")
        assert desk.notice == ""
        assert "These papers" not in desk.screen
        service.fails.clear()
        service.suggested = QUESTIONS
        await desk.press("ctrl+n")
        await desk.sees(QUESTIONS[0])
