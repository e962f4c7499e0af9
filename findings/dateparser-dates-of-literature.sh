#!/usr/bin/env bash
# dateparser (PyPI, 1.5.0): "the 90s" is a minute and a half ago, a percentage is a day in March.
#
# dateparser reads human dates, and search_dates finds them in running text: what one would take to
# see which years a question about papers means. In the words of this field it finds moments that
# are none. A decade is read as seconds before now; "3.1%" is the first of March and "0.61" no date;
# an arXiv identifier is a day in the year 2306; "2020-13" is the thirteenth of November, today's
# month put in. Of the dates that PubMed prints "2021 Mar" is read and "2021 Mar-Apr" is not; a
# season is refused by parse, and search_dates then takes its bare year, with today's day and month,
# which looks the same as a date that was written out. A range of years is nothing at all.
#
# "Now" is set to noon of 15 June 2026 here, English is the language.
#
# Seen with dateparser 1.5.0, Python 3.11, Linux x86-64:
#   search 'models of the 90s': 'of the 90s' 2026-06-15 11:58:30
#   search 'what does 2306.01006 report': '2306' 2306-06-15 00:00:00
#   search 'papers of Spring 2024': '2024' 2024-06-15 00:00:00
#   search 'between 1998-2001': nothing
#   parse '3.1%': 2026-03-01 00:00:00
#   parse '2020-13': 2020-06-13 00:00:00
#   parse '2021 Mar': 2021-03-15 00:00:00
#   parse '2021 Mar-Apr': None
#   parse 'Spring 2024': None
# Ends with 0 as long as that is so, with 1 when it is not.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check dateparser==1.5.0

seen=$("$folder/venv/bin/python" -W ignore - <<'PYTHON'
from datetime import datetime

import dateparser
from dateparser.search import search_dates

NOW = {"RELATIVE_BASE": datetime(2026, 6, 15, 12)}
for text in (
    "models of the 90s", "what does 2306.01006 report", "papers of Spring 2024", "between 1998-2001"
):
    found = search_dates(text, languages=["en"], settings=NOW)
    shown = ", ".join(f"{words!r} {when}" for words, when in found) if found else "nothing"
    print(f"search {text!r}: {shown}")
for text in ("3.1%", "2020-13", "2021 Mar", "2021 Mar-Apr", "Spring 2024"):
    print(f"parse {text!r}: {dateparser.parse(text, languages=['en'], settings=NOW)}")
PYTHON
)
echo "$seen"

expected=$(sed -n '/^# Seen with/,/^# Ends with/p' "$0" | sed '1d;$d;s/^#   //')
if [ "$seen" = "$expected" ]; then
    echo "as described"
else
    echo "changed"
    exit 1
fi
