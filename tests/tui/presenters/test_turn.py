"""A turn from event to event, and the sources beside it."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import fake_service as fake
from tables import Row, compare, table

from assistant.sessions import UNREAD
from assistant.types import events
from assistant.types.answers import Coverage
from assistant.types.claims import Citation
from assistant.types.sessions import Turn, UnreadTurn
from assistant.types.usage import Estimate
from tui.presenters import answer as lines
from tui.presenters import asked_again, reader, sources
from tui.presenters import turn as turns
from tui.presenters.chat_turns import SavedPages
from tui.presenters.papers import paper_item
from tui.presenters.passages import Passage
from tui.presenters.sources import Item
from tui.presenters.turn import TurnPage

ASKED = turns.begun("What lives in kelp?\x1b[2J")
FOUND = events.EvidenceFound(
    evidence=fake.make_evidence(), estimate=Estimate(calls=1, input_tokens=812)
)
ANSWER = fake.make_answer()
CHECKED = events.ClaimChecked(claim=ANSWER.claims[0])
COUNTED = Coverage(asked=3, yes=2, failed=1)


EVENTS: dict[str, events.Event] = {
    "waking": events.Progress(text="waking\nthe model"),
    "found": FOUND,
    "checked": CHECKED,
    "again": events.AskedAgain(why="asking again with less"),
    "hm": events.Thinking(text="hm"),
    "It": events.TextDelta(text="It"),
    "whole": events.AnswerDone(answer=ANSWER),
}


def play(*happened: events.Event) -> TurnPage:
    return reduce(turns.after, happened, ASKED)


def test_what_a_turn_shows_after_events() -> None:
    def shown(row: Row) -> dict[str, object]:
        page = play(*(EVENTS[one] for one in row["after"]))
        items = [[one.kind, one.number] for one in page.items]
        listed = {"items": items, "addresses": list(page.addresses), "claims": list(page.claims)}
        return {name: listed.get(name, getattr(page, name)) for name in row["shows"]}

    compare(table(__file__, "turns.jsonl"), shown, "shows")


def test_what_came_since_is_said_and_the_question_asked_as_it_was_understood() -> None:
    page = play(EVENTS["whole"])
    assert (page.since, asked_again.overtaken(page, 0).since) == ("", "")
    one, four = asked_again.overtaken(page, 1), asked_again.overtaken(page, 4)
    assert one.since == "1 new abstract matches since · a asks again"
    assert four.since == "4 new abstracts match since · a asks again"
    assert asked_again.overtaken(four, 0).since == ""
    assert asked_again.asked_again(page) == page.question
    follow_up = ANSWER.model_copy(update={"standalone": "What lives in kelp at night?"})
    understood = turns.finished(page, follow_up)
    assert asked_again.asked_again(understood) == "What lives in kelp at night?"
    counted = turns.finished(page, ANSWER.model_copy(update={"coverage": COUNTED}))
    assert asked_again.asked_again(counted) == ANSWER.question
    assert asked_again.asked_again(None) == asked_again.asked_again(ASKED) == ""
    assert "F7" in asked_again.other_model_refusal(counted)
    assert asked_again.other_model_refusal(understood) == ""
    told = [asked_again.overtaken(counted, number).since for number in (0, 1, 2)]
    assert told == [
        "",
        "1 new abstract came since and was not asked · a asks again",
        "2 new abstracts came since and were not asked · a asks again",
    ]


def test_a_saved_question_that_another_model_answered_before_is_marked() -> None:
    """Each turn by its question, its model, and how it was understood; then what is shown of it."""
    asked = [
        ("And at night?", "fox", "What lives in kelp at night?"),
        ("Another?", "owl", None),
        ("What lives in kelp at night?", "owl", None),
        ("What lives in kelp at night?", "owl", None),
        ("What lives in kelp at night?", "a\x1b[2Jb", None),
        ("Another?", "owl", None),
    ]
    saved = [
        Turn(
            question=question, answer=fake.make_answer(question, model=model, standalone=understood)
        )
        for question, model, understood in asked
    ]
    pages = SavedPages([*saved[:1], UnreadTurn(question="?", asked_at="", number=2), *saved[1:]])
    places = [one.again.of if one.again else None for one in pages]
    assert places == [None, None, None, 0, 0, 4, None]
    assert pages[3].heading == "What lives in kelp at night? · again with owl"
    assert pages[5].heading.endswith("again with ab")
    assert asked_again.asked_again(pages[3]) == "What lives in kelp at night?"


def test_thoughts_are_the_last_of_one_line() -> None:
    page = play(*(events.Thinking(text=f"and so\n{number} ") for number in range(500)))
    assert page.thoughts.startswith("thinking … ")
    assert page.thoughts.endswith("so 499")
    assert len(page.thoughts) < 90
    assert "\n" not in page.thoughts
    page = play(FOUND, CHECKED, events.AskedAgain(why="cut"), events.TextDelta(text="It"))
    assert turns.after(page, events.TextDelta(text="is")) is page


def test_a_saved_turn_is_whole() -> None:
    (saved,) = fake.make_session(1).turns
    page = turns.saved(saved)
    assert (page.question, page.is_answered, len(page.items)) == ("Question 1?", True, 2)
    unread = turns.saved(UnreadTurn(question="Of tomorrow?", asked_at="", number=2))
    assert (unread.question, unread.ending, unread.is_answered) == ("Of tomorrow?", UNREAD, False)
    counted = saved.model_copy(update={"answer": fake.make_answer(coverage=COUNTED)})
    assert turns.saved(counted).question == "To 3 papers: Question 1?"
    # The addresses of sources and those they state may be links.
    reference = ANSWER.references[1].model_copy(
        update={"abstract": "Code: https://owl.example.org/x.", "url": "javascript:alert(1)"}
    )
    answer = fake.make_answer(references=(ANSWER.references[0], reference))
    assert turns.finished(play(FOUND), answer).addresses == (
        "https://reef.example/papers/1",
        "https://owl.example.org/x",
    )


def test_what_came_before_a_stop_stays_with_what_it_cites() -> None:
    page = play(FOUND, CHECKED, events.Thinking(text="hm"))
    page = turns.stopped(page, f"{ANSWER.claims[0].text} And th", "Stopped.", is_error=True)
    assert (page.ending, page.is_error, page.progress, page.thoughts) == ("Stopped.", True, "", "")
    assert [one.id for one in page.items] == ["pkelp"]
    assert turns.copied(page, page.text or "") == f"{ANSWER.text[:40]}·. And th"
    page = turns.finished(ASKED, ANSWER, "Word for word.")
    assert page.ending == ""
    assert page.account.endswith("\nWord for word.")
    assert [(at, one.line) for at, one in page.seen.items()] == [(2, "cites nothing")]
    assert turns.stopped(page, "", "It failed.").text == page.text


def test_a_source_is_found_by_its_number_and_one_that_is_none_explained() -> None:
    """A claim that does not cite the source, or is none, narrows nothing."""
    page = turns.finished(ASKED, ANSWER)
    asked = [(1, None), (2, 1), (2, 0), (2, 3), (2, -1), (3, None)]
    found = [turns.item(page, number, claim) for number, claim in asked]
    quotes = [one.quotes if one else None for one in found]
    assert quotes == [(fake.KELP[1],), *[(fake.TIDES[2],)] * 4, None]
    assert turns.no_source(turns.finished(ASKED, ANSWER), 9) == "This answer has no source 9."
    assert "when the answer is done" in turns.no_source(ASKED, 1)
    # What cannot be checked is said.
    none = "There is no answer to check yet."
    counted = "Nothing to check: these are sentences of the abstracts."
    assert turns.check_refusal(None) == none
    assert turns.check_refusal(ASKED) == none
    answers = [fake.make_answer(claims=()), fake.make_answer(coverage=COUNTED), ANSWER]
    pages = [turns.finished(ASKED, one) for one in answers]
    assert [turns.check_refusal(one) for one in pages] == [none, counted, ""]
    whole = Coverage(asked=2, yes=2)
    changes = [{}, {"outcome": "interrupted"}, {"coverage": COUNTED}, {"coverage": whole}]
    pages = [ASKED, *(turns.finished(ASKED, fake.make_answer(**one)) for one in changes)]
    assert [turns.is_cut(one) for one in pages] == [False, False, True, False, False]
    assert [turns.is_asked_again(one) for one in pages] == [False, False, False, True, False]


ROWS = table(__file__, "sources.jsonl")


def of(row: Row) -> tuple[Item, ...]:
    evidence = fake.make_evidence() if "evidence" in row else None
    return sources.of_answer(fake.make_answer(**row["changes"]), evidence)


def told(item: Item) -> dict[str, object]:
    names = ("kind", "id", "title", "number", "title_cited", "detail")
    return {
        **{name: getattr(item, name) for name in names},
        "paper": item.paper.id if item.paper else None,
        "quotes": list(item.quotes),
        "held": list(item.held),
    }


def test_the_sources_of_an_answer_are_listed_those_cited_first() -> None:
    compare(ROWS, lambda row: [told(item) for item in of(row)], "items")
    compare(ROWS, lambda row: sources.heading(of(row)), "heading")


def test_what_is_cited_so_far_comes_first_and_candidates_have_no_number() -> None:
    """A number of the evidence would not be that of the answer."""
    found = sources.candidates(fake.make_evidence())
    assert [(one.number, one.id) for one in found] == [(None, "ptide"), (None, "pkelp")]
    assert sources.heading(found) == "Sources: 2 found, not cited yet"
    first = fake.make_answer().claims[0]
    listed = sources.so_far([first], fake.make_evidence())
    assert [(one.kind, one.number, one.id) for one in listed] == [
        ("cited", 1, "pkelp"),
        ("candidate", None, "ptide"),
    ]
    assert listed[0].quotes == (fake.KELP[1],)
    # One claim points at its own sentences.
    claims = tuple(
        fake.make_claim(
            "xy",
            part,
            "matched",
            Citation(
                number=1, id="pkelp", sentences=(at,), quote=fake.KELP[at - 1], verdict="weak"
            ),
        ).model_copy(update={"reasons": ("no buffer there",)} if part == "y" else {})
        for part, at in (("x", 1), ("y", 4))
    )
    answer = fake.make_answer(
        claims=claims, references=(fake.make_reference(1, fake.KELP_PAPER, (1, 4)),)
    )
    item = sources.of_answer(answer)[0]
    assert item.quotes == (fake.KELP[0], fake.KELP[3])
    assert sources.for_claim(item, claims[1]).quotes == (fake.KELP[3],)
    # What was seen of it stands right above its sentence.
    page = reader.page(sources.for_claim(item, claims[1]))
    shown = [one.text for one in reader.parts(page) if one.look != "origin"]
    assert shown[-2:] == ["· y: no buffer there", fake.KELP[3]]
    assert not sources.for_claim(item, claims[0]).seen


def test_what_holds_uncited_words_is_marked_in_the_abstract_not_for_another_claim() -> None:
    row = next(row for row in ROWS if row["items"][0]["held"] == [fake.KELP[2]])
    kelp = of(row)[0]
    assert reader.page(kelp, fake.KELP_PAPER).passages == (
        Passage(fake.KELP[0], False),
        Passage(fake.KELP[1], True),
        Passage(fake.KELP[2], False, held=True),
        Passage(fake.KELP[3], False),
    )
    assert sources.for_claim(kelp, fake.make_answer().claims[0]).held == ()
    # Papers that were asked are copied with what they say.
    row = next(row for row in ROWS if "coverage" in row["changes"])
    answer = fake.make_answer(**row["changes"])
    assert "F6 with the same question asks those that failed once more." in lines.ending(answer)
    copied = lines.copied(answer)
    assert "\nMore papers that say yes\nOn pmore: More of it.\n" in copied
    assert "\nUnclear\nOn phalf: (no sentence)\n" in copied
    assert "plost" not in copied


def test_a_source_is_a_row_and_has_a_place() -> None:
    assert sources.heading(()) == "Sources"
    listed = sources.of_answer(fake.make_answer())
    assert sources.line(listed[1], 31, is_current=False) == ("  2 ~    Surges on a sandy spit", "")
    assert sources.line(listed[0], 26, is_current=True) == ("▌ 1 ·    Rockfish in…", " 2021")
    bare = replace(listed[1], number=None, title="", signs="")
    assert sources.line(bare, 20, is_current=False)[0].strip() == "(no title)"
    read = [replace(listed[1], kind="read", number=None)]
    folded, unfolded = (sources.with_read(listed[:1], read, unfolded=one) for one in (False, True))
    assert [one.title for one in folded[1:]] == ["1 more was read and not cited"]
    assert unfolded == (*folded, *read)
    assert sources.with_read(listed, (), unfolded=True) == listed
    assert [sources.place(listed, one) for one in listed] == [0, 1]
    assert sources.place(listed, None) is None
    assert sources.place(listed[:1], listed[1]) is None
    # A paper of the list is shown once it is there; a source is shown at once, then anew.
    listed, whole = paper_item(fake.TIDE_PAPER), sources.of_answer(fake.make_answer())[0]
    bare = replace(listed, paper=None)
    asked = [(one.is_known, one.is_looked_up) for one in (listed, bare, whole)]
    assert asked == [(True, False), (False, True), (True, True)]
