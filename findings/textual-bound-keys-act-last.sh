#!/usr/bin/env bash
# textual (PyPI, 8.2.8): keys that arrive together act out of order in an Input and a TextArea.
#
# One expects a text box to take its keys one after another. A letter is inserted by the box itself
# as it takes the key; a key that the box has bound (Home, Left, Backspace, Ctrl-U) is left to rise
# to the app, which looks up the binding and runs it. Letters that stand behind it in the queue
# are inserted before that. So whenever keys come faster than they are taken (a busy app, a reader
# who types ahead, a macro, a terminal that sends its input at once), Ctrl-U deletes what was
# typed after it and Backspace the letters that were to replace the wrong ones. Pilot.press hides
# it: it waits between two keys.
#
# The script posts keys at once to a plain Input and a plain TextArea that hold "old".
#
# Seen with textual 8.2.8, Python 3.11, Linux x86-64:
#   Input: ctrl+u n e w -> ''; home x -> 'oldx'; left x -> 'oldx'
#   Input: t e h backspace backspace h e -> 'oldteh'
#   TextArea: ctrl+u n e w -> ''; home x -> 'oldx'; left x -> 'oldx'
#   TextArea: t e h backspace backspace h e -> 'oldteh'
# (in order it would be 'new', 'xold', 'olxd' and 'oldthe')
# Ends with 0 as long as that is so, with 1 when it is not.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check textual==8.2.8

cat > "$folder/keys.py" <<'PYTHON'
import asyncio

from textual import events
from textual.app import App
from textual.widgets import Input, TextArea

TYPED = ["ctrl+u n e w", "home x", "left x", "t e h backspace backspace h e"]


class Boxes(App):
    def compose(self):
        yield Input()
        yield TextArea()


async def typed_at_once(pilot, box, keys):
    box.focus()
    if isinstance(box, Input):
        box.value, box.cursor_position = "old", 3
    else:
        box.load_text("old")
        box.move_cursor(box.document.end)
    await pilot.pause(0.2)
    for key in keys.split():
        pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))
    await pilot.pause(0.5)
    return f"{keys} -> {(box.value if isinstance(box, Input) else box.text)!r}"


async def main():
    app = Boxes()
    async with app.run_test() as pilot:
        for kind in (Input, TextArea):
            box = app.query_one(kind)
            came = [await typed_at_once(pilot, box, keys) for keys in TYPED]
            print(f"{kind.__name__}: {'; '.join(came[:3])}\n{kind.__name__}: {came[3]}")


asyncio.run(main())
PYTHON

seen=$("$folder/venv/bin/python" "$folder/keys.py")
echo "$seen"
expected=$(sed -n '/^# Seen with/,/^# (in order/p' "$0" | sed '1d;$d;s/^#   //')
if [ "$seen" != "$expected" ]; then
    echo "changed: keys no longer act as they did"
    exit 1
fi
