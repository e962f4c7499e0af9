#!/usr/bin/env bash
# pandoc (in pypandoc_binary from PyPI, 1.10: pandoc 2.19.2): "[@key][^1]" is no citation in brackets.
#
# A sentence that is cited and has a footnote is written "A claim [@smith][^1]." in Markdown. One
# expects "(Smith 2020)" and the mark of the footnote, since "[@smith]" is a citation in brackets
# and "[^1]" a footnote, each by the manual. Pandoc 2.19.2, and 2.17 as Debian 12 has it, take the
# two for the text and the label of a reference link that is not there: the brackets stay as
# letters, and what is between them is read as the citation of an author in the text:
# "[Smith (2020)]". No warning, and no way to see it but to read the output; in a style of numbers
# the author's name appears where a number should. With a blank or a full stop between the two, and
# in pandoc 3.6 and later, it is as expected.
#
# The script gives one item of references in the document's own metadata.
#
# Seen with pypandoc_binary 1.10 and 1.17, Linux x86-64:
#   2.19.2: A claim [Smith (2020)][1]. Blank (Smith 2020) [2]. Stop (Smith 2020).[3]
#   3.9: A claim (Smith 2020)[1]. Blank (Smith 2020) [2]. Stop (Smith 2020).[3]
# Ends with 0 as long as that is so, with 1 when it is not.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/text.md" <<'MARKDOWN'
---
references:
- id: smith
  type: book
  title: Tides
  author: [{family: Smith, given: A.}]
  issued: 2020
---

A claim [@smith][^1]. Blank [@smith] [^1]. Stop [@smith].[^1]

[^1]: A note.
MARKDOWN

written() {
    python3 -m venv "$folder/$1"
    "$folder/$1/bin/pip" install --quiet --disable-pip-version-check "$2"
    pandoc=$("$folder/$1/bin/python" -c 'import pypandoc; print(pypandoc.get_pandoc_path())')
    version=$("$pandoc" --version | sed -n '1s/^pandoc //p')
    echo "$version: $("$pandoc" "$folder/text.md" --citeproc -t plain --wrap=none | sed -n 1p)"
}

seen=$(
    written before pypandoc_binary==1.10
    written after pypandoc_binary==1.17
)
echo "$seen"

expected=$(sed -n '/^# Seen with/,/^# Ends with/p' "$0" | sed '1d;$d;s/^#   //')
if [ "$seen" = "$expected" ]; then
    echo "as described"
else
    echo "changed"
    exit 1
fi
