"""A question's plan out of what a model made of it and of what its words say by themselves.

What the model says counts field by field, where it can be meant: a name that the library holds, a
year or a name that was said, words in the language that was wanted. The rest is as without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from assistant.answers.question_reading import ByWords
from assistant.query.conversation import Conversation, ids_of
from assistant.query.planning.languages import AbstractLanguages
from assistant.query.planning.plan_words import meant_words, other_words
from assistant.replies.plan_reply import PartReply
from assistant.replies.standalone import MOST_NAMES, AskedQuestion, is_of_words
from assistant.text.discourse_cues import NEGATION
from assistant.text.words import terms
from assistant.types.plans import PlannedPart, QuestionPlan
from store.clean import folded
from store.library.library import Library
from store.pattern import pattern
from store.types import Filter

_NO_QUESTION = "what it wrote cannot be that question"
_NO_WORDING = "searched as it was asked: the model gave no wording in %s"
_SEVERAL = pattern(r"\s*[;,&]\s*|\s+and\s+")
_SHORTEST = 2
"""Letters of a name, at least: one letter stands in every name."""
_ENDS = tuple(".!?？؟;՞")
_FEW = 3
"""So many papers of the last answer stay beside what is found for a follow-up."""


class Merge:
    """Makes the plan of one question, which was read without a model as `by_words`.

    `problem` says why no reply words the question, `notes` what else could not be taken.
    """

    def __init__(
        self,
        library: Library,
        languages: AbstractLanguages,
        asked: AskedQuestion,
        by_words: ByWords,
        read: Callable[[str], QuestionPlan],
    ) -> None:
        self.library, self.languages = library, languages
        self.asked, self.by_words, self.read = asked, by_words, read
        self.language = by_words.plan.language
        self.problem = ""
        self.notes: list[str] = []

    def plan(self, replies: Sequence[PartReply]) -> QuestionPlan:
        """The plan of replies, one for each question; synchronous, for a thread."""
        stand = self._standing(replies)
        each = [self._read(question, reply) for question, reply in stand]
        if not each:
            return self.by_words.plan
        return QuestionPlan(
            parts=tuple(part for one in each for part in one.parts),
            read_as="; ".join(filter(None, (one.read_as for one in each))),
            language=self.language,
            by_model=True,
        )

    def _standing(self, replies: Sequence[PartReply]) -> list[tuple[str, PartReply]]:
        """The questions that the replies word, each with its reply."""
        asked = self.asked
        worded = {one: self._asking(one.question) for one in replies if one.question}
        translated = self._translated(worded.values())
        found = asked.standing([one for one in worded.values() if one not in translated])
        stand = [(reply.question, reply) for reply, one in worded.items() if one in found]
        if [*map(worded.get, replies)] == [asked.asked] and self.by_words.follow.leans:
            stand = []  # "it" is there still: what it leans on is put beside it
        if stand:
            return stand
        (first, *_) = replies
        if translated and not asked.history:
            # It was put into the language of the abstracts: that is its wording for the search.
            search = first.search or worded.get(first, "")
            return [(self.by_words.follow.question, first.model_copy(update={"search": search}))]
        if translated:
            return [(f"{asked.asked} ({one})", r) for r, one in worded.items() if one in translated]
        if worded or asked.history:
            self.problem = _NO_QUESTION
        return [(self.by_words.follow.question, first)] if len(replies) == 1 else []

    def _asking(self, question: str) -> str:
        """A question with the mark that it was asked with, where it has none at all."""
        is_open = question and not question.endswith(_ENDS)
        return f"{question}?" if is_open and self.asked.asked.rstrip().endswith("?") else question

    def _translated(self, questions: Iterable[str]) -> frozenset[str]:
        """Questions in the language of the abstracts, where another one was asked in."""
        if not self.language:
            return frozenset()
        return frozenset(
            one for one in questions if self._is_wording(one) and self.asked.is_translated_by(one)
        )

    def _read(self, question: str, reply: PartReply) -> QuestionPlan:
        """What a question asks for by its words, with what the reply says of it."""
        by_words = self._by_words(question, reply)
        if len(by_words.parts) > 1 and not reply.opposite:
            return by_words
        base = by_words.parts[0] if len(by_words.parts) == 1 else PlannedPart(question=question)
        if self.language and not self._is_wording(reply.search):
            # What cannot word it for the search has hardly understood what else it asks for.
            reply = PartReply(question=reply.question, authors=reply.authors, venues=reply.venues)
        part = _without(base, reply.not_meant)
        part = part.model_copy(update=self._fields(part, reply))
        is_same = (part.filter, part.order) == (base.filter, base.order)
        words = by_words.read_as if is_same else meant_words(part)
        others = other_words(part, is_translated=bool(self.language))
        part = part.model_copy(update=self._beside(part))
        return QuestionPlan(parts=(part,), read_as=", ".join(filter(None, (words, *others))))

    def _by_words(self, question: str, reply: PartReply) -> QuestionPlan:
        """A question read by its words, by those of its wording for the search in another one."""
        if self.language and self._is_wording(reply.search):
            plan = self.read(reply.search)
            one = plan.parts[0] if len(plan.parts) == 1 else PlannedPart(question=question)
            search = one.search or reply.search
            one = one.model_copy(update={"question": question, "search": search})
            return plan.model_copy(update={"parts": (one,)})
        if self.language:
            self.notes.append(_NO_WORDING % (self.languages.main or "their language"))
        known = self.by_words
        return known.plan if question == known.follow.question else self.read(question)

    def _beside(self, part: PlannedPart) -> dict[str, Any]:
        """The papers of the conversation that stay beside those that are found.

        Those that the question names or points at, and the last ones where they are few; a list or
        a count is of those that it points at, where that is certain.
        """
        turns = self.asked.history
        if not turns or part.question == self.asked.asked:
            return {}
        follow = self.by_words.follow
        last = [one.id for one in turns[-1].answer.references]
        named = [one for one in Conversation(tuple(turns)).papers if one.is_said_in(part.question)]
        also = (*part.also, *follow.papers, *ids_of(named), *(last if len(last) <= _FEW else ()))
        held = tuple(self.library.texts(tuple(dict.fromkeys(also))))
        is_of_them = follow.is_certain and (part.is_of_records or part.order != "relevance")
        only = Filter(papers=follow.papers if is_of_them else (), without=follow.without)
        return {"also": held, "filter": self.library.held_by_both(part.filter, only)}

    def _fields(self, base: PlannedPart, reply: PartReply) -> dict[str, Any]:
        """The fields of a part that a reply decides."""
        # A name or a year is asked for by the question: an answer before it may hold others.
        said = AskedQuestion(f"{self.asked.asked} {base.question}")
        wanted = self._filter(base.filter, reply, said)
        kind, topic = self._kind(base, reply, wanted)
        told: dict[str, Any] = {
            "filter": wanted,
            "kind": kind,
            "topic": topic,
            "worded": self._worded(base, reply.search),
            "opposite": reply.opposite if self._is_wording(reply.opposite) else base.opposite,
        }
        if reply.order:
            told["order"] = reply.order
        if reply.limit and (kind == "papers" or reply.order):
            told["limit"] = reply.limit
        denies = base.excluded or NEGATION.search(reply.search if self.language else base.question)
        if reply.excluded and denies and self._is_said(reply.excluded):
            told["excluded"] = reply.excluded
        if reply.rank and base.quantity:
            told["rank"] = reply.rank
        return told

    def _worded(self, base: PlannedPart, search: str) -> str:
        """The wording of abstracts, where it has words that those of the question are not."""
        is_other = not self.language and self._is_wording(search)
        return search if is_other and set(terms(search)) - set(terms(base.question)) else ""

    def _kind(self, base: PlannedPart, reply: PartReply, wanted: Filter) -> tuple[str, str]:
        """The kind of a part and its topic: a list or a count is of something."""
        topic = reply.topic if self._is_said(reply.topic) else ""
        if reply.kind is None or reply.kind == base.kind:
            return base.kind, topic or base.topic
        # Of no topic, a list is of all that the records name: the words of the question know that,
        # where they are known.
        is_listed = bool(topic or reply.order or (self.language and not wanted.is_empty))
        if reply.kind != "content" and not is_listed:
            return base.kind, base.topic
        return reply.kind, "" if reply.kind == "content" else topic

    def _filter(self, base: Filter, reply: PartReply, asked: AskedQuestion) -> Filter:
        """Which papers a question is about: names that the library holds, years that were said."""
        update: dict[str, Any] = {}
        for name, names in (("authors", reply.authors), ("venues", reply.venues)):
            found = self._held(name, names, asked)
            if found and not _are_among(found, getattr(base, name)):
                update[name] = found
        for name, year in (("year_from", reply.year_from), ("year_to", reply.year_to)):
            if year and _may_mean(year, asked):
                update[name] = year
        return base.model_copy(update=update)

    def _held(self, field_name: str, said: str, asked: AskedQuestion) -> tuple[str, ...]:
        """The names of a field that some paper has; others are dropped with a note."""
        if not said or self._is_held(field_name, said):
            return (said,) if said and self._is_named(said, asked) else ()
        found = []
        for name in filter(None, _SEVERAL.split(said)):
            if not self._is_named(name, asked):
                continue
            if self._is_held(field_name, name):
                found.append(name)
            elif not all(map(self.library.document_frequency, name.split())):
                self.notes.append(f"the library holds no {field_name[:-1]} “{name}”")
        return tuple(dict.fromkeys(found))

    def _is_held(self, field_name: str, name: str) -> bool:
        wanted = Filter.model_validate({field_name: (name,)})
        return len(name) >= _SHORTEST and self.library.count(wanted) > 0

    def _is_named(self, name: str, asked: AskedQuestion) -> bool:
        """True for a name that was said; in another script it is written otherwise."""
        may_be_another = bool(self.language) and any(map(str.isalpha, name))
        return may_be_another or asked.holds_part_of(name)

    def _is_said(self, text: str) -> bool:
        """True for words of the conversation; of another language there are none to compare."""
        if self.language:
            return self._is_wording(text)
        return bool(text) and self.asked.is_made_of_it(text)

    def _is_wording(self, text: str) -> bool:
        """True for words that abstracts can be searched by, with no number that nobody named."""
        return (
            bool(text)
            and is_of_words(text)
            and len(text) <= len(self.asked.asked) + MOST_NAMES
            and self.asked.has_number(text)
            and not self.languages.is_foreign(text)
        )


def _are_among(names: Sequence[str], known: Sequence[str]) -> bool:
    """True for as many names as are known, each a part of one of these."""
    every = [set(folded(one).split()) for one in known]
    return len(names) == len(known) and all(
        any(set(folded(name).split()) <= one for one in every) for name in names
    )


def _may_mean(year: int, asked: AskedQuestion) -> bool:
    """True for a year that was said, or the one after or before it ("after 2021")."""
    return any(asked.has_number(str(one)) for one in (year - 1, year, year + 1))


def _without(part: PlannedPart, not_meant: str) -> PlannedPart:
    """A part as it is without names and years of records that its question does not mean.

    All that was read of it leans on these: the question itself is left.
    """
    words = {word for one in _SEVERAL.split(not_meant) for word in folded(one).split()}
    wanted = part.filter
    years = (wanted.year_from, wanted.year_to)
    named = " ".join((*wanted.authors, *wanted.venues, *map(str, filter(None, years))))
    if not words & set(folded(named).split()):
        return part
    left: dict[str, Any] = {
        name: tuple(one for one in getattr(wanted, name) if not words & set(folded(one).split()))
        for name in ("authors", "venues")
    }
    if words & set(map(str, years)):
        left |= {"year_from": None, "year_to": None}
    return PlannedPart(question=part.question, filter=wanted.model_copy(update=left))
