"""From a question to a checked answer: retrieval, grounding, generation, checking; the commands.
Here stand rooms, and beside them the workspace of a front end, conversations and errors.
No widget, no SQL, and no import before it is used: what Python programs see is `api/names.py`.
"""

TYPE_CHECKING = False  # typing takes a third of the time of --help
if TYPE_CHECKING:
    from assistant.api.names import *  # noqa: F403  (its `__all__` says what)


def __getattr__(name: str) -> object:
    if name.startswith("__") and name != "__all__":
        raise AttributeError(name)
    from assistant.api import names

    if name != "__all__" and name not in names.__all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(names, name)


def __dir__() -> list[str]:
    from assistant.api import names

    return [*globals(), *names.__all__]
