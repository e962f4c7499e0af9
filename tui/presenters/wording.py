"""The lines around an answer: what it was checked by, what it took, what went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from assistant.checking.verdicts import SIGNS
from assistant.ingest.add import AddProgress, AddReport, counts
from assistant.ingest.embedder_change import ChangeDone, ChangeProgress
from assistant.types.answers import Answer
from assistant.types.claims import Claim
from assistant.wiring.embedders import EmbedderChoice
from store.clean import clean_line, clean_text
from store.types import LibraryStatus
from tui.presenters.sources import byline, web_address

EXTRACTIVE = "extractive"
"""The name of the built-in model."""

_OUTCOMES = {
    "interrupted": "Stopped before its end.",
    "declined": "The model declined to answer.",
    "not_in_collection": "This library does not answer the question.",
}


def failure(error: Exception) -> str:
    """One line for a failure: what happened, then the next step."""
    parts = [str(getattr(error, "message", "") or error), str(getattr(error, "hint", ""))]
    return " ".join(_sentence(clean_line(part)) for part in parts if part.strip())


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


def destination(model: str, sends_to: str | None, embeds_at: str | None = None) -> str:
    """Which model answers, where questions and abstracts go, and where for their vectors."""
    parts = [f"sends to {clean_line(sends_to)}"] if sends_to else []
    if embeds_at and embeds_at != sends_to:
        parts.append(f"sends to {clean_line(embeds_at)} for vectors")
    return " · ".join([clean_line(model), *(parts or ["nothing leaves this machine"])])


def standing(status: LibraryStatus) -> str:
    """How many papers the library holds, and how many wait to be indexed."""
    papers = "1 paper" if status.papers == 1 else f"{status.papers:,} papers"
    return papers + (f", {status.pending:,} to index" if status.pending else "")


def adding(progress: AddProgress) -> str:
    """How far an adding has come, and how to stop it."""
    return _going(f"Adding: {progress.records:,} read", progress, "F5 stops")


def changing(progress: ChangeProgress, name: str) -> str:
    """How far a change of embedder has come, and how to stop it."""
    what = "Indexing" if progress.step == "indexing" else "Embedding"
    done = f"{what} with {clean_line(name)}: {progress.done:,} of {progress.total:,}"
    return _going(done, progress, "Esc stops")


def _going(done: str, progress: AddProgress | ChangeProgress, stops: str) -> str:
    parts = [done]
    if progress.rate:
        parts.append(f"{progress.rate:,.0f} a second")
    if (left := progress.seconds_left) is not None:
        parts.append(f"{span(left)} left")
    return " · ".join([*parts, stops])


def span(seconds: float) -> str:
    """A time to wait, in words."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def added(report: AddReport, path: str) -> tuple[str, ...]:
    """What an adding did: the account, then what was refused, noted and passed over."""
    said = counts(report)
    where = clean_line(path)
    if report.stopped:
        lines = [f"Stopped adding {where}. Kept: {said}. The same again goes on from there."]
    else:
        lines = [f"Added {where}: {said}."]
    lines += [f"Refused: {clean_line(one)}." for one in report.refusals]
    if report.more_refusals:
        lines.append(f"… and {report.more_refusals:,} more; quire add --json lists them all.")
    lines += [f"Note: {clean_line(one)}." for one in report.notes]
    if report.more_notes:
        lines.append(f"… and {report.more_notes:,} more notes.")
    if report.skipped:
        files = "1 file" if report.skipped == 1 else f"{report.skipped:,} files"
        lines.append(f"{files} of no known kind passed over.")
    return tuple(lines)


def changed(end: ChangeDone, name: str) -> str:
    """What a change of embedder did."""
    report, called = end.report, clean_line(name)
    if not report.done:
        return (
            f"Stopped. Vectors from {called} that were made are kept: {end.vectors:,} of "
            f"{report.papers:,} papers have theirs. The library uses the embedder it had; "
            "the same choice goes on from there."
        )
    there = report.papers - report.embedded
    kept = f", {there:,} were there" if there > 0 else ""
    made = "1 vector" if report.embedded == 1 else f"{report.embedded:,} vectors"
    return f"The library uses {called} now: {made} made{kept}."


def embedder_row(one: EmbedderChoice) -> tuple[str, str]:
    """An embedder in a list: its name, and where it works, the host first."""
    place = ""
    if one.here:
        where = "texts stay here"
        if one.sends_to:
            where = f"sends texts to {clean_line(one.sends_to)}"
        place = f"{where} · "
    name = clean_line(one.name) + (" · in use" if one.in_use else "")
    return name, place + clean_line(one.about)


