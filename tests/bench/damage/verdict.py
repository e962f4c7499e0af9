"""What counts as right when a file of a library is damaged: one case against the whole library.

Right is, after `doctor`: everything works and nothing is other than it was, or the ledger is
named as damaged with what to do, or what was lost is named. A damaged configuration is named
with its line. At no time a traceback, a hang, or another list of hits in silence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.bench.damage.driver import Ran
from tests.bench.damage.harm import CONFIGURATION

Steps = Mapping[str, Ran]
"""What each step did, by its name: "status", "search 1 before", "doctor", "list" and so on."""

Outcome = Literal["mended", "named", "harmless", "FAILED"]
_LISTED = ("title", "year", "authors", "tags", "status")
BEFORE, AFTER = "before", "after"
_SHARED_AT_LEAST = 0.7
_ANSWERED = (0, 1, 5)
_BROKE = re.compile(
    r"Traceback \(most recent call last\)|something broke inside quire|panicked at|PanicException"
)
_ON_DAMAGE = re.compile(
    r"damag|doctor|rebuil|index|ledger|chroma|vector|set aside|cannot be|lost|missing",
    re.IGNORECASE,
)
_LEDGER_PARTS = re.compile(r"ledger|outbox|paper|mark|note|tag|session|conversation|log", re.I)
_WHAT_TO_DO = re.compile(r"backup|salvage")
_FOREIGN_END = re.compile(r"ended \(-\d+\)")


@dataclass
class Verdict:
    """How a case ended; `crashed`: a process was ended by a signal, ours or one that it started."""

    reasons: list[str] = field(default_factory=list)
    noticed: bool = False
    mended: bool = False
    named: bool = False
    crashed: bool = False

    @property
    def outcome(self) -> Outcome:
        """The one word for the table."""
        if self.reasons:
            return "FAILED"
        if self.named:
            return "named"
        return "mended" if self.mended or self.noticed else "harmless"


def judge(kind: str, ran: Steps, whole: Steps) -> Verdict:
    """Hold what a damaged library did against what the whole one does."""
    verdict = Verdict()
    for name, one in ran.items():
        _sanity(verdict, name, one)
    if kind == CONFIGURATION:
        _configuration(verdict, ran, whole)
        return verdict
    for name, one in ran.items():
        if name.endswith(BEFORE):
            _before(verdict, name, one, whole[name])
    if "doctor" in ran:
        _doctor(verdict, ran, whole)
    if "app" in ran:
        _app(verdict, ran["app"], whole["app"])
    return verdict


def result(name: str, ran: Ran) -> Any:
    """What of a step's output must be the same as of the whole library; None when there is none."""
    document: Any = ran.document()
    match name.split()[0], document:
        case "search", {"hits": [*_]}:
            return [one["id"] for one in document["hits"]]
        case "ask", {"outcome": outcome, "text": text}:
            return outcome, text, [one["id"] for one in document.get("references") or ()]
        case "list", {"papers": [*papers]}:
            return {
                one["id"]: [
                    one.get(part) for part in ("title", "year", "authors", "tags", "status")
                ]
                for one in papers
            }
        case "show", [*papers]:
            return papers
        case "sessions", {}:
            return document
        case "status", {"papers": papers}:
            return papers
    return None


def _sanity(verdict: Verdict, name: str, ran: Ran) -> None:
    if ran.ended:
        verdict.crashed |= "hung" not in ran.ended
        verdict.reasons.append(f"{name}: {ran.ended}")
        return
    broke = _BROKE.search(ran.out + ran.err)
    if broke and not (name == "app" and broke[0] == "panicked at"):
        verdict.reasons.append(f"{name}: {broke[0]}")
    if _FOREIGN_END.search(ran.out + ran.err):
        verdict.crashed = True
    if ran.document() is None and (ran.code == 0 or name.split()[0] not in ("sessions", "app")):
        verdict.reasons.append(f"{name}: no JSON on stdout (exit {ran.code})")


def _before(verdict: Verdict, name: str, ran: Ran, whole: Ran) -> None:
    """Before `doctor`: the same result, or a line that says what is wrong."""
    said = _news(ran, whole)
    verdict.noticed |= bool(said)
    if ran.ended or _BROKE.search(ran.err):
        return
    if ran.code not in (*_codes(name, whole), 3):
        verdict.reasons.append(f"{name}: exit {ran.code}: {_last(ran)}")
    elif ran.code == 3 or said or name.startswith("status"):
        return  # status counts what is there, and opens nothing that could tell
    elif result(name, ran) != result(name, whole):
        verdict.reasons.append(f"{name}: another result in silence")


