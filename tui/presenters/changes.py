"""What is asked before papers go, and before a change is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.clean import clean_line
from store.ledger.journal import MARKING
from tui.presenters import status
from tui.presenters.key_names import AS_THEY_COME, KeyNames

if TYPE_CHECKING:
    from store.ledger.undo import Undoing


def removal(papers: int, keys: KeyNames = AS_THEY_COME) -> tuple[str, str]:
    """The question whether papers are to go, and what is said of that."""
    these = "this paper" if papers == 1 else f"these {status.papers(papers)}"
    about = (
        "Marks, tags and notes go with them; answers keep what they quote. "
        f"{keys['papers.undo']} brings back."
    )
    return f"Remove {these} from the library?", about


def is_asked(undoing: Undoing) -> bool:
    """True where taking a change back makes more of the library another than marks."""
    return undoing.kind not in (*MARKING, "rm")


def taking_back(undoing: Undoing) -> tuple[str, str]:
    """The question whether a change is to be taken back, and what that does."""
    return "Take this back?", f"The {clean_line(undoing.change)}. {undoing.account}."
