"""What is copied, and as what: papers, the source shown, the answer or a claim of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.presenters import copies
from tui.screens.messages import CitedCopyWanted, CopyWanted
from tui.screens.paper_dialogs import CopyAnswer, CopyPapers

if TYPE_CHECKING:
    from tui.presenters.copies import AnswerForm, Form
    from tui.widgets.places import Places


class Copying:
    """Asks in what form the thing at hand is to be copied; `say` is told where there is none."""

    def __init__(self, places: Places, say: Callable[[str], None]) -> None:
        self._places = places
        self._say = say

    def ask(self) -> None:
        """Ask of the papers meant, of the source that has the focus, or else of the answer."""
        places = self._places
        pane = places.asking.pane
        ids = {
            "library": places.papers.meant,
            "paper": places.reading.meant,
            "ask": (pane.shown.id,) if pane.shown and pane.has_focus_within else (),
        }[places.place]
        if ids:
            self._copy_papers(ids)
        elif places.place == "ask":
            self._copy_answer()

    def _copy_papers(self, ids: tuple[str, ...]) -> None:
        def chosen(form: Form | None) -> None:
            if form is not None:
                self._places.post_message(CopyWanted(ids, form))

        asked = CopyPapers(copies.these(len(ids)), copies.FORMS)
        self._places.app.push_screen(asked, chosen)

    def _copy_answer(self) -> None:
        asking = self._places.asking
        turn, claim = asking.conversation.current, asking.claim
        answer = turn.page.answer if turn else None

        def chosen(form: AnswerForm | None) -> None:
            if form == "BibTeX" and answer is not None:
                self._places.post_message(CitedCopyWanted(answer))
            elif form is not None and turn is not None:
                asking.copy(turn, claim, form)

        if turn is None:
            self._say("There is nothing to copy yet.")
        elif answer is None or not answer.references:
            asking.copy(turn, None, "answer")
        else:
            asked = CopyAnswer("the answer", copies.answer_forms(claim))
            self._places.app.push_screen(asked, chosen)
