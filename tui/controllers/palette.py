"""The commands of the palette, each with what it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import SystemCommand
from textual.screen import Screen

from tui.presenters.help import Action, bound_title, commands, with_keys
from tui.widgets.bound_keys import spelt

if TYPE_CHECKING:
    from tui.controllers.ask import AskController
    from tui.controllers.jobs import JobController
    from tui.controllers.preferences import Preferences
    from tui.screens.main import MainScreen


class PaletteCommands:
    """Knows what may be done now: every command, and what the keys of the focus do besides."""

    def __init__(
        self,
        main: MainScreen,
        answers: AskController,
        jobs: JobController,
        preferences: Preferences,
    ) -> None:
        self._main = main
        self._jobs = jobs
        self._acts: dict[Action, Callable[[], object]] = {
            "new": main.action_new,
            "library": lambda: main.show_place("library"),
            "ask": lambda: main.show_place("ask"),
            "paper": lambda: main.run_action("place('paper')"),
            "chats": main.action_chats,
            "add": main.action_add,
            "stop_job": jobs.stop,
            "embedders": lambda: preferences.choose_embedder(jobs),
            "model": preferences.choose_model,
            "ask_all": main.action_ask_all,
            "check": main.asking.action_check,
            "again_with": main.asking.action_again_with,
            "copy": main.action_copy,
            "open_address": main.action_open_address,
            "help": main.action_help,
            "theme": preferences.choose_theme,
            "settings": lambda: preferences.change_settings(answers),
            "quit": lambda: main.app.run_action("quit"),
        }

    def offered(self, screen: Screen[Any]) -> Iterator[SystemCommand]:
        """The commands over a screen."""
        jobs = self._jobs
        keys = spelt(self._main)
        for one in commands(is_adding=jobs.is_adding, is_changing=jobs.is_changing):
            about = with_keys(one.about, keys)
            yield SystemCommand(f"{one.group}: {one.title}", about, self._acts[one.action])
        if screen is self._main:
            yield from self._bound()

    def _bound(self) -> Iterator[SystemCommand]:
        """What the keys of the focus and its place do, where no command of its own does it."""
        main, app = self._main, self._main.app
        titles: set[str] = set()
        for active in list(main.active_bindings.values()):
            binding = active.binding
            title = bound_title(binding.id or "", binding.description)
            if title in titles:
                continue  # another key of the same
            if title and active.enabled and active.node not in (main, app):
                titles.add(title)
                act = partial(app.run_action, binding.action, active.node)
                yield SystemCommand(title, app.get_key_display(binding), act)
