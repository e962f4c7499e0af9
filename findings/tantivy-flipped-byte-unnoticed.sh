#!/usr/bin/env bash
# tantivy (PyPI, 0.27.0): one flipped byte in an index is not noticed when it is opened and
# searched, though each of its files ends in a CRC32 of what stands before.
#
# Every file of an index carries a footer with a checksum of its body; the Rust library compares
# the two in Index::validate_checksum. Opening, searching and reading a document do not, and the
# Python package has no method that does: whoever uses it is not told, and gets other scores and
# other texts.
#
# The script makes an index of three documents, changes
#   1. one byte of the file of lengths (.fieldnorm): another document comes first,
#   2. one letter of a stored text (.store): another word comes back,
# and opens and searches the index each time in a process of its own. Both are harmless: every byte
# is a length, and a letter of a text is any byte.
#
# Seen with tantivy 0.27.0 (index format 7), Python 3.11, Linux x86-64:
#   methods of Index that check: none
#   whole: [('short', 0.689), ('long', 0.304)] 'a zebra'
#   .fieldnorm: CRC32 of the body differs from the footer's
#   .fieldnorm: [('long', 0.304), ('short', 0.195)] 'a zebra'
#   .store: CRC32 of the body differs from the footer's
#   .store: [('short', 0.689), ('long', 0.304)] 'a cebra'
#   a flipped byte goes unnoticed
#
# Ends with 0 as long as that is so, with 1 when the damage is noticed or does nothing.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tantivy==0.27.0

cat > "$folder/make.py" <<'PYTHON'
import sys
import tantivy

builder = tantivy.SchemaBuilder()
builder.add_text_field("name", stored=True, tokenizer_name="raw")
builder.add_text_field("body", stored=True)
index = tantivy.Index(builder.build(), path=sys.argv[1])
writer = index.writer(heap_size=15_000_000, num_threads=1)
for name, body in (
    ("short", "a zebra"),
    ("long", "a zebra beside " + "many other animals of the plains " * 3),
    ("other", "nothing of the kind"),
):
    writer.add_document(tantivy.Document(name=name, body=body))
writer.commit()
writer.wait_merging_threads()
PYTHON

cat > "$folder/search.py" <<'PYTHON'
import sys
import tantivy

index = tantivy.Index.open(sys.argv[1])
searcher = index.searcher()
hits = searcher.search(index.parse_query("zebra", ["body"]), 10).hits
found = [(searcher.doc(at)["name"][0], round(score, 3)) for score, at in hits]
text = next(searcher.doc(at)["body"][0] for _, at in hits if searcher.doc(at)["name"] == ["short"])
print(found, repr(text))
PYTHON

cat > "$folder/flip.py" <<'PYTHON'
"""Change one byte of a file of the index, and say whether its own checksum tells."""

import json
import pathlib
import struct
import sys
import zlib

[path] = pathlib.Path(sys.argv[1]).glob("*" + sys.argv[2])


def checksum_holds(data: bytes) -> bool:
    size, magic = struct.unpack("<II", data[-8:])
    assert magic == 1337, "this is no footer"
    footer = json.loads(data[-8 - size : -8])
    return zlib.crc32(data[: -8 - size]) == footer["crc"]


data = bytearray(path.read_bytes())
assert checksum_holds(bytes(data))
if sys.argv[2] == ".store":
    data[data.index(b"zebra")] ^= ord("z") ^ ord("c")
else:
    # The lengths of the three bodies stand side by side, each in a byte of its own: 2, 21, 4.
    at = data.index(bytes((2, 21, 4)))
    data[at] ^= 2 ^ 40
path.write_bytes(bytes(data))
assert not checksum_holds(bytes(data))
print("CRC32 of the body differs from the footer's")
PYTHON

python="$folder/venv/bin/python"
"$python" -c '
import tantivy
found = [n for n in dir(tantivy.Index) + dir(tantivy.Searcher) if "check" in n or "valid" in n]
print("methods of Index that check:", ", ".join(found) or "none")
raise SystemExit(bool(found))'
mkdir "$folder/index"
"$python" "$folder/make.py" "$folder/index"
whole=$("$python" "$folder/search.py" "$folder/index")
echo "whole: $whole"

for file in .fieldnorm .store; do
    rm -rf "$folder/copy"
    cp -r "$folder/index" "$folder/copy"
    said=$("$python" "$folder/flip.py" "$folder/copy" "$file")
    echo "$file: $said"
    if ! damaged=$("$python" "$folder/search.py" "$folder/copy" 2>&1); then
        echo "changed: the damage is noticed: $damaged"
        exit 1
    fi
    echo "$file: $damaged"
    if [ "$damaged" = "$whole" ]; then
        echo "changed: the damage does nothing"
        exit 1
    fi
done
echo "a flipped byte goes unnoticed"
