#!/usr/bin/env bash
# chromadb (PyPI, 1.5.9): a process that only opens a collection and counts it writes to its files.
#
# PersistentClient, get_collection and count() read, by their names. Yet after them chroma.sqlite3
# has other bytes than before, each time; and where the collection holds fewer rows than are
# needed for a flush (sync_threshold), the four files of its graph are written anew, each time.
# A folder that is only read is therefore never the same twice: a snapshot by content or by times
# copies it whole, and a checksum kept of it holds until the next reader, not the next writer.
#
# The script makes two collections of 8-dimensional vectors, 30 rows (below the threshold of 100)
# and 300 rows (above it), and counts each twice, in processes of their own.
#
# Seen with chromadb 1.5.9, Python 3.11, Linux x86-64:
#   30 rows, counted once:  bytes of chroma.sqlite3 changed: yes; graph files written: 4
#   30 rows, counted twice: bytes of chroma.sqlite3 changed: yes; graph files written: 4
#   300 rows, counted once:  bytes of chroma.sqlite3 changed: yes; graph files written: 0
#   300 rows, counted twice: bytes of chroma.sqlite3 changed: yes; graph files written: 0
#   counting writes
#
# Ends with 0 as long as that is so, with 1 when it is not.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check chromadb==1.5.9

cat > "$folder/make.py" <<'PYTHON'
import random
import sys

import chromadb

rows, chance = int(sys.argv[2]), random.Random(1)
client = chromadb.PersistentClient(path=sys.argv[1])
collection = client.create_collection(
    "papers",
    embedding_function=None,
    configuration={"hnsw": {"sync_threshold": 100, "batch_size": 50}},
)
collection.upsert(
    ids=[f"row{at}" for at in range(rows)],
    embeddings=[[chance.random() for _ in range(8)] for _ in range(rows)],
)
client.close()
PYTHON

cat > "$folder/count.py" <<'PYTHON'
import sys

import chromadb

client = chromadb.PersistentClient(path=sys.argv[1])
counted = client.get_collection("papers", embedding_function=None).count()
assert counted == int(sys.argv[2]), counted
client.close()
PYTHON

cat > "$folder/look.py" <<'PYTHON'
"""Run a command, and say which files of a folder it wrote."""

import hashlib
import pathlib
import subprocess
import sys

folder = pathlib.Path(sys.argv[1])


def state():
    return {
        path: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


before = state()
subprocess.run(sys.argv[2:], check=True)
after = state()
database = folder / "chroma.sqlite3"
changed = "yes" if before[database][0] != after[database][0] else "no"
graph = [path for path in before if path.parent != folder and path.suffix == ".bin"]
written = sum(before[path][1] != after[path][1] for path in graph)
print(f"bytes of chroma.sqlite3 changed: {changed}; graph files written: {written}")
PYTHON

python="$folder/venv/bin/python"
as_seen=yes
for rows in 30 300; do
    "$python" "$folder/make.py" "$folder/$rows" "$rows"
    if [ "$rows" = 30 ]; then graph=4; else graph=0; fi
    for time in once twice; do
        said=$("$python" "$folder/look.py" "$folder/$rows" \
            "$python" "$folder/count.py" "$folder/$rows" "$rows")
        echo "$rows rows, counted $time: $said"
        [ "$said" = "bytes of chroma.sqlite3 changed: yes; graph files written: $graph" ] || as_seen=no
    done
done
if [ "$as_seen" = no ]; then
    echo "changed: counting no longer writes as it did"
    exit 1
fi
echo "counting writes"
