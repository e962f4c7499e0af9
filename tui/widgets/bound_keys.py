"""The keys of the widgets on a screen: others for an action, and which actions have one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from textual.binding import Binding, BindingsMap
from textual.dom import DOMNode
from textual.keys import key_to_character
from textual.screen import Screen
from textual.widget import Widget

Keys = Mapping[str, Sequence[str]]
"""Keys as Textual names them, by the id of a binding."""


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
    node._bindings = rebound(_made_with(node), keys)


def _made_with(node: DOMNode) -> BindingsMap:
    """The bindings of a widget as its class has them."""
    return type(node)._merged_bindings or BindingsMap()


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
    """The ids that the keys of a screen lead to, from each widget that may have the focus."""

    def __init__(self, screen: Screen[Any]) -> None:
        self._chains = [
            (
                one,
                [_made_with(node) for node in one.ancestors_with_self],
            )
            for one in screen.walk_children(Widget)
            if one.can_focus
        ]

    def lost(self, keys: Keys) -> tuple[str, frozenset[str]] | None:
        """An action that some widget's keys lead to and would not with `keys`, and the ids of
        those that have the keys which it would have."""
        for focused, made in self._chains:
            now = [rebound(one, keys) for one in made]
            before, after = set(_winners(focused, made).values()), _winners(focused, now)
            for name in sorted(before - set(after.values())):
                own = {key for one in now for key, bound in one if bound.id == name}
                return name, frozenset(after[key] for key in own if key in after)
        return None


def _winners(focused: Widget, chain: Sequence[BindingsMap]) -> dict[str, str]:
    """For each key what it leads to: first of all what has priority, from the app down; a letter
    that is bound by the box in which it is typed leads nowhere."""
    found: dict[str, str] = {}
    ordered: Iterable[tuple[bool, BindingsMap]] = (
        *((True, one) for one in reversed(chain)),
        *((False, one) for one in chain),
    )
    for priority, bindings in ordered:
        for key, one in bindings:
            is_typed = bindings is chain[0] and focused.check_consume_key(
                key, key_to_character(key)
            )
            if one.priority is priority and one.id is not None and not is_typed:
                found.setdefault(key, one.id)
    return found
