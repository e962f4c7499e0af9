"""Parts what a model thinks from what it answers, where a server leaves both in one text.

Models mark their turns and thoughts with special tokens, which a server is to take out. Where it
does not know them they stand in the text: tags of thinking, the channels of gpt-oss ("harmony",
OpenAI's response format, with its tokens or with them left out), the token that ends a turn.
"""

from __future__ import annotations

import re
from typing import Literal

from assistant.generation.openai.marks import BEGUN, LONGEST, MARK, ROLE_BEGINS, closes, opens
from store.pattern import pattern

Kind = Literal["answer", "thought", "void"]
"""What a text is; "void": the answer so far was thought, and begins anew."""

_CHANNELS = pattern(r"\s*(?:assistant)?(analysis|commentary|final)(?=(.))", re.S)
_CHANNELS_BEGUN = ("analysis", "commentary", "final")
_NEXT_CHANNEL = pattern(r"assistant(analysis|commentary|final)")
_NEXT_BEGUN = tuple(f"assistant{name}" for name in _CHANNELS_BEGUN)
_NEXT_JOINED = f" {' '.join(_NEXT_BEGUN)}"
_MAX_BLANKS = 64
_MAX_HEADER = 120
_QUOTES = "`'\"“”‘’"


class ChannelSplitter:
    """Splits text that arrives in pieces cut anywhere into thoughts and answer.

    A thought opens with its tag at the start of a line, so that an answer may quote the tag
    within a sentence; one that is never closed goes on to the end. A closing tag alone closes
    what a template opened in the prompt: all before it was thought. `unopened` says that this
    model does so; then all is thought until the tag comes, and the answer if it never does.
    All parts joined are the text without its marks and without the white space between a
    thought and the answer.
    """

    def __init__(self, *, unopened: bool = False) -> None:
        self._held = ""
        self._header = ""
        self._state: Literal["answer", "thought", "header", "role", "over"] = "answer"
        self._unsure: list[str] | None = None
        if unopened:
            self._state, self._unsure = "thought", []
        self._at_start = True
        self._blank_line = True
        self._last = ""
        self._after_thought = False
        self._quoted = self._struck = False
        self._channels: Literal["no", "marked", "bare"] = "no"
        self._passed = False
        self._parts: list[tuple[Kind, str]] = []
        self.closed_unopened = False
        self.marks = False
        """True once a mark was taken out that is no tag of thinking."""

    def told_apart(self) -> None:
        """The server sends thoughts apart: what comes here is the answer, however it begins."""
        if self._unsure == []:
            self._state, self._unsure = "answer", None

    def feed(self, piece: str) -> list[tuple[Kind, str]]:
        """Take a piece, return what it completes, in order."""
        return self._take(piece, final=False)

    def finish(self) -> list[tuple[Kind, str]]:
        """Return what was still held back."""
        parts = self._take("", final=True)
        unsure, self._unsure = self._unsure, None
        return [*parts, ("answer", "".join(unsure))] if unsure else parts

    @property
    def is_unsure(self) -> bool:
        """True while all that came is taken for thought because the model is known to do so."""
        return self._unsure is not None

    def _take(self, piece: str, *, final: bool) -> list[tuple[Kind, str]]:
        if self._is_plain(piece):
            self._blank_line, self._passed = False, True
            self._last = piece.rstrip(" \t")[-1]
            return [("answer", piece)]
        text, self._held = self._held + piece, ""
        while text:
            text = self._step(text, final=final)
        parts, self._parts = self._parts, []
        self._passed = self._passed or any(kind == "answer" for kind, _ in parts)
        return parts

    def _is_plain(self, piece: str) -> bool:
        """Whether a piece is words of the answer and nothing else, as nearly all are."""
        is_begun = self._at_start or self._after_thought or bool(self._held)
        if is_begun or self._state != "answer" or not piece or piece.isspace():
            return False
        return not any(sign in piece for sign in "<[◁\n")

    def _step(self, text: str, *, final: bool) -> str:
        """Take what is sure at the start of a text; returns the rest, empty where it is held."""
        if self._at_start and (rest := self._started(text, final=final)) is not None:
            return rest
        is_bare = self._channels == "bare" and self._state == "thought"
        if is_bare and (found := _NEXT_CHANNEL.search(text)):
            self._emit(text[: found.start()])
            self._enter(found[1])
            return text[found.end() :]
        if self._state == "role" and "\n" in text:
            self._state = "answer"
            return text.partition("\n")[2]
        mark = MARK.search(text)
        if mark is None:
            return self._hold(text, len(text) if final else self._sure(text))
        after = text[mark.end() :]
        is_open = not after or BEGUN.match(after) is not None
        if is_open and not final and self._state == "answer" and not opens(mark):
            return self._hold(text, mark.start() - self._blanks(text[: mark.start()]))
        self._marked(text[: mark.start()], mark, after)
        return after

    def _hold(self, text: str, sure: int) -> str:
        self._held = text[sure:]
        self._emit(text[:sure])
        return ""

    # Where a text begins.

    def _started(self, text: str, *, final: bool) -> str | None:
        """What follows the name of a channel whose tokens were left out; None for no such name."""
        begun = text.lstrip()
        found = _CHANNELS.match(text)
        if found and _is_channel(found[1], found[2]):
            self._at_start, self._channels, self._unsure, self.marks = False, "bare", None, True
            self._enter(found[1])
            return text[found.end() :]
        names = (*_CHANNELS_BEGUN, *_NEXT_BEGUN)
        if not final and len(text) <= _MAX_BLANKS and any(one.startswith(begun) for one in names):
            self._held = text
            return ""
        return None

    # Marks.

    def _marked(self, before: str, mark: re.Match[str], after: str) -> None:
        token = (mark["token"] or "").lower()
        if self._state == "role":
            self._state = "answer"
        elif self._state == "over":
            if token in ("start", "channel"):
                self._state, self._header = "header", mark[0]
        elif self._state == "header":
            self._header += before
            if token == "message":  # noqa: S105
                self._enter(_channel_of(self._header))
            else:
                self._header += mark[0]
        elif token in ("channel", "start", "message") and self._may_head(before, token):
            self._emit(before)
            self._channels, self._unsure, self.marks = "marked", None, True
            if token != "message":  # noqa: S105
                self._state, self._header = "header", mark[0]
        elif self._state == "thought":
            self._in_thought(before, mark)
        else:
            self._in_answer(before, mark, after)

    def _may_head(self, before: str, token: str) -> bool:
        if token == "message":  # noqa: S105
            return self._channels == "bare"
        starts = not self._last and not before.strip() and self._state == "answer"
        return starts or self._channels != "no" or self._unsure is not None

    def _enter(self, channel: str) -> None:
        if channel == "final":
            self._state, self._after_thought, self._blank_line = "answer", True, True
        else:
            self._state = "thought"

    def _in_thought(self, before: str, mark: re.Match[str]) -> None:
        token = (mark["token"] or "").lower()
        if self._channels != "no":
            self._emit(before)
            if token in ("end", "return", "call"):
                self._state = "over"
        elif closes(mark):
            self._emit(before)
            self.closed_unopened = self.closed_unopened or self._unsure is not None
            self._unsure = None
            self._enter("final")
        elif self._unsure == [] and opens(mark) and not before.strip():
            self._unsure = None  # this time it was opened
        else:
            self._emit(before + mark[0])

    def _in_answer(self, before: str, mark: re.Match[str], after: str) -> None:
        if opens(mark):
            start, end, line = before.rpartition("\n")
            if not line.strip() and (end or self._blank_line):
                self._emit(start + end)
                self._state, self._at_start = "thought", False
                return
            self._quoted = True
        elif mark[0] == "<s>" and (self._last or before.strip()):  # HTML, as its end
            self._struck = True
        elif self._struck and mark[0] == "</s>":
            pass
        elif closes(mark):
            if self._closes_unopened(before, after):
                self._emit(before)
                self._void()
                return
        elif not self._last and not before.strip():
            self.marks = self._after_thought = True
            self._state = "role" if mark[0].lower() in ROLE_BEGINS else "answer"
            return
        elif self._channels != "no" or after[:1] in ("", "\n", "\r") or MARK.match(after):
            self._emit(before)
            self._state, self.marks = "over", True
            return
        self._emit(before + mark[0])

    def _closes_unopened(self, before: str, after: str) -> bool:
        """Whether a closing tag that nothing opened is one, and none that an answer quotes."""
        if self._quoted or self.closed_unopened:
            return False
        last = before.rstrip(" \t")[-1:] or self._last
        if last in ("", "\n"):
            return True
        return last not in _QUOTES and (not after or after[0] in "\r\n" or last in ".!?)]")

    def _void(self) -> None:
        """All that came so far was thought."""
        self._parts = [("thought", text) for _, text in self._parts]
        if self._passed:
            self._parts.append(("void", ""))
        self.closed_unopened, self._last = True, ""
        self._enter("final")

    # What is sure.

    def _sure(self, text: str) -> int:
        """How much of a text without a whole mark can be passed on."""
        begun = BEGUN.search(text, max(0, len(text) - LONGEST))
        keep = begun.start() if begun else len(text)
        if self._channels == "bare" and self._state == "thought":
            most = min(len(text), len(_NEXT_BEGUN[1]))
            ends = [n for n in range(1, most + 1) if f" {text[-n:]}" in _NEXT_JOINED]
            keep = min(keep, len(text) - max(ends, default=0))
        return keep - self._blanks(text[:keep])

    def _blanks(self, text: str) -> int:
        """How many blanks at the end of a text stand where a tag may follow at a line's start."""
        _, end, line = text.rpartition("\n")
        may_open = self._state == "answer" and (end or self._blank_line)
        is_blank = not line.strip(" \t") and len(line) < _MAX_BLANKS
        return len(line) if may_open and is_blank else 0

    def _emit(self, text: str) -> None:
        if self._state in ("over", "role") or not text:
            return
        if self._state == "header":
            self._header += text
            if len(self._header) > _MAX_HEADER:
                self._headless()
            return
        self._at_start = self._at_start and text.isspace()
        if self._state == "thought":
            if self._unsure is not None:
                self._unsure.append(text)
            self._parts.append(("thought", text))
            return
        if self._after_thought:
            text = text.lstrip()
            self._after_thought = not text
        if text:
            _, end, line = text.rpartition("\n")
            self._blank_line = not line.strip(" \t") and bool(end or self._blank_line)
            self._last = text.rstrip(" \t")[-1:] or self._last
            self._parts.append(("answer", text))

    def _headless(self) -> None:
        """A header that no message follows: its first word is the channel, the rest its text."""
        header, self._header = self._header, ""
        name, _, rest = header.removeprefix("<|start|>").removeprefix("<|channel|>").partition(" ")
        self._enter("final" if name == "final" else "analysis")
        self._emit(rest)


def _channel_of(header: str) -> str:
    """The channel of a message of gpt-oss by its header: role, channel, who it is for."""
    role, _, rest = header.partition("<|channel|>")
    name = rest.partition("<|")[0].split()
    if role.removeprefix("<|start|>").strip().lower() not in ("", "assistant"):
        return "commentary"
    return name[0].lower() if name else "final"


def _is_channel(name: str, following: str) -> bool:
    """Whether the name of a channel is one, and no word that a text begins with."""
    if name == "analysis":
        return following.isalnum() or following in '<"“'
    return following.isupper() or following.isdigit() or following in '<"“[*#'
