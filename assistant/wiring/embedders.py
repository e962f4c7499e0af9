"""Which embedders there are: those on this machine, and those behind an endpoint."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.config.model_choice import OPENAI_ADDRESS
from assistant.config.settings import Settings, models_folder, state_folder
from assistant.errors import WrongUse
from store.embedders.base import Embedder, PartEmbedder, embedder_name, fingerprint_of_model
from store.embedders.local import LocalEmbedders
from store.embedders.wordllama import WordLlama, built_in_embedder
from store.errors import StoreError, UnknownEmbedder
from store.files import make_file, make_folder
from store.nearest import meant_or_known
from store.types import Narrate
from store.value import Value

if TYPE_CHECKING:
    from assistant.config.tables import EmbedderSettings
    from assistant.generation.openai.unsent_embedding import UnsentTexts
    from store.embedders.minilm.download import Advance
    from store.sentences.readings import PaperReader

OPENAI = "openai:"
"""What the name of an embedder behind an endpoint begins with."""
BETTER = "minilm"
"""The embedder of this machine that finds most."""
FETCHED_MB, KEPT_MB = 84, 23
"""What of it is fetched at most (`obtain.PACKAGE_BYTES`, which takes long to import), and kept."""
FETCHES = f"{FETCHED_MB} MB at most, of which {KEPT_MB} MB stay; nothing of yours is sent"
"""What using it fetches where it is not here."""
OFFER = (
    f"{BETTER} finds more by meaning: quire models use {BETTER} fetches it once ({FETCHED_MB} MB)"
    " and uses it; nothing of yours is sent"
)
"""What is said where it would help and is not on this machine."""


class EmbedderChoice(Value):
    """An embedder that a library may use.

    `here` says that it can be used now; without it `about` says what to do, and `fetches` what is
    fetched when it is used, empty where nothing can be. `sends_to` is the host that texts go to,
    None where they stay on this machine; `warning` is one line on how they travel there, or empty.
    """

    name: str
    here: bool
    about: str
    in_use: bool = False
    fetches: str = ""
    sends_to: str | None = None
    warning: str = ""


class AllEmbedders:
    """The embedders a library may use.

    A name is `wordllama`, `minilm`, one of `[embedders.NAME]` in the configuration, or
    `openai:MODEL`. MODEL is asked where the configuration says that it is served, else at
    OPENAI_BASE_URL, else at OpenAI's own address. Given `unsent`, nothing is sent: what would be is
    kept there.
    """

    def __init__(
        self,
        settings: Settings,
        narrate: Narrate = lambda line: None,
        environment: Mapping[str, str] = os.environ,
        unsent: UnsentTexts | None = None,
    ) -> None:
        self._settings = settings
        self._narrate = narrate
        self._environment = environment
        self._unsent = unsent
        self._models = models_folder(environment)
        self._local = LocalEmbedders(self._models)

    @property
    def models(self) -> Path:
        """The folder of the models that were fetched."""
        return self._models

    @property
    def settings(self) -> Settings:
        """The configuration that says where embedding models are served."""
        return self._settings

    def is_here(self, name: str) -> bool:
        """True for an embedder that works on this machine and needs no fetching."""
        if name == BETTER:
            from store.embedders.minilm.folder import is_installed

            return is_installed(self._models)
        return name == WordLlama.name and built_in_embedder() is not None

    def fetch(self, advance: Advance) -> None:
        """Get minilm onto this machine; raises what `obtain` raises."""
        from store.embedders.minilm.obtain import obtain

        obtain(self._models, narrate=self._narrate, advance=advance)

    def for_new_libraries(self) -> str | None:
        """The embedder that new libraries are to use instead of the built-in one; None for none."""
        return BETTER if self._settings.embedder == "auto" and self.is_here(BETTER) else None

    def fingerprint(self, name: str) -> str:
        """The fingerprint of the embedder with this name; raises UnknownEmbedder."""
        if name in self._local.names:
            return self._local.fingerprint(name)
        if name in self._settings.embedders:
            return fingerprint_of_model(self._settings.embedders[name].model)
        if name.startswith(OPENAI) and name[len(OPENAI) :].strip():
            return fingerprint_of_model(name[len(OPENAI) :])
        known = [*self._local.names, *self._settings.embedders, f"{OPENAI}MODEL"]
        raise UnknownEmbedder(
            f"no embedder “{name}”; {meant_or_known(name, known)}", "see: quire models list"
        )

    def make(self, fingerprint: str, dimension: int | None) -> Embedder:
        """The embedder with this fingerprint; raises EmbedderUnavailable, WrongUse."""
        name = embedder_name(fingerprint)
        if not name.startswith(OPENAI):
            return self._local.make(fingerprint, dimension)
        from assistant.generation.openai.embedding import EndpointEmbedder
        from assistant.generation.openai.limits import EndpointSettings

        served = self.served(name[len(OPENAI) :])
        made = EndpointEmbedder(
            EndpointSettings(
                name=name,
                base_url=served.base_url,
                model=served.model,
                api_key=self._environment.get(served.key_variable),
            ),
            dimension,
            self._narrate,
        )
        if self._unsent is None:
            return made
        from assistant.generation.openai.unsent_embedding import UnsentEmbedder

        return UnsentEmbedder(made, dimension, self._unsent)

    def host(self, fingerprint: str) -> str | None:
        """Where texts are sent to be embedded; None when they stay on this machine."""
        name = embedder_name(fingerprint)
        if not name.startswith(OPENAI):
            return None
        from assistant.config.endpoint_address import check_base_url

        address = check_base_url(self.served(name[len(OPENAI) :]).base_url)
        return None if address.is_loopback else address.host

    def choices(self, used: str | None) -> tuple[EmbedderChoice, ...]:
        """The embedders there are by name; `used` is the fingerprint of the one in use."""
        built_in, fetched = self.is_here(WordLlama.name), self.is_here(BETTER)
        found = [
            EmbedderChoice(
                name="wordllama",
                here=built_in,
                about="built in" if built_in else "has no wheel for this Python",
                in_use=used == self.fingerprint("wordllama"),
            ),
            EmbedderChoice(
                name="minilm",
                here=fetched,
                about="fetched" if fetched else f"finds more; use fetches it ({FETCHED_MB} MB)",
                in_use=used == self.fingerprint("minilm"),
                fetches="" if fetched else FETCHES,
            ),
        ]
        for name in self._settings.embedders:
            found.append(self._endpoint(name, self.fingerprint(name), used))
        if used is not None and not any(one.in_use for one in found):
            found.append(self._endpoint(embedder_name(used), used, used))
        return tuple(found)

    def _endpoint(self, name: str, fingerprint: str, used: str | None) -> EmbedderChoice:
        """An embedder of the configuration, or one in use that stands nowhere else."""
        is_used = fingerprint == used
        full = embedder_name(fingerprint)
        if not full.startswith(OPENAI):
            about = "not known to this quire"
            return EmbedderChoice(name=name, here=False, about=about, in_use=is_used)
        from assistant.config.endpoint_address import check_base_url

        # Two names with one model are served at one place: that one is told.
        served = self.served(full[len(OPENAI) :])
        try:
            address = check_base_url(served.base_url)
        except WrongUse as failure:
            about = f"{failure.message}; {failure.hint}"
            return EmbedderChoice(name=name, here=False, about=about, in_use=is_used)
        return EmbedderChoice(
            name=name,
            here=True,
            about=f"{served.model} at {address.url}",
            in_use=is_used,
            sends_to=None if address.is_loopback else address.host,
            warning=address.warning,
        )

    def served(self, model: str) -> EmbedderSettings:
        """Where an embedding model is served."""
        for one in self._settings.embedders.values():
            if one.model == model:
                return one
        address = self._environment.get("OPENAI_BASE_URL") or OPENAI_ADDRESS
        from assistant.config.tables import EmbedderSettings

        return EmbedderSettings(base_url=address, model=model)


def is_offered(embedders: AllEmbedders) -> bool:
    """True where minilm would help, is not here, and was offered on this machine never before."""
    wanted = embedders.settings.embedder == "auto" and not embedders.is_here(BETTER)
    return wanted and not _offered_file().exists()


def note_offered() -> None:
    """Note that minilm was offered; where that cannot be noted, it is offered again."""
    file = _offered_file()
    with suppress(OSError, StoreError):
        make_folder(file.parent)
        make_file(file)


def _offered_file() -> Path:
    return state_folder() / f"{BETTER}-offered"


def paper_reader(embedder: PartEmbedder | None) -> PaperReader:
    """What reads the texts of a library's papers once, with vectors by an embedder."""
    from assistant.text.reading import TextReader  # most commands read no text

    return TextReader(embedder)
