#!/usr/bin/env bash
# chromadb (PyPI, 1.5.9): upsert over a row that is there merges, it does not replace.
#
# By its name, and by how stores with an upsert treat a record that comes again whole, what
# upsert is given should be the row afterwards. But metadata keys that the new record leaves out
# stay, so does a document that it leaves out, and both go on being found: a filter by a tag that
# the record no longer has returns it, in get and in query, and so does a search in the old text.
# metadatas=[None] and no metadatas at all change nothing. A key goes only when it is written with
# the value None; a document only when the row is deleted first. add() over a row that is there
# changes nothing and raises nothing.
#
# The script writes one row, writes it again with other metadata and no document, and asks for it
# by what it no longer has.
#
# Seen with chromadb 1.5.9, Python 3.11, Linux x86-64:
#   after an upsert with {'year': 2021}: {'tag': 'b', 'year': 2021}, old text
#   by the old tag: get ['x'], query ['x']; by the old text: ['x']
#   after an upsert with no metadata: {'tag': 'b', 'year': 2021}
#   after an upsert with {'tag': None}: {'year': 2021}
#   after add: {'year': 2021}
#   after a delete and an upsert: {'year': 2022}, None
#   upsert merges
#
# Ends with 0 as long as that is so, with 1 when it is not.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check chromadb==1.5.9

cat > "$folder/merge.py" <<'PYTHON'
import sys

import chromadb

client = chromadb.PersistentClient(path=sys.argv[1])
collection = client.create_collection("papers", embedding_function=None)
vector = [[1.0, 0.0]]


def row():
    got = collection.get(ids=["x"])
    metadata = got["metadatas"][0] or {}
    return dict(sorted(metadata.items())), got["documents"][0]


def told(what, whole=True):
    metadata, document = row()
    print(f"after {what}: {metadata}{f', {document}' if whole else ''}")


collection.upsert(ids=["x"], embeddings=vector, metadatas=[{"tag": "b"}], documents=["old text"])
collection.upsert(ids=["x"], embeddings=vector, metadatas=[{"year": 2021}])
told("an upsert with {'year': 2021}")
got = collection.get(where={"tag": "b"})["ids"]
near = collection.query(query_embeddings=vector, n_results=1, where={"tag": "b"})["ids"][0]
said = collection.get(where_document={"$contains": "old"})["ids"]
print(f"by the old tag: get {got}, query {near}; by the old text: {said}")
collection.upsert(ids=["x"], embeddings=vector)
told("an upsert with no metadata", whole=False)
collection.upsert(ids=["x"], embeddings=vector, metadatas=[{"tag": None}])
told("an upsert with {'tag': None}", whole=False)
collection.add(ids=["x"], embeddings=vector, metadatas=[{"year": 1999}])
told("add", whole=False)
collection.delete(ids=["x"])
collection.upsert(ids=["x"], embeddings=vector, metadatas=[{"year": 2022}])
told("a delete and an upsert")
client.close()
PYTHON

seen=$("$folder/venv/bin/python" "$folder/merge.py" "$folder/store")
echo "$seen"
expected=$(sed -n '/^# Seen with/,/^#   upsert merges/p' "$0" | sed '1d;$d;s/^#   //')
if [ "$seen" != "$expected" ]; then
    echo "changed: upsert no longer merges as it did"
    exit 1
fi
echo "upsert merges"
