"""From references to records: whom to ask for what, in how few requests, and what never came."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from urllib.parse import quote, urlencode

from assistant.fetching.addresses import Base, checked_base
from assistant.fetching.http import Asking, Http, Unanswered
from assistant.fetching.references import Kind, Reference, Service, reference_of
from store.errors import NoRecord, UnusableSource
from store.identifiers import ARXIV_DOI, normal_arxiv
from store.readers.options import ReadOptions
from store.readers.registry import read_source
from store.readers.source import Source
from store.types import Notice, ReadItem, Record, Rejection

_XML, _JSON = "application/xml", "application/json"
_HTML = "text/html, application/xml;q=0.9, application/json;q=0.8"


@dataclass(frozen=True)
class _Known:
    """A service as its documentation has it: its name, its base address, seconds between requests.

    Three seconds is what arXiv's terms of use ask for, a third of a second what NCBI allows
    without a key; the others name no pause below these rates.
    """

    name: str
    url: str
    interval: float


SERVICES: Mapping[Service, _Known] = {
    "arxiv": _Known("arXiv", "https://export.arxiv.org", 3.0),
    "pubmed": _Known("PubMed", "https://eutils.ncbi.nlm.nih.gov", 0.4),
    "crossref": _Known("Crossref", "https://api.crossref.org", 0.2),
    "datacite": _Known("DataCite", "https://api.datacite.org", 0.5),
    "openalex": _Known("OpenAlex", "https://api.openalex.org", 0.2),
    "huggingface": _Known("Hugging Face", "https://huggingface.co", 1.0),
}
_TOGETHER: Mapping[Kind, int] = {"arxiv": 50, "pmid": 200, "pmcid": 20}
"""How many ids one request asks for; the other kinds are asked one by one."""
_MISSING = "the service does not have it"


class Fetching:
    """Asks services for papers that the reader named, and has the readers of the store read them.

    `bases` are base addresses of the configuration by service. `failed` tells whether a service
    could not answer. Raises WrongUse for a base address that makes no sense.
    """

    def __init__(
        self,
        bases: Mapping[str, str],
        contact: str | None,
        narrate: Callable[[str], None],
        http: Http | None = None,
    ) -> None:
        self._asking = {
            service: Asking(
                known.name,
                checked_base(bases[service], service)
                if service in bases
                else Base(known.url, is_own=False),
                known.interval,
            )
            for service, known in SERVICES.items()
        }
        self._contact = contact
        self._http = http or Http(narrate, contact)
        self.failed = False

    def items(self, named: Sequence[str], options: ReadOptions) -> Iterator[ReadItem]:
        """The records of the papers named, and a rejection for each that did not come."""
        references: list[Reference] = []
        for text in named:
            match reference_of(text):
                case Reference() as found:
                    references.append(_to_arxiv(found))
                case why:
                    yield Rejection(source=text, reason=why)
        for kind, group in groupby(dict.fromkeys(references), key=lambda one: one.kind):
            whole = list(group)
            size = _TOGETHER.get(kind, 1)
            for start in range(0, len(whole), size):
                yield from self._several(whole[start : start + size], options)

    def _several(self, asked: list[Reference], options: ReadOptions) -> Iterator[ReadItem]:
        """What one request brings, or why it brings nothing."""
        try:
            items = list(self._asked(asked, options))
        except Unanswered as failure:
            self.failed = self.failed or not failure.is_missing
            for one in asked:
                yield Rejection(source=one.name, reason=failure.reason)
            return
        except UnusableSource as failure:
            reason = _MISSING if isinstance(failure, NoRecord) else failure.message
            for one in asked:
                yield Rejection(source=one.name, record=1, reason=reason)
            return
        yield from _accounted(asked, items)

    def _asked(self, asked: list[Reference], options: ReadOptions) -> Iterator[ReadItem]:
        first = asked[0]
        ids = ",".join(one.id for one in asked)
        match first.kind:
            case "arxiv":
                query = {"id_list": ids, "max_results": len(asked)}
                yield from self._read("arxiv", f"/api/query?{urlencode(query)}", first, options)
            case "pmid":
                yield from self._read("pubmed", self._efetch("pubmed", ids), first, options)
            case "pmcid":
                numbers = ids.replace("PMC", "")
                yield from self._read("pubmed", self._efetch("pmc", numbers), first, options)
            case "openalex":
                yield from self._read("openalex", self._mailto(f"/works/{ids}"), first, options)
            case "huggingface":
                yield from self._read("huggingface", f"/api/papers/{ids}", first, options)
            case "doi":
                yield from self._of_doi(first, options)
            case "page":
                if first.service is None:
                    raise AssertionError("a page has a service")
                yield from self._read(first.service, first.id, first, options)

    def _efetch(self, database: str, ids: str) -> str:
        query = {"db": database, "id": ids, "retmode": "xml", "tool": "quire"}
        contact = {"email": self._contact} if self._contact else {}
        return f"/entrez/eutils/efetch.fcgi?{urlencode({**query, **contact})}"

    def _mailto(self, path: str) -> str:
        return f"{path}?{urlencode({'mailto': self._contact})}" if self._contact else path

    def _of_doi(self, asked: Reference, options: ReadOptions) -> Iterator[ReadItem]:
        """A DOI is asked for where it is registered; OpenAlex has abstracts that Crossref lacks."""
        path = quote(asked.id, safe="/:")
        ways: tuple[tuple[Service, str], ...] = (
            ("crossref", self._mailto(f"/works/{path}")),
            ("openalex", self._mailto(f"/works/doi:{path}")),
            ("datacite", f"/dois/{path}"),
        )
        kept: list[ReadItem] = []
        trouble: Unanswered | None = None
        for service, way in ways:
            if service == "datacite" and kept:
                break
            try:
                items = list(self._read(service, way, asked, options))
            except Unanswered as failure:
                # That one does not have it counts less than that one cannot answer.
                if trouble is None or (trouble.is_missing and not failure.is_missing):
                    trouble = failure
                continue
            except UnusableSource:
                continue
            if any(isinstance(one, Record) and one.abstract for one in items):
                yield from items
                return
            kept = kept or items
        if not kept and trouble is not None:
            raise trouble
        yield from kept

    def _read(
        self, service: Service, path: str, asked: Reference, options: ReadOptions
    ) -> Iterator[ReadItem]:
        asking = self._asking[service]
        if asked.kind == "page" and not asking.base.is_own:
            asking = replace(asking, base=Base(f"https://{asked.host}", is_own=False))
        accept = _HTML if asked.kind == "page" else _XML if service in _AS_XML else _JSON
        data = self._http.get(asking, path, accept)
        plain = ReadOptions(titles=options.titles)
        yield from read_source(Source(asked.name, None, io.BytesIO(data)), plain)


_AS_XML = frozenset({"arxiv", "pubmed"})


def _to_arxiv(reference: Reference) -> Reference:
    """A DOI that arXiv gave is asked for there."""
    if reference.kind == "doi" and reference.id.startswith(ARXIV_DOI):
        return Reference("arxiv", reference.id.removeprefix(ARXIV_DOI))
    return reference


def _accounted(asked: list[Reference], items: list[ReadItem]) -> Iterator[ReadItem]:
    """What came, each under the name of the paper that was asked for, and what did not come."""
    if asked[0].kind == "page":
        yield from items
        return
    names = {_plain(one): one.name for one in asked}
    alone = asked[0].name if len(asked) == 1 else ""
    missing = dict.fromkeys(names.values())
    for item in items:
        if isinstance(item, Notice):
            yield item
            continue
        ids = tuple(_ids(item))
        name = next((names[one] for one in ids if one in names), "")
        if not name and alone and _is_another(asked[0], item):
            continue  # what was not asked for is not taken
        name = name or alone or item.source
        missing.pop(name, None)
        yield item.model_copy(update={"source": name, "line": None, "record": 1})
    for name in missing:
        yield Rejection(source=name, record=1, reason=_MISSING)


def _is_another(asked: Reference, item: Record | Rejection) -> bool:
    """True for a record with another id of the kind that was asked for."""
    if not isinstance(item, Record):
        return False
    same_kind = {
        "doi": item.doi,
        "pmid": item.details.pmid,
        "pmcid": item.details.pmcid,
        "openalex": item.details.openalex_id,
    }.get(asked.kind, item.arxiv_id)
    return same_kind is not None and same_kind != _plain(asked)


def _plain(reference: Reference) -> str:
    """An id as records have it: that of arXiv without its version."""
    if reference.kind in ("arxiv", "huggingface"):
        return normal_arxiv(reference.id) or reference.id
    return reference.id


def _ids(item: Record | Rejection) -> Iterator[str]:
    """The ids that a record has."""
    if isinstance(item, Rejection):
        yield from item.ids
        return
    details = item.details
    every = (item.arxiv_id, item.doi, details.pmid, details.pmcid, details.openalex_id)
    yield from filter(None, every)
