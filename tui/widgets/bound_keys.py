"""The keys of the widgets on a screen: others for an action, and which actions have one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from textual.binding import Binding, BindingsMap
from textual.dom import DOMNode
from textual.keys import key_to_character
from textual.screen import Screen
from textual.widget import Widget

Keys = Mapping[str, Sequence[str]]
"""Keys as Textual names them, by the id of a binding."""

IsTyped = Callable[[str, str | None], bool]
"""Whether a key, and the character that it is, would be typed."""

_THEIRS = ""
"""The id of a binding that has none: Textual's boxes have such, which we take as they are."""

_Chain = tuple[IsTyped, int, list[BindingsMap]]
"""What is typed in the widget in focus, up to how many steps above it, and all bindings."""


def named(key: str) -> str:
    """A key as Textual names it: a character by its name."""
    if key in (",", " "):
        return {",": "comma", " ": "space"}[key]
    *modifiers, base = key.split("+") if key != "+" else (key,)
    found = next(iter(Binding.make_bindings([Binding(base or "plus", "")]))).key
    return "+".join((*(one for one in modifiers if one), found))


def rebind(node: DOMNode, keys: Keys) -> None:
    """Give a widget its keys with these in the place of those it was made with.

    Textual's own keymap does it at each key, after it has left out what a box would type by the
    keys that were there before; and it drops whatever else has the key.
    """
    node._bindings = rebound(made_with(type(node)), keys)


def made_with(kind: type[DOMNode]) -> BindingsMap:
    """The bindings that a class gives to its widgets."""
    return kind._merged_bindings or BindingsMap()


def key_now(node: DOMNode, key: str) -> str:
    """The key that does now what a key does on a screen as that comes, as it is spelt.

    `key` as Textual names it; "" for one that is the same, or that has no id here.
    """
    for one in nodes_of(node.screen):
        made = made_with(type(one)).key_to_bindings.get(key, ())
        for name in (bound.id for bound in made if bound.id is not None):
            now = [bound for _, bound in one._bindings if bound.id == name]
            is_same = not now or any(bound.key == key for bound in now)
            return "" if is_same else node.app.get_key_display(now[0])
    return ""


def ids_of_kinds(kinds: Iterable[type[DOMNode]]) -> dict[str, list[Binding]]:
    """The bindings of classes of widgets by their ids."""
    found: dict[str, list[Binding]] = {}
    for kind in dict.fromkeys(kinds):
        for _, one in made_with(kind):
            if one.id is not None:
                found.setdefault(one.id, []).append(one)
    return found


def rebound(bindings: BindingsMap, keys: Keys) -> BindingsMap:
    """Bindings with other keys for some; they come before others that have the key."""
    found: dict[str, list[Binding]] = {}
    done: set[str] = set()
    for key, one in bindings:
        if one.id is None or one.id not in keys:
            found.setdefault(key, []).append(one)
        elif one.id not in done:
            done.add(one.id)
            for other in keys[one.id]:
                found.setdefault(other, []).insert(0, one.with_key(other))
    return BindingsMap.from_keys(found)


def nodes_of(screen: Screen[Any]) -> Iterator[DOMNode]:
    """A screen, all on it, and the app."""
    yield from screen.walk_children(with_self=True)
    yield screen.app


def ids_of(screen: Screen[Any]) -> dict[str, list[Binding]]:
    """The bindings of a screen, what is on it and the app, by their ids."""
    found: dict[str, list[Binding]] = {}
    for node in nodes_of(screen):
        for _, one in node._bindings:
            if one.id is not None:
                found.setdefault(one.id, []).append(one)
    return found


def spelt(screen: Screen[Any]) -> dict[str, list[str]]:
    """The keys of each action as they are spelt everywhere, by id."""
    show = screen.app.get_key_display
    return {
        name: list(dict.fromkeys(show(one) for one in bindings))
        for name, bindings in ids_of(screen).items()
    }


class Reach:
    """The ids that the keys of a screen lead to, from each widget that may have the focus.

    `over` are the kinds of widgets that take the keys of dialogs over it, the first one having
    the focus, and whether that is a box, in which a character is typed.
    """

    def __init__(
        self, screen: Screen[Any], over: Iterable[tuple[Sequence[type[DOMNode]], bool]] = ()
    ) -> None:
        app = type(screen.app)
        self._chains: list[_Chain] = [
            (
                one.check_consume_key,
                1,
                [made_with(type(node)) for node in one.ancestors_with_self],
            )
            for one in screen.walk_children(Widget)
            if one.can_focus
        ]
        self._chains += [
            (
                _is_character if is_box else _is_none,
                len(kinds),
                [made_with(one) for one in (*kinds, app)],
            )
            for kinds, is_box in over
        ]

    def lost(self, keys: Keys) -> tuple[str, frozenset[str]] | None:
        """An action that some widget's keys lead to and would not with `keys`, and the ids of
        those that have the keys which it would have."""
        for is_typed, depth, made in self._chains:
            now = [rebound(one, keys) for one in made]
            before = {*_winners(is_typed, depth, made).values()} - {_THEIRS}
            after = _winners(is_typed, depth, now)
            for name in sorted(before - set(after.values())):
                own = {key for one in now for key, bound in one if bound.id == name}
                return name, frozenset(after[key] for key in own if key in after)
        return None


def _is_character(key: str, character: str | None) -> bool:
    return character is not None and character.isprintable()


def _is_none(key: str, character: str | None) -> bool:
    return False


def _winners(is_typed: IsTyped, depth: int, chain: Sequence[BindingsMap]) -> dict[str, str]:
    """For each key what it leads to: first of all what has priority, from the app down; a letter
    that is bound by the box in which it is typed, or so many steps up, leads nowhere."""
    boxes = chain[:depth]
    found: dict[str, str] = {}
    ordered: Iterable[tuple[bool, BindingsMap]] = (
        *((True, one) for one in reversed(chain)),
        *((False, one) for one in chain),
    )
    for priority, bindings in ordered:
        for key, one in bindings:
            types = any(bindings is one for one in boxes) and is_typed(key, key_to_character(key))
            if one.priority is priority and not types:
                found.setdefault(key, one.id or _THEIRS)
    return found
