"""What the adapter takes of memory, measured in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from fault_fixture import FaultServer

SCRIPT = """
import asyncio, json, resource, sys
from assistant.errors import EndpointError
from assistant.generation.base import Message, ModelTask
from assistant.generation.openai.endpoint import EndpointModel
from assistant.generation.openai.limits import EndpointSettings

async def ask(model_name):
    model = EndpointModel(EndpointSettings("m", sys.argv[1], model_name))
    try:
        async for _ in model.stream(ModelTask("answer", "q", (Message("user", "q"),))):
            pass
    except EndpointError as caught:
        return caught.message
    finally:
        await model.aclose()

peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
report = {name: [asyncio.run(ask("fault:" + name)), peak()] for name in sys.argv[2:]}
print(json.dumps(report))
"""
SCENARIOS = ("huge_line?mb=80", "gzip_bomb?mb=80", "huge_delta", "endless", "header_flood")
ROOT = Path(__file__).resolve().parents[4]


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ru_maxrss is in KiB on Linux")
def test_memory_stays_bounded(fault_server: FaultServer) -> None:
    """Case 69: no body, however large, takes more than 60 MB over what a short answer takes."""
    job = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT, fault_server.base_url, "ok", *SCENARIOS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert job.stderr == ""
    report = json.loads(job.stdout)
    assert report["ok"][0] is None
    for name in SCENARIOS:
        error, peak_mb = report[name]
        assert error is not None
        assert peak_mb < report["ok"][1] + 60, (name, report)
