#!/usr/bin/env bash
# textual (PyPI, 8.2.8): a message of a child ends at the ancestor in whose handler it was posted.
#
# A message that bubbles is expected to rise from the widget that posts it to the app, unless a
# handler stops it. It does so when the widget posts it from a handler of its own. When the same
# method of the widget is called from a handler of an ancestor, the sender that is noted on the
# message is that ancestor, for it is the one whose message is being handled; the message rises
# to it and is stopped there, and neither the screen nor the app see it. So moving code from a
# container into the list that it holds, posting and all, silently cuts the container's
# ancestors off. Posting it from the container itself, or on the app, does reach them.
#
# The script has a child post a message from its own handler, from its container's handler, and
# has the container post it; it tells who handles each.
#
# Seen with textual 8.2.8, Python 3.11, Linux x86-64:
#   posted by the child in its own handler: container, screen, app
#   posted by the child in a handler of its container: container
#   posted by the container in its handler: container, screen, app
# Ends with 0 as long as that is so, with 1 when it is not.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check textual==8.2.8

cat > "$folder/bubbling.py" <<'PYTHON'
import asyncio

from textual.app import App
from textual.containers import Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

handled = []


class Told(Message):
    pass


class Own(Message):
    pass


class OfContainer(Message):
    def __init__(self, by_child):
        super().__init__()
        self.by_child = by_child


class Child(Static):
    def tell(self):
        self.post_message(Told())

    def on_own(self):
        self.tell()


class Container(Vertical):
    def compose(self):
        yield Child()

    def on_of_container(self, event):
        if event.by_child:
            self.query_one(Child).tell()
        else:
            self.post_message(Told())

    def on_told(self):
        handled.append("container")


class Main(Screen):
    def compose(self):
        yield Container()

    def on_told(self):
        handled.append("screen")


class Bubbling(App):
    def get_default_screen(self):
        return Main()

    def on_told(self):
        handled.append("app")


async def main():
    app = Bubbling()
    async with app.run_test() as pilot:
        container, child = app.screen.query_one(Container), app.screen.query_one(Child)
        for name, widget, message in (
            ("by the child in its own handler", child, Own()),
            ("by the child in a handler of its container", container, OfContainer(True)),
            ("by the container in its handler", container, OfContainer(False)),
        ):
            handled.clear()
            widget.post_message(message)
            await pilot.pause(0.3)
            print(f"posted {name}: {', '.join(handled)}")


asyncio.run(main())
PYTHON

seen=$("$folder/venv/bin/python" "$folder/bubbling.py")
echo "$seen"
expected=$(sed -n '/^# Seen with/,/^# Ends with/p' "$0" | sed '1d;$d;s/^#   //')
if [ "$seen" != "$expected" ]; then
    echo "changed: messages end elsewhere"
    exit 1
fi
