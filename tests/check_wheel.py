"""Look into a built wheel: everything a reader needs is in it, and nothing else."""

from __future__ import annotations

import sys
import zipfile

NEEDED = (
    "assistant/answers/ask.py",
    "assistant/checking/mismatch.toml",
    "assistant/cli/option_names.toml",
    "assistant/cli/root.py",
    "assistant/query/details.toml",
    "assistant/query/question.toml",
    "assistant/sample/landmarks.jsonl",
    "assistant/text/numbers/units.toml",
    "assistant/text/sentences.toml",
    "assistant/text/words.toml",
    "assistant/py.typed",
    "prompts/__init__.py",
    "prompts/answer.md",
    "prompts/rewrite.md",
    "prompts/summary.md",
    "store/ledger/database.py",
    "store/readers/registry.py",
    "store/py.typed",
    "tui/__main__.py",
    "tui/app.py",
    "tui/styles.tcss",
)


def main() -> int:
    """Check the wheel named on the command line."""
    names = zipfile.ZipFile(sys.argv[1]).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    missing = [name for name in NEEDED if name not in names]
    odd = tops - {"assistant", "store", "tui", "prompts"}
    licence = [name for name in names if name.endswith("LICENSE")]
    if missing or odd or not licence:
        print(f"wheel: missing {missing}, odd {sorted(odd)}, licence {licence}")
        return 1
    print(f"wheel: {len(names)} files in {', '.join(sorted(tops))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
