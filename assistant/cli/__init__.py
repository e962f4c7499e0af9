"""The one-shot commands: one module a command, found by `root`, in the frame they share.
Options and arguments in; data on stdout, narration on stderr, an exit code out.
No logic of answers: what the app needs too stands in `workspace` or below.
"""
