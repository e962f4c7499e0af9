"""The sources beside an answer."""

from __future__ import annotations

from dataclasses import replace

from fake_service import (
    KELP,
    KELP_PAPER,
    TIDE_PAPER,
    TIDES,
    make_answer,
    make_claim,
    make_evidence,
    make_reference,
)

from assistant.types.answers import Coverage, PaperVerdict
from assistant.types.claims import Citation, Claim, NearSentence
from assistant.types.evidence import NearMiss
from tui.presenters import answer as lines
from tui.presenters import reader, sources
from tui.presenters.papers import paper_item
from tui.presenters.passages import Passage


def test_only_cited_sources_are_listed_by_their_number() -> None:
    listed = sources.of_answer(make_answer(), make_evidence())
    assert [(one.number, one.id, one.quotes) for one in listed] == [
        (1, "pkelp", (KELP[1],)),
        (2, "ptide", (TIDES[2],)),
    ]


def test_what_is_cited_so_far_comes_first_and_candidates_have_no_number() -> None:
    """A number of the evidence would not be that of the answer."""
    found = sources.candidates(make_evidence())
    assert [(one.number, one.id) for one in found] == [(None, "ptide"), (None, "pkelp")]
    first = make_answer().claims[0]
    listed = sources.so_far([first], make_evidence())
    assert [(one.kind, one.number, one.id) for one in listed] == [
        ("cited", 1, "pkelp"),
        ("candidate", None, "ptide"),
    ]
    assert listed[0].quotes == (KELP[1],)


def test_one_claim_points_at_its_own_sentences() -> None:
    claims = tuple(
        make_claim(
            "xy",
            part,
            "matched",
            Citation(number=1, id="pkelp", sentences=(at,), quote=KELP[at - 1], verdict="weak"),
        )
        for part, at in (("x", 1), ("y", 4))
    )
    answer = make_answer(claims=claims, references=(make_reference(1, KELP_PAPER, (1, 4)),))
    item = sources.of_answer(answer)[0]
    assert item.quotes == (KELP[0], KELP[3])
    assert sources.for_claim(item, claims[1]).quotes == (KELP[3],)


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
    cited, held = sources.of_answer(answer, make_evidence())
    assert (cited.kind, cited.id, cited.number) == ("cited", KELP_PAPER.id, 1)
    assert (held.kind, held.id, held.number) == ("held", TIDE_PAPER.id, None)
    assert held.held == (TIDES[0],)
    assert held.paper is not None
    assert sources.heading([cited, held]) == "Sources: 1 cited · 1 not cited"


def test_what_holds_uncited_words_is_marked_in_a_cited_paper() -> None:
    held = NearSentence(id=KELP_PAPER.id, title="Kelp", sentence=3, quote=KELP[2])
    known = NearSentence(id=KELP_PAPER.id, title="Kelp", sentence=2, quote=KELP[1])
    answer = make_answer()
    claims = [
        *answer.claims[:2],
        *(answer.claims[2].model_copy(update={"nearest": one}) for one in (held, known)),
    ]
    answer = answer.model_copy(update={"claims": tuple(claims)})
    kelp, tide = sources.of_answer(answer)
    assert kelp.held == (KELP[2],), "what is cited as well is not marked twice"
    assert kelp.detail.startswith("○ holds uncited words · ")
    assert tide.held == ()
    assert "○" not in tide.detail
    assert reader.page(kelp, KELP_PAPER).passages == (
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
    listed = sources.of_answer(answer)
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
    assert sources.heading(listed) == "Sources: 2 cited · 1 more yes · 1 unclear · 1 failed"
    assert "F6 with the same question asks those that failed once more." in lines.ending(answer)
    copied = lines.copied(answer)
    assert "\nMore papers that say yes\nOn pmore: More of it.\n" in copied
    assert "\nUnclear\nOn phalf: (no sentence)\n" in copied
    assert "plost" not in copied


def test_near_misses_stand_where_nothing_is_cited() -> None:
    miss = NearMiss(id="ptide", title="T", score=0.1, why="no word of kelp")
    listed = sources.of_answer(make_answer(references=(), claims=(), near_misses=(miss,)))
    assert [(one.kind, one.detail) for one in listed] == [("near", "no word of kelp")]
    assert sources.heading(listed) == "Sources: 1 near, none of them answers"


def test_a_list_of_sources_says_what_it_holds_or_why_it_is_empty() -> None:
    found = sources.candidates(make_evidence())
    assert sources.heading(found) == "Sources: 2 found, not cited yet"
    assert sources.heading(()) == "Sources"
    assert [
        sources.none_listed(has_turn=has_turn, is_busy=is_busy)
        for has_turn, is_busy in ((False, True), (True, True), (True, False))
    ] == ["No sources yet.", "Searching…", "No sources."]


def test_a_source_is_a_row_and_has_a_place() -> None:
    listed = sources.of_answer(make_answer())
    assert sources.row(listed[1]) == ("[2] Surges on a sandy spit", "no authors · no year")
    assert sources.row(replace(listed[1], number=None, title=""))[0] == "(no title)"
    assert [sources.place(listed, one) for one in listed] == [0, 1]
    assert sources.place(listed, None) is None
    assert sources.place(listed[:1], listed[1]) is None


def test_what_the_library_is_asked_of() -> None:
    """A paper of the list is shown once it is there; a source is shown at once, then anew."""
    listed, whole = paper_item(TIDE_PAPER), sources.of_answer(make_answer())[0]
    bare = replace(listed, paper=None)
    assert [(one.is_known, one.is_looked_up) for one in (listed, bare, whole)] == [
        (True, False),
        (False, True),
        (True, True),
    ]
