#!/usr/bin/env bash
# markdown-it-py (PyPI, 4.0.0): a mark from the private use area, put behind a sentence, ends its bold.
#
# Who annotates a text before it is rendered (signs, citations, highlights) puts marks into it that no
# author writes: letters of the private use area, or a zero-width space, and takes them out of the
# tokens afterwards. One expects such a mark to change nothing. By the rules of CommonMark asterisks
# behind a full stop close emphasis only where a space or punctuation follows, and these are neither:
# "**Kelp grows.**" with a mark behind it is shown with its asterisks. A mark that Unicode counts
# as punctuation, of a script that nobody writes, changes nothing, at either end.
#
# The script renders one bold sentence with four kinds of marks behind it.
#
# Seen with markdown-it-py 4.0.0, Python 3.11, Linux x86-64:
#   none: <strong>Kelp grows.</strong> So
#   U+E000 (private use): **Kelp grows.** So
#   U+200B (zero-width space): **Kelp grows.** So
#   U+1DA87 (punctuation): <strong>Kelp grows.</strong> So
# Ends with 0 as long as that is so, with 1 when it is not.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check markdown-it-py==4.0.0

cat > "$folder/marks.py" <<'PYTHON'
from markdown_it import MarkdownIt

MARKS = {
    "none": "",
    "U+E000 (private use)": "\ue000",
    "U+200B (zero-width space)": "\u200b",
    "U+1DA87 (punctuation)": "\U0001da87",
}

for name, mark in MARKS.items():
    shown = MarkdownIt().render(f"**Kelp grows.**{mark} So").strip()
    print(f"{name}: {shown.removeprefix('<p>').removesuffix('</p>').replace(mark, '')}")
PYTHON

seen=$("$folder/venv/bin/python" "$folder/marks.py")
echo "$seen"
expected=$(sed -n '/^# Seen with/,/^# Ends with/p' "$0" | sed '1d;$d;s/^#   //')
if [ "$seen" != "$expected" ]; then
    echo "changed: marks beside emphasis are read otherwise"
    exit 1
fi
