#!/usr/bin/env bash
# xllamacpp (PyPI, 2026.10.11549): what is appended to a list of its parameters is lost.
#
# The collections of CommonParams (antiprompt, hostnames; model_alias, a set;
# default_template_kwargs, a dict) are made anew from the C++ value each time they are read. What
# is appended, added or set in one changes a copy that is dropped at once, without an error: a
# server starts without the stop words, listens elsewhere, or offers its model under another name
# than it was told. Only assignment counts: params.antiprompt = ["END"]. lora_adapters is another
# kind of list: there params.lora_adapters[0].scale = 0.5 holds, as its README shows, so that one
# expects the same of the others.
#
# The script changes three of them in place, then by assignment, and prints what they hold.
#
# Seen with xllamacpp 2026.10.11549, Python 3.11, Linux x86-64:
#   in place: antiprompt [], model_alias [], default_template_kwargs {}
#   assigned: antiprompt ['END'], model_alias ['tiny'], default_template_kwargs {'a': 'b'}
#
# Ends with 0 as long as that is so, with 1 when it is not.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps \
    xllamacpp==2026.10.11549

seen=$("$folder/venv/bin/python" - <<'PYTHON'
import xllamacpp


def told(how, params):
    held = (list(params.antiprompt), sorted(params.model_alias))
    print(
        f"{how}: antiprompt {held[0]}, model_alias {held[1]},"
        f" default_template_kwargs {dict(params.default_template_kwargs)}"
    )


params = xllamacpp.CommonParams()
params.antiprompt.append("END")
params.model_alias.add("tiny")
params.default_template_kwargs["a"] = "b"
told("in place", params)
params.antiprompt = ["END"]
params.model_alias = {"tiny"}
params.default_template_kwargs = {"a": "b"}
told("assigned", params)
PYTHON
)
echo "$seen"

expected="in place: antiprompt [], model_alias [], default_template_kwargs {}
assigned: antiprompt ['END'], model_alias ['tiny'], default_template_kwargs {'a': 'b'}"
if [ "$seen" = "$expected" ]; then
    echo "as described"
else
    echo "changed"
    exit 1
fi
