"""What is said of papers, citations and answers."""

from __future__ import annotations

import pytest
from fake_service import (
    KELP,
    KELP_PAPER,
    TIDE_PAPER,
    TIDES,
    make_answer,
    make_evidence,
    make_paper,
    make_reference,
)

from assistant.errors import EndpointUnreachable
from assistant.types.answers import Answer, Coverage, PaperVerdict
from assistant.types.claims import Citation, Claim, NearSentence
from assistant.types.evidence import NearMiss
from assistant.types.usage import Estimate, Usage
from tui.presenters import costs, evidence, sources, wording
from tui.presenters.passages import Passage
from tui.widgets.sources import heading


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("https://reef.example/a?b=1#c", True),
        ("http://reef.example", True),
        ("ftp://reef.example", False),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("https://reef.example@evil.example/", False),
        ("https://", False),
        ("https://[broken", False),
        ("https://reef.example/\x1b]52;c;x\x07", False),
        ("https://reef.example/\u202etxt", False),
        ("https://reef.example/a b", False),
        ("https://reef.example\\@evil.example", False),
        ("", False),
        (None, False),
    ],
)
def test_only_plain_web_addresses_are_taken(text: str | None, taken: bool) -> None:
    """Case 81."""
    assert sources.web_address(text) == (text if taken else "")


def test_addresses_in_an_abstract_are_known_ones() -> None:
    text = (
        "Code is at https://owl.example.org/x. See also (https://fox.example.org) and "
        "https://me@evil.example or javascript:alert(1)."
    )
    assert sources.stated_addresses(text) == (
        "https://owl.example.org/x",
        "https://fox.example.org",
    )


def test_a_paper_without_anything_says_so() -> None:
    page = sources.page(sources.paper_item(TIDE_PAPER))
    assert page.byline == "no authors, year or address in its source"
    assert page.origin == ("from /papers/saved.txt · Mar 11 · added 2025-01-02", "id ptide")
    assert page.address == ""


def test_a_paper_with_everything_shows_it() -> None:
    paper = KELP_PAPER.model_copy(
        update={"doi": "10.5555/kelp", "tags": ("reef",), "notes": ("read it again",)}
    )
    page = sources.page(sources.paper_item(paper))
    assert page.byline == "Ada Moreno, Jon Blum, Kim Ito and 1 more · 2021 · Reef Letters"
    assert page.origin == (
        "https://reef.example/papers/1",
        "https://doi.org/10.5555/kelp",
        "from /papers/saved.txt · Mar 11 · added 2025-01-02",
        "id pkelp",
        "tags: reef",
        "note: read it again",
    )
    assert page.address == "https://reef.example/papers/1"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("/home/ada/library/web/page.txt", "from …/web/page.txt · added 2025-01-02"),
        ("page.txt", "from page.txt · added 2025-01-02"),
        ("-", "from - · added 2025-01-02"),
        ("/x/\x1b[2Jy/pa\nge.txt", "from …/y/pa ge.txt · added 2025-01-02"),
    ],
)
def test_a_citation_shows_where_its_record_came_from(source: str, shown: str) -> None:
    """Cases 26, 99: a borrowed title is told apart by id, file and date."""
    place = KELP_PAPER.provenance[0].model_copy(update={"source": source, "page_date": None})
    paper = KELP_PAPER.model_copy(update={"provenance": (place,)})
    assert sources.page(sources.paper_item(paper)).origin[1:] == (shown, "id pkelp")
    reference = make_reference(1, paper, (2,)).model_copy(update={"source": source})
    answer = make_answer(references=(reference,))
    assert sources.page(evidence.items(answer)[0], missing=True).origin == (
        shown,
        "id pkelp",
    )


def test_only_cited_sources_are_listed_by_their_number() -> None:
    listed = evidence.items(make_answer(), make_evidence())
    assert [(one.number, one.id, one.quotes) for one in listed] == [
        (1, "pkelp", (KELP[1],)),
        (2, "ptide", (TIDES[2],)),
    ]


def test_candidates_have_no_number() -> None:
    """A number of the evidence would not be that of the answer."""
    listed = sources.candidates(make_evidence())
    assert [(one.number, one.id) for one in listed] == [(None, "ptide"), (None, "pkelp")]


def test_what_is_cited_so_far_comes_first() -> None:
    first = make_answer().claims[0]
    listed = sources.so_far([first], make_evidence())
    assert [(one.kind, one.number, one.id) for one in listed] == [
        ("cited", 1, "pkelp"),
        ("candidate", None, "ptide"),
    ]
    assert listed[0].quotes == (KELP[1],)


