"""Citations and signs of one streamed answer, in the checkout that the process runs in.

    python stream_reading.py LIBRARY < {"question", "titles", "pieces"}
        > {"cpu", "check", "verdicts"}

Run by `stream_speed.py` with the interpreter of each checkout; it imports nothing of its own.
"check" is the part of "cpu" that the check of the sentences takes.
The pieces go through what a streamed answer goes through after the model: the reader of
citations, the check of sentences as they are whole, and the check of all of them at the end.
"""

# ruff: noqa: I001  (what is imported stands in one checkout or the other)

import importlib.util
import json
import re
import sys
import time
from pathlib import Path

LOADED = (
    "It “does not load 12% of this text” more than GPU-2 in two of 5 kHz [1], 3 times as fast."
    " About one third is twice the most, less than 1 in 4 of us, 10^3 to 10 thousand [1.1, 2.1]."
)
SENTENCE_END = re.compile(r"[.!?\]\n]")


def rooms():
    """Values and functions of a checkout with rooms: what opens a library, and what reads."""
    from assistant.answers.check import TextChecker
    from assistant.answers.cite import CitedText
    from assistant.retrieval.retriever import Retriever
    from assistant.text.sentences import source_sentences
    from assistant.types.evidence import Evidence, Source
    from assistant.wiring.models import open_library
    from store.types import Ranks

    def reading(library, evidence, question):
        text = CitedText(evidence)
        checker = TextChecker(library, Retriever(library), evidence, question)
        return text, checker.check, lambda: checker.check_all(text.claims())

    return open_library, source_sentences, Evidence, Source, Ranks, reading


def floor():
    """The same of a checkout from before there were rooms."""
    from assistant.assistant import Kit
    from assistant.retrieval import Retriever
    from assistant.sentences import source_sentences
    from assistant.values import Evidence, Source
    from assistant.wiring import open_library
    from store.model import Ranks

    def reading(library, evidence, question):
        kit = Kit(library, None, Retriever(library), None, None)
        draft = kit.draft(evidence, question)
        return draft, draft.check, lambda: draft.answer(question, "answered", model="m").claims

    return open_library, source_sentences, Evidence, Source, Ranks, reading


def main():
    """Read the answer once with other words, then once on the clock."""
    task = json.load(sys.stdin)
    shape = rooms if importlib.util.find_spec("assistant.answers") else floor
    open_library, sentences, Evidence, Source, Ranks, reading = shape()
    library = open_library(Path(sys.argv[1]), lambda *_: None)
    papers = {paper.title: paper for paper in library.papers()}
    sources = tuple(
        Source(
            number=number,
            paper=papers[title],
            sentences=sentences(title, papers[title].abstract),
            score=1.0,
            ranks=Ranks(),
        )
        for number, title in enumerate(task["titles"], 1)
    )
    evidence = Evidence(sources=sources, considered=len(sources))

    def read(pieces):
        check_seconds = 0.0

        def timed(function, *arguments):
            nonlocal check_seconds
            begun = time.process_time()
            result = function(*arguments)
            check_seconds += time.process_time() - begun
            return result

        text, check, check_all = reading(library, evidence, task["question"])
        for piece in pieces:
            shown = text.feed(piece)
            if SENTENCE_END.search(shown) and text.worth_checking():
                drafts = text.whole_claims()
                if drafts:
                    timed(check, drafts)
        text.finish()
        return timed(check_all), check_seconds

    read(["The first ", "call loads ", "what is loaded once [1.2].\n", LOADED])
    begun = time.process_time()
    claims, check_seconds = read(task["pieces"])
    cpu = time.process_time() - begun
    verdicts = [claim.verdict for claim in claims]
    counted = {one: verdicts.count(one) for one in sorted(set(verdicts))}
    json.dump({"cpu": cpu, "check": check_seconds, "verdicts": counted}, sys.stdout)


if __name__ == "__main__":
    main()
