"""What reading a format costs beside the bare parser of it, and how much memory it takes.

    python -m tests.bench.readers FORMAT [--megabytes N] [--runs N] [--peak N]

Writes a file of N MB (8) of made records, and reads it in turn with quire, cleaning included, and
with the bare parser, `--runs` times (5). Prints MB/s of CPU time, the median of each, and their
ratio. With `--peak N` a file of N MB is read in a process of its own, whose peak memory is told.
The bare parsers are no part of quire: a format whose parser is not installed is read alone.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from store.readers.registry import read_source
from store.readers.source import Source

_TEXT = """
kelp tides boats measured light under deep water shows that models of currents rank sites by depth
while earlier methods were slow and few of them held over twelve seasons of storms
"""
_WORDS = _TEXT.split()
_MEGA = 10**6


def words(draw: random.Random, count: int) -> str:
    """A sentence of so many words, without its full stop."""
    return " ".join(draw.choice(_WORDS) for _ in range(count)).capitalize()


def abstract(draw: random.Random) -> str:
    """Nine sentences, some 1 000 characters."""
    return " ".join(f"{words(draw, 18)}." for _ in range(9))


def bibtex(draw: random.Random, at: int) -> str:
    """An entry with accents, names and some LaTeX, as reference managers write it."""
    return (
        f"@article{{key{at},\n  title = {{{words(draw, 9)} of {{DNA}} and \\'etudes}},\n"
        "  author = {M{\\\"u}ller, J. K. and Garc{\\'\\i}a, Ana and van der Berg, P.},\n"
        f"  year = {{{1990 + at % 35}}},\n  month = mar,\n"
        f"  journal = {{Journal of {words(draw, 2)}}},\n"
        f"  doi = {{10.5555/abc_{at}}},\n  url = {{https://example.org/p/{at}}},\n"
        f"  abstract = {{{abstract(draw)} At 50\\% of $x^2$ \\& more {{\\'e}}t\\'e.}},\n"
        "  keywords = {kelp, tides}\n}\n\n"
    )


def row(draw: random.Random, at: int) -> str:
    """A row with quoted cells."""
    head = '"Title","Authors","Year","DOI","Abstract","Author Keywords"\n' if not at else ""
    return (
        f'{head}"{words(draw, 9)}, {at}","Müller, J. K.; García, Ana","{1990 + at % 35}",'
        f'"10.5555/abc_{at}","{abstract(draw)}","kelp; tides"\n'
    )


def _named(draw: random.Random, at: int) -> dict[str, Any]:
    """What one made paper has, under the plain names of a record.

    Of arXiv's abstracts every second has a formula, a power in it or not, every eighth a per cent
    sign of TeX, every tenth an accent or "<".
    """
    formula = "" if at % 2 else " At $x^2 = 5$ it holds." if at % 4 else " At $k$ it holds."
    share = "" if at % 8 else " It is 50\\% there."
    other = "" if at % 10 else " Müller's has $p < 5$."
    return {
        "id": f"paper-{at}",
        "title": words(draw, 9),
        "abstract": f"{abstract(draw)}{formula}{share}{other}",
        "authors": ["J. K. Müller", "Ana García", "P. van der Berg"][: 1 + at % 3],
        "year": 2015 + at % 10,
        "doi": f"10.5555/abc_{at}",
        "venue": "Journal of Kelp",
    }


def line(draw: random.Random, at: int) -> str:
    """A line of JSON."""
    return json.dumps(_named(draw, at), ensure_ascii=False) + "\n"


def snapshot(draw: random.Random, at: int) -> str:
    """A line of arXiv's metadata snapshot, whose texts are folded."""
    paper = _named(draw, at)
    year, names = paper["year"], paper["authors"]
    record = {
        "id": f"{year % 100:02}{1 + at % 12:02}.{at % 100_000:05}",
        "submitter": "Ana García",
        "authors": ", ".join(names),
        "title": textwrap.fill(paper["title"], 40, subsequent_indent="  "),
        "comments": "12 pages, 3 figures",
        "journal-ref": None,
        "doi": paper["doi"] if at % 3 else None,
        "report-no": None,
        "categories": "q-bio.PE stat.AP",
        "license": "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
        "abstract": f"  {textwrap.fill(paper['abstract'], 80)}\n",
        "versions": [{"version": "v1", "created": f"Wed, 25 Apr {year} 19:18:42 GMT"}],
        "update_date": f"{year}-05-01",
        "authors_parsed": [[*reversed(name.split(" ", 1)), ""] for name in names],
    }
    return json.dumps(record) + "\n"