def test_a_citation_of_the_title_marks_the_title() -> None:
    citation = Citation(
        number=1,
        id="pkelp",
        sentences=(0, 1),
        quote=f"{KELP_PAPER.title} {KELP[0]}",
        verdict="matched",
    )
    claim = Claim(text="x", start=0, end=1, verdict="matched", citations=(citation,))
    answer = make_answer(
        claims=(claim,), references=(make_reference(1, KELP_PAPER, (0, 1)),), text="x"
    )
    page = sources.page(evidence.items(answer)[0])
    assert page.title_cited
    assert page.passages[0] == Passage(KELP[0], True)


def test_one_claim_points_at_its_own_sentences() -> None:
    one = Citation(number=1, id="pkelp", sentences=(1,), quote=KELP[0], verdict="matched")
    two = Citation(number=1, id="pkelp", sentences=(4,), quote=KELP[3], verdict="weak")
    claims = tuple(
        Claim(text="x", start=at, end=at + 1, verdict="matched", citations=(citation,))
        for at, citation in enumerate((one, two))
    )
    answer = make_answer(claims=claims, references=(make_reference(1, KELP_PAPER, (1, 4)),))
    item = evidence.items(answer)[0]
    assert item.quotes == (KELP[0], KELP[3])
    assert sources.for_claim(item, claims[1]).quotes == (KELP[3],)


def test_a_cited_abstract_is_shown_as_it_was_cited() -> None:
    """Case 49."""
    item = evidence.items(make_answer())[0]
    now = KELP_PAPER.model_copy(update={"abstract": "All of it is other now."})
    page = sources.page(item, now)
    assert Passage(KELP[1], True) in page.passages
    assert "changed" in page.note
    gone = sources.page(item, missing=True)
    assert Passage(KELP[1], True) in gone.passages
    assert "no longer in the library" in gone.note


def test_near_misses_stand_where_nothing_is_cited() -> None:
    miss = NearMiss(id="ptide", title=TIDE_PAPER.title, score=0.1, why="no word of kelp")
    answer = Answer(
        question="q", outcome="not_in_collection", text="", model="m", near_misses=(miss,)
    )
    assert [(one.kind, one.detail) for one in evidence.items(answer)] == [
        ("near", "no word of kelp")
    ]
    assert wording.ending(answer)[0] == "This library does not answer the question."


def test_papers_that_hold_uncited_sentences_come_after_those_cited() -> None:
    near = NearSentence(id=TIDE_PAPER.id, title="Tides", sentence=1, quote=TIDES[0])
    own = NearSentence(id=KELP_PAPER.id, title="Kelp", sentence=1, quote="Kelp grows.")
    claims = [
        Claim(text="Sand is moved by tides.", start=0, end=5, verdict="uncited", nearest=near),
        Claim(text="Kelp grows a lot.", start=5, end=9, verdict="uncited", nearest=own),
    ]
    answer = make_answer().model_copy(
        update={"references": (make_reference(1, KELP_PAPER, (1,)),), "claims": tuple(claims)}
    )
    cited, held = evidence.items(answer, make_evidence())
    assert (cited.kind, cited.id, cited.number) == ("cited", KELP_PAPER.id, 1)
    assert (held.kind, held.id, held.number) == ("held", TIDE_PAPER.id, None)
    assert held.held == (TIDES[0],)
    assert held.paper is not None
    assert heading([cited, held]) == "Sources: 1 cited · 1 not cited"


def test_what_holds_uncited_words_is_marked_in_a_cited_paper() -> None:
    held = NearSentence(id=KELP_PAPER.id, title="Kelp", sentence=3, quote=KELP[2])
    known = NearSentence(id=KELP_PAPER.id, title="Kelp", sentence=2, quote=KELP[1])
    answer = make_answer()
    claims = [
        *answer.claims[:2],
        *(answer.claims[2].model_copy(update={"nearest": one}) for one in (held, known)),
    ]
    answer = answer.model_copy(update={"claims": tuple(claims)})
    kelp, tide = evidence.items(answer)
    assert kelp.held == (KELP[2],), "what is cited as well is not marked twice"
    assert kelp.detail.startswith("○ holds uncited words · ")
    assert tide.held == ()
    assert "○" not in tide.detail
    assert sources.page(kelp, KELP_PAPER).passages == (
        Passage(KELP[0], False),
        Passage(KELP[1], True),
        Passage(KELP[2], False, held=True),
        Passage(KELP[3], False),
    )
    assert sources.for_claim(kelp, answer.claims[0]).held == ()


