#!/usr/bin/env bash
# pypdfium2 (PyPI, 5.15.2): "first-order" broken at its hyphen is found neither with it nor without.
#
# A line of a paper ends in "first-" or "mea-", and one expects of the text of a page the hyphen and
# the line's end, as other extractors give them. Where letters stand on both sides, PDFium joins the
# lines and puts a sign in place of the hyphen that is no character: U+FFFE from get_text_range,
# U+0002 from get_text_bounded and per character. The same sign stands for the hyphen of a word
# ("first-order") and of a line ("mea-surement"). Those who strip control characters from text, as
# one does, make one word of "first" and "order"; U+FFFE stays in the other text, is no control
# character, and is seen by nobody. "well-known" in the middle of a line keeps its hyphen, and so
# does "10-" before "7", which stay on two lines. search() finds the broken words in no form.
#
# The script writes a page of four lines in Helvetica.
#
# Seen with pypdfium2 5.15.2, Python 3.11, Linux x86-64:
#   get_text_range: 'A first\ufffeorder well-known mea\ufffesurement of 10-\r\n7 units - ended.'
#   get_text_bounded: 'A first\x02order well-known mea\x02surement of 10-\r\n7 units - ended.'
#   without control characters: 'A firstorder well-known measurement of 10-\r\n7 units - ended.'
#   search 'first-order': no; 'firstorder': no; 'measurement': no; 'well-known': yes
# Ends with 0 as long as that is so, with 1 when it is not.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pypdfium2==5.15.2

seen=$("$folder/venv/bin/python" - <<'PYTHON'
import unicodedata

import pypdfium2

LINES = ("A first-", "order well-known mea-", "surement of 10-", "7 units - ended.")
shown = " ".join(f"({line}) Tj T*" for line in LINES)
content = f"BT /F1 12 Tf 14 TL 72 720 Td {shown} ET"
objects = (
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
    " /Resources << /Font << /F1 5 0 R >> >> >>",
    f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
)
written, offsets = "%PDF-1.4\n", []
for number, one in enumerate(objects, 1):
    offsets.append(len(written))
    written += f"{number} 0 obj\n{one}\nendobj\n"
rows = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
written += (
    f"xref\n0 6\n0000000000 65535 f \n{rows}"
    f"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{len(written)}\n%%EOF\n"
)
text = pypdfium2.PdfDocument(written.encode("latin-1"))[0].get_textpage()
bounded = text.get_text_bounded()
print(f"get_text_range: {text.get_text_range()!r}")
print(f"get_text_bounded: {bounded!r}")
plain = "".join(one for one in bounded if one.isspace() or unicodedata.category(one) != "Cc")
print(f"without control characters: {plain!r}")
found = (
    f"{word!r}: {'yes' if text.search(word).get_next() else 'no'}"
    for word in ("first-order", "firstorder", "measurement", "well-known")
)
print(f"search {'; '.join(found)}")
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
