#!/usr/bin/env bash
# scikit-learn (PyPI, 1.9.1): a weighted kappa of grades in words takes the alphabet for the scale.
#
# cohen_kappa_score(..., weights="quadratic") is what one takes for grades on a scale, where a near
# miss counts less than a far one. It measures no values, but places in the sorted list of the
# labels that occur. Words are sorted by letter, without a warning: of wrong < partly < mostly <
# right, "right" and "wrong" become neighbours, and judges who take one for the other agree better
# than judges who are one step apart. Numbers do not escape: where nobody gives 3 or 4, a 5 is
# one step from a 2, so that kappas of two samples graded on one scale are not comparable. `labels`
# mends both when it holds the whole scale in order; the documentation says of it that it selects a
# subset, and of `weights` nothing about an order.
#
# The script compares 20 pairs of grades: 16 are equal, 4 are one step or the whole scale apart.
#
# Seen with scikit-learn 1.9.1, Python 3.11, Linux x86-64:
#   words: one step apart 0.677, right for wrong 0.917
#   words, labels in order: one step apart 0.917, right for wrong 0.379
#   grades 1, 2, 5: 0.727; 5 called 3: 0.727; labels 1 to 5: 0.763
# Ends with 0 as long as that is so, with 1 when it is not.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check scikit-learn==1.9.1

seen=$("$folder/venv/bin/python" -W error - <<'PYTHON'
from sklearn.metrics import cohen_kappa_score

SCALE = ["wrong", "partly", "mostly", "right"]


def kappa(one, other, labels=None):
    return round(cohen_kappa_score(one, other, weights="quadratic", labels=labels), 3)


def exchanged(first, second):
    """Grades of two judges who agree 16 times, and 4 times take one of two for the other."""
    same = SCALE * 4
    return same + [first, second] * 2, same + [second, first] * 2


near, far = exchanged("wrong", "partly"), exchanged("wrong", "right")
print(f"words: one step apart {kappa(*near)}, right for wrong {kappa(*far)}")
print(
    f"words, labels in order: one step apart {kappa(*near, SCALE)},"
    f" right for wrong {kappa(*far, SCALE)}"
)
one, other = [1, 1, 2, 2, 5, 5, 1, 5], [1, 2, 2, 1, 5, 2, 1, 5]
called = [[3 if grade == 5 else grade for grade in grades] for grades in (one, other)]
print(
    f"grades 1, 2, 5: {kappa(one, other)}; 5 called 3: {kappa(*called)};"
    f" labels 1 to 5: {kappa(one, other, [1, 2, 3, 4, 5])}"
)
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
