"""A block of an answer: a claim has its sign in the margin, and below it what was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from markdown_it.token import Token
from rich.segment import Segment
from textual import events
from textual.content import Content, Span
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.style import Style
from textual.widgets.markdown import Markdown, MarkdownBlock

from tui.presenters.claim_blocks import SIGN, Margin, margin
from tui.presenters.markdown import SIGN_ROLES

if TYPE_CHECKING:
    from tui.presenters.sources import Seen

MARGIN = 5
"""Cells before the text of a claim: the cursor, a space, the sign, a space."""

_CURSOR = "▌"


class Checked(Markdown):
    """The Markdown of an answer whose claims were checked.

    The looks of signs are worked out here, once an answer and not once a block.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "claim-cursor",
        *(f"sign-{role}" for role in SIGN_ROLES),
    }

    def seen_of(self, place: int) -> Seen | None:
        """What was seen of a claim, by its place."""
        return None


class SignedBlock(MarkdownBlock):
    """A block of an answer that shows the signs in it in the colours of their roles."""

    class Clicked(Message):
        """The reader clicked on a claim."""

        def __init__(self, block: SignedBlock) -> None:
            super().__init__()
            self.block = block

    @property
    def margin(self) -> Margin | None:
        """What stands before this claim; None where the block is no claim."""
        return margin(self._token)

    def build_from_token(self, token: Token) -> None:
        """Take the text of the block."""
        self.set_class(self.margin is not None, "claim")
        super().build_from_token(token)

    def set_content(self, content: Content) -> None:
        """Take the content, the links that stand for signs as these."""
        spans = [Span(one.start, one.end, _sign_style(one.style)) for one in content.spans]
        shown = Content(content.plain, spans)
        seen = self._seen()
        if seen is not None:
            shown = shown + Content.styled(f"\n{seen.line}", f".sign-{seen.role}")
        super().set_content(shown)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the lines, before those of a claim its sign, and the cursor where it is there."""
        found = self.margin
        if found is None:
            return super().render_lines(crop)
        whole = Region(0, crop.y, self.size.width + self.gutter.width, crop.height)
        strips = super().render_lines(whole)
        drawn = [
            Strip([*self._before(found, is_first=crop.y + at == 0), *strip.crop(MARGIN)])
            for at, strip in enumerate(strips)
        ]
        return [strip.crop(crop.x, crop.right) for strip in drawn]

    def _seen(self) -> Seen | None:
        found, text = self.margin, self._markdown
        return text.seen_of(found.place) if found and isinstance(text, Checked) else None

    def on_click(self, event: events.Click) -> None:
        """Tell that the claim was clicked."""
        if self.margin is not None:
            self.post_message(self.Clicked(self))

    def _before(self, found: Margin, *, is_first: bool) -> list[Segment]:
        cursor = self._markdown.get_component_rich_style("claim-cursor")
        sign = self._markdown.get_component_rich_style(f"sign-{found.role}")
        bar = _CURSOR if self.has_class("-current") else " "
        symbol = found.symbol if is_first else ""
        return [Segment(f"{bar} ", cursor), Segment(symbol.ljust(MARGIN - 2), sign)]


def _sign_style(style: Style | str) -> Style | str:
    """The style of a run of text; of a sign, the name of what the style sheet says of its role."""
    chosen = style.meta.get("@click", "") if isinstance(style, Style) else ""
    _, is_sign, role = str(chosen).partition(f"link('{SIGN}")
    return f".sign-{role[:-2]}" if is_sign else style
