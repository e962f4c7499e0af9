"""The tools that a user would pick instead, and how its user would do the job with each."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

_DRIVERS = Path(__file__).with_name("drivers")
_ROOT = Path(__file__).resolve().parents[3]
_SYSTEM = "Answer the question from these abstracts alone, and cite the ids of those you use."

ADD, SEARCH, ONCE, ASK = "add", "search", "once", "ask"
"""The jobs: adding all papers, warm searches, one search and one question as whole processes."""


@dataclass(frozen=True)
class Job:
    """Where a tool works: its environment's programs, its folder, the papers, the endpoint.

    `papers` are lines of JSON with id, title and abstract, `texts` with id and both in one text.
    """

    programs: Path
    folder: Path
    papers: Path
    texts: Path
    base_url: str
    dimension: int
    query: str
    question: str

    def driver(self, name: str, verb: str) -> list[str]:
        """The command of a driver in the environment of the tool."""
        return [str(self.programs / "python"), str(_DRIVERS / name), verb, str(self.folder)]

    def program(self, name: str, *arguments: str) -> list[str]:
        """A command that the tool brings."""
        return [str(self.programs / name), *arguments]


Commands = Mapping[str, list[str]]


@dataclass(frozen=True)
class Tool:
    """A tool: what pip installs, the oldest Python it takes, and its commands by job.

    `apart` says why a tool that is named does not do the job; then it is installed at most.
    """

    name: str
    package: str
    requirement: str
    python: tuple[int, int] = (3, 11)
    how: str = ""
    commands: Callable[[Job], Commands] | None = None
    prepare: Callable[[Job], list[list[str]]] = lambda job: []
    apart: str = ""
    is_installed: bool = True


def _quire(job: Job) -> Commands:
    library = ("--library", str(job.folder / "library"))
    quire = ("-m", "tui")
    return {
        ADD: job.program("python", *quire, *library, "add", str(job.papers)),
        SEARCH: job.driver("quire_driver.py", SEARCH),
        ONCE: job.program("python", *quire, *library, "search", job.query, "-n", "10"),
        ASK: job.program("python", *quire, *library, "ask", "-m", "bench", job.question),
    }


def _with_endpoint_vectors(job: Job) -> list[list[str]]:
    folder = str(job.folder / "library")
    quire = ("-m", "tui", "--library", folder)
    return [
        job.program("python", *quire, "library", "new", "beside", folder),
        job.program("python", *quire, "models", "use", "openai:bench-embedder"),
    ]


def _llm(job: Job) -> Commands:
    database = ("-d", str(job.folder / "embeddings.db"))
    model = ("-m", "text-embedding-3-small", "--store")
    similar = job.program("llm", "similar", "papers", *database, "-n", "10", "-c")
    asked = job.program("llm", "-m", "gpt-4o-mini", "-s", _SYSTEM, job.question)
    return {
        ADD: job.program(
            "llm", "embed-multi", "papers", str(job.texts), "--format", "nl", *database, *model
        ),
        SEARCH: job.driver("llm_driver.py", SEARCH),
        ONCE: [*similar, job.query],
        ASK: ["sh", "-c", f"{shlex.join([*similar, job.question])} | {shlex.join(asked)}"],
    }


def _paperqa(job: Job) -> Commands:
    return {verb: job.driver("paperqa_driver.py", verb) for verb in (ADD, SEARCH, ONCE, ASK)}


def _haiku(job: Job) -> Commands:
    config = ("--config", str(job.folder / "haiku.rag.yaml"))
    database = ("--db", str(job.folder / "papers.lancedb"))
    return {
        ADD: job.driver("haiku_driver.py", ADD),
        SEARCH: job.driver("haiku_driver.py", SEARCH),
        ONCE: job.program("haiku-rag", *config, "search", job.query, "-l", "10", *database),
        ASK: job.program("haiku-rag", *config, "ask", job.question, *database),
    }


def _haiku_config(job: Job) -> list[list[str]]:
    chat = {"provider": "openai", "name": "bench", "base_url": job.base_url}
    embedder = {**chat, "name": "bench-embedder", "vector_dim": job.dimension}
    # YAML holds JSON.
    text = json.dumps({"embeddings": {"model": embedder}, "qa": {"model": chat}})
    (job.folder / "haiku.rag.yaml").write_text(text, "utf-8")
    return []


TOOLS: tuple[Tool, ...] = (
    Tool(
        "quire",
        "quire",
        str(_ROOT),
        how="`quire add`, `search`, `ask`, with the endpoint's vectors",
        commands=_quire,
        prepare=_with_endpoint_vectors,
    ),
    Tool(
        "quire, as installed",
        "quire",
        str(_ROOT),
        how="`quire add`, `search`, `ask`, with the vectors that are built in",
        commands=_quire,
    ),
    Tool(
        "llm",
        "llm",
        "llm",
        how="`llm embed-multi --store`, `llm similar`, `llm similar … | llm -s … QUESTION`",
        commands=_llm,
    ),
    Tool(
        "paper-qa",
        "paper-qa",
        "paper-qa",
        how="Python: `Docs.aadd_texts` (no look-up of metadata), `retrieve_texts`, `aquery`",
        commands=_paperqa,
    ),
    Tool(
        "haiku-rag",
        "haiku.rag-slim",
        "haiku.rag-slim",
        python=(3, 12),
        how="Python: `import_documents`, a chunk an abstract; `haiku-rag search`, `ask`",
        commands=_haiku,
        prepare=_haiku_config,
    ),
    Tool(
        "asreview",
        "asreview",
        "asreview",
        apart="ranks papers for screening by the labels its user gives one by one; takes no query"
        " and answers no question",
    ),
    Tool(
        "litdb",
        "litdb",
        "litdb",
        apart="takes papers from OpenAlex or as files, and embeds them with sentence-transformers"
        " in its own process, whose weights come from a hub: it cannot be given these vectors",
        is_installed=False,
    ),
)


def environment(job: Job) -> dict[str, str]:
    """The variables by which every tool finds the endpoint, and a home of its own."""
    home = job.folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    dropped = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {
        **{name: value for name, value in kept.items() if not name.lower().endswith("_proxy")},
        "PATH": f"{job.programs}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "OPENAI_API_KEY": "no-key",
        "OPENAI_BASE_URL": job.base_url,
        "OPENAI_API_BASE": job.base_url,
        "LLM_USER_PATH": str(home),
        "HF_HUB_OFFLINE": "1",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }


def pythons() -> dict[tuple[int, int], Path]:
    """The interpreters of this machine by version: this one, and those on the path."""
    found = {sys.version_info[:2]: Path(sys.executable)}
    for minor in (11, 12, 13):
        program = shutil.which(f"python3.{minor}")
        if program is None:
            continue
        asked = [program, "-c", "import sys; print(*sys.version_info[:2], sys.executable)"]
        ran = subprocess.run(asked, capture_output=True, text=True, check=False)
        if ran.returncode == 0:
            major, small, path = ran.stdout.split(maxsplit=2)
            found.setdefault((int(major), int(small)), Path(path.strip()))
    return found
