"""How hard the tests bite: seeded small faults in the code, each run against its room's tests.

`python -m tests.bench.mutants [--number 150] [--seed 1] [--jobs 2] [--code CHECKOUT] [--area A]`

A mutant changes one operator, comparison, constant, condition or statement. Each area gets the
same number, drawn from its modules in proportion to the places they offer, so that two checkouts
with the same code get the same mutants. A mutant is caught when a test of its room fails, or the
tests take five times the CPU time that they take without it. Prints each survivor, then the
share caught by area.
"""

from __future__ import annotations

import argparse
import ast
import copy
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Area:
    """Modules (patterns below the checkout), and the folders of tests that answer for them."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


AREAS = {
    "fusion": Area(("assistant/retrieval/fusion.py",), ("tests/assistant/retrieval",)),
    "identity": Area(("store/ledger/identity.py",), ("tests/store/ledger",)),
    "ledger writing": Area(
        ("store/ledger/write.py", "store/ledger/outbox.py"), ("tests/store/ledger",)
    ),
    "numbers": Area(("assistant/text/numbers/*.py",), ("tests/assistant/text",)),
    "sentence cutting": Area(("assistant/text/sentences.py",), ("tests/assistant/text",)),
    "stream reader": Area(
        tuple(
            f"assistant/generation/openai/{one}.py"
            for one in ("reading", "events", "exchange", "reasoning")
        ),
        ("tests/assistant/generation/openai",),
    ),
    "presenters": Area(("tui/presenters/*.py",), ("tests/tui/presenters",)),
}
_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.RShift: ast.LShift,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One small fault: where it stands, what stood there and stands there now."""

    area: str
    module: str
    line: int
    before: str
    after: str
    text: str
    """The whole module with the fault."""


def variants(node: ast.AST) -> Iterator[ast.AST]:
    """What a node may be turned into; nothing for one that is left alone."""
    changed = copy.deepcopy(node)
    match changed:
        case ast.Compare(ops=[operator]) if type(operator) in _COMPARED:
            changed.ops = [_COMPARED[type(operator)]()]
        case ast.BinOp(op=operator) if type(operator) in _COMPUTED:
            changed.op = _COMPUTED[type(operator)]()
        case ast.BoolOp():
            changed.op = ast.Or() if isinstance(changed.op, ast.And) else ast.And()
        case ast.UnaryOp(op=ast.Not()):
            changed = changed.operand
        case ast.Constant(value=bool(value)):
            changed.value = not value
        case ast.Constant(value=int(value)):
            changed.value = value + 1
        case ast.Constant(value=float(value)):
            changed.value = value * 2 + 1
        case ast.Constant(value=str(value)) if value:
            changed.value = ""
        case ast.IfExp():
            changed.body, changed.orelse = changed.orelse, changed.body
        case ast.Return(value=ast.expr()):
            changed.value = ast.Constant(value=None)
        case ast.Continue():
            changed = ast.Break()
        case ast.AugAssign() | ast.Expr(value=ast.Call()):
            changed = ast.Pass()
        case ast.If() | ast.While():
            changed.test = ast.UnaryOp(op=ast.Not(), operand=changed.test)
        case _:
            return
    yield ast.fix_missing_locations(ast.copy_location(changed, node))


def _inert(tree: ast.Module) -> set[int]:
    """What no test can tell: docstrings, annotations, imports, `__all__`, f-string formats."""
    inert: set[int] = set()

    def drop(node: ast.AST | None) -> None:
        if node is not None:
            inert.update(id(one) for one in ast.walk(node))

    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom():
                drop(node)
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                drop(node)
            case ast.AnnAssign():
                drop(node.annotation)
            case ast.arg():
                drop(node.annotation)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                drop(node.returns)
            case ast.FormattedValue(format_spec=ast.AST()):
                drop(node.format_spec)
            case ast.ClassDef() | ast.Call():
                for decorator in getattr(node, "decorator_list", ()):
                    drop(decorator)
            case ast.JoinedStr():
                # Its pieces have no place of their own before Python 3.12.
                for piece in node.values:
                    drop(piece)
    return inert


