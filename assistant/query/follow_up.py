"""Questions that lean on the conversation, made to stand alone without a model.

What a question points at is told by English's closed classes of words (places, pronouns, "the
other", a name put bare); what it means by them, by the papers of the conversation. Where the words
leave open whether a question leans, it is measured: it does where the papers last spoken of hold
as much of it as the best of the library.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.query import leaning_words as lean
from assistant.query.conversation import Conversation, Spoken, ids_of, said_in
from assistant.query.question import MAX_READ, asking_terms, asks_for_list, named_words
from assistant.query.standing_alone import FollowUp, Wording
from assistant.text.words import terms
from assistant.types.sessions import Turn


@dataclass(frozen=True)
class Known:
    """What a library tells of a follow-up.

    `lead` is how much of a question the papers of some ids hold, of what the best other paper
    holds; `topic` that of a question for papers, None for other questions; `titled` are the ids
    of the papers whose titles begin with a name.
    """

    lead: Callable[[str, Sequence[str]], float] = lambda *_: 0.0
    topic: Callable[[str], str | None] = lambda _: None
    titled: Callable[[str], tuple[str, ...]] = lambda _: ()


_TURNS = 12
"""So many turns back a question may point."""
_FEW, _SHORT = 2, 3
_LEADS = 1.0
"""From this share of what the best other paper holds on, the conversation's papers hold most."""


def carry_over(question: str, history: Sequence[Turn], known: Known | None = None) -> FollowUp:
    """A question as it stands alone after a conversation, and the papers that it points at.

    One with a topic of its own comes back unchanged and points at nothing.
    """
    if not history or len(question) > MAX_READ:
        return FollowUp(question)
    text = lean.CONTRACTED.sub(r"\1 is", lean.POLITE.sub("", question))
    asked = _Asked(text, Conversation(tuple(history[-_TURNS:])), known or Known())
    ways = (asked.left_out, asked.ordered, asked.authors, asked.place, asked.other)
    more = (asked.described, asked.of_them, asked.besides, asked.bare, asked.on_topic)
    found = (way() for way in (*ways, *more, asked.inside, asked.unsaid))
    return next((one for one in found if one is not None), FollowUp(question))


def own_terms(question: str) -> tuple[str, ...]:
    """The terms that a follow-up has of its own: of what stands for something else, none."""
    for leaning in (lean.PLACE, lean.OTHER, lean.OF_THEM, lean.PRONOUN):
        question = leaning.sub(" ", question)
    return terms(lean.OPENING.sub("", question))


