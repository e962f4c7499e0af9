"""The chat models that a front end offers: over a configuration file and servers on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from endpoint_fixture import Endpoints, ScriptedEndpoint
from library_fixture import Shelf
from papers import made_up

from assistant.config.file import ConfigFile
from assistant.config.settings import Settings
from assistant.errors import EndpointRefused, EndpointUnreachable, WrongUse
from assistant.generation.openai.local import LocalServer
from assistant.types.events import AnswerDone
from assistant.types.questions import Question
from assistant.workspace.chat_models import ChatModels
from assistant.workspace.workspace import Workspace, open_workspace

KEY = "sk-planted-0123456789abcdef"
QUESTION = "How much does our method lower it?"
WRITTEN = '# mine\ncheck = "off"  # costs\n\n[models.old]\n# at home\nbase_url = '


@pytest.fixture
async def workspace(shelf: Shelf, tmp_path: Path) -> AsyncIterator[Workspace]:
    """The workspace of a library of twenty papers, answered by the built-in model."""
    folder = shelf.library_of(made_up(20), tmp_path / "library")
    opened = await open_workspace(folder, "extractive", Settings(check="off"), lambda line: None)
    async with aclosing(opened):
        yield opened


@pytest.fixture
def config(tmp_path: Path) -> ConfigFile:
    """A configuration with one model, and comments of its reader."""
    path = tmp_path / "config.toml"
    path.write_text(f'{WRITTEN}"http://127.0.0.1:1/v1"\nmodel = "old-7b"\n', "utf-8")
    return ConfigFile(path)


async def text_of(workspace: Workspace, question: str) -> str:
    """The text and the model of an answer."""
    async with aclosing(workspace.ask(Question(text=question))) as events:
        async for event in events:
            if isinstance(event, AnswerDone):
                return f"{event.answer.model}: {event.answer.text}"
    raise AssertionError("no answer")


async def test_another_model_answers_and_judges_from_the_next_question_on(
    workspace: Workspace, scripted_endpoint: Endpoints, config: ConfigFile
) -> None:
    first, second = scripted_endpoint("From the first [1.1]."), scripted_endpoint("Second [1.1].")
    models = ChatModels(config, {})
    for name, endpoint in (("first", first), ("second", second)):
        choice = await models.drafted(endpoint.base_url, "scripted", "", name)
        await workspace.use_model(name, await models.keep(choice))
        assert (workspace.model, workspace.judge, workspace.sends_to) == (name, name, None)
        assert (await text_of(workspace, QUESTION)).startswith(f"{name}: ")
    assert (len(first.requests), len(second.requests)) == (1, 1)
    await workspace.use_model("extractive", await models.settings())
    assert (workspace.is_extractive, workspace.judge) == (True, "")


async def test_an_answer_is_written_to_its_end_by_the_model_that_began_it(
    workspace: Workspace, scripted_endpoint: Endpoints, config: ConfigFile
) -> None:
    slow = scripted_endpoint("Words come one by one from the slow one [1.1].", delay=0.05)
    models = ChatModels(config, {})
    choice = await models.drafted(slow.base_url, "scripted", "", "slow")
    await workspace.use_model("slow", await models.keep(choice))
    seen = []
    async with aclosing(workspace.ask(Question(text=QUESTION))) as events:
        async for event in events:
            if not seen:
                await workspace.use_model("extractive", await models.settings())
            seen.append(event)
    done = seen[-1]
    assert isinstance(done, AnswerDone)
    assert (done.answer.model, done.answer.text[:10]) == ("slow", "Words come")
    assert (await text_of(workspace, QUESTION)).startswith("extractive: ")


async def test_what_cannot_be_used_changes_nothing(
    workspace: Workspace, config: ConfigFile
) -> None:
    with pytest.raises(WrongUse):
        await workspace.use_model("nobody", await ChatModels(config, {}).settings())
    assert workspace.model == "extractive"


async def test_the_check_model_judges_whoever_answers(
    workspace: Workspace, scripted_endpoint: Endpoints, config: ConfigFile
) -> None:
    endpoint = scripted_endpoint("Text [1.1].")
    config.set_value(("check_model",), "old")
    models = ChatModels(config, {})
    choice = await models.drafted(endpoint.base_url, "scripted", "", "new")
    await workspace.use_model("new", await models.keep(choice))
    assert (workspace.model, workspace.judge) == ("new", "old")


async def test_a_model_is_kept_beside_what_its_reader_wrote(config: ConfigFile) -> None:
    models = ChatModels(config, {"QUIRE_MODEL": "old", "MY_KEY": KEY})
    choice = await models.drafted("https://models.example/v1/", " big/model-2:latest ", "MY_KEY")
    assert (choice.name, choice.sends_to) == ("model-2", "models.example")
    assert choice.about == "big/model-2:latest at https://models.example/v1, key from MY_KEY"
    settings = await models.keep(choice)
    assert (settings.model, settings.models["model-2"].key_variable) == ("model-2", "MY_KEY")
    text = config.path.read_text("utf-8")
    assert text.startswith('# mine\ncheck = "off"  # costs\nmodel = "model-2"\n')
    assert "[models.old]\n# at home\n" in text
    assert KEY not in text
    assert models.overriding == "old"
    # the same id once more gets another name, and one that is used stays alone
    assert (await models.drafted("http://127.0.0.1:1", "model-2", "")).name == "model-2-2"
    names = {one.name: one.in_use for one in await models.choices("model-2")}
    assert names == {"extractive": False, "old": False, "model-2": True}


@pytest.mark.parametrize(
    ("address", "model", "variable", "said"),
    [
        ("ftp://x", "m", "", "begins with ftp:"),
        ("http://models.example/v1", "m", "", "plain http to a public address"),
        ("http://127.0.0.1:1/v1", " ", "", "the model has no name"),
        ("http://127.0.0.1:1/v1", "m", KEY, "the key is not typed here"),
        ("http://127.0.0.1:1/v1", "m", "sk_0123456789abcdef", "the key is not typed here"),
    ],
)
async def test_what_cannot_be_a_model_is_refused_in_one_line(
    config: ConfigFile, address: str, model: str, variable: str, said: str
) -> None:
    with pytest.raises(WrongUse, match=said) as refused:
        await ChatModels(config, {}).drafted(address, model, variable)
    assert "0123456789" not in f"{refused.value.message} {refused.value.hint}"


async def test_names_that_mean_something_else_are_refused(config: ConfigFile) -> None:
    models = ChatModels(config, {})
    for name in ("old", "minilm", "openai:x", "a b"):
        with pytest.raises(WrongUse):
            await models.drafted("http://127.0.0.1:1/v1", "m", "", name)


async def test_servers_of_this_machine_are_found_with_what_is_new(
    config: ConfigFile, scripted_endpoint: Endpoints
) -> None:
    ollama = scripted_endpoint("x", models=("llama3.2:latest", "nomic-embed-text", "old-7b"))
    empty = scripted_endpoint("x", models=())
    config.set_model("old", {"base_url": ollama.base_url})
    found = [server("Ollama", ollama), server("vLLM", empty), LocalServer("llama.cpp", 1)]
    local = await ChatModels(config, {}, found).found()
    assert [(one.program, one.models) for one in local.servers] == [("Ollama", 2), ("vLLM", 0)]
    (choice,) = local.choices
    assert (choice.name, choice.sends_to) == ("llama3.2", None)
    assert choice.table is not None
    assert choice.table["model"] == "llama3.2:latest"
    assert local.ports[2] == "1 (llama.cpp)"


async def test_a_model_is_tested_by_one_short_question(
    config: ConfigFile, scripted_endpoint: Endpoints
) -> None:
    endpoint = scripted_endpoint(f"It carries 14 sensors [1.2]. {KEY}")
    models = ChatModels(config, {"MY_KEY": KEY})
    assert await models.offered(endpoint.base_url, "MY_KEY") == ("scripted",)
    choice = await models.drafted(endpoint.base_url, "scripted", "MY_KEY")
    test = await models.test(choice)
    assert (test.cites, test.answers[:20]) == (True, "right: It carries 14")
    assert KEY not in f"{test}"
    (asked,) = endpoint.requests
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert "made up" not in config.path.read_text("utf-8"), "a test keeps nothing"
    endpoint.reply = "It has many sensors."
    assert (await models.test(choice)).cites is False
    endpoint.reply = (401, {"error": {"message": f"wrong key {KEY}"}})
    with pytest.raises(EndpointRefused) as refused:
        await models.test(choice)
    assert "MY_KEY" in refused.value.hint
    assert KEY not in f"{refused.value.message} {refused.value.hint}"


async def test_what_is_no_endpoint_cannot_be_tested_or_asked(config: ConfigFile) -> None:
    models = ChatModels(config, {})
    built_in, old = await models.choices("extractive")
    with pytest.raises(WrongUse, match="nothing to test"):
        await models.test(built_in)
    with pytest.raises(EndpointUnreachable):
        await models.test(old)
    with pytest.raises(EndpointUnreachable):
        await models.offered("http://127.0.0.1:1/v1", "")


def server(program: str, endpoint: ScriptedEndpoint) -> LocalServer:
    """A server at the port of a scripted one."""
    port = urlsplit(endpoint.base_url).port
    assert port is not None
    return LocalServer(program, port)
