"""What the paragraphs of one citation are, told by their places and shapes.

The order is fixed: journal and date, title, a note in brackets, authors, their affiliations and
what belongs to the citation (comments, errata), the abstract, a copyright, identifiers, and what
follows these. Only title and identifiers are always there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from store.pattern import pattern
from store.readers.pubmed_text.citations import Citation, Paragraph
from store.tables import read_table

_JOURNAL = pattern(r"(.+?)\.\s+((?:1[89]|20)\d\d(?:[ -][^;:.(]*)?)(?=[;:.(]|\Z)")
_YEAR = pattern(r"\b(?:1[89]|20)\d\d\b")
_BOOK = pattern(r"In: (.+)", re.DOTALL)
_BRACKETS = pattern(r"\[[^\[\]]*\]\.?")
_LANGUAGE = pattern(r"\[Article in ([^;,\]]+)")
_MARKS = pattern(r"\((?:\d+|#|\*)\)|[#*†‡§]")
_NAME = pattern(
    r"[^\W\d_][\w'’.\-]*(?: [^\W\d_][\w'’.\-]*){0,5} [^\W\d_a-zß-öø-ÿ]{1,5}"
    r"(?: (?:Jr|Sr|1st|2nd|3rd|\dth|II|III|IV)\.?)?"
)
_NAMES_AT_LEAST = 0.7
_LONGEST_GROUP = 200
_LONGEST_COPYRIGHT = 500
_SENTENCES = pattern(r"[.?!:] \S")
_LABEL = pattern(r"([A-Z][\w -]{2,40}?)(?:\(\d+\))?:(?:\s|\Z)")
_RELATION = pattern(r"[A-Z][a-z]+(?: [a-z]+){0,4}:?")


@dataclass(slots=True)
class Parts:
    """What a citation says, under standard names, and abstracts besides the first."""

    values: dict[str, object] = field(default_factory=dict)
    other_abstracts: list[str] = field(default_factory=list)


def parts_of(citation: Citation) -> Parts:
    """Sort the paragraphs of a citation."""
    head, *rest = citation.paragraphs
    values = _citation(head.text)
    if "date" not in values and rest and _is_names(rest[0].text):
        values = {"title": head.text}  # a chapter of a book has no journal above its title
    elif rest:
        values["title"] = rest.pop(0).text
    parts = Parts(values)
    texts = _without_known(rest, parts)
    texts = _without_authors(texts, parts.values)
    if texts and _is_copyright(texts[-1].text):
        texts.pop()
    own = [one for one in texts if not _other_kind(one.text)]
    other = [one.text.partition(": ")[2] for one in texts if _other_kind(one.text)]
    if not own:
        own_text, other = "".join(other[:1]), other[1:]
    else:
        own_text = "\n\n".join("\n".join(one.lines) for one in own)
    parts.values["abstract"], parts.other_abstracts = own_text, other
    return parts


def _citation(text: str) -> dict[str, object]:
    found = _JOURNAL.match(text)
    if not found:
        return {"venue": text.partition(". ")[0]}
    return {"venue": found[1], "date": found[2].strip()}


def _without_known(paragraphs: list[Paragraph], parts: Parts) -> list[Paragraph]:
    """The paragraphs before the identifiers that no label and no shape tells apart."""
    texts: list[Paragraph] = []
    values = parts.values
    for index, paragraph in enumerate(paragraphs):
        if identifiers := paragraph.identifiers:
            names = {"DOI": "doi", "PMCID": "pmcid", "PMID": "pmid"}
            values |= {names[key]: one for key, one in identifiers.items() if key in names}
            values["id"] = values.get("pmid")
            if "PMID" in identifiers:
                for after in paragraphs[index + 1 :]:
                    _note_retraction(_relations(after), values)
                break
        elif relations := _relations(paragraph):
            _note_retraction(relations, values)
        elif _BRACKETS.fullmatch(paragraph.text):
            if found := _LANGUAGE.match(paragraph.text):
                values["language"] = found[1].strip()
        elif found := _BOOK.match(paragraph.text):
            values["venue"] = found[1].partition(". ")[0]
            if year := _YEAR.search(found[1]):
                values["date"] = year[0]
        elif _label(paragraph) == "keywords":
            values["keywords"] = paragraph.text.partition(":")[2].split(";")
        elif _label(paragraph) not in _table()["passed"]:
            texts.append(paragraph)
        elif _label(paragraph) == "author information" and len(texts) == 1:
            # Affiliations follow the authors, whatever the shape of their names.
            values["authors"] = _names(texts.pop().text)
    return texts


def _note_retraction(relations: list[str], values: dict[str, object]) -> None:
    if any(one.casefold().startswith(_table()["retracted"]) for one in relations):
        values["retracted"] = True


def _without_authors(texts: list[Paragraph], values: dict[str, object]) -> list[Paragraph]:
    """The paragraphs after the authors, who stand first where they are named."""
    if "authors" in values or not texts:
        return texts
    first = texts[0].text
    is_group = len(first) <= _LONGEST_GROUP and not _SENTENCES.search(first)
    if _is_names(first) or is_group:
        values["authors"] = _names(first)
        return texts[1:]
    return texts


def _is_names(text: str) -> bool:
    """True for names as PubMed writes them: a family name, then initials, with commas between."""
    names = [one.strip() for one in _bare(text).partition(";")[0].split(",")]
    shaped = sum(_NAME.fullmatch(one) is not None for one in names)
    return shaped >= _NAMES_AT_LEAST * len(names)


def _names(text: str) -> list[str]:
    names = (part.strip() for group in _bare(text).split(";") for part in group.split(","))
    return [name.removeprefix("and ") for name in names if name]


def _bare(text: str) -> str:
    return _MARKS.sub("", text).strip().removesuffix(".")


def _relations(paragraph: Paragraph) -> list[str]:
    """How other citations are tied to this one: a line each, and the citations indented below."""
    first, last = paragraph.lines[0], paragraph.lines[-1]
    if first[:1].isspace() or not last[:2].isspace():
        return []
    ties = [line for line in paragraph.lines if not line[:2].isspace()]
    return ties if all(map(_RELATION.fullmatch, ties)) else []


def _label(paragraph: Paragraph) -> str:
    found = _LABEL.match(paragraph.lines[0])
    return found[1].casefold() if found else ""


def _other_kind(text: str) -> bool:
    """True for an abstract that is marked as another one than the authors' in English."""
    label, colon, _ = text.partition(": ")
    return bool(colon) and label in _table()["other_abstracts"]


def _is_copyright(text: str) -> bool:
    return len(text) <= _LONGEST_COPYRIGHT and bool(_copyright().search(text))


@cache
def _copyright() -> re.Pattern[str]:
    return re.compile("|".join(_table()["copyright"]), re.IGNORECASE)


@cache
def _table() -> dict[str, tuple[str, ...]]:
    return {key: tuple(one) for key, one in read_table(__file__, "paragraphs.toml").items()}
