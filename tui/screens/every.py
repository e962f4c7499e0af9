"""All dialogs by their keys: what lies over the places, and which widgets take its keys first."""

from __future__ import annotations

from typing import NamedTuple

from textual.dom import DOMNode

from tui.screens import (
    add_papers,
    chats,
    connect,
    dialogs,
    help,
    looks,
    name_file,
    paper_dialogs,
    settings,
)


class KeyChain(NamedTuple):
    """What takes a key in a dialog, first the widget in focus; a box there types characters."""

    kinds: tuple[type[DOMNode], ...]
    is_box: bool = False


CHAINS = (
    KeyChain((add_papers.PathInput, add_papers.AddPapers), is_box=True),
    KeyChain((add_papers.HowToSave,)),
    KeyChain((chats.ChatFilter, chats.Chats), is_box=True),
    KeyChain((chats.ChatList, chats.Chats)),
    KeyChain((connect.ChooseModel,)),
    KeyChain((connect.AgainWith,)),
    KeyChain((connect.NameModel,), is_box=True),
    KeyChain((dialogs.Confirm,)),
    KeyChain((dialogs.NameConversation,), is_box=True),
    KeyChain((dialogs.ChooseEmbedder,)),
    KeyChain((help.Help,)),
    KeyChain((looks.ChooseTheme,)),
    KeyChain((name_file.NameFile,), is_box=True),
    KeyChain((paper_dialogs.TagPapers,), is_box=True),
    KeyChain((paper_dialogs.EditNote,), is_box=True),
    KeyChain((paper_dialogs.CopyPapers,)),
    KeyChain((paper_dialogs.CopyAnswer,)),
    KeyChain((paper_dialogs.ChooseOrder,)),
    KeyChain((settings.ShowSettings,)),
    KeyChain((settings.ChangeSetting,), is_box=True),
)
"""The dialogs; those of a list have the keys of all lists, which the places have too."""
