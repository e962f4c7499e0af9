"""What reference managers keep in a field for what has no field: "PMID: 123", a line each."""

from __future__ import annotations

from store.pattern import pattern

_LINE = pattern(r"\s*([A-Za-z][\w .-]{0,40}?)\s*[:=]\s*(\S.*)")
_NAMES = {
    "pmid": "pmid",
    "pmcid": "pmcid",
    "doi": "doi",
    "arxiv": "arxiv_id",
    "openalex": "openalex_id",
    "s2id": "s2_id",
}


def spread_extra(values: dict[str, object]) -> None:
    """Take the ids out of the value "extra"; lines that name no field become a note."""
    extra = values.pop("extra")
    if not isinstance(extra, str):
        return
    notes: list[str] = []
    for line in extra.splitlines():
        found = _LINE.fullmatch(line)
        if not found:
            notes.append(line)
        elif name := _NAMES.get(found[1].casefold()):
            # Zotero writes an archive behind the id: "2104.00011 [cs]".
            values.setdefault(name, found[2].split(" [")[0].strip())
    if note := "\n".join(notes).strip():
        values.setdefault("notes", [note])
