"""The keys that the reader chose in the configuration, in the place of those of the app."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.dom import DOMNode

from tui.presenters import key_words
from tui.presenters.key_names import KeyNames
from tui.presenters.pane_help import HELP
from tui.widgets import bound_keys
from tui.widgets.bound_keys import Reach

if TYPE_CHECKING:
    from tui.screens.every import KeyChain
    from tui.screens.main import MainScreen


class OwnKeys:
    """Gives the widgets the keys that `wanted` has for actions, as far as that can be.

    `wanted` are keys as the reader writes them, by the id of a binding.
    """

    def __init__(self, wanted: Mapping[str, str | tuple[str, ...]]) -> None:
        self._wanted = wanted
        self._keys: dict[str, tuple[str, ...]] = {}

    def settle(self, main: MainScreen) -> list[str]:
        """Take what can be, from now on for all widgets; returns what is to be said of the rest.

        No action of a place is left without a key: of two that exclude each other the one that
        was chosen keeps the key that comes with the app.
        """
        if not self._wanted:
            return []
        told: list[str] = []
        spelt = bound_keys.spelt(main)
        chains: Sequence[KeyChain] = ()
        if not self._wanted.keys() <= spelt.keys():
            # Dialogs are not laid out yet: what they come with is read from their kinds.
            from tui.screens.every import CHAINS

            chains = CHAINS
            kinds = (kind for one in chains for kind in one.kinds)
            for name, bound in bound_keys.ids_of_kinds(kinds).items():
                keys_shown = map(main.app.get_key_display, bound)
                spelt.setdefault(name, list(dict.fromkeys(keys_shown)))
        for name, texts in self._wanted.items():
            if name not in spelt:
                told.append(key_words.no_action(name, list(spelt), spelt[HELP][0]))
                continue
            keys = []
            for text in (texts,) if isinstance(texts, str) else texts:
                key = key_words.read_key(text)
                if not key or (why := key_words.unusable(key)):
                    why = key_words.unusable(key)
                    told.append(key_words.no_key(name, text, why, spelt[name]))
                else:
                    keys.append(bound_keys.named(key))
            if keys:
                self._keys[name] = tuple(dict.fromkeys(keys))
        reach = Reach(main, chains)
        while (found := reach.lost(self._keys)) is not None:
            lost, holders = found
            culprit = next((one for one in self._keys if one in holders - {lost}), lost)
            keys_wanted = self._keys.pop(culprit, None)
            if keys_wanted is None:
                break
            written = self._wanted[culprit]
            shown = (written,) if isinstance(written, str) else written
            told.append(key_words.clash(culprit, shown, lost, spelt[culprit]))
        for node in bound_keys.nodes_of(main):
            bound_keys.rebind(node, self._keys)
        show = main.app.get_key_display
        own = {name: show(Binding(keys[0], "")) for name, keys in self._keys.items()}
        main.name_keys(KeyNames(own))
        main.refresh_bindings()
        return told

    def bind(self, node: DOMNode) -> None:
        """Give a widget that comes its keys."""
        if self._keys:
            bound_keys.rebind(node, self._keys)
