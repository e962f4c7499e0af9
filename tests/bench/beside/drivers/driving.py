"""What the drivers share: each runs in the environment of its tool, with no package of quire.

A driver is called as `python DRIVER VERB FOLDER` where FOLDER has `job.json`; what it found is
the last line that it prints, as JSON.
"""

import json
import os
import sys
import time
from pathlib import Path


def job():
    """The verb, the folder of the library, and what is to be done."""
    folder = Path(sys.argv[2])
    return sys.argv[1], folder, json.loads((folder / "job.json").read_text("utf-8"))


def lines(file):
    """The objects of a file of JSON lines."""
    with open(file, encoding="utf-8") as opened:
        return [json.loads(line) for line in opened if line.strip()]


def said(found):
    """Print what was found."""
    print(json.dumps(found), flush=True)


async def searched(job, search):
    """Warm searches by `await search(text, limit)`, which gives ids: moments, then rankings.

    The first searches are not timed. `timed` are pairs of moments of the monotonic clock.
    """
    queries = lines(job["queries"])
    timed = []
    cpu = 0.0
    for at in range(job["warm"] + job["timed"]):
        if at == job["warm"]:
            cpu = cpu_seconds(os.getpid())
        begun = time.monotonic()
        await search(queries[at % len(queries)]["text"], 10)
        if at >= job["warm"]:
            timed.append((begun, time.monotonic()))
    cpu = cpu_seconds(os.getpid()) - cpu
    ranked = {one["id"]: list(await search(one["text"], 100)) for one in queries}
    return {"timed": timed, "cpu_s": cpu, "ranked": ranked}


def cpu_seconds(pid):
    """CPU seconds of a process and all that run below it."""
    total = 0.0
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        for task in Path(f"/proc/{pid}/task").iterdir():
            total += sum(cpu_seconds(one) for one in (task / "children").read_text().split())
    except OSError:
        pass
    return total
