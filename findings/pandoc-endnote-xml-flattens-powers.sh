#!/usr/bin/env bash
# pandoc (PyPI, pypandoc-binary 1.17: pandoc 3.9): of EndNote XML, 10³ kg is read as 103 kg.
#
# EndNote's XML says by <style face="superscript"> what is raised. pandoc knows superscripts in all
# its formats, and CSL-JSON has <sup> for them: read from BibTeX the same title keeps its power. The
# reader of EndNote XML takes the text of the styles and drops their faces, so that a number becomes
# another number, without a warning, in title and abstract: 10³ is 103, 4.1 × 10⁻⁶ is 4.1 × 10-6,
# ¹³C is 13C, R² is R2. The record also arrives without its DOI (electronic-resource-num), its
# address, keywords and language, and of "Feb 3" of 2020 with the year alone.
#
# The record has the elements and attributes that EndNote 20 writes, by its own DTD.
#
# Seen with pandoc 3.9, Python 3.11, Linux x86-64:
#   EndNote XML, title: Loss of 103 kg of 13C
#   EndNote XML, abstract: Uptake was 4.1 x 10-6 mol (R2 = .9).
#   EndNote XML, issued: [[2020]]
#   EndNote XML, not there: DOI URL keyword language
#   BibTeX, title: Loss of 10<sup>3</sup> kg of <sup>13</sup>C
#   BibTeX, abstract: Uptake was 4.1 x 10<sup>-6</sup> mol (R<sup>2</sup> = .9).
#   BibTeX, issued: [[2020, 2, 3]]
#   BibTeX, not there: nothing
# Ends with 0 as long as that is so, with 1 when it is not.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pypandoc-binary==1.17

seen=$("$folder/venv/bin/python" - <<'PYTHON'
import json

import pypandoc


def styled(*parts):
    return "".join(
        f'<style face="{face}" font="default" size="100%">{text}</style>' for face, text in parts
    )


def normal(text):
    return styled(("normal", text))


title = styled(
    ("normal", "Loss of 10"), ("superscript", "3"), ("normal", " kg of "),
    ("superscript", "13"), ("normal", "C"),
)
abstract = styled(
    ("normal", "Uptake was 4.1 x 10"), ("superscript", "-6"), ("normal", " mol (R"),
    ("superscript", "2"), ("normal", " = .9)."),
)
endnote = f"""<?xml version="1.0" encoding="UTF-8"?>
<xml><records><record>
<database name="x.enl" path="x.enl">x.enl</database>
<source-app name="EndNote" version="20.1">EndNote</source-app>
<rec-number>12</rec-number>
<ref-type name="Journal Article">17</ref-type>
<contributors><authors><author>{normal("Berg, Anna")}</author></authors></contributors>
<titles><title>{title}</title><secondary-title>{normal("Kelp")}</secondary-title></titles>
<periodical><full-title>{normal("Kelp")}</full-title></periodical>
<keywords><keyword>{normal("kelp")}</keyword><keyword>{normal("ice")}</keyword></keywords>
<dates><year>{normal("2020")}</year><pub-dates><date>{normal("Feb 3")}</date></pub-dates></dates>
<electronic-resource-num>{normal("10.5555/kelp.1")}</electronic-resource-num>
<abstract>{abstract}</abstract>
<language>{normal("en")}</language>
<urls><related-urls><url>{normal("https://example.org/1")}</url></related-urls></urls>
</record></records></xml>"""
bibtex = r"""@article{12,
  author = {Berg, Anna}, journal = {Kelp}, date = {2020-02-03}, keywords = {kelp, ice},
  title = {Loss of 10\textsuperscript{3} kg of \textsuperscript{13}{C}},
  abstract = {Uptake was 4.1 x 10\textsuperscript{-6} mol (R\textsuperscript{2} = .9).},
  doi = {10.5555/kelp.1}, langid = {english},
  url = {https://example.org/1},
}"""
for name, form, text in (("EndNote XML", "endnotexml", endnote), ("BibTeX", "biblatex", bibtex)):
    item = json.loads(pypandoc.convert_text(text, "csljson", format=form))[0]
    print(f"{name}, title: {item['title']}")
    print(f"{name}, abstract: {item['abstract']}")
    print(f"{name}, issued: {item['issued']['date-parts']}")
    lost = [key for key in ("DOI", "URL", "keyword", "language") if key not in item]
    print(f"{name}, not there: {' '.join(lost) or 'nothing'}")
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