def test_papers_that_were_asked_stand_behind_those_cited() -> None:
    papers = tuple(
        PaperVerdict(id=name, title=f"On {name}", verdict=says, sentence=sentence)
        for name, says, sentence in (
            ("pkelp", "yes", KELP[1]),
            ("pmore", "yes", "More of it."),
            ("phalf", "unclear", None),
            ("plost", "failed", None),
            ("pnone", "no", None),
        )
    )
    coverage = Coverage(asked=5, yes=2, no=1, unclear=1, failed=1)
    answer = make_answer(papers=papers, coverage=coverage)
    listed = evidence.items(answer)
    assert [(one.kind, one.id) for one in listed] == [
        ("cited", "pkelp"),
        ("cited", "ptide"),
        ("yes", "pmore"),
        ("unclear", "phalf"),
        ("failed", "plost"),
    ]
    assert [one.detail for one in listed[2:]] == [
        "says yes: More of it.",
        "unclear",
        "could not be asked",
    ]
    assert heading(listed) == "Sources: 2 cited · 1 more yes · 1 unclear · 1 failed"
    assert "F6 with the same question asks those that failed once more." in wording.ending(answer)
    copied = wording.copied(answer)
    assert "\nMore papers that say yes\nOn pmore: More of it.\n" in copied
    assert "\nUnclear\nOn phalf: (no sentence)\n" in copied
    assert "plost" not in copied


def test_a_huge_abstract_is_cut_for_the_screen() -> None:
    page = sources.page(sources.paper_item(make_paper("p", "T", ["x" * 100_000])))
    assert page.passages[-1].text == "… 60000 characters more"


@pytest.mark.parametrize(
    ("changes", "says", "does_not_say"),
    [
        ({}, "✓ 1  ~ 1  ○ 1 · checked: words and numbers, not meaning", "left out for cost"),
        ({}, "2 of 12 sources cited · 1 left out for length · tiny-model", ""),
        ({}, "1 call · 812 tokens in, 143 out", "about"),
        (
            {"usage": Usage(calls=2, input_tokens=5, output_tokens=6, cost=0.01, estimated=True)},
            "2 calls · about 5 tokens in, 6 out · $0.0100",
            "",
        ),
        ({"usage": Usage()}, "tiny-model", "tokens"),
        ({"claims": ()}, "tiny-model", "checked"),
    ],
)
def test_the_account_says_what_was_done(
    changes: dict[str, object], says: str, does_not_say: str
) -> None:
    line = wording.account(make_answer(**changes))
    assert says in line
    assert not does_not_say or does_not_say not in line


def test_a_check_by_the_model_is_called_that() -> None:
    claims = tuple(
        claim.model_copy(update={"checked_by": "model", "verdict": verdict})
        for claim, verdict in zip(
            make_answer().claims, ("supported", "contradicted", "not_stated"), strict=True
        )
    )
    line = wording.account(make_answer(claims=claims))
    assert "✔ 1  ✗ 1  – 1 · checked: by the model, claim by claim" in line
    assert "not meaning" not in line


def test_a_copied_answer_carries_its_references() -> None:
    copied = wording.copied(make_answer())
    assert copied.splitlines()[0].startswith("Rockfish were counted on eight reefs [1].")
    assert (
        "[1] Rockfish in kelp forests. Ada Moreno, Jon Blum, Kim Ito and 1 more · 2021. "
        "https://reef.example/papers/1" in copied
    )
    assert "[2] Surges on a sandy spit. no authors · no year." in copied


def test_a_failure_is_one_line_with_the_next_step() -> None:
    error = EndpointUnreachable("Nobody answers at\nlocalhost:1", "Start the server.\x1b[2J")
    assert wording.failure(error) == "Nobody answers at localhost:1. Start the server."


def test_a_failure_in_pieces_becomes_sentences() -> None:
    assert wording.failure(EndpointUnreachable("the key is refused", "check it")) == (
        "The key is refused. Check it."
    )


def test_where_text_goes_is_said() -> None:
    assert wording.destination("extractive", None) == "extractive · nothing leaves this machine"
    assert wording.destination("m", "api.example.org") == "m · sends to api.example.org"


@pytest.mark.parametrize(
    ("estimate", "says"),
    [
        (None, ""),
        (Estimate(calls=1, input_tokens=4312, output_tokens=1200), ", about 4,312 tokens"),
        (Estimate(calls=1, input_tokens=9, cost=0.0), ", about 9 tokens"),
        (Estimate(calls=1, input_tokens=9, cost=0.02), ", about 9 tokens, at most 0.0200 USD"),
    ],
)
def test_what_a_question_will_take(estimate: Estimate | None, says: str) -> None:
    assert costs.takes(estimate) == says
