"""arXiv ids that a table program took for numbers: 704.3391 is 0704.3391, 2104.0001 2104.00010.

An id is the year and the month of two digits each, a point, and a number of four digits until
December 2014, of five since (info.arxiv.org/help/arxiv_identifier.html). So zeros lost at either
end can only have stood in one place. A text without them may have been cut otherwise: it is taken
where the month of the first version, which an id follows, or the DOI say so too.
"""

from __future__ import annotations

from store.clean import shorten
from store.identifiers import ARXIV_DOI
from store.pattern import pattern
from store.readers.values.dates import when

_NUMBER = pattern(r"(\d{1,4})\.(\d{1,5})")
_MONTH = pattern(r"(20\d\d)-(\d\d)")
_FIRST, _FIVE_DIGITS = 704, 1501


def restored(values: dict[str, object], said: list[str]) -> None:
    """Give an arXiv id its zeros again, or leave it out; `said` gets what was done."""
    given = values["arxiv_id"]
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        return
    text = given.strip() if isinstance(given, str) else _written(given)
    found = _NUMBER.fullmatch(text)
    if isinstance(given, str) and not found:
        return
    arxiv_id = _id_of(found[1], found[2]) if found else None
    if arxiv_id == text and isinstance(given, str):
        return
    if arxiv_id and not _is_sure(arxiv_id, given, values):
        arxiv_id = None
    if arxiv_id is None:
        said.append(f"field “arxiv_id” left out, a number and no arXiv id: {text}")
        del values["arxiv_id"]
    else:
        if arxiv_id != text:
            said.append(f"arXiv id {arxiv_id}, where the source has the number {text}")
        values["arxiv_id"] = arxiv_id
    if values.get("id") == given:
        values["id"] = arxiv_id or text


def _is_sure(arxiv_id: str, given: object, values: dict[str, object]) -> bool:
    """True for a number, and for a text where the date or the DOI agree; a DOI may deny both."""
    doi = str(values.get("doi")).casefold()
    if ARXIV_DOI in doi:
        return doi.endswith(ARXIV_DOI + arxiv_id)
    if not isinstance(given, str):
        return True
    found = _MONTH.match(when(values.get("date")).date or "")
    if not found:
        return False
    months = (int(found[1]) - 2000) * 12 + int(found[2])
    return 0 <= int(arxiv_id[:2]) * 12 + int(arxiv_id[2:4]) - months <= 1


def _written(number: float) -> str:
    return shorten(str(number), 40)


def _id_of(whole: str, fraction: str) -> str | None:
    month = int(whole) % 100
    if int(whole) < _FIRST or not 1 <= month <= 12:
        return None
    digits = 5 if int(whole) >= _FIVE_DIGITS else 4
    number = fraction.ljust(digits, "0")
    if len(number) > digits or not int(number):
        return None
    return f"{whole.zfill(4)}.{number}"
