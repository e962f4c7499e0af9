#!/usr/bin/env bash
# nameparser (PyPI, 2.6.0): the family name before a comma becomes the given name of "Wu, King".
#
# Bibliographic records write "Family, Given", and a parser of names is asked for the family to
# sort, cite and make keys by; the comma leaves no doubt which part that is. Where the given name is
# also a title that nameparser knows to stand before a first name (King, Queen, Prince, Sheikh,
# Lama, Master, Swami), the given name is taken for the title, and what stood before the comma for
# the first name: there is no family name any more, without a warning. Titles that stand before a
# family name (Baron, Judge, Bishop, Imam, Sultan, Pastor) leave the family and lose the given name;
# others (Dean, Duke, Earl, Major) are left alone. With a second given name the family survives.
# `surnames` is as empty as `last`: no field says that the record had one.
#
# Seen with nameparser 2.6.0, Python 3.11, Linux x86-64:
#   Wu, King: title=King first=Wu last=
#   Kumar, Prince: title=Prince first=Kumar last=
#   Kumar, Prince A.: title=Prince first=A. last=Kumar
#   Haddad, Baron: title=Baron first= last=Haddad
#   Ferrer, Dean: title= first=Dean last=Ferrer
#   King, Wu: title= first=Wu last=King
# Ends with 0 as long as that is so, with 1 when it is not.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check nameparser==2.6.0

seen=$("$folder/venv/bin/python" - <<'PYTHON'
from nameparser import HumanName

names = (
    "Wu, King", "Kumar, Prince", "Kumar, Prince A.", "Haddad, Baron", "Ferrer, Dean", "King, Wu"
)
for name in names:
    read = HumanName(name)
    print(f"{name}: title={read.title} first={read.first} last={read.last}")
PYTHON
)
echo "$seen"

expected=$(sed -n '/^# Seen with/,/^# Ends with/p' "$0" | sed '1d;$d;s/^#   //')
if [ "$seen" = "$expected" ]; then
    echo "as described"
else
    echo "changed"
    exit 1
fi
