"""What names a paper at a service: "arxiv:2403.01234", "doi:10.…", "pmid:…", or an address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from store.identifiers import normal_doi
from store.pattern import pattern

Kind = Literal["arxiv", "doi", "pmid", "pmcid", "openalex", "huggingface", "page"]
"""Whose id it is; a page is an address that a service serves as it stands."""
Service = Literal["arxiv", "crossref", "datacite", "openalex", "pubmed", "huggingface"]
"""Those who are asked."""

_PREFIX = pattern(
    r"(?P<kind>arxiv|doi|pmid|pubmed|pmcid|pmc|openalex|hf|huggingface)\s*:\s*(?P<id>\S.*)",
    re.IGNORECASE,
)
_ADDRESS = pattern(r"https?://", re.IGNORECASE)
_KINDS: dict[str, Kind] = {
    "arxiv": "arxiv",
    "doi": "doi",
    "pmid": "pmid",
    "pubmed": "pmid",
    "pmcid": "pmcid",
    "pmc": "pmcid",
    "openalex": "openalex",
    "hf": "huggingface",
    "huggingface": "huggingface",
}
_ARXIV = r"(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?"
_IDS: dict[Kind, re.Pattern[str]] = {
    "arxiv": re.compile(_ARXIV, re.IGNORECASE),
    "huggingface": re.compile(_ARXIV, re.IGNORECASE),
    "pmid": re.compile(r"\d{1,9}"),
    "pmcid": re.compile(r"(?:PMC)?\d{1,9}(?:\.\d+)?", re.IGNORECASE),
    "openalex": re.compile(r"W\d{1,12}", re.IGNORECASE),
}
_ID_HOSTS: dict[str, tuple[Kind, re.Pattern[str]]] = {
    "arxiv.org": ("arxiv", re.compile(rf"/(?:abs|pdf|html|format)/({_ARXIV})(?:\.pdf)?/?", re.I)),
    "alphaxiv.org": ("arxiv", re.compile(rf"/(?:abs|overview)/({_ARXIV})/?", re.I)),
    "pubmed.ncbi.nlm.nih.gov": ("pmid", re.compile(r"/(\d{1,9})/?")),
    "pmc.ncbi.nlm.nih.gov": ("pmcid", re.compile(r"/articles/(PMC\d{1,9})/?", re.I)),
    "ncbi.nlm.nih.gov": ("pmcid", re.compile(r"/pmc/articles/(PMC\d{1,9})/?", re.I)),
    "openalex.org": ("openalex", re.compile(r"/(?:works/)?(W\d{1,12})/?", re.I)),
    "huggingface.co": ("huggingface", re.compile(rf"/papers/({_ARXIV})/?", re.I)),
}
_PAGES: dict[str, tuple[Service, re.Pattern[str]]] = {
    "export.arxiv.org": ("arxiv", re.compile(r"/api/query|/(?:rss|atom)/[\w.+-]+")),
    "rss.arxiv.org": ("arxiv", re.compile(r"/(?:rss|atom)/[\w.+-]+")),
    "api.openalex.org": ("openalex", re.compile(r"/works(?:/[\w.:/-]+)?")),
    "api.crossref.org": ("crossref", re.compile(r"/(?:works|journals|members)(?:/.*)?")),
    "api.datacite.org": ("datacite", re.compile(r"/dois(?:/.*)?")),
    "eutils.ncbi.nlm.nih.gov": ("pubmed", re.compile(r"/entrez/eutils/efetch\.fcgi")),
    "huggingface.co": (
        "huggingface",
        re.compile(r"/papers(?:/(?:trending|(?:date|week|month)/[\w-]+))?/?|/api/daily_papers/?"),
    ),
}
PAGE_HOSTS: Mapping[str, Service] = {host: service for host, (service, _) in _PAGES.items()}
"""The hosts whose pages are asked for where a reader gives their address, by service."""
_DOI_HOSTS = ("doi.org", "dx.doi.org")


@dataclass(frozen=True)
class Reference:
    """A paper, or a page of papers, at a service.

    `id` is the paper's id there, or the path of the page with its query; `service` serves the
    page. `name` is what its papers have as their source.
    """

    kind: Kind
    id: str
    service: Service | None = None
    host: str = ""

    @property
    def name(self) -> str:
        """What it is called in reports and in the provenance of its papers."""
        return f"https://{self.host}{self.id}" if self.kind == "page" else f"{self.kind}:{self.id}"


def is_reference(text: str) -> bool:
    """True for what is no path: an id with the name of its kind, or an address."""
    text = text.strip()
    return bool(_ADDRESS.match(text)) or (
        _PREFIX.fullmatch(text) is not None or normal_doi(text) is not None
    )


def reference_of(text: str) -> Reference | str:
    """The paper or page that is named, or why it is none, in words."""
    text = text.strip()
    if _ADDRESS.match(text):
        return _of_address(text)
    if found := _PREFIX.fullmatch(text):
        return _of_id(_KINDS[found["kind"].lower()], found["id"].strip())
    return _of_id("doi", text)


def _of_id(kind: Kind, text: str) -> Reference | str:
    if kind == "doi":
        doi = normal_doi(unquote(text))
        return Reference("doi", doi) if doi else f"“{text}” is no DOI"
    if _ADDRESS.match(text):
        return _of_address(text)
    if not _IDS[kind].fullmatch(text):
        return f"“{text}” is no id of the kind {kind}"
    if kind == "pmcid":
        return Reference(kind, f"PMC{text.upper().removeprefix('PMC').split('.')[0]}")
    return Reference(kind, text.upper() if kind == "openalex" else text.lower())


def _of_address(text: str) -> Reference | str:
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").lower().removeprefix("www.")
        plain = parts.port in (None, 80, 443) and "@" not in parts.netloc
    except ValueError:
        return "an address that makes no sense"
    if not plain:
        return "an address with a port or a user name, which none of the services has"
    if host in _DOI_HOSTS:
        return _of_id("doi", parts.path.lstrip("/"))
    kind, path = _ID_HOSTS.get(host.removeprefix("export."), (None, None))
    if kind and path and (found := path.fullmatch(parts.path)):
        return _of_id(kind, found[1])
    if host == "openalex.org" and (work := parse_qs(parts.query).get("id")):
        return _of_id("openalex", work[0].rpartition("/")[2])
    service, page = _PAGES.get(host, (None, None))
    if service and page and page.fullmatch(parts.path):
        query = f"?{parts.query}" if parts.query else ""
        return Reference("page", f"{parts.path}{query}", service, host)
    return (
        "an address that quire does not ask: it asks arXiv, PubMed, DOIs, OpenAlex and Hugging"
        " Face papers pages; save the page and add the file"
    )
