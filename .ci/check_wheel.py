"""Look into a built wheel: every file of the four packages is in it, and nothing else."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("assistant", "store", "tui", "prompts")


def main() -> int:
    """Check the wheel named on the command line."""
    names = set(zipfile.ZipFile(sys.argv[1]).namelist())
    wanted = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    held = {name for name in names if ".dist-info/" not in name}
    licence = [name for name in names if name.endswith("LICENSE")]
    if held != wanted or not licence:
        print(f"wheel: missing {sorted(wanted - held)}, odd {sorted(held - wanted)}, {licence}")
        return 1
    print(f"wheel: {len(names)} files in {', '.join(PACKAGES)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
