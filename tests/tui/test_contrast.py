"""The contrast of every text on its ground in our own themes, measured on the screen.

As WCAG 2.2 defines it (relative luminance, contrast ratio): 4.5:1 for text of any role, and 7:1 in
high contrast (success criteria 1.4.3 and 1.4.6). What lies dimmed below a dialog is inactive, and
exempt; lines, frames and bars are no text.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from desk import Desk
from fake_service import FakeService, make_answer, make_session, opener, whole_answer, with_verdicts
from rich.segment import Segment
from textual.screen import ModalScreen

from assistant.errors import EndpointUnreachable
from tui.app import QuireApp

pytestmark = pytest.mark.asyncio
BLACK, RED, MAGENTA, CYAN, WHITE, BRIGHT_WHITE = 0, 1, 5, 6, 7, 15
Rgb = tuple[int, int, int]
NO_TEXT = {chr(code) for code in range(0x2500, 0x25A0)} | {" "}
"""Box drawing and block elements; `▌` is told by its shape."""


def luminance(colour: Rgb) -> float:
    """Relative luminance of an sRGB colour (WCAG 2.2)."""
    parts = [value / 255 for value in colour]
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgb, other: Rgb) -> float:
    """The contrast ratio of two colours, from 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def texts(desk: Desk) -> Iterator[tuple[str, Segment]]:
    """The texts on the screen with the widget that shows them, without what a dialog covers."""
    screen = desk.app.screen
    for y, strip in enumerate(screen._compositor.render_strips()):
        x = 0
        for segment in strip:
            words = segment.text
            if set(words) - NO_TEXT:
                at = x + len(words) - len(words.lstrip())
                widget, _ = screen.get_widget_at(at, y)
                if not isinstance(widget, ModalScreen):
                    yield f"{type(widget).__name__} {widget.id or ''}", segment
            x += segment.cell_length


async def states(desk: Desk) -> AsyncIterator[None]:
    """Bring the app into one state after another: answers, lists, the reader, dialogs, notices."""
    service = desk.service
    service.saved = {"s1": make_session()}
    judged = with_verdicts(make_answer(), "supported", "contradicted", "partly")
    failing = [EndpointUnreachable("nobody answers", "start it")]
    service.scripts = [whole_answer(judged), whole_answer(), failing]
    yield
    for _ in range(3):
        await desk.ask()
        yield
    for keys in (
        *("escape", "s", "enter", "f2", "asterisk space", "slash", "escape"),
        *(
            "ctrl+r",
            "escape f1",
            "escape f5",
            "enter",
            "escape f7",
            "enter",
            "escape ctrl+p",
            "escape",
        ),
    ):
        await desk.press(*keys.split())
        await desk.pilot.pause(0.2)
        yield
    desk.app.action_change_theme()
    await desk.pilot.pause(0.1)
    yield
    await desk.press("escape")
    desk.app.action_settings()
    await desk.sees("citation_key")
    for keys in ("down", "d", "g enter"):
        await desk.press(*keys.split())
        yield


def rgb(segment: Segment) -> tuple[Rgb, Rgb]:
    """The colours of a text and of its ground."""
    style = segment.style
    assert style is not None
    assert style.color is not None
    assert style.bgcolor is not None
    text, ground = style.color.get_truecolor(), style.bgcolor.get_truecolor(foreground=False)
    return (ground, text) if style.reverse else (text, ground)


@pytest.mark.parametrize("no_color", [False, True])
@pytest.mark.parametrize(("theme", "least"), [("dark", 4.5), ("light", 4.5), ("high-contrast", 7)])
async def test_every_text_has_contrast(
    theme: str, least: float, no_color: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    service = FakeService()
    desk = Desk(QuireApp(opener(service), theme=(theme, lambda name: None)), service)
    low, pairs, roles = [], set(), set()
    async with desk.opened(110, 40):
        await desk.pilot.pause()
        async for _ in states(desk):
            for role, segment in texts(desk):
                colours = rgb(segment)
                pairs.add(colours)
                roles.add(role)
                if (ratio := contrast(*colours)) < least:
                    low.append(f"{ratio:.2f} {role} {segment.text.strip()!r} {colours}")
    assert not low, "\n".join(dict.fromkeys(low))
    assert len(pairs) > 6
    assert len(roles) > 16


READ_ANYWHERE = {
    *((-1, -1), (MAGENTA, -1), (RED, -1)),  # read on the ground of a dark and of a light terminal
    *((BLACK, CYAN), (BLACK, WHITE), (BRIGHT_WHITE, BLACK)),  # bring their own ground
}
"""Colours by number, text and ground; -1 is the terminal's default."""


async def test_the_terminals_own_colours_are_those_read_on_dark_and_light() -> None:
    service = FakeService()
    desk = Desk(QuireApp(opener(service), theme=("terminal", lambda name: None)), service)
    odd = []
    async with desk.opened(110, 40):
        await desk.pilot.pause()
        async for _ in states(desk):
            for role, segment in texts(desk):
                style = segment.style
                assert style is not None
                pair = tuple(
                    -1 if one is None else one.number for one in (style.color, style.bgcolor)
                )
                if tuple(-1 if one is None else one for one in pair) not in READ_ANYWHERE:
                    odd.append(f"{pair} {role} {segment.text.strip()!r}")
    assert not odd, "\n".join(dict.fromkeys(odd))
