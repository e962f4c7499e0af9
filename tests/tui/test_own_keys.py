"""Keys of the reader's own: they hold, are drawn everywhere, and none is lost in silence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import pytest
from desk import Desk
from fake_service import FakeService, make_session, opener
from tables import compare, table
from textual.screen import ModalScreen
from textual.widget import Widget
from waiting import until

from tui import screens
from tui.app import QuireApp
from tui.presenters.help import _KEYS, with_keys
from tui.presenters.key_names import COME
from tui.presenters.key_words import read_key
from tui.screens.chats import Chats
from tui.screens.dialogs import Confirm
from tui.screens.every import CHAINS
from tui.screens.help import Help
from tui.screens.paper_dialogs import CopyPapers
from tui.widgets.bound_keys import ids_of, ids_of_kinds, made_with, named, nodes_of
from tui.widgets.inputs import AskBox


def with_own(keys: Mapping[str, str | tuple[str, ...]]) -> Desk:
    service = FakeService()
    return Desk(QuireApp(opener(service), keys=keys), service)


def test_keys_are_read_in_both_spellings() -> None:
    compare(table(__file__, "own_keys.jsonl"), lambda row: read_key(row["key"]))


def test_characters_are_named_as_textual_names_them() -> None:
    right = {
        "*": "asterisk",
        "?": "question_mark",
        "/": "slash",
        ",": "comma",
        "+": "plus",
        "ctrl+_": "ctrl+underscore",
        "K": "K",
        "f9": "f9",
        "alt+ctrl+x": "alt+ctrl+x",
    }
    assert {key: named(key) for key in right} == right


@pytest.mark.asyncio
async def test_another_key_acts_and_is_drawn_and_the_one_before_does_nothing() -> None:
    desk = with_own({"papers.keep": "K", "papers.sort": ("^s", "F9"), "help.typed": "!"})
    async with desk.opened(160, 40):
        desk.main.show_place("library")
        await until(lambda: desk.main.papers.listed.is_loaded)
        await desk.sees("K keep")
        assert "^s sort" in desk.text
        assert "! keys" in desk.text
        assert "* keep" not in desk.text
        await desk.press("asterisk", "s")
        assert not desk.notice
        assert desk.app.screen is desk.main
        await desk.press("K")
        await desk.told("Marked kept: 1 paper")
        await desk.press("f9")
        await until(lambda: desk.app.screen is not desk.main)
        await desk.press("escape", "exclamation_mark")
        await desk.met(Help)
        await desk.sees("K")
        await desk.press("tab")
        helped = "\n".join(
            str(one.render()) for one in desk.app.screen.query("#help-all Static").results(Widget)
        )
        assert "K, x, l, r" in helped
        assert "^s, F9" in helped
        await desk.press("escape")
        about = {one.title: one.help for one in desk.app.get_system_commands(desk.main)}
        assert about["paper: Keep"] == "K"
        assert about["library: Sort"] == "^s"


@pytest.mark.asyncio
async def test_a_letter_given_to_what_goes_first_is_typed_in_a_box() -> None:
    desk = with_own({"chats": "c", "check": "C"})
    async with desk.opened(120, 30):
        await desk.press("c", "C")
        assert desk.main.box.text == "cC"
        assert desk.app.screen is desk.main
        desk.main.show_place("library")
        await desk.press("c")
        await desk.met(Chats)


@pytest.mark.asyncio
async def test_keys_of_the_palette_and_of_places_follow() -> None:
    desk = with_own({"palette": "^o", "place.library": "F8"})
    async with desk.opened(120, 30):
        await desk.sees("^o all")
        await desk.press("f2", "ctrl+p")
        assert (desk.main.place, desk.app.screen) == ("ask", desk.main)
        await desk.press("f8")
        assert desk.main.place == "library"
        about = {one.title: one.help for one in desk.app.get_system_commands(desk.main)}
        assert (about["view: Library"] or "").startswith("F8: ")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("keys", "told", "still"),
    [
        ({"papers.kept": "K"}, "no action is called “papers.kept”. Near it: papers.keep", {}),
        ({"papers.keep": "Hyper"}, "keys.papers.keep: “Hyper” is no key; it stays *", {}),
        ({"papers.keep": "^m"}, "“^m” comes as Enter; it stays *", {}),
        (
            {"papers.sort": "t"},
            "keys.papers.sort: with t no key is left for papers.tag; it stays s",
            {"papers.sort": "s", "papers.tag": "t"},
        ),
        (
            {"papers.keep": "j"},
            "keys.papers.keep: with j no key",
            {"papers.keep": "*"},
        ),
        ({"ask.send": "x"}, "keys.ask.send: with x no key is left for ask.send", {}),
    ],
    ids=lambda one: str(next(iter(one.items()))) if isinstance(one, dict) and one else None,
)
async def test_what_cannot_be_is_told_and_leaves_every_action_a_key(
    keys: dict[str, str], told: str, still: dict[str, str]
) -> None:
    desk = with_own(keys | {"papers.preview": "P"})
    async with desk.opened(120, 30):
        assert told in desk.notice
        assert told in " ".join(desk.text.split())  # and stays where one asks
        found = {
            name: [desk.app.get_key_display(one) for one in bound]
            for name, bound in ids_of(desk.main).items()
        }
        assert found["papers.preview"] == ["P"]  # the rest holds
        for name, key in still.items():
            assert found[name] == [key]


@pytest.mark.asyncio
async def test_two_actions_may_change_places() -> None:
    desk = with_own({"papers.sort": "t", "papers.tag": "s"})
    async with desk.opened(120, 30):
        assert not desk.notice
        found = ids_of(desk.main)
        assert [found[one][0].key for one in ("papers.sort", "papers.tag")] == ["t", "s"]


@pytest.mark.asyncio
async def test_every_binding_has_an_id_that_means_one_thing(desk: Desk) -> None:
    """Those of Textual's boxes, scrolling and focus, which we take as they are, have none."""
    async with desk.opened():
        theirs = {
            (key, one.action)
            for node in nodes_of(desk.main)
            for kind in type(node).__mro__
            if kind.__module__.startswith("textual")
            for key, one in getattr(kind, "_merged_bindings", None) or ()
        }
        meanings: dict[str, set[str]] = {}
        for node in nodes_of(desk.main):
            for key, one in node._bindings:
                assert one.id or (key, one.action) in theirs, (node, one)
                if one.id:
                    meanings.setdefault(one.id, set()).add(one.action)
        assert {name: acts for name, acts in meanings.items() if len(acts) > 1} == {}
        ids = {one for ids, _ in _KEYS for one in ids if one[:1] != "="}
        assert ids <= meanings.keys()
        said = with_keys("".join(text for _, text in _KEYS), {name: ["k"] for name in meanings})
        assert "{" not in said


