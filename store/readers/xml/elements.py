"""What is asked of elements: names without prefixes, text, and text with its inline tags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from xml.etree.ElementTree import Element

from store.readers.xml.parser import Around, local

MATHML = "http://www.w3.org/1998/Math/MathML"
# Whose titles and descriptions are of pictures and programmes, beside those of the paper.
_KEPT_APART: Mapping[str, str] = MappingProxyType(
    {
        MATHML: "mml",
        "http://search.yahoo.com/mrss/": "media",
        "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    }
)
_DECLARES = "xmlns"


def plain_names(element: Element, around: Around) -> Element:
    """The element, its tags and their attributes without prefixes, "mml:" before MathML alone.

    Prefixes are looked up where they are declared: a program may choose any.
    """
    spaces: dict[str, str] = {}
    for _, given in around:
        spaces = _declared(spaces, given)
    _rename(element, spaces)
    return element


def _rename(element: Element, spaces: dict[str, str]) -> None:
    given = element.attrib
    if given:
        spaces = _declared(spaces, given)
        renamed = {
            name if name.startswith("xml:") else local(name): value
            for name, value in given.items()
            if not name.startswith(_DECLARES)
        }
        element.attrib.clear()
        element.attrib.update(renamed)
    prefix, colon, name = element.tag.rpartition(":")
    kept = _KEPT_APART.get(spaces.get(prefix, ""))
    if kept:
        element.tag = f"{kept}:{name}"
    elif colon and (prefix in spaces or prefix not in _KEPT_APART.values()):
        element.tag = name
    for child in element:
        _rename(child, spaces)


def _declared(spaces: dict[str, str], given: Mapping[str, str]) -> dict[str, str]:
    new = {
        name.removeprefix(_DECLARES).removeprefix(":"): value
        for name, value in given.items()
        if name.startswith(_DECLARES)
    }
    return {**spaces, **new} if new else spaces


def text_of(element: Element | None) -> str:
    """The text of an element with that of all in it, or ""."""
    if element is None:
        return ""
    return "".join(element.itertext()) if len(element) else element.text or ""


def texts(parent: Element, path: str) -> list[str]:
    """The texts of all elements on a path."""
    return [text_of(one) for one in _on(parent, path)]


def first(parent: Element, *paths: str) -> str:
    """The text of the first element on any of these paths that has one, or ""."""
    for path in paths:
        for one in _on(parent, path):
            if (text := text_of(one)) and not text.isspace():
                return text
    return ""


def _on(parent: Element, path: str) -> Iterable[Element]:
    # The paths of `xml.etree` take twice the time.
    if "/" not in path:
        return parent.findall(path)
    found = [parent]
    for name in path.split("/"):
        found = [child for one in found for child in one.findall(name)]
    return found


def markup_of(element: Element | None) -> str:
    """The inside of an element as it is written: text with entities, inline tags as tags."""
    if element is None:
        return ""
    return "".join(_written(element)) if len(element) else _escaped(element.text)


def _written(element: Element) -> Iterator[str]:
    yield _escaped(element.text)
    for child in element:
        tag = child.tag
        given = "".join(
            f' {name}="{_escaped(value).replace(chr(34), "&quot;")}"'
            for name, value in child.attrib.items()
        )
        yield f"<{tag}{given}>"
        if len(child):
            yield from _written(child)
        else:
            yield _escaped(child.text)
        yield f"</{tag}>"
        yield _escaped(child.tail)


def _escaped(text: str | None) -> str:
    if not text:
        return ""
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    return text.replace(">", "&gt;") if ">" in text else text
