"""The identifiers of a record, from fields of their own and from what else holds them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from store.clean import clean_line
from store.identifiers import (
    ARXIV_DOI,
    arxiv_in,
    arxiv_of,
    doi_in,
    doi_in_address,
    normal_openalex,
    normal_pmcid,
    normal_pmid,
    normal_s2,
    pmid_named,
)
from store.pattern import pattern
from store.readers.values.plain import (
    DEPTH_LIMIT,
    FIELD_LIMIT,
    LeftOut,
    bare,
    by_bare_key,
    is_nothing,
    text_of,
    texts_of,
)

_HTTP = pattern(r"https?://[^\s/]+\.[^\s/]+\S*\Z", re.IGNORECASE)
_NO_SCHEME = pattern(r"(?:www\.[^\s/.]+\.|(?:dx\.)?doi\.org/|arxiv\.org/)\S+\Z", re.IGNORECASE)
_NO_ID = pattern(r"\s*(?:null|nan|n\.?/?a\.?|-+|—)?\s*", re.IGNORECASE)
# A line of Zotero's "extra" or of a note that is nothing but one identifier.
_ID_LINE = pattern(
    r"^[ \t]*(doi|pmid|pmcid|arxiv|openalex|s2id|semantic ?scholar(?: id)?)[ \t]*:[ \t]*(\S{1,300})"
    r"(?:[ \t]*\[[\w.-]+\])?[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
# The names of identifiers, in their bare form, in lists and objects of them.
_KINDS = {
    "doi": "doi",
    "arxiv": "arxiv_id",
    "arxivid": "arxiv_id",
    "eprint": "arxiv_id",
    "pmid": "pmid",
    "pubmed": "pmid",
    "pubmedid": "pmid",
    "medline": "pmid",
    "pmc": "pmcid",
    "pmcid": "pmcid",
    "pubmedcentral": "pmcid",
    "openalex": "openalex_id",
    "openalexid": "openalex_id",
    "s2": "s2_id",
    "s2id": "s2_id",
    "paperid": "s2_id",
    "semanticscholar": "s2_id",
    "semanticscholarid": "s2_id",
}
_KIND_KEYS = ("type", "idtype", "pubidtype", "articleidtype", "scheme", "kind", "identifiertype")
# One of these stands in every text that says which identifier it is.
_NAMED_BY = (".", "/", "pmid", "med", "pmc", "openalex")
OWN = ("doi", "arxiv_id", "pmid", "pmcid", "openalex_id", "s2_id")


@dataclass(slots=True)
class Identifiers:
    """What identifies a paper; each is kept as it was first given."""

    doi: str | None = None
    arxiv_id: str | None = None
    arxiv_version: int | None = None
    pmid: str | None = None
    pmcid: str | None = None
    openalex_id: str | None = None
    s2_id: str | None = None
    url: str | None = None
    source_id: str | None = None
    said: LeftOut = field(default_factory=LeftOut)

    def take_own(self, name: str, value: object) -> None:
        """Read the field of one identifier; say it where it holds something else."""
        if isinstance(value, str) and self._take(name, value):
            return
        found = False
        for text in texts_of(value, bare(name), "id"):
            found = found or self._take(name, text)
        if not found and not all(map(_NO_ID.fullmatch, _texts_or_value(value))):
            self.said.leave_out(name, value)

    def take_url(self, value: object) -> None:
        """Read addresses: the first is kept, and any may hold an identifier."""
        odd: object = None
        for text in map(clean_line, texts_of(value, "url", "href", "link", "id")):
            address = text if _HTTP.match(text) else ""
            if not address and _NO_SCHEME.match(text):
                address = f"https://{text}"
            if address and len(address) <= FIELD_LIMIT:
                self.url = self.url or address
                self.take_address(address)
            elif not self.take_named(text) and not _NO_ID.fullmatch(text):
                odd = odd or text
        if odd and not self.url:
            self.said.leave_out("url", odd)

    def take_id(self, value: object) -> None:
        """Read the id that the source uses, or a list or an object of several."""
        if isinstance(value, dict | list | tuple):
            self.take_several(value)
            return
        text = clean_line(text_of(value))
        if not text or len(text) > FIELD_LIMIT:
            if not is_nothing(value) and text_of(value) != "":
                self.said.leave_out("id", value)
            return
        if _NO_ID.fullmatch(text):  # one id for all that have none would make them one paper
            return
        self.source_id = text
        if text.startswith(("http:", "https:")):
            self.take_address(text)
        else:
            self.take_named(text)

    def take_notes(self, notes: Iterable[str]) -> None:
        """Read lines of notes that are nothing but an identifier and its name."""
        for note in notes:
            if ":" in note:
                for found in _ID_LINE.finditer(note):
                    self._take(_KINDS.get(bare(found[1]), ""), found[2])

    def take_address(self, text: str) -> None:
        """Read the identifiers that an address holds."""
        self.doi = self.doi or doi_in_address(text)
        if "arxiv" in text.lower() or "huggingface" in text:
            self._take("arxiv_id", text)
        self.pmid = self.pmid or pmid_named(text)
        self.pmcid = self.pmcid or normal_pmcid(text)
        if "openalex" in text:
            self.openalex_id = self.openalex_id or normal_openalex(text)
        if "semanticscholar" in text:
            self.s2_id = self.s2_id or normal_s2(text)

    def take_named(self, text: str) -> bool:
        """Read a text that says by its form which identifier it is; False when it is none."""
        low = text.lower()
        if not any(map(low.__contains__, _NAMED_BY)):
            return False
        before = (self.doi, self.arxiv_id, self.pmid, self.pmcid, self.openalex_id)
        if ("." in text or "/" in text) and (found := arxiv_of(text)):
            self._take_arxiv(found.id, found.version)
            return True
        if text.isdigit():
            return False
        if "10." in text:
            self.doi = self.doi or doi_in_address(text)
        if "pmid" in low or "med" in low:
            self.pmid = self.pmid or pmid_named(text)
        if "pmc" in low:
            self.pmcid = self.pmcid or normal_pmcid(text)
        if "openalex" in low:
            self.openalex_id = self.openalex_id or normal_openalex(text)
        return before != (self.doi, self.arxiv_id, self.pmid, self.pmcid, self.openalex_id)

    def settle(self) -> None:
        """Read what one identifier says of another: arXiv's own DOIs name the id."""
        of_arxiv = self.doi and self.doi.startswith(ARXIV_DOI)
        if of_arxiv and (found := arxiv_of(self.doi or "")):
            self._take_arxiv(found.id, found.version)
            self.doi = f"{ARXIV_DOI}{found.id}"

    def _take(self, name: str, text: str) -> bool:
        if len(text) > FIELD_LIMIT:
            return False
        match name:
            case "doi":
                found = doi_in(text)
                self.doi = self.doi or found
            case "arxiv_id":
                arxiv = arxiv_in(text) or arxiv_in(text.replace(" ", ""))
                if arxiv:
                    self._take_arxiv(arxiv.id, arxiv.version)
                return arxiv is not None
            case "pmid":
                found = normal_pmid(text)
                self.pmid = self.pmid or found
            case "pmcid":
                found = normal_pmcid(text) or normal_pmcid(f"PMC{text}")
                self.pmcid = self.pmcid or found
            case "openalex_id":
                found = normal_openalex(text)
                self.openalex_id = self.openalex_id or found
            case "s2_id":
                found = normal_s2(text)
                self.s2_id = self.s2_id or found
            case _:
                found = None
        return found is not None

    def _take_arxiv(self, name: str, version: int | None) -> None:
        if self.arxiv_id is None:
            self.arxiv_id = name
        if version and name == self.arxiv_id:
            self.arxiv_version = max(version, self.arxiv_version or 0)

    def take_several(self, value: object, depth: int = DEPTH_LIMIT) -> None:
        """Read a list of identifiers, or an object of them."""
        if isinstance(value, list | tuple) and depth:
            for one in value:
                self.take_several(one, depth - 1)
        elif isinstance(value, dict):
            for kind, text in _kinds_of(by_bare_key(value)):
                self._take(_KINDS.get(kind, ""), text)
        elif text := clean_line(text_of(value)):
            if text.startswith("http"):
                self.take_address(text)
            else:
                self.take_named(text)


def _kinds_of(parts: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """The kinds and texts of an object of identifiers, or of one that says which it is."""
    kind = next((text_of(parts[key]) for key in _KIND_KEYS if key in parts), "")
    if kind:
        yield bare(kind), text_of(parts, "id", "value", "identifier")
        return
    for key, value in parts.items():
        if key in _KINDS:
            yield key, text_of(value)


def _texts_or_value(value: object) -> list[str]:
    """The texts of a value, or that there is something that has none."""
    if is_nothing(value) or value is False:
        return []
    return list(texts_of(value)) or ([] if isinstance(value, str) else ["?!x"])
