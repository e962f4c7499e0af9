"""What leaves this machine, by the configuration and the environment: to whom, and what of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from assistant.cli.shapes import Shape

if TYPE_CHECKING:
    from assistant.config.endpoint_address import CheckedAddress
    from assistant.config.settings import Settings

_QUESTIONS = "questions, the abstracts found for them, earlier turns, and claims to be judged"
_CLAIMS = "the claims of answers, and the sentences that they cite"
_TEXTS = "the title and abstract of every paper, and questions"
_REFERENCES = "the ids and addresses of papers that quire add is given"
_REACH = {"loopback": "this machine", "private": "your network", "public": "the internet"}


def leaves(
    settings: Settings, embedder: str, environment: Mapping[str, str]
) -> list[dict[str, Any]]:
    """One object for the model, one for a judge of its own, the embedder and the services each.

    `embedder` is the name that the library's vectors are made with. An `address` of null says
    that nothing is sent; a `problem` that it cannot be: the setting makes no sense.
    """
    judges = [] if settings.check_model is None else [_judge(settings, environment)]
    return [
        _model(settings, environment),
        *judges,
        _embedder(settings, embedder, environment),
        _services(settings, environment),
    ]


def _model(settings: Settings, environment: Mapping[str, str]) -> dict[str, Any]:
    from assistant.config.model_choice import model_name

    return _chat(
        "model", model_name(None, settings, environment), _QUESTIONS, settings, environment
    )


def _judge(settings: Settings, environment: Mapping[str, str]) -> dict[str, Any]:
    return _chat("check_model", str(settings.check_model), _CLAIMS, settings, environment)


def _chat(
    what: str, name: str, gets: str, settings: Settings, environment: Mapping[str, str]
) -> dict[str, Any]:
    from assistant.config.keys import key_about
    from assistant.config.model_choice import model_settings
    from assistant.errors import WrongUse

    try:
        model = model_settings(name, settings, environment)
        if model is None:
            return _row(what, name)
        return _at(what, name, model.base_url, gets, key_about(model, environment), environment)
    except WrongUse as failure:
        return {**_row(what, name), "problem": failure.message}


def _embedder(settings: Settings, name: str, environment: Mapping[str, str]) -> dict[str, Any]:
    from assistant.errors import WrongUse
    from assistant.wiring.embedders import OPENAI, AllEmbedders

    if not name.startswith(OPENAI):
        return _row("embedder", name)
    try:
        served = AllEmbedders(settings, environment=environment).served(name[len(OPENAI) :])
        is_set = "" if environment.get(served.key_variable) else ", which is not set"
        key = f"key from {served.key_variable}{is_set}"
        return _at("embedder", name, served.base_url, _TEXTS, key, environment)
    except WrongUse as failure:
        return {**_row("embedder", name), "problem": failure.message}


def _services(settings: Settings, environment: Mapping[str, str]) -> dict[str, Any]:
    """The services that papers are fetched from; they are asked when a reader names such papers."""
    from assistant.config.descriptions import service_addresses
    from assistant.fetching.references import PAGE_HOSTS

    given = settings.services.bases if settings.services is not None else {}
    addresses = {**service_addresses(), **given}
    contact = settings.services.contact if settings.services is not None else None
    gets = f"{_REFERENCES}, and {contact}" if contact else _REFERENCES
    proxies = [_proxy(one, environment) for one in addresses.values()]
    return {
        **_row("services", "services"),
        "address": addresses,
        "gets": gets,
        "proxy": next((one for one in proxies if one), None),
        "pages": [host for host, service in PAGE_HOSTS.items() if service not in given],
    }


def _row(what: str, name: str) -> dict[str, Any]:
    return {
        "what": what,
        "name": name,
        "address": None,
        "reach": None,
        "gets": None,
        "key": None,
        "proxy": None,
    }


def _at(
    what: str, name: str, base_url: str, gets: str, key: str, environment: Mapping[str, str]
) -> dict[str, Any]:
    """What is sent to an endpoint; raises WrongUse."""
    from assistant.config.endpoint_address import check_base_url

    address: CheckedAddress = check_base_url(base_url)
    proxy = None if address.is_loopback else _proxy(address.url, environment)
    return {
        **_row(what, name),
        "address": address.url,
        "reach": address.reach,
        "gets": gets,
        "key": key,
        "proxy": proxy,
    }


def _proxy(url: str, environment: Mapping[str, str]) -> str | None:
    """The proxy of the environment that an address is asked through, without its password."""
    if not any(name.lower().endswith("_proxy") for name in environment):
        return None
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(parts.hostname or ""):
        return None
    place = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    try:
        return f"{place.hostname}:{place.port}" if place.port else place.hostname
    except ValueError:
        return place.hostname


def leaving_lines(rows: list[Shape]) -> list[str]:
    """What leaves this machine: a line for each that may be sent to, and that there is no other."""
    lines = [f"to the {_WORDS[row['what']]}: {_told(row)}" for row in rows]
    from store.embedders.minilm.obtain import chromas_archive

    host = urlsplit(chromas_archive().address).netloc
    lines[-1] += (
        f"; nothing else, but that quire models use minilm downloads it from {host}, or by pip"
    )
    return lines


_WORDS = {
    "model": "model",
    "check_model": "judge",
    "embedder": "embedder",
    "services": "services",
}


def _told(row: Shape) -> str:
    if "problem" in row:
        return f"nothing: {row['name']} cannot be used ({row['problem']})"
    if row["address"] is None and row["name"] == "none":
        return "nothing: the library has no vectors yet"
    if row["address"] is None:
        return f"nothing: {row['name']} works on this machine"
    through = f", through the proxy {row['proxy']}" if row["proxy"] else ""
    if row["what"] == "services":
        named = [urlsplit(one).netloc for one in row["address"].values()]
        hosts = ", ".join(dict.fromkeys([*named, *row["pages"]]))
        return f"nothing, unless quire add fetches papers: {row['gets']}, at {hosts}{through}"
    where = _REACH[row["reach"]]
    return f"{row['gets']}; {row['name']} at {row['address']} ({where}), {row['key']}{through}"