@pytest.mark.asyncio
async def test_the_last_question_may_have_another_key_and_the_cursor_still_goes_up() -> None:
    desk = with_own({"ask.last": "^up"})
    async with desk.opened():
        await desk.press("a", "ctrl+j", "b", "up", "c")
        box = desk.main.query_one(AskBox)
        assert box.text == "ac\nb"


@pytest.mark.asyncio
async def test_keys_of_dialogs_hold_and_are_named_there() -> None:
    own = {"copy.bibtex": "T", "chats.rename": "^l", "chats.close": "F9", "confirm.yes": "Y"}
    desk = with_own(own)
    async with desk.opened(120, 36):
        assert not desk.notice
        await desk.press("f2")
        await until(lambda: desk.main.papers.listed.is_loaded)
        await desk.press("y")
        await desk.met(CopyPapers)
        await desk.sees("T BibTeX")
        await desk.press("b")
        assert isinstance(desk.app.screen, CopyPapers)
        await desk.press("T")
        await desk.told("BibTeX")
        await desk.press("D")
        await desk.met(Confirm)
        await desk.sees("Y yes n no")
        await desk.press("y")
        assert isinstance(desk.app.screen, Confirm)
        await desk.press("n")
        await desk.press("ctrl+r")
        await desk.met(Chats)
        await desk.sees("F9 close")
        await desk.press("escape")
        assert isinstance(desk.app.screen, Chats)
        await desk.pilot.click(offset=desk.place_of("F9 close", 1))
        await until(lambda: desk.app.screen is desk.main)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"copy.bibtex": "c"}, "keys.copy.bibtex: with c no key is left for copy.citation"),
        ({"confirm.yes": "Esc"}, ""),
        ({"confirm.yes": "n"}, ""),
        ({"confirm.no": ("y", "n")}, "keys.confirm.no: with y n no key is left for confirm.yes"),
        ({"name.cancel": "x"}, "keys.name.cancel: with x no key is left for name.cancel"),
        ({"chats.close": "^w"}, "keys.chats.close: with ^w no key is left for chats.close"),
        ({"chats.renam": "x"}, "no action is called “chats.renam”. Near it: chats.rename"),
    ],
    ids=str,
)
async def test_clashes_in_dialogs_are_told(keys: dict[str, str], told: str) -> None:
    desk = with_own(keys)
    async with desk.opened(120, 30):
        assert told in desk.notice
        assert bool(told) == bool(desk.notice)


