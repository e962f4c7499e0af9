"""What a trial of a chat model finds: of its answer, of a long prompt, of its habits."""

from __future__ import annotations

import re

from assistant.citations.parser import CitationReader
from assistant.generation.openai.habits import Habits
from assistant.generation.truncation import describe, find_cut, remedy
from assistant.prompting.grounding import estimate_tokens
from assistant.replies.claims import draft_claims
from assistant.replies.prompt_echo import PromptWords, without_echo
from assistant.types.evidence import Evidence
from assistant.types.message import Message
from store.clean import clean_line, shorten
from store.value import Value

FACT, ADDRESS = "14", (1, 2)
"""What the right answer of a trial holds, and the source and sentence that say so."""

_FILLER = (
    "Station {at} reports calm water and no drift on this day.",
    "The gauge at post {at} was read twice and gave the same height.",
    "Nothing was repaired at site {at} between the two visits.",
)
_ONLY_ECHO = "but it only repeats its prompt"


class Finding(Value):
    """One thing that was tried: whether it works (None: it cannot be told), and in words how."""

    name: str
    works: bool | None
    about: str


def judge_answer(reply: str, evidence: Evidence, words: PromptWords) -> tuple[Finding, Finding]:
    """Whether an answer is right, and whether it cites the sentence that says so.

    Lines of the prompt are no answer, nor are those of its sources: whoever writes them down with
    the addresses before them has not cited any.
    """
    text = without_echo(reply, words)
    reader = CitationReader(evidence)
    reader.feed(text)
    reader.finish()
    claims = draft_claims(reader.text, reader.marks)
    cited = {(one.source, one.sentence) for claim in claims for one in claim.addresses}
    says = {
        (one.source, one.sentence)
        for claim in claims
        if FACT in claim.text
        for one in claim.addresses
    }
    said = shorten(clean_line(reply), 120)
    right = FACT in text
    how = "right" if right else "but not what the source says" if text.strip() else _ONLY_ECHO
    answers = Finding(name="answers", works=True if right else None, about=f"{how}: {said}")
    works: bool | None = False
    about = "cites nothing"
    if ADDRESS in says:
        works, about = True, "cites the sentence that says it"
    elif cited and all(sentence is None for _, sentence in cited):
        works, about = None, "cites sources, not sentences: quire looks for the sentence itself"
    elif cited:
        works, about = None, "cites, but not the sentence that says it"
    return answers, Finding(name="cites", works=works, about=about)


def habits_of(habits: Habits) -> tuple[Finding, ...]:
    """What the model and its server do otherwise than others, and what is done about it."""
    findings = []
    for one in habits.told():
        works = None if one.name == "context" and habits.known_window is None else True
        findings.append(Finding(name=one.name, works=works, about=one.about))
    return tuple(findings)


def planted(first: str, last: str, size: int) -> tuple[Message, ...]:
    """A prompt of about `size` tokens, as quire counts them, with a word at each of its ends."""
    lines = [f"The first word is {first}."]
    spent = 0
    while spent < size - 150:
        at = len(lines)
        lines.append(_FILLER[at % len(_FILLER)].format(at=at))
        spent += estimate_tokens(lines[-1]) + 1
    lines.append(f"The last word is {last}.")
    question = "Which is the first word, and which is the last word? Write the two words only."
    return (
        Message("system", "Answer from the notes in the user's message. Be short."),
        Message("user", "\n".join([*lines, "", question])),
    )


def judge_planted(
    text: str, words: tuple[str, str], messages: tuple[Message, ...], read: int | None
) -> Finding:
    """Whether both planted words were read; the server's own count decides where it shows a cut."""
    sent = sum(estimate_tokens(one.content) for one in messages)
    has = [re.search(rf"\b{word}\b", text, re.IGNORECASE) is not None for word in words]
    cut = find_cut(messages, read)
    name = "long prompts"
    if cut:
        return Finding(name=name, works=False, about=f"{describe(cut)}; {remedy(cut)}")
    if all(has):
        about = f"a prompt of about {sent} tokens is read whole"
        return Finding(name=name, works=True, about=about)
    said = shorten(clean_line(text), 80)
    if read is not None:
        about = f"{read} tokens were read, but the words at the ends were not both found: {said}"
        return Finding(name=name, works=None, about=about)
    if has[1]:
        about = (
            f"the beginning of a prompt of about {sent} tokens was not read: give the server a"
            " longer context (Ollama: OLLAMA_CONTEXT_LENGTH=16384) or set a smaller context_tokens"
        )
        return Finding(name=name, works=False, about=about)
    about = f"the words at the ends of a prompt of about {sent} tokens were not found: {said}"
    return Finding(name=name, works=None, about=about)
