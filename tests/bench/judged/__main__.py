"""What quire and others read of one record, field by field: python -m tests.bench.judged FORMAT...

Reads the 40 records each of bibtex, ris, nbib and csl (all, where none is named) with quire, with
pandoc (pypandoc-binary, or the program), and with pybtex, rispy, nbib, biopython or citeproc-py,
each record as a file of its own. What they say was written down after the formats' specifications,
beside them. Prints as Markdown how many fields of each kind agree with that, and a row for each
field in which one differs, with who is right. Parsers are no part of quire; those that are not
installed are left out, and said. `--wrong` tells the rows in which quire is wrong, and no others.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

from store.errors import UnusableSource

from .judges import QUIRE_FORMATS, Fields, Judge, others, pandoc, quire, wanted
from .plain import FIELDS, plain

HERE = Path(__file__).parent


def records(kind: str) -> list[dict[str, Any]]:
    """The records of a format with what is true of them; `text` is as a program reads it."""
    found: list[dict[str, Any]] = tomllib.loads((HERE / f"{kind}.toml").read_text("utf-8"))[
        "record"
    ]
    for record in found:
        if record.get("crlf"):
            record["text"] = record["text"].replace("\n", "\r\n")
        if kind == "csl":
            record["text"] = f"[{record['text']}]"
    return found


def joined(kind: str, found: list[dict[str, Any]]) -> str:
    """All records of a format as one file."""
    if kind == "csl":
        return json.dumps([one for record in found for one in json.loads(record["text"])])
    return "\n".join(record["text"] for record in found)


def _asked(judge: Judge, record: dict[str, Any]) -> Fields:
    """What a judge reads; nothing where it refuses the record."""
    try:
        return judge(record["text"], record["name"])
    except (UnusableSource, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _cell(value: object, is_right: bool) -> str:
    if is_right:
        return "="
    text = "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "–")
    text = " ".join(text.split()).replace("|", "\\|")
    return text if len(text) <= 90 else f"{text[:87]}…"


def judges_of(kind: str) -> list[tuple[str, Judge]]:
    """Those who read a format and are here, with their versions; quire first."""
    return [("quire", quire), *filter(None, [pandoc(kind)]), *others(kind)]


def judge_format(kind: str, judges: list[tuple[str, Judge]], *, wrong_only: bool = False) -> str:
    """The table of a format, of counts and of differences, as Markdown."""
    names = [name for name, _ in judges]
    right: Counter[tuple[str, str]] = Counter()
    asked: Counter[str] = Counter()
    rows = []
    for record in records(kind):
        read = [_asked(judge, record) for _, judge in judges]
        for field in FIELDS:
            truth = plain(field, record.get(field))
            if field == "type" and truth is None:
                continue
            verdicts = [plain(field, one.get(field)) == truth for one in read]
            if truth is None and all(verdicts):
                continue
            asked[field] += 1
            right.update((name, field) for name, ok in zip(names, verdicts, strict=True) if ok)
            if not (verdicts[0] if wrong_only else all(verdicts)):
                who = [name.split()[0] for name, ok in zip(names, verdicts, strict=True) if ok]
                cells = [_cell(one.get(field), ok) for one, ok in zip(read, verdicts, strict=True)]
                told = (record["name"], field, _cell(record.get(field), False), *cells)
                rows.append((*told, " ".join(who) or "none"))
    counts = [
        (field, str(asked[field]), *(str(right[name, field]) for name in names))
        for field in FIELDS
        if asked[field]
    ]
    total = ("all", str(sum(asked.values())), *(str(_sum(right, name)) for name in names))
    absent = [one for one in ("pandoc", *wanted(kind)) if not any(n.startswith(one) for n in names)]
    return "\n".join(
        (
            f"## {kind}\n",
            *(
                [f"Not read by: {', '.join(absent)} (absent, or without a reader of it)\n"]
                * bool(absent)
            ),
            _table(("field", "compared", *names), [*counts, total]),
            _table(("record", "field", "truth", *names, "right"), rows),
        )
    )


def _sum(right: Counter[tuple[str, str]], name: str) -> int:
    return sum(count for (one, _), count in right.items() if one == name)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def main() -> None:
    """Print the tables of the formats that are named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("format", nargs="*", choices=[*QUIRE_FORMATS, []], default=[])
    parser.add_argument("--wrong", action="store_true", help="only where quire is wrong")
    asked = parser.parse_args()
    for kind in asked.format or QUIRE_FORMATS:
        sys.stdout.write(judge_format(kind, judges_of(kind), wrong_only=asked.wrong) + "\n")


if __name__ == "__main__":
    main()
