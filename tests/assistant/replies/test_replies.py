"""From the raw pieces of a reply to its clean text, and to its claims without their marks."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable
from typing import Any, Protocol

import pytest
from cli_fixture import Serving
from growth import grows_in_proportion
from hypothesis import given
from hypothesis import strategies as st
from made_sources import made_source, numbered_source
from tables import Row, compare, table

from assistant.citations.parser import CitationReader
from assistant.prompting.prompts import REFUSAL
from assistant.replies.asides import Asides
from assistant.replies.cited_text import CitedText
from assistant.replies.claim_text import without_marks
from assistant.replies.claims import draft_claims
from assistant.replies.plain_text import MarkdownMarks, plain
from assistant.replies.prompt_echo import NO_WORDS, EchoFilter, without_echo, words_of
from assistant.replies.refusal import Refusals
from assistant.replies.repetition import LoopFilter
from assistant.replies.wrapping import Unwrapper, unwrapped
from assistant.types.citations import DraftClaim
from assistant.types.evidence import Evidence
from assistant.types.message import Message

SIZES = (1, 2, 3, 7, 50)
TOKEN = "3633cb698c2b"
EVIDENCE = Evidence(
    sources=tuple(
        made_source(row["number"], row["title"], row["abstract"])
        for row in table(__file__, "papers.jsonl")
    )
)
ASIDES = Asides(EVIDENCE, "How much mass do glaciers lose?")
NUMBERED = Evidence(sources=tuple(numbered_source(number) for number in range(1, 6)))
MARK = re.compile(r"\[(?:\d+|\?)\](?:\[(?:\d+|\?)\])*")


class Filter(Protocol):
    """What takes a text in pieces."""

    def feed(self, piece: str) -> str: ...

    def finish(self) -> str: ...


def in_pieces(made: Callable[[], Filter], text: str) -> str:
    """What comes of a text, the same in pieces of every size."""
    (shown,) = {in_pieces_of(size, made(), text) for size in (*SIZES, len(text) + 1)}
    return shown


def in_pieces_of(size: int, one: Filter, text: str) -> str:
    pieces = [one.feed(text[at : at + size]) for at in range(0, len(text), size)]
    return "".join((*pieces, one.finish()))


class PlainWords:
    """The words that are left without marks, as one text."""

    def __init__(self) -> None:
        self._marks = MarkdownMarks()

    def feed(self, piece: str) -> str:
        return "".join(one.text for one in self._marks.feed(piece))

    def finish(self) -> str:
        return "".join(one.text for one in self._marks.finish())


def claims_of(text: str) -> list[str]:
    """The claims of a text that cites sentences of one source."""
    cited = CitedText(Evidence(sources=(numbered_source(1),)))
    cited.feed(text.replace("[1]", "[1.2]"))
    cited.finish()
    return [one.text for one in cited.claims()]


def test_a_paragraph_ends_with_its_citation() -> None:
    cited = CitedText(Evidence(sources=(numbered_source(1),)))
    shown = cited.feed("Owls hunt at night. [1.2]\n\n") + cited.end_paragraph()
    assert shown.startswith("Owls hunt at night. [1]")
    assert all(one.addresses for one in cited.whole_claims(ended=True))


def said(reply: str) -> str | None:
    """A reply without its wrapping; None for one that cannot be used."""
    wrapping = Unwrapper()
    shown = in_pieces(Unwrapper, reply)
    assert wrapping.feed(reply) + wrapping.finish() == shown == unwrapped(reply)
    return None if wrapping.unusable else shown


def kept_of(row: Row) -> str:
    """What is passed of a text that may loop; as a whole where it does not."""
    made = random.Random(1)
    names = [f"{one}{other}" for one in "BCDFG" for other in "aeiouyrlnstm"]

    def unit(at: int) -> str:
        text = row["unit"].replace("%d", str(at)).replace("%w", names[at % len(names)])
        return re.sub("%r", lambda _: f"{made.uniform(0, 9):.2f}", text)

    text = row["before"] + "".join(map(unit, range(row["times"])))
    for size in SIZES:  # where a loop begins within a sentence, some letters more may be passed
        assert text.startswith(in_pieces_of(size, LoopFilter(), text).removesuffix(" …"))
    shown = in_pieces_of(3, LoopFilter(), text)
    return "all of it" if shown == text else shown


def refusals_told(row: Row) -> list[str]:
    refusals = Refusals(Asides(EVIDENCE, row["question"]))
    return [one for one in (*row["right"], *row.get("tells", ())) if refusals.is_reply(one)]


def became(size: int, text: str) -> list[object]:
    """What becomes of a reply in pieces of a size: how it ends, its text, its claims."""
    cited = CitedText(EVIDENCE, NO_WORDS, "What quantizers and what licence has FoxCodec?")
    shown, told = "", []
    for at in range(0, len(text), size):
        shown += cited.feed(text[at : at + size])
        told += [one.text for one in cited.whole_claims()]
    assert shown + cited.finish() == cited.text
    claims = [] if cited.refused else [one.text for one in cited.claims()]
    assert told == claims[: len(told)]
    how = "in part" if cited.leaves_open else "answered" if cited.cites else "uncited"
    return ["refused" if cited.refused else how, cited.text, claims]


def drafts_of(written: str) -> tuple[str, tuple[DraftClaim, ...]]:
    """What is shown of a text, and its claims."""
    reader = CitationReader(NUMBERED)
    text = reader.feed(written) + reader.finish()
    return text, draft_claims(reader.text, reader.marks)


def drafted(row: Row) -> list[list[str]]:
    """The text of each claim, what it cites, and its place in what is shown."""
    text, found = drafts_of(row["written"])
    assert all(one.end <= following.start for one, following in itertools.pairwise(found))
    cited = [[f"{source}.{at}" for source, at, _ in one.addresses] for one in found]
    return [
        [one.text, " ".join(addresses), text[one.start : one.end]]
        for one, addresses in zip(found, cited, strict=True)
    ]


def bare(text: str) -> str:
    """A text without its marks."""
    return without_marks(text, 0, len(text), [match.span() for match in MARK.finditer(text)])


def read_by_markers(row: Row) -> list[object]:
    first, *others = (became(size, row["reply"]) for size in (*SIZES, 999))
    assert others == [first] * len(SIZES)
    return first


@pytest.mark.parametrize(
    ("name", "read"),
    {
        "asides": lambda row: ASIDES.is_aside(row["said"]),
        "unwrapped": lambda row: said(row["reply"]),
        "plain": lambda row: in_pieces(PlainWords, row["text"]),
        "claims": drafted,
        "claim_text": lambda row: bare(row["text"]),
        "headings": lambda row: claims_of(row["text"]),
        "loops": kept_of,
        "refusals": refusals_told,
        "markers": read_by_markers,
        "prompt_echo": lambda row: without_the_prompt(row),
    }.items(),
)
def test_what_is_made_of_a_reply(name: str, read: Callable[[Row], object]) -> None:
    """As the first remark of each table says."""
    compare(table(__file__, f"{name}.jsonl"), read)


def test_marks_are_left_out_by_their_own_offsets_in_time_in_proportion() -> None:
    text = "First [1]. According to [2], it works [3]. Last."
    assert without_marks(text, 11, 42, [(24, 27), (38, 41)]) == "it works."
    grows_in_proportion(bare, ["according to [1], and "])
    grows_in_proportion(drafts_of, ["[1.2] a. ", "a", "- [1.2]\n"])
    assert "[" not in bare("according to [1], and " * 1_000)


@pytest.mark.slow
def test_hostile_replies_take_time_in_proportion() -> None:
    floods = [row["unit"] for row in table(__file__, "floods.jsonl")]
    for made in (Unwrapper, PlainWords, LoopFilter, lambda: CitedText(EVIDENCE)):

        def read(text: str, made: Callable[[], Filter] = made) -> None:
            one = made()
            for at in range(0, len(text), 7):
                one.feed(text[at : at + 7])
            one.finish()

        grows_in_proportion(read, floods)
    grows_in_proportion(lambda text: unwrapped("{" + text), ["a", '"', ", ", "a ", '"a', "[1,,"])
    grows_in_proportion(lambda text: (plain(text), claims_of(text[:20_000])), ["**a** ", "# a\n"])


WORDS = words_of(
    (
        Message("system", "You answer briefly.\n1. Use only the sources.\n2. Cite one of them."),
        Message(
            "user",
            f"{TOKEN} source 1\n[1.1] Owls hunt at night.\n{TOKEN} end of source 1\n\n"
            f"The text between {TOKEN} is to read.\nQuestion: When do owls hunt?\nNO\n{REFUSAL}",
        ),
    ),
    TOKEN,
    "When do owls hunt?",
)


def without_the_prompt(row: Row) -> str:
    """A text without what its prompt says, the same at once and letter by letter."""
    text = row["text"].replace("FENCE", TOKEN)
    letters = EchoFilter(WORDS)
    shown = "".join(letters.feed(one) for one in text) + letters.finish()
    assert without_echo(text, WORDS) == shown
    assert letters.dropped == (shown != text)
    return shown


@given(
    st.lists(
        st.sampled_from([TOKEN, TOKEN[:5], "3", "a", " ", "\n", "word.", "[1.1]", *WORDS.lines])
    ),
    st.lists(st.integers(0, 80)),
)
def test_what_the_prompt_says_is_left_out_however_the_text_is_cut(
    parts: list[str], cuts: list[int]
) -> None:
    text = "".join(parts)
    echo, shown, at = EchoFilter(WORDS), [], 0
    for cut in sorted(cuts):
        shown.append(echo.feed(text[at:cut]))
        at = max(at, cut)
    shown += [echo.feed(text[at:]), echo.finish()]
    assert "".join(shown) == without_echo(text, WORDS)
    assert without_echo(text, NO_WORDS) == text, "without a prompt everything passes"
    assert TOKEN not in "".join(shown)


@pytest.mark.usefixtures("stocked")
def test_the_reader_sees_no_fence_and_an_answer_of_nothing_else_is_none(serving: Serving) -> None:
    said = "\nThe mean loss is 0.74 m of water [1.3]."

    def echo(body: dict[str, Any]) -> str:
        prompt = body["messages"][1]["content"]
        fence = re.search(r"^([0-9a-f]{12}) source 1$", prompt, re.MULTILINE)
        assert fence
        return f"{fence[1]} end of source 1{said}"

    model = serving(echo)
    asked = ("--no-cache", "How much do glaciers lose?")
    document = model.json("ask", *asked)
    assert document["text"] == "The mean loss is 0.74 m of water [1]."
    assert [one["verdict"] for one in document["claims"]] == ["matched"]
    said = ""
    ran = model.run("ask", *asked, code=4)
    assert ran.out.strip() == ""
    assert "repeated its prompt" in ran.err


def test_a_sentence_of_a_paper_never_says_that_the_papers_do_not_answer() -> None:
    said = "The abstracts do not say how FoxCodec is trained. [1.1]"

    def of(*, is_verbatim: bool) -> tuple[bool, int]:
        text = CitedText(EVIDENCE, NO_WORDS, "How is FoxCodec trained?", is_verbatim=is_verbatim)
        text.feed(said)
        text.finish()
        return text.refused, len(text.claims())

    assert of(is_verbatim=False)[0]
    assert of(is_verbatim=True) == (False, 1)
