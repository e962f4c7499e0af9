#!/usr/bin/env bash
# ir-measures (PyPI, 0.4.3): RR and RR@10 measure two rankings of one run, with no two scores equal.
#
# A cutoff that is never reached should change nothing, and where all scores differ there is no tie
# to break. But RR@10 is computed in Python from doubles, while RR, nDCG, AP, P and Success come
# from pytrec_eval, which keeps scores in single precision. Scores that differ after some seven
# digits become equal, and those are put in falling order of document ids: the first document comes
# last for being called "a". So it is with probabilities near 1, and with times in seconds (steps
# of 128): in one call RR@10 says that all is well and nDCG@10 that half is lost. trec_eval was told
# of its precision (issue 34), ir-measures of ties that its providers break differently (issue 18,
# open); the documentation takes "(float) ranking scores" and says neither. Ranks (0, -1) are safe.
#
# Seen with ir-measures 0.4.3, pytrec_eval-terrier 0.5.11, Python 3.11, Linux x86-64:
#   logits: abc, RR@10 1.0, RR 1.0, nDCG@10 1.0, P@1 1.0
#   probabilities: abc, RR@10 1.0, RR 0.333, nDCG@10 0.5, P@1 0.0
#   times: abc, RR@10 1.0, RR 0.333, nDCG@10 0.5, P@1 0.0
#   2**-23 above 1: ab, RR@10 1.0, RR 1.0, nDCG@10 1.0, P@1 1.0
#   2**-25 above 1: ab, RR@10 1.0, RR 0.5, nDCG@10 0.631, P@1 0.0
# Ends with 0 as long as that is so, with 1 when it is not.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    ir-measures==0.4.3 pytrec_eval-terrier==0.5.11

seen=$("$folder/venv/bin/python" - <<'PYTHON'
import math

import ir_measures
from ir_measures import RR, P, nDCG

MEASURES = [RR @ 10, RR, nDCG @ 10, P @ 1]


def told(what, scores):
    """Print the order of documents a, b, c by their scores, and the measures; a is relevant."""
    run = dict(zip("abc", scores))
    order = "".join(sorted(run, key=run.get, reverse=True))
    assert len(set(scores)) == len(scores)
    came = ir_measures.calc_aggregate(MEASURES, {"q": {"a": 1}}, {"q": run})
    print(f"{what}: {order}, " + ", ".join(f"{one} {round(came[one], 3)}" for one in MEASURES))


logits = [20.0, 19.0, 18.0]
told("logits", logits)
told("probabilities", [1 / (1 + math.exp(-logit)) for logit in logits])
told("times", [1764374400.0, 1764374390.0, 1764374380.0])
told("2**-23 above 1", [1 + 2**-23, 1.0])
told("2**-25 above 1", [1 + 2**-25, 1.0])
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
