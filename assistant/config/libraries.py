"""Libraries by name: `libraries.json` in the data folder says where each is, and which is used.

They stand there and not in the configuration, so that a name means the same whatever --config is
given, and a command that only lists papers reads no settings.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from assistant.errors import WrongUse
from store.nearest import did_you_mean, nearest
from store.pattern import pattern

DEFAULT = "default"
"""What the library without a name is called where another is to be used no longer."""
_NAME = pattern(r"[^\W_][\w.+-]{0,63}")
_MAX_BYTES = 1_000_000


def looks_like_name(text: str) -> bool:
    """True for what may be a name: it has no slash and begins with a letter or a digit."""
    return _NAME.fullmatch(text) is not None


@dataclass(frozen=True)
class Named:
    """The folders of the libraries by name, and the name of the one that is used, if any."""

    folders: Mapping[str, Path] = field(default_factory=dict)
    used: str | None = None

    def near(self, name: str) -> list[str]:
        """The names that are nearest to one."""
        return nearest(name, self.folders)

    def folder(self, name: str) -> Path:
        """Where the library of a name is; raises WrongUse with the nearest names."""
        if name in self.folders:
            return self.folders[name]
        hint = did_you_mean(self.near(name), "see: quire library list")
        raise WrongUse(f"no library is named “{name}”", hint)

    def name_of(self, folder: Path) -> str | None:
        """The name of the library in a folder, None where it has none."""
        return next((name for name, one in self.folders.items() if one == folder), None)


class Registry:
    """The file of the names; it need not be there."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._path = data / "libraries.json"

    def read(self) -> Named:
        """What stands in it; raises WrongUse where that makes no sense."""
        try:
            with self._path.open("rb") as file:
                text = file.read(_MAX_BYTES)
            if not text.strip():
                return Named()
            fields = json.loads(text)
            folders = {name: Path(folder) for name, folder in fields["libraries"].items()}
            used = fields.get("used")
            if used is not None and used not in folders:
                raise ValueError(f"no library is named {used}")
        except FileNotFoundError:
            return Named()
        except OSError as failure:
            why = failure.strerror or str(failure)
            raise self._wrong(f"cannot be read: {why}") from failure
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as failure:
            raise self._wrong("makes no sense") from failure
        return Named(folders, used)

    def add(self, name: str, folder: Path) -> None:
        """Name the library in a folder; raises WrongUse for a name that is taken or none."""
        check_name(name)

        def change(named: Named) -> Named:
            if name in named.folders:
                raise WrongUse(
                    f"there is a library {name} already: {named.folders[name]}",
                    "choose another name",
                )
            return Named({**named.folders, name: folder}, named.used)

        self._change(change)

    def use(self, name: str | None) -> None:
        """Make a library the one that is used where none is named; None: the one without a name."""

        def change(named: Named) -> Named:
            if name is not None:
                named.folder(name)
            return Named(named.folders, name)

        self._change(change)

    def rename(self, name: str, other: str) -> None:
        """Give a library another name; raises WrongUse."""
        check_name(other)

        def change(named: Named) -> Named:
            named.folder(name)
            if other in named.folders:
                raise WrongUse(f"there is a library {other} already", "choose another name")
            folders = {other if one == name else one: at for one, at in named.folders.items()}
            return Named(folders, other if named.used == name else named.used)

        self._change(change)

    def forget(self, name: str) -> Path:
        """Take a name away and return where the library is, whose files stay; raises WrongUse."""
        folder = Path()

        def change(named: Named) -> Named:
            nonlocal folder
            folder = named.folder(name)
            folders = {one: at for one, at in named.folders.items() if one != name}
            return Named(folders, None if named.used == name else named.used)

        self._change(change)
        return folder

    def _change(self, change: Callable[[Named], Named]) -> None:
        from store.files import FILE_MODE, alone_in, make_folder, written_whole

        make_folder(self.data)
        with alone_in(self.data):
            named = change(self.read())
            folders = {name: str(one) for name, one in sorted(named.folders.items())}
            text = json.dumps({"libraries": folders, "used": named.used}, indent=2)
            with written_whole(self._path, mode=FILE_MODE) as stream:
                stream.write(f"{text}\n".encode("utf-8", "surrogateescape"))

    def _wrong(self, what: str) -> WrongUse:
        return WrongUse(
            f"the list of libraries {self._path} {what}",
            "mend or remove it, or name a folder with --library",
        )


def registry() -> Registry:
    """The names of this reader's libraries."""
    import platformdirs

    return Registry(Path(platformdirs.user_data_dir("quire")))


def check_name(name: str) -> None:
    """Raise WrongUse for what cannot name a library."""
    if name == DEFAULT:
        raise WrongUse(f"{DEFAULT} is the library without a name", "choose another name")
    if not looks_like_name(name):
        raise WrongUse(
            f"“{name}” cannot name a library: a name has letters, digits, - _ + and . and begins"
            " with a letter or a digit",
            "choose another name",
        )


def folder_at(text: str) -> Path:
    """The folder that a path means."""
    return Path(os.path.abspath(os.path.expanduser(text)))


def library_folder(named: str | None, environment: Mapping[str, str] = os.environ) -> Path:
    """Where the library is: the one named, QUIRE_HOME, the one that is used, or the usual place.

    A name stands before a path where there is no such path. Raises WrongUse for a name that is a
    path too, for one that nearly is a name, and for an address: libraries on a server are not
    supported.
    """
    chosen = named or environment.get("QUIRE_HOME")
    if chosen and "://" in chosen:
        raise WrongUse(
            f"{chosen} is an address; a library is a folder on this machine", "give a path"
        )
    if named and looks_like_name(named):
        return _by_name(named, registry().read())
    if chosen:
        return folder_at(chosen)
    names = registry()
    known = names.read()
    return known.folders[known.used] if known.used else names.data / "library"


def is_begun_unasked(named: str | None, environment: Mapping[str, str] = os.environ) -> bool:
    """True where the app may begin a library that is not there yet: at the usual place.

    QUIRE_HOME may name that too. One that is given by name or path may be mistyped, and one that
    is used may be away, on a disk that is not there.
    """
    if named:
        return False
    place = library_folder(None, environment)
    is_usual = bool(environment.get("QUIRE_HOME")) or not registry().read().used
    try:
        return is_usual and not any(place.iterdir())
    except FileNotFoundError:
        return is_usual
    except OSError:  # a file, or a folder that may not be read: what opens it says so
        return False


def _by_name(name: str, known: Named) -> Path:
    path = folder_at(name)
    is_there = os.path.lexists(path)
    folder = known.folders.get(name)
    if folder is None:
        near = known.near(name)
        if near and not is_there:
            raise WrongUse(
                f"no library is named “{name}”, and no folder here",
                f"{did_you_mean(near)} a new folder of that name: ./{name}",
            )
        return path
    if is_there and not _is_same(path, folder):
        raise WrongUse(
            f"“{name}” is a library by name and a path here",
            f"give ./{name} for the path, {folder} for the library",
        )
    return folder


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