def work(draw: random.Random, at: int) -> str:
    """A work on one page of OpenAlex without line ends, its abstract as an inverted index."""
    paper = _named(draw, at)
    index: dict[str, list[int]] = {}
    for place, word in enumerate(paper["abstract"].split()):
        index.setdefault(word, []).append(place)
    record = {
        "id": f"https://openalex.org/W{at}",
        "doi": f"https://doi.org/{paper['doi']}",
        "title": paper["title"],
        "publication_year": paper["year"],
        "primary_location": {"source": {"display_name": paper["venue"]}},
        "authorships": [{"author": {"display_name": name}} for name in paper["authors"]],
        "abstract_inverted_index": index,
    }
    return ("," if at else '{"meta": {"count": 9}, "results": [') + json.dumps(record)


def pubmed(draw: random.Random, at: int) -> str:
    """A record of PubMed, as long and as full of elements as those of the yearly files are."""
    paper = _named(draw, at)
    start = '<?xml version="1.0"?>\n<PubmedArticleSet>\n' if not at else ""
    day = "<Year>2019</Year><Month>11</Month><Day>06</Day>"
    texts = "".join(
        f'<AbstractText Label="{one}" NlmCategory="{one}">{words(draw, 55)} 10<sup>3</sup>, '
        f"p &lt; 0.05.</AbstractText>\n"
        for one in ("BACKGROUND", "METHODS", "RESULTS", "CONCLUSIONS")
    )
    author = (
        '<Author ValidYN="Y"><LastName>{}</LastName><ForeName>Ana M</ForeName><Initials>AM'
        "</Initials><AffiliationInfo><Affiliation>Department of Kelp and Tides, University of the "
        "Shore, Harbour 12, Sandby.</Affiliation></AffiliationInfo></Author>\n"
    )
    heading = (
        '<MeshHeading><DescriptorName UI="D0{0}" MajorTopicYN="N">Kelp {0}</DescriptorName>'
        '<QualifierName UI="Q1" MajorTopicYN="Y">growth</QualifierName></MeshHeading>\n'
    )
    told = '<PubMedPubDate PubStatus="{}">' + day + "</PubMedPubDate>\n"
    cited = (
        "<Reference><Citation>Berg K. Kelp, tides and light. J Kelp. 2010;1:{0}</Citation>"
        '<ArticleIdList><ArticleId IdType="pubmed">1{0}</ArticleId></ArticleIdList></Reference>\n'
    )
    return (
        f'{start}<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM">'
        f'<PMID Version="1">{31_000_000 + at}</PMID><DateCompleted>{day}</DateCompleted>\n'
        '<Article PubModel="Print"><Journal><ISSN IssnType="Print">0000-0001</ISSN>'
        f'<JournalIssue CitedMedium="Print"><PubDate><Year>{paper["year"]}</Year><Month>Nov</Month>'
        f"</PubDate></JournalIssue><Title>{paper['venue']}</Title></Journal><ArticleTitle>"
        f"{paper['title']} of CO<sub>2</sub></ArticleTitle>\n<Abstract>{texts}</Abstract>"
        f"<AuthorList>{''.join(author.format(n) for n in _WORDS[:6])}</AuthorList>"
        "<Language>eng</Language><PublicationTypeList><PublicationType>Journal Article"
        "</PublicationType></PublicationTypeList></Article>\n<MeshHeadingList>"
        f"{''.join(heading.format(n) for n in range(10))}</MeshHeadingList></MedlineCitation>\n"
        f"<PubmedData><History>{''.join(map(told.format, ('received', 'accepted', 'pubmed')))}"
        f'</History><ArticleIdList><ArticleId IdType="doi">{paper["doi"]}</ArticleId>'
        f"</ArticleIdList><ReferenceList>{''.join(cited.format(n) for n in range(25))}"
        "</ReferenceList></PubmedData></PubmedArticle>\n"
    )


def bare_pubmed(path: Path) -> object:
    """lxml's iterparse, each record let go once it was seen."""
    from lxml import etree

    count = 0
    for _, element in etree.iterparse(path, events=("end",), tag="PubmedArticle"):
        count += 1
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    return count


def bare_lines(path: Path) -> object:
    """json.loads of every line."""
    with path.open("rb") as file:
        return sum(1 for line in file if json.loads(line))


def bare_json(path: Path) -> object:
    """json.loads of the whole."""
    return json.loads(path.read_bytes())


def ris(draw: random.Random, at: int) -> str:
    """A record as Zotero writes it."""
    return (
        f"TY  - JOUR\nTI  - {words(draw, 9)}, {at}\nAU  - Müller, J. K.\nAU  - García, Ana\n"
        f"T2  - Journal of {words(draw, 2)}\nAB  - {abstract(draw)}\nDA  - {1990 + at % 35}/05/\n"
        f"PY  - {1990 + at % 35}\nDO  - 10.5555/abc_{at}\nVL  - 3\nIS  - 2\nSP  - 1\nEP  - 9\n"
        f"UR  - https://example.org/p/{at}\nLA  - en\nKW  - kelp\nKW  - tides\nER  - \n\n"
    )