def mutants_of(area: str, code: Path, path: Path) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its text."""
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    inert = _inert(tree)
    lines = text.encode().splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    for node in ast.walk(tree):
        if id(node) in inert or not isinstance(node, ast.expr | ast.stmt):
            continue
        begin = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        for one in variants(node):
            indented = ast.unparse(one).replace("\n", "\n" + " " * node.col_offset)
            new = f"({indented})" if isinstance(node, ast.expr) else indented
            whole = (text.encode()[:begin] + new.encode() + text.encode()[end:]).decode()
            before = text.encode()[begin:end].decode()
            yield Mutant(area, str(path.relative_to(code)), node.lineno, before, new, whole)


def drawn(code: Path, number: int, seed: int, only: str | None) -> list[Mutant]:
    """So many mutants, as many of each area, the same for the same code and seed."""
    chosen: list[Mutant] = []
    for at, (name, area) in enumerate(AREAS.items()):
        rng = random.Random(f"{seed} {name}")
        offered = [
            one
            for pattern in area.modules
            for path in sorted(code.glob(pattern))
            for one in mutants_of(name, code, path)
        ]
        share = number // len(AREAS) + (at < number % len(AREAS))
        if only in (None, name):
            chosen += rng.sample(offered, min(share, len(offered)))
    return chosen


class Checkout:
    """A copy of the code in which one mutant at a time stands."""

    def __init__(self, code: Path, folder: Path) -> None:
        listed = subprocess.run(
            ["git", "-C", str(code), "ls-files", "-co", "--exclude-standard"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        for name in listed:
            if (code / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(code / name, folder / name)
        self.folder = folder
        self.said = folder.with_suffix(".txt")

    def fails(self, tests: tuple[str, ...], first: str = "", limit: int = 1800) -> bool:
        """True when a test fails or takes too long; `first` is run before the rest.

        `limit` is seconds of CPU time, and ten times as many of any time.
        """
        command = [sys.executable, "-m", "pytest", "-xq", "-p", "no:cacheprovider"]
        command += ["-p", "no:randomly", "--hypothesis-seed=0"]
        wanted = [one for one in (first, *tests) if one and (self.folder / one).exists()]
        environment = {**os.environ, "PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        with self.said.open("wb") as said:
            process = subprocess.Popen(
                [*command, *wanted],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (limit, limit)),
            )
        try:
            return process.wait(10 * limit) != 0
        except subprocess.TimeoutExpired:
            return True
        finally:
            if process.poll() is None:
                os.killpg(process.pid, 9)
                process.wait()

    def caught(self, mutant: Mutant, limit: int) -> bool:
        """True when the tests of the mutant's room tell it from the code."""
        path = self.folder / mutant.module
        own = path.read_bytes()
        likely = Path("tests") / Path(mutant.module).parent / f"test_{path.stem}.py"
        try:
            path.write_text(mutant.text, "utf-8")
            return self.fails(AREAS[mutant.area].tests, str(likely), limit)
        finally:
            path.write_bytes(own)


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> int:
    """Run the mutants and print what came of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--number", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--code", type=Path, default=ROOT, help="the checkout to try")
    parser.add_argument("--area", choices=list(AREAS), help="this area alone")
    parser.add_argument("--out", type=Path, help="write what came of each mutant here, JSON lines")
    wanted = parser.parse_args()
    code = wanted.code.resolve()
    mutants = drawn(code, wanted.number, wanted.seed, wanted.area)
    results: dict[int, bool] = {}
    with tempfile.TemporaryDirectory(prefix="quire-mutants-") as folder:
        if (code.parent / "shared").is_dir():
            (Path(folder) / "shared").symlink_to(code.parent / "shared")
        checkouts: Queue[Checkout] = Queue()
        for job in range(wanted.jobs):
            checkouts.put(Checkout(code, Path(folder) / str(job)))
        limits: dict[tuple[str, ...], int] = {}
        first = checkouts.get()
        for tests in sorted({AREAS[one.area].tests for one in mutants}):
            begun = _cpu_seconds()
            if first.fails(tests):
                print(first.said.read_text("utf-8", "replace"))
                parser.error(f"the tests of {', '.join(tests)} fail without a mutant")
            limits[tests] = max(30, int(5 * (_cpu_seconds() - begun)))
        checkouts.put(first)

        def run(at: int) -> None:
            checkout = checkouts.get()
            try:
                one = mutants[at]
                results[at] = checkout.caught(one, limits[AREAS[one.area].tests])
                tell(one, results[at], wanted.out)
            finally:
                checkouts.put(checkout)

        with ThreadPoolExecutor(wanted.jobs) as pool:
            list(pool.map(run, range(len(mutants))))
    counts: dict[str, list[bool]] = defaultdict(list)
    for at, one in enumerate(mutants):
        counts[one.area].append(results[at])
    for area, caught in counts.items():
        print(f"{area:<18} {sum(caught):>4} of {len(caught)}")
    print(f"{'all':<18} {sum(results.values()):>4} of {len(mutants)}")
    return 0


def tell(mutant: Mutant, caught: bool, out: Path | None) -> None:
    """Print a survivor; write down any."""
    place = f"{mutant.module}:{mutant.line}"
    if not caught:
        print(f"survived  {place}  {mutant.before[:70]!r} -> {mutant.after[:70]!r}", flush=True)
    if out:
        row = {"area": mutant.area, "place": place, "before": mutant.before, "after": mutant.after}
        with out.open("a", encoding="utf-8") as file:
            file.write(json.dumps({**row, "caught": caught}) + "\n")


if __name__ == "__main__":
    sys.exit(main())
