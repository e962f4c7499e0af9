"""PDFs that the tests write: lines of Helvetica at given places, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Put:
    """A line of text: its place from the lower left corner, in points, its size and weight."""

    text: str
    x: float
    y: float
    size: float = 10
    bold: bool = False
    page: int = 1


def pdf(lines: Sequence[Put], title: str = "", author: str = "") -> bytes:
    """A PDF with these lines (Latin-1), and what its metadata says."""
    pages = max((one.page for one in lines), default=1)
    kids = " ".join(f"{6 + 2 * number} 0 R" for number in range(pages))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {pages} /Kids [{kids}] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        f"<< /Title ({_escaped(title)}) /Author ({_escaped(author)}) >>",
    ]
    for number in range(1, pages + 1):
        said = "".join(
            f"BT /F{1 + one.bold} {one.size} Tf {one.x} {one.y} Td ({_escaped(one.text)}) Tj ET\n"
            for one in lines
            if one.page == number
        )
        content = 5 + 2 * number
        objects += [
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources"
            f" << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents {content} 0 R >>",
            f"<< /Length {len(said)} >>\nstream\n{said}endstream",
        ]
    return _file(objects)


def _file(objects: list[str]) -> bytes:
    whole = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(whole))
        whole += f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252")
    start = len(whole)
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    whole += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    trailer = f"<< /Size {len(objects) + 1} /Root 1 0 R /Info 5 0 R >>"
    return whole + f"trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n".encode()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