def _doctor(verdict: Verdict, ran: Steps, whole: Steps) -> None:
    doctor = ran["doctor"]
    if doctor.ended or _BROKE.search(doctor.err + doctor.out):
        return  # said already; whatever comes after follows from it
    before = {one["part"]: one for one in _findings(whole["doctor"])}
    news = [one for one in _findings(doctor) if one != before.get(one.get("part"))]
    states = {one.get("state") for one in news}
    verdict.noticed |= bool(states - {"ok"})
    verdict.mended = "mended" in states
    broken = [one for one in news if one.get("state") in ("broken", "behind")]
    match doctor.code:
        case 0:
            pass
        case 1:
            verdict.named = any(_LEDGER_PARTS.search(str(one.get("part"))) for one in broken)
            for one in broken:
                if not _LEDGER_PARTS.search(str(one.get("part"))):
                    verdict.reasons.append(f"doctor leaves broken: {one.get('message')}")
        case 3:
            verdict.noticed = verdict.named = True
            if not _WHAT_TO_DO.search(doctor.err):
                verdict.reasons.append(f"doctor: exit 3 without what to do: {_last(doctor)}")
        case _:
            verdict.reasons.append(f"doctor: exit {doctor.code}: {_last(doctor)}")
    for name, step in ran.items():
        if name.endswith(AFTER) or name in ("list", "show", "sessions"):
            _after(verdict, name, step, whole[name])


def _after(verdict: Verdict, name: str, ran: Ran, whole: Ran) -> None:
    """After `doctor`: as the whole library does, unless the ledger or a loss was named."""
    if verdict.named or ran.ended or _BROKE.search(ran.err):
        return
    if ran.code not in _codes(name, whole):
        verdict.reasons.append(f"{name}: exit {ran.code}: {_last(ran)}")
        return
    here, there = result(name, ran), result(name, whole)
    if name == "sessions":
        here = {key: value for key, value in here.items() if key in there}
    if here != there:
        verdict.reasons.append(f"{name}: {_difference(here, there)} in silence")
    elif name.split()[0] in ("search", "ask") and _news(ran, whole):
        verdict.reasons.append(f"{name}: still said after doctor: {_news(ran, whole)[0]}")


def _app(verdict: Verdict, ran: Ran, whole: Ran) -> None:
    """The app's searches: right, or in trouble at once; right after the long work."""
    if ran.ended or _BROKE.search(ran.err.replace("panicked at", "")):
        return
    if ran.code == 3:
        verdict.noticed = verdict.named = True
        if not _WHAT_TO_DO.search(ran.err):
            verdict.reasons.append(f"app: exit 3 without what to do: {_last(ran)}")
        return
    here, there = ran.document(), whole.document()
    if here is None:
        return
    trouble = here["trouble first"]
    verdict.noticed |= bool(trouble) or bool(_news(ran, whole))
    right = _as_near(here["then"], there["then"])
    verdict.mended = verdict.noticed and right
    if here["first"] != there["first"] and not trouble and not _news(ran, whole):
        verdict.reasons.append("app: other papers found in silence")
    if not right:
        left = here["trouble then"] or "in silence"
        verdict.reasons.append(f"app: other papers found after its long work ({left})")


def _as_near(here: dict[str, Any], there: dict[str, Any]) -> bool:
    """True for the same lists by words, and by meaning nearly the same.

    Chroma's graph is another one each time it is built, and misses some of the nearest.
    """
    for text, (words, nearest) in there.items():
        shared = len(set(nearest) & set(here[text][1]))
        if here[text][0] != words or shared < _SHARED_AT_LEAST * len(nearest):
            return False
    return True


def _configuration(verdict: Verdict, ran: Steps, whole: Steps) -> None:
    """A configuration that cannot be used is exit 2 with the line; one that can does as before."""
    for name, one in ran.items():
        if one.ended or _BROKE.search(one.err):
            continue
        if one.code == 2:
            verdict.noticed = verdict.named = True
            wrong = re.search(r"not TOML|cannot be read|is wrong at", one.err)
            if wrong and not re.search(r"\bline \d+", one.err):
                verdict.reasons.append(f"{name}: no line is named: {_last(one)}")
        elif name.startswith("ask cached"):
            continue  # the address or the model's name may be other ones now
        elif one.code != whole[name].code:
            verdict.reasons.append(f"{name}: exit {one.code}: {_last(one)}")
        elif name != "sessions" and result(name, one) != result(name, whole[name]):
            verdict.reasons.append(f"{name}: another result in silence")


def _codes(name: str, whole: Ran) -> tuple[int, ...]:
    """The exit codes that are a result: another answer may have another one."""
    return _ANSWERED if name.startswith("ask") else (whole.code,)


def _news(ran: Ran, whole: Ran) -> list[str]:
    """Lines on stderr about damage that the whole library's command does not say."""
    known = set(whole.err.splitlines())
    return [line for line in ran.err.splitlines() if line not in known and _ON_DAMAGE.search(line)]


def _findings(doctor: Ran) -> list[dict[str, Any]]:
    match doctor.document():
        case {"findings": [*found]}:
            return found
    return []


def _difference(here: Any, there: Any) -> str:
    if isinstance(here, dict) and isinstance(there, dict):
        gone = sum(key not in here for key in there)
        other = sum(here.get(key, value) != value for key, value in there.items())
        return f"{gone} gone, {other} altered"
    return "other than before"


def _last(ran: Ran) -> str:
    lines = [line for line in ran.err.splitlines() if line.strip()]
    told = [line for line in lines if line.startswith("error:")] or lines
    return told[-1][:160] if told else "nothing said"
