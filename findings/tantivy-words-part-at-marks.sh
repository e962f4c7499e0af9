#!/usr/bin/env bash
# tantivy (PyPI, 0.27.0): words fall apart at combining marks, so that parts of words are found,
# and words that look alike are not.
#
# The tokenizers `default`, `en_stem` and Tokenizer.simple() are described as splitting at white
# space and punctuation. They split at whatever is not alphanumeric (char::is_alphanumeric of
# Rust), and many combining marks are not: those of letters written apart (Unicode NFD, as file
# names of macOS and texts of PDFs have them), the virama that joins consonants in Devanagari and its
# neighbours, tone marks of Thai. The mark is lost, and what stood on both sides becomes two words.
# ascii_fold, which is there for marks on letters, comes too late for them: it sees no letter with
# a mark. Unicode's rules for borders of words (UAX #29, WB4) keep a mark with its letter.
#
# The script shows what words become, and what is found:
#   1. "Müller" in one way of writing is not found by the other; "mu" finds it,
#   2. "दी" (gave) finds "हिन्दी" (Hindi), of which it is the last syllable.
#
# Seen with tantivy 0.27.0, Python 3.11, Linux x86-64:
#   composed M\xfcller: muller
#   decomposed Mu\u0308ller: mu, ller
#   Hindi \u0939\u093f\u0928\u094d\u0926\u0940: \u0939\u093f\u0928, \u0926\u0940
#   Thai \u0e44\u0e21\u0e48: \u0e44\u0e21
#   "composed" finds: composed
#   "decomposed" finds: decomposed
#   "mu" finds: decomposed
#   "\u0926\u0940" finds: Hindi
# Ends with 0 as long as that is so, with 1 when it is not.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tantivy==0.27.0

seen=$("$folder/venv/bin/python" - <<'PYTHON'
import unicodedata

import tantivy

WORDS = {
    "composed": "M\u00fcller",
    "decomposed": unicodedata.normalize("NFD", "M\u00fcller"),
    "Hindi": "\u0939\u093f\u0928\u094d\u0926\u0940",
    "Thai": "\u0e44\u0e21\u0e48",
}


def folding():
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .build()
    )


def plain(text):
    return text.encode("ascii", "backslashreplace").decode()


for name, word in WORDS.items():
    print(f"{name} {plain(word)}: {plain(', '.join(folding().analyze(word)))}")

builder = tantivy.SchemaBuilder()
builder.add_text_field("name", stored=True, tokenizer_name="raw")
builder.add_text_field("text", tokenizer_name="folding")
index = tantivy.Index(builder.build())
index.register_tokenizer("folding", folding())
writer = index.writer(heap_size=15_000_000, num_threads=1)
for name, word in WORDS.items():
    writer.add_document(tantivy.Document(name=name, text=word))
writer.commit()
index.reload()
searcher = index.searcher()


def found(text):
    hits = searcher.search(index.parse_query(text, ["text"]), 10).hits
    return ", ".join(searcher.doc(at)["name"][0] for _, at in hits) or "nothing"


print(f'"composed" finds: {found(WORDS["composed"])}')
print(f'"decomposed" finds: {found(WORDS["decomposed"])}')
print(f'"mu" finds: {found("mu")}')
print(f'"\\u0926\\u0940" finds: {found(chr(0x926) + chr(0x940))}')
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
