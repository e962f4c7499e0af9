"""The chat models as a front end that stays open offers them: listed, looked for, tried, kept."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assistant.config.model_choice import EXTRACTIVE, model_settings
from assistant.errors import WrongUse
from assistant.wiring.chat_models import (
    ModelChoice,
    check_name,
    choice_of,
    choices_of,
    is_variable,
    names_taken,
    offers,
)
from assistant.wiring.models import endpoint_model
from store.pattern import pattern
from store.value import Value

if TYPE_CHECKING:
    from assistant.config.file import ConfigFile
    from assistant.config.settings import Settings
    from assistant.config.tables import ModelSettings
    from assistant.generation.openai.endpoint import EndpointModel
    from assistant.generation.openai.local import LocalServer

_USUAL_VARIABLE = pattern(r"[A-Z][A-Z0-9_]*")


class ServerSeen(Value):
    """A server that listens on this machine; `trouble` is why it lists no model, or empty.

    `models` is the number of those that answer, `program` whose usual port it has.
    """

    program: str
    host: str
    models: int = 0
    trouble: str = ""


class LocalModels(Value):
    """What a look on this machine found: the servers, and their models that are not kept yet.

    `ports` are those that were looked at, with the program that each is usual for.
    """

    servers: tuple[ServerSeen, ...]
    choices: tuple[ModelChoice, ...]
    ports: tuple[str, ...]


class ModelTest(Value):
    """What one short question to a model came to; `cites` is None where that cannot be told.

    `answers` and `citing` say in words how; `seconds` is how long the whole answer took.
    """

    answers: str
    cites: bool | None
    citing: str
    seconds: float


class ChatModels:
    """The models that may answer, by a configuration file and the environment."""

    def __init__(
        self,
        config: ConfigFile,
        environment: Mapping[str, str] = os.environ,
        servers: Sequence[LocalServer] | None = None,
    ) -> None:
        self._config = config
        self._environment = environment
        self._servers = servers

    @property
    def overriding(self) -> str:
        """The model that QUIRE_MODEL names, which comes first whatever is kept; or empty."""
        return self._environment.get("QUIRE_MODEL", "")

    async def settings(self) -> Settings:
        """What the configuration holds by now; raises WrongUse."""
        return await asyncio.to_thread(self._config.settings)

    async def choices(self, used: str) -> tuple[ModelChoice, ...]:
        """The models there are, `used` marked as the one in use; raises WrongUse."""
        settings = await self.settings()
        return await asyncio.to_thread(choices_of, settings, used, self._environment)

    async def found(self) -> LocalModels:
        """Look for model servers on this machine, at their usual ports, without a key."""
        from assistant.generation.openai import local

        servers = local.LOCAL_SERVERS if self._servers is None else self._servers
        seen = await local.find_local(servers)
        new = offers(seen, await self.settings(), self._environment)
        return LocalModels(
            servers=tuple(
                ServerSeen(
                    program=one.server.program,
                    host=one.server.base_url.removeprefix("http://").removesuffix("/v1"),
                    models=len(one.chat_models),
                    trouble=one.trouble,
                )
                for one in seen
            ),
            choices=tuple(self._new(name, table) for name, table in new.values()),
            ports=tuple(f"{one.port} ({one.program})" for one in servers),
        )

    async def offered(self, address: str, key_variable: str) -> tuple[str, ...]:
        """The ids of the models at an address; raises WrongUse and EndpointError."""
        table = self._table(address, "any", key_variable)
        model = await asyncio.to_thread(self._endpoint, "model", _meant(table))
        try:
            return await model.list_models()
        finally:
            await model.aclose()

    async def drafted(
        self, address: str, model: str, key_variable: str, name: str = ""
    ) -> ModelChoice:
        """The model that a reader typed, to be tried and kept; raises WrongUse.

        Without a `name` it is called as its id, with a number where that is taken.
        """
        from assistant.generation.openai.local import name_for

        table = self._table(address, model, key_variable)
        settings = await self.settings()
        name = name.strip() or name_for(table["model"], names_taken(settings))
        check_name(name, settings)
        if name in settings.models:
            raise WrongUse(f"there is a model {name}", "give it another name")
        return self._new(name, table)

    async def test(self, choice: ModelChoice) -> ModelTest:
        """Ask a model one short question about papers that are made up.

        Raises WrongUse and EndpointError.
        """
        from assistant.answers.model_trial import Trial, TrialReport

        if choice.table is not None:
            found = _meant(choice.table)
        elif known := await self._found(choice.name):
            found = known
        else:
            raise WrongUse(f"there is nothing to test: {choice.name} is on this machine")
        model = await asyncio.to_thread(self._endpoint, choice.name, found)
        report: TrialReport | None = None
        try:
            async for step in Trial(model, found.model).run(long_prompt=False):
                if isinstance(step, TrialReport):
                    report = step
        finally:
            await model.aclose()
        if report is None:
            raise AssertionError("a trial ends with its report")
        seen = {one.name: one for one in report.findings}
        return ModelTest(
            answers=seen["answers"].about,
            cites=seen["cites"].works,
            citing=seen["cites"].about,
            seconds=report.seconds or 0.0,
        )

    async def keep(self, choice: ModelChoice) -> Settings:
        """Write a model to the configuration as the one that answers; raises WrongUse.

        Returns the settings as they are then. What a reader wrote there beside it stays.
        """
        return await asyncio.to_thread(self._keep, choice)

    def _keep(self, choice: ModelChoice) -> Settings:
        if choice.table is not None:
            check_name(choice.name, self._config.settings())
            self._config.set_model(choice.name, choice.table)
        if choice.name != EXTRACTIVE or self._config.settings().model is not None:
            self._config.set_value(("model",), choice.name)
        return self._config.settings()

    async def _found(self, name: str) -> ModelSettings | None:
        return model_settings(name, await self.settings(), self._environment)

    def _endpoint(self, name: str, model: ModelSettings) -> EndpointModel:
        """The model at an address, with its key, whose command is run."""
        from assistant.config.keys import key_of

        key = key_of(name, model, self._environment)
        return endpoint_model(name, model, key, is_configured=True)

    def _new(self, name: str, table: Mapping[str, Any]) -> ModelChoice:
        return choice_of(name, _meant(table), self._environment, table)

    def _table(self, address: str, model: str, key_variable: str) -> dict[str, Any]:
        """The values of a model's table; raises WrongUse, in which no key is repeated."""
        from assistant.config.endpoint_address import check_base_url

        table: dict[str, Any] = {"base_url": check_base_url(address).url, "model": model.strip()}
        if not table["model"]:
            raise WrongUse("the model has no name", "type the one that the server knows it by")
        if variable := key_variable.strip():
            usual = variable in self._environment or _USUAL_VARIABLE.fullmatch(variable)
            if not (is_variable(variable) and usual):
                raise WrongUse(
                    "the key is not typed here: give the name of a variable that holds it",
                    "such as MISTRAL_API_KEY",
                )
            table["key_variable"] = variable
        return table


def _meant(table: Mapping[str, Any]) -> ModelSettings:
    from assistant.config.tables import ModelSettings

    return ModelSettings.model_validate(dict(table))
