"""The `quire` program: Ctrl-C is taken care of before anything is imported."""

import sys


def main() -> int:
    """Run quire; returns its exit code."""
    import _signal  # type: ignore[import-not-found]  # the module signal takes as long to import as the help to write

    arguments = sys.argv[1:]

    def end(_number: int, _stack: object) -> None:
        # Nothing is to be kept yet, and Python would show where in an import it was.
        import os

        _signal.signal(_signal.SIGINT, _signal.SIG_IGN)  # pressed twice, it is told once, and whole
        begin = '{"event": "error", ' if "--jsonl" in arguments else "{"
        try:
            print("error: interrupted", file=sys.stderr, flush=True)
            if "--json" in arguments or "--jsonl" in arguments:
                error = '{"code": "interrupted", "message": "interrupted", "hint": ""}'
                print(f'{begin}"error": {error}}}', flush=True)
        finally:
            os._exit(130)

    ends = None
    try:
        if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
            _signal.signal(_signal.SIGINT, end)
            ends = end
    except ValueError:  # not the main thread
        pass
    from tui.entry import run

    return run(arguments, ends)


if __name__ == "__main__":
    sys.exit(main())
