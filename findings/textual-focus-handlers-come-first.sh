#!/usr/bin/env bash
# textual (PyPI, 8.2.8): on_focus and on_blur of a widget run before its has_focus has changed.
#
# One expects a handler that is told of the focus to find it as told: drawing a cursor "where
# the focus is" from on_blur should find has_focus False. Handlers of the subclass run before
# those of the base class, though, and it is the base class that sets has_focus. So on_blur
# finds it True and on_focus False: what such a handler draws by has_focus is one change late,
# and the last change is never drawn. watch_has_focus runs after it.
#
# The script moves the focus to one widget and on to another, and tells what each handler finds.
#
# Seen with textual 8.2.8, Python 3.11, Linux x86-64:
#   a on_focus: False, watch_has_focus: True, on_blur: True, watch_has_focus: False
#   b on_focus: False, watch_has_focus: True
# Ends with 0 as long as that is so, with 1 when it is not.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check textual==8.2.8

cat > "$folder/focus.py" <<'PYTHON'
import asyncio

from textual.app import App
from textual.widgets import Static

found = {"a": [], "b": []}


class Box(Static, can_focus=True):
    def on_focus(self):
        found[self.id].append(f"on_focus: {self.has_focus}")

    def on_blur(self):
        found[self.id].append(f"on_blur: {self.has_focus}")

    def watch_has_focus(self, value):
        found[self.id].append(f"watch_has_focus: {self.has_focus}")


class Boxes(App):
    AUTO_FOCUS = None

    def compose(self):
        yield Box(id="a")
        yield Box(id="b")


async def main():
    app = Boxes()
    async with app.run_test() as pilot:
        for name in found:
            app.query_one(f"#{name}").focus()
            await pilot.pause(0.3)
        for name, handlers in found.items():
            print(name, ", ".join(handlers))


asyncio.run(main())
PYTHON

seen=$("$folder/venv/bin/python" "$folder/focus.py")
echo "$seen"
expected=$(sed -n '/^# Seen with/,/^# Ends with/p' "$0" | sed '1d;$d;s/^#   //')
if [ "$seen" != "$expected" ]; then
    echo "changed: the handlers find the focus otherwise"
    exit 1
fi