def nbib(draw: random.Random, at: int) -> str:
    """A citation as PubMed saves it, its lines broken."""
    title, text = (
        "\n      ".join(textwrap.wrap(one, 82)) for one in (f"{words(draw, 9)}.", abstract(draw))
    )
    return (
        f"PMID- {at + 1}\nOWN - NLM\nSTAT- MEDLINE\nDP  - {1990 + at % 35} May 12\nTI  - {title}\n"
        f"LID - 10.5555/abc_{at} [doi]\nAB  - {text}\nFAU - Müller, J K\nAU  - Müller JK\n"
        "AD  - Institute of Kelp, Someplace.\nFAU - García, Ana\nAU  - García A\nLA  - eng\n"
        "PT  - Journal Article\nJT  - Journal of kelp\nMH  - *Kelp/physiology\nOT  - tides\n\n"
    )


def bare_ris(path: Path) -> object:
    """rispy as it is."""
    import rispy

    with path.open(encoding="utf-8") as file:
        return rispy.load(file)


def bare_nbib(path: Path) -> object:
    """The package nbib as it is."""
    import nbib as package

    return package.read_file(str(path))


def bare_bibtex(path: Path) -> object:
    """bibtexparser as it is, of either line of versions."""
    import bibtexparser

    parser: Any = bibtexparser
    text = path.read_text("utf-8")
    return parser.parse_string(text) if hasattr(parser, "parse_string") else parser.loads(text)


def bare_csv(path: Path) -> object:
    """The csv module, into dictionaries."""
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.DictReader(file))


@dataclass(frozen=True)
class Format:
    """How a record of a format is written, and what reads the format bare."""

    suffix: str
    record: Callable[[random.Random, int], str]
    bare: Callable[[Path], object]
    end: str = ""


FORMATS = {
    "bibtex": Format(".bib", bibtex, bare_bibtex),
    "csv": Format(".csv", row, bare_csv),
    "jsonl": Format(".jsonl", line, bare_lines),
    "openalex": Format(".json", work, bare_json, end="]}"),
    "pubmed": Format(".xml", pubmed, bare_pubmed, end="</PubmedArticleSet>\n"),
    "snapshot": Format(".json", snapshot, bare_lines),
    "nbib": Format(".nbib", nbib, bare_nbib),
    "ris": Format(".ris", ris, bare_ris),
}


def records(name: str, size: int) -> Iterator[str]:
    """Records of a format until they have so many characters."""
    draw, written, at = random.Random(1), 0, 0
    while written < size:
        record = FORMATS[name].record(draw, at)
        written += len(record)
        at += 1
        yield record
    yield FORMATS[name].end


def write(folder: Path, name: str, size: int) -> Path:
    """A file of so many bytes, more or less."""
    path = folder / f"records{FORMATS[name].suffix}"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(records(name, size))
    return path


def read(path: Path) -> int:
    """Read a file with quire; how many items came."""
    return sum(1 for _ in read_source(Source(str(path), path)))


def rate(path: Path, act: Callable[[Path], object]) -> float:
    """MB a second of CPU time."""
    began = time.process_time()
    act(path)
    return path.stat().st_size / _MEGA / (time.process_time() - began)


def compare(path: Path, name: str, runs: int) -> None:
    """Print the rates of both, in turn, and the ratio of their medians."""
    ours, bare = [], []
    for _ in range(runs):
        ours.append(rate(path, read))
        try:
            bare.append(rate(path, FORMATS[name].bare))
        except ImportError as failure:
            print(f"{name}: not compared, {failure}")
    line = f"{name}: quire {statistics.median(ours):.2f} MB/s"
    if bare:
        ratio = statistics.median(ours) / statistics.median(bare)
        line += f", bare {statistics.median(bare):.2f} MB/s, ratio {ratio:.3f}"
    print(line)


def peak(path: Path) -> None:
    """Print the peak memory of a process that reads the file and nothing else."""
    code = "import sys; from tests.bench import readers; readers.tell_peak(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)


def tell_peak(path: str) -> None:
    """Read a file in this process and print what it took."""
    count = read(Path(path))
    unit = 1 if sys.platform == "darwin" else 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / _MEGA
    size = Path(path).stat().st_size / _MEGA
    print(f"peak {most:.0f} MB over {size:.0f} MB, {count} items")


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("format", choices=sorted(FORMATS))
    parser.add_argument("--megabytes", type=float, default=8)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peak", type=float, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), asked.format, int(asked.megabytes * _MEGA))
        compare(path, asked.format, asked.runs)
        if asked.peak:
            peak(write(Path(folder), asked.format, int(asked.peak * _MEGA)))


if __name__ == "__main__":
    main()
