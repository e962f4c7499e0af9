#!/usr/bin/env bash
# openai (PyPI, 3.57.0): a stream that is none, or that breaks off, ends without an exception.
#
# One expects `create(..., stream=True)` to raise where no answer came. It raises for an event whose
# data has a key "error", and for nothing else that a server or a proxy says with status 200: a
# page that asks to log in, an error as plain JSON, an event named "error", vLLM's older
# {"object": "error"}. Nor does it tell a stream that was cut from one that is whole, and the
# last event is dropped where no blank line follows it, words and finish reason with it. A loop
# that joins what comes shows half an answer, or none, as if it were the answer. Who wants to
# know has to look for a finish reason, count the chunks, and read `choices` that are None.
#
# The script serves such bodies on this machine, and prints the words of each stream, the finish
# reason that was seen last, and how many chunks had no `choices`.
#
# Seen with openai 3.57.0, Python 3.11, Linux x86-64:
#   whole: 'one two', stop, 0 without choices
#   cut after a word: 'one', None, 0 without choices
#   no blank line at the end: 'one', None, 0 without choices
#   an event named error: 'one', None, 1 without choices
#   an object named error: '', None, 1 without choices
#   an error as JSON: '', None, 0 without choices
#   a page: '', None, 0 without choices
#   data with a key error: APIError
# Ends with 0 as long as that is so, with 1 when it is not.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check openai==3.57.0

cat > "$folder/streams.py" <<'PYTHON'
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import openai


def event(text, finish=None):
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return f"data: {json.dumps({**chunk, 'choices': [choice]})}"


STREAM, JSON, PAGE = "text/event-stream", "application/json", "text/html"
ONE, TWO = event("one"), event(" two", "stop")
BODIES = {
    "whole": (STREAM, f"{ONE}\n\n{TWO}\n\ndata: [DONE]\n\n"),
    "cut after a word": (STREAM, f"{ONE}\n\n"),
    "no blank line at the end": (STREAM, f"{ONE}\n\n{TWO}"),
    "an event named error": (STREAM, f'{ONE}\n\nevent: error\ndata: {{"message": "disc full"}}\n\n'),
    "an object named error": (STREAM, 'data: {"object": "error", "message": "disc full"}\n\n'),
    "an error as JSON": (JSON, '{"error": {"message": "disc full"}}'),
    "a page": (PAGE, "<html>Please log in.</html>"),
    "data with a key error": (STREAM, 'data: {"error": {"message": "disc full"}}\n\n'),
}


class Server(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        kind, body = list(BODIES.values())[int(self.path.split("/")[1])]
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
for number, name in enumerate(BODIES):
    address = f"http://127.0.0.1:{server.server_address[1]}/{number}"
    client = openai.OpenAI(api_key="none", base_url=address, max_retries=0)
    words, finish, without = "", None, 0
    try:
        messages = [{"role": "user", "content": "Hello"}]
        for chunk in client.chat.completions.create(model="m", messages=messages, stream=True):
            if not chunk.choices:
                without += 1
                continue
            words += chunk.choices[0].delta.content or ""
            finish = chunk.choices[0].finish_reason or finish
        print(f"{name}: {words!r}, {finish}, {without} without choices")
    except openai.OpenAIError as failure:
        print(f"{name}: {type(failure).__name__}")
server.shutdown()
PYTHON

seen=$("$folder/venv/bin/python" "$folder/streams.py")
echo "$seen"
expected=$(sed -n '/^# Seen with/,/^# Ends with/p' "$0" | sed '1d;$d;s/^#   //')
if [ "$seen" != "$expected" ]; then
    echo "changed: streams no longer end as they did"
    exit 1
fi
