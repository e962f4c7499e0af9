#!/usr/bin/env bash
# onnxruntime (PyPI, 1.32.0, Linux): importing it begins to report to its maker, and the call
# that its API offers against that comes too late.
#
# Until 1.28 its packages for Linux held no telemetry, and "currently Windows only" is what one
# remembers. From 1.29 on they do, for macOS and Linux too: `import onnxruntime` alone, without a
# session or a model, creates its environment, an uploader and a file `.ses` with a random
# identifier in the folder for temporary files. disable_telemetry_events() can only be called
# after the import, so it does not prevent that; enabling and disabling are about later events.
# What prevents it is ORT_DISABLE_TELEMETRY=1 in the environment before the import: setting it in
# os.environ is early enough. Whatever imports onnxruntime for one reports too, for instance
# chromadb's default embedding function.
#
# The script imports it in three ways, each with a folder for temporary files of its own, behind
# a proxy that nothing listens on, so that nothing is sent.
#
# Seen with onnxruntime 1.32.0, Python 3.11, Linux x86-64:
#   import: .ses
#   import, then disable_telemetry_events(): .ses
#   ORT_DISABLE_TELEMETRY=1 set in os.environ, then import: nothing
# Ends with 0 as long as that is so, with 1 when it is not.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet onnxruntime==1.32.0

left() { # name, program
    mkdir "$work/$1"
    TMPDIR="$work/$1" https_proxy=http://127.0.0.1:9 HTTPS_PROXY=http://127.0.0.1:9 \
        env -u ORT_DISABLE_TELEMETRY "$work/venv/bin/python" -c "$2" >/dev/null
    local found
    found=$(cd "$work/$1" && find . -type f | sort | sed 's|^\./||' | tr '\n' ' ')
    echo "${found:-nothing }"
}

plain=$(left plain 'import onnxruntime')
called=$(left called 'import onnxruntime; onnxruntime.disable_telemetry_events()')
told=$(left told 'import os; os.environ["ORT_DISABLE_TELEMETRY"] = "1"; import onnxruntime')
echo "import: $plain"
echo "import, then disable_telemetry_events(): $called"
echo "ORT_DISABLE_TELEMETRY=1 set in os.environ, then import: $told"
[ "$plain" = ".ses " ] && [ "$called" = ".ses " ] && [ "$told" = "nothing " ]