@dataclass(frozen=True)
class _Asked(Wording):
    """A question with the conversation before it; each way to read it gives one or None."""

    known: Known

    def left_out(self) -> FollowUp | None:
        """Not the one by White: the question before, of the last list without what is put so."""
        match, listed = lean.LEAVING_OUT.match(self.rest), self.talk.listed()
        if match is None or lean.VERB.search(self.rest):
            return None
        rest = self.rest[match.end() :]
        words = [re.sub(r"['’]s$", "", word) for word in _telling(rest)]
        own = [one for one in listed if words and all(map(one.is_of, words))]
        put = replace(self, question=f"and {rest}")
        found = None if own else put.place() or put.other() or put.described() or put.bare()
        left = {one.reference.id for one in own} or set(found.papers if found else ())
        kept = [one for one in listed if one.reference.id not in left]
        if not kept or len(kept) == len(listed):
            points = lean.PLACE.search(rest) or lean.OTHER.search(rest)
            return FollowUp(self.question) if points else self.going_on()
        before, gone = self.talk.before, tuple(name for name in ids_of(listed) if name in left)
        if said_in(before, listed):
            return self.about(kept)
        return FollowUp(before, ids_of(kept), True, is_certain=True, asks=before, without=gone)

    def ordered(self) -> FollowUp | None:
        """And the oldest? In place of the newest that was asked for, else of the last list."""
        before, match = self.talk.before, lean.ORDER.match(self.rest)
        if match is None:
            return None
        if old := lean.ORDER_WORD.search(before):
            text = before[: old.start()] + match["order"] + before[old.end() :]
            return FollowUp(text, leans=True)
        return replace(self, question=f"Which of them is the {match['order']}?").of_them()

    def place(self) -> FollowUp | None:
        """The second one, [2], the last two, both: counted in the last list."""
        every = {match: self._at(match) for match in lean.PLACE.finditer(self.question)}
        found = {match: papers for match, papers in every.items() if papers}
        if every and not found and self.is_bare:
            return FollowUp(self.question)  # there are not so many
        return self.put(found, is_certain=True) if found else None

    def other(self) -> FollowUp | None:
        """The other one, the others, the rest."""
        match, papers = lean.OTHER.search(self.question), self.talk.others()
        if match is None or not papers:
            return None
        several = match["all"] or (match["noun"] or "").endswith("s")
        return self.put({match: papers if several else papers[:1]}, is_certain=True)

    def described(self) -> FollowUp | None:
        """The one on zebra finches, the lyrebird paper."""
        for match in lean.DESCRIBED.finditer(self.question):
            papers = self.talk.described(match["kind"] + match["more"])
            if len(papers) == 1:
                ends = self.question[match.end() : match.end() + 1] in (",", ":", ";")
                found = self.put({match: papers}, is_certain=True, group=0 if ends else "one")
                return self.about(papers) if self.is_bare else found
        return None

    def of_them(self) -> FollowUp | None:
        """Which of them, which one, the three: the last list."""
        match = lean.OF_THEM.search(self.question)
        papers = self.talk.listed(lean.number_of(match["many"] or match["all"])) if match else ()
        if match is None or len(papers) < _FEW or self._names(self.question[: match.start()]):
            return None
        if match["one"] is not None and lean.CHOICE.search(self.question[match.end() :]):
            return None  # the question itself says between what
        return self.put({match: papers}, is_certain=True)

    def besides(self) -> FollowUp | None:
        """Any others? What was asked before papers were named, of other papers."""
        papers = self.talk.subject
        if not papers or not lean.MORE.match(self.rest):
            return None
        return FollowUp(self.talk.general, leans=True, without=ids_of(self.talk.papers))

    def bare(self) -> FollowUp | None:
        """And Marsh: what begins a name in the conversation, or the name of a new thing."""
        if self.is_of_place and (match := lean.OF_NAME.match(self.rest)):
            return self._of_titled(match["name"])
        if not self.is_bare:
            return None
        words = _telling(self.rest)
        if papers := self.talk.called(self.rest, words):
            return self.about(papers)
        new = [word for word in self._names(self.put_after) if not word.isdigit()]
        is_put = self.rest != self.stem or all(word in new for word in words)
        if not new or not is_put:
            return None
        name = lean.THE_THING.sub(r"\g<name>", self.rest)
        return self._of_titled(name) or self.of_new(name)

    def on_topic(self) -> FollowUp | None:
        """And on birds? The papers asked for before, on this topic: what records hold stays."""
        rest = lean.SAME.sub("", self.rest)
        is_put, topic = lean.ON.match(rest), lean.ON.sub("", rest)
        is_told = rest != self.rest or rest != self.stem
        if not is_told or not terms(topic) or topic.isdigit() or lean.VERB.search(rest):
            return None
        if not is_put and (lean.MODIFIES.match(rest) or lean.GIVEN.search(rest)):
            return None
        before = self.talk.before
        old = self.known.topic(before)
        if old is None or old not in before or lean.PRONOUN.search(rest) or lean.ASKING.match(rest):
            return None
        if not old:
            return FollowUp(f"{before.rstrip('?!. ')} on {topic}?", leans=True)
        if is_put and f" {is_put[0]}" in old:
            return None  # a place of the same kind is told already
        old = rf"(?<![\w-]){re.escape(old)}(?![\w-])"
        return FollowUp(re.sub(old, lambda _: topic, before, count=1), leans=True)

    def authors(self) -> FollowUp | None:
        """What else did its first author write? Asked of whoever that is."""
        match = lean.AUTHOR.search(self.question)
        if match is None or len(self.talk.subject) != 1:
            return None
        authors = self.talk.subject[0].reference.authors
        if not authors or not (match["which"] or lean.ELSE.search(self.question)):
            return None
        which = (match["which"] or "").lower()
        who = authors[:1] if which in ("first", "lead") else authors[-1:] if which else authors
        text = self.question[: match.start()] + " and ".join(who) + self.question[match.end() :]
        without = ids_of(self.talk.subject) if lean.ELSE.search(self.question) else ()
        return FollowUp(text, leans=True, without=without)

    def inside(self) -> FollowUp | None:
        """It, they, their, this method: the present subject; and names that are begun."""
        found: dict[re.Match[str], Sequence[Spoken]] = {}
        for word in named_words(self.question):
            papers = [one for one in self.talk.papers[::-1] if one.begins_with(word)]
            match = re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", self.question)
            if match and papers and not any(one.is_said_in(self.question) for one in papers):
                found[match] = papers[:1]
        leaning = (match for match in lean.PRONOUN.finditer(self.question) if self._leans(match))
        if (match := next(leaning, None)) is not None:
            several = match.group().lower() in ("them", "these", "those")
            listed = self.talk.listed() if several and len(self.talk.subject) == 1 else ()
            found[match] = listed or self.talk.subject
        return self.put(found) if found else None

    def unsaid(self) -> FollowUp | None:
        """And on phones? Why? How much memory? What were the limitations?

        Short ones that speak of something given go on from the question before; of others it is
        measured whether the subject holds as much of them as any paper.
        """
        rest, subject, verb = self.rest, self.talk.subject, lean.VERB.search(self.rest)
        if self.is_of_place:
            return self.going_on()
        own = [term for term in terms(rest) if term not in asking_terms()]
        if lean.WHY.match(rest) and len(own) <= _FEW and not verb:
            return self.beside(subject)
        if lean.COMPARING.match(rest) and subject:
            return self.of_subject()
        if not own and not named_words(rest):
            tells = not (lean.ASKING.match(rest) or verb)
            return self.more() if tells and subject else self.beside(subject)
        is_said = any(one.is_said_in(rest) for one in subject)
        if is_said or self._names(self.put_after) or lean.PAPERS.search(rest):
            return None
        is_given = lean.GIVEN.search(rest) or (lean.CUT.match(rest) and not verb) or not subject
        if is_given and len(own) <= _FEW:
            return self.of_subject()
        return self.of_subject() if not asks_for_list(rest) and self._leads(rest) else None

    def _at(self, match: re.Match[str]) -> Sequence[Spoken]:
        """The papers at a place; a mark is that of the answer before, where it has it."""
        last = self.talk.turns[-1].answer
        if match["mark"] and (one := last.reference(int(match["mark"]))):
            return self.talk.meant(lambda paper: paper.reference.id == one.id)
        listed = self.talk.listed(_FEW if match["both"] is not None or match["pair"] else 0)
        if match["both"] is not None:
            told = " and " in self.question[: match.start()]
            return listed[:_FEW] if len(listed) >= _FEW and not told else ()
        word = (match["end"] or match["ordinal"] or match["pair"] or "").lower()
        number = lean.number_of(match["many"] or match["mark"] or match["number"] or match["sign"])
        if match["end"]:
            row = self.talk.others() if word == "other" else listed
            return row[-number:] if word == "last" else row[:number]
        if word in ("last", "final", "latter"):
            return listed[-1:]
        number = 1 if word == "former" else number or lean.number_of(word)
        return listed[number - 1 : number] if number else ()

    def _leans(self, match: re.Match[str]) -> bool:
        """Whether a pronoun stands for something outside its question.

        It does as the subject of the main clause, whose object was put in front ("which rates
        does it support"), and where nothing stands before it. Elsewhere it may stand for what
        comes before it: that is measured.
        """
        text = self.question
        if match["self"] and lean.EXPLETIVE.match(text[match.start() :]):
            return self._leads(text)
        before = self.put_after[: len(self.put_after) - len(self.stem) + match.start()]
        first, own = lean.VERB.search(before), own_terms(before)
        is_main = (
            first is not None and not before[first.end() :].strip() and lean.ASKING.match(before)
        )
        if is_main or not own or (len(own) == 1 and not self._names(before)):
            return True
        if match["self"] and lean.COMPARED.search(before) and len(own) <= _SHORT:
            return True  # what the subject of a clause is compared with is something else
        return not self._names(before) and self._leads(text)

    def _of_titled(self, name: str) -> FollowUp | None:
        """The question before, of the one paper whose title begins with a name."""
        papers = self.known.titled(name)
        if len(papers) != 1:
            return None
        again = self.again(name)
        asks = again[1] if again else self.talk.before
        text = again[0] if again else self.of_new(name).question
        return FollowUp(text, papers, leans=True, is_certain=True, asks=asks)

    def _leads(self, text: str) -> bool:
        ids = ids_of(self.talk.subject)
        return bool(ids) and self.known.lead(text, ids) >= _LEADS

    def _names(self, text: str) -> list[str]:
        """The names in a text that the question before does not have."""
        old = set(terms(self.talk.before))
        return [word for word in named_words(text) if not set(terms(word)) & old]


def _telling(text: str) -> list[str]:
    """The words of a text as written, but for stop words and those for any thing: "paper"."""
    words = re.findall(r"[\w'’.+-]*\w", text)
    return [word for word in words if terms(word) and not lean.IS_THING.match(word)]