def test_every_dialog_is_among_those_whose_keys_are_known() -> None:
    """And every binding of theirs has an id."""
    known = {kind for one in CHAINS for kind in one.kinds}
    here = Path(screens.__file__).parent
    for file in sorted(here.glob("*.py")):
        module = import_module(f"tui.screens.{file.stem}")
        for kind in vars(module).values():
            if not (isinstance(kind, type) and kind.__module__ == module.__name__):
                continue
            if "BINDINGS" in vars(kind) and issubclass(kind, ModalScreen):
                is_base = any(issubclass(one, kind) for one in known)
                assert is_base, f"{kind.__name__} is in no chain"
    for kind in known:
        theirs = {
            key
            for one in kind.__mro__
            if one.__module__.startswith("textual")
            for key, _ in getattr(one, "_merged_bindings", None) or ()
        }
        for key, bound in made_with(kind):
            assert bound.id or key in theirs, (kind, bound)


NAMED = {
    "add": "F8",
    "again": "Z",
    "ask.every": "F9",
    "back": "F10",
    "chats.close": "F11",
    "chats.take_back": "F12",
    "model": "F14",
    "paper.unfold": "Y",
    "papers.add": "B",
    "papers.through": "W",
    "papers.undo": "V",
}
"""Another key for each that sentences name."""
FORMER = re.compile(
    r"\b(Esc|F[1567]|[aiuT])\b:? (stops|takes|asks|shows|brings|adds|connects|chooses|puts|all)\b"
    r"|\^z takes|Esc closes"
)


@pytest.mark.asyncio
async def test_sentences_name_the_keys_that_come_with_the_app(desk: Desk) -> None:
    async with desk.opened():
        kinds = ids_of_kinds(kind for one in CHAINS for kind in one.kinds)
        found = kinds | ids_of(desk.main)
        assert {name: desk.app.get_key_display(found[name][0]) for name in COME} == COME


@pytest.mark.asyncio
async def test_nothing_that_is_said_names_a_key_that_is_another_now() -> None:
    assert NAMED.keys() == COME.keys()
    desk = with_own(NAMED)
    desk.service.saved["s1"] = make_session(1)
    desk.service.since = {"Question 1?": 4}
    said: list[str] = []

    async def seen(words: str) -> None:
        await desk.sees(words)
        said.append(desk.text)

    async with desk.opened(140, 36):
        await seen("F14")
        await desk.press("f9")
        await seen("Type the question first: F9")
        await desk.press("ctrl+r", "enter")
        await seen("4 new abstracts match since · Z asks again")
        await desk.press("f10", "f2")
        await until(lambda: desk.main.papers.listed.is_loaded)
        await desk.press("asterisk")
        await seen("(V takes it back)")
        await desk.press("D")
        await seen("V brings back")
        await desk.press("n", "enter")
        await seen("Y: all")
        await desk.press("ctrl+r", *"zebra")
        await seen("F11 closes")
    assert not [found[0] for text in said for found in FORMER.finditer(text)]