def embedder_refusal(one: EmbedderChoice) -> str:
    """Why an embedder cannot be changed to, with what to do; "" when it can."""
    if one.in_use:
        return f"{clean_line(one.name)} is in use already."
    if not one.here:
        return f"{clean_line(one.name)} cannot be used: {clean_line(one.about)}"
    return ""


def embedder_consent(one: EmbedderChoice) -> tuple[str, str]:
    """The question before texts are sent away, and what it is about."""
    host = clean_line(one.sends_to or "")
    detail = (
        f"{clean_line(one.name)} is {clean_line(one.about)}. The titles and abstracts of this "
        "library are sent there for their vectors, and from then on every question."
    )
    if one.warning:
        detail += f" Note: {clean_line(one.warning)}."
    return f"Send your papers and questions to {host}?", detail


def ending(answer: Answer) -> tuple[str, ...]:
    """The lines under an answer that say how it ended, in words for the reader."""
    # The note says why an answer was cut; the refusal is a sentence of its own.
    is_explained = (answer.outcome == "interrupted" and answer.note) or (
        answer.outcome == "not_in_collection" and answer.text.strip()
    )
    lines = [*_contradictions(answer), "" if is_explained else _OUTCOMES.get(answer.outcome, "")]
    if answer.standalone and answer.standalone.strip() != answer.question.strip():
        lines.append(f"Understood as: {clean_line(answer.standalone)}")
    lines.append(clean_line(answer.note))
    if answer.coverage is not None and answer.coverage.failed:
        lines.append("F6 with the same question asks those that failed once more.")
    if answer.outcome == "not_in_collection" and answer.near_misses:
        lines.append("What came closest is listed under Sources.")
    return tuple(line for line in lines if line)


def _contradictions(answer: Answer) -> list[str]:
    """A line for each sentence that the model finds contradicted by what it cites."""
    sign = SIGNS["contradicted"].symbol
    return [
        f"{sign} Contradicted by its sources, says the model: {clean_line(claim.text)}"
        for claim in answer.claims
        if claim.verdict == "contradicted"
    ]


def verdict_counts(claims: Iterable[Claim]) -> str:
    """How many claims got which verdict, as symbols and numbers."""
    counts = Counter(claim.verdict for claim in claims)
    return "  ".join(f"{SIGNS[one].symbol} {counts[one]}" for one in SIGNS if counts[one])


def account(answer: Answer) -> str:
    """One line on the check, the sources, the model and what the answer took."""
    parts = [verdict_counts(answer.claims)]
    if answer.claims:
        judged = sum(1 for claim in answer.claims if claim.checked_by == "model")
        parts.append("checked: words and numbers, not meaning" if not judged else "")
        if judged == len(answer.claims):
            parts.append("checked: by the model, claim by claim")
        elif judged:
            parts.append(f"checked: {judged} by the model, the others by words and numbers")
    evidence = answer.evidence
    if evidence.considered:
        parts.append(f"{evidence.used} of {evidence.considered} sources cited")
    if evidence.dropped:
        parts.append(f"{evidence.dropped} left out for length")
    parts += [clean_line(answer.model), _took(answer)]
    return " · ".join(part for part in parts if part)


def _took(answer: Answer) -> str:
    usage = answer.usage
    if not usage.calls:
        return ""
    about = "about " if usage.estimated else ""
    line = f"{usage.calls} {'call' if usage.calls == 1 else 'calls'}"
    if usage.input_tokens or usage.output_tokens:
        line += f" · {about}{usage.input_tokens} tokens in, {usage.output_tokens} out"
    return line + (f" · ${usage.cost:.4f}" if usage.cost else "")


def copied(answer: Answer) -> str:
    """An answer with its references, and what other papers said that were asked, as plain text."""
    lines = [clean_text(answer.text).strip()]
    if answer.references:
        lines += ["", "References"]
    for one in answer.references:
        address = web_address(one.url)
        line = f"[{one.number}] {clean_line(one.title)}. {byline(one.authors, one.year)}."
        lines.append(f"{line} {address}".rstrip())
    cited = {one.id for one in answer.references}
    for verdict, heading in (("yes", "More papers that say yes"), ("unclear", "Unclear")):
        said = [one for one in answer.papers if one.verdict == verdict and one.id not in cited]
        lines += ["", heading] if said else []
        lines += [
            f"{clean_line(one.title)}: {clean_line(one.sentence or '(no sentence)')}"
            for one in said
        ]
    return "\n".join(lines) + "\n"
