#!/usr/bin/env bash
# mcp (PyPI, 2.3.0): what is asked through a pipe is not answered where it takes time.
#
# A server over stdio is asked by lines of JSON on its standard input. One expects of
# `printf … | server` what a filter does: that it answers what it was asked, then ends. The Python
# SDK's server ends its session when its input ends: a call that is still running is cancelled, and
# gets an answer all the same, the error -32000 "Connection closed", as if the client had gone away;
# the exit status is 0. Calls that are done by then are answered. So a script gets the answers of
# quick tools, and of slow ones an error that speaks of its own connection. Who asks so keeps
# the input open until the answers are there.
#
# The script asks one server for a tool that returns at once and for one that takes half a second,
# first with the input closed behind them, then with the input open for two seconds more.
#
# Seen with mcp 2.3.0, Python 3.11, Linux x86-64:
#   input closed: quick "done"; slow error -32000 Connection closed; exit 0
#   input open: quick "done"; slow "done"; exit 0
# Ends with 0 as long as that is so, with 1 when it is not.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mcp==2.3.0

cat > "$folder/server.py" <<'PYTHON'
import asyncio

from mcp.server.mcpserver import MCPServer

server = MCPServer("waits", log_level="ERROR")


@server.tool()
async def wait(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "done"


server.run("stdio")
PYTHON
cat > "$folder/requests" <<'JSON'
{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"script","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"wait","arguments":{"seconds":0}}}
JSON
slow='{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"wait","arguments":{"seconds":0.5}}}'
cat > "$folder/told.py" <<'PYTHON'
import json
import sys

answers = {}
for line in sys.stdin:
    message = json.loads(line)
    if message.get("id") in (2, 3):
        error = message.get("error")
        result = message.get("result", {}).get("content", [{}])[0].get("text")
        said = f"error {error['code']} {error['message']}" if error else f'"{result}"'
        answers[message["id"]] = said
print(f"quick {answers.get(2, 'nothing')}; slow {answers.get(3, 'nothing')}", end="")
PYTHON

# The quick call has time to be done before the slow one is asked for.
ask() { cat "$folder/requests"; sleep 1; echo "$slow"; sleep "$1"; }
told() {
    ask "$1" | { "$folder/venv/bin/python" "$folder/server.py"; echo $? > "$folder/exit"; } \
        | "$folder/venv/bin/python" "$folder/told.py"
    echo "; exit $(cat "$folder/exit")"
}

seen="input closed: $(told 0)
input open: $(told 2)"
echo "$seen"

expected=$(sed -n '/^# Seen with/,/^# Ends with/p' "$0" | sed '1d;$d;s/^#   //')
if [ "$seen" = "$expected" ]; then
    echo "as described"
else
    echo "changed"
    exit 1
fi
