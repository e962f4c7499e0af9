"""How a question that leans on a conversation is said so that it stands alone, in one line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from assistant.query.conversation import BESIDE, MOST_NAMED, Conversation, Spoken, ids_of, together
from assistant.query.leaning_words import (
    ASKING,
    COMPARING,
    JOINER,
    MODIFIES,
    OPENING,
    PRONOUN,
    VERB,
    plural,
)
from assistant.query.question import named_words
from assistant.text.words import terms

_SHORT = 3


@dataclass(frozen=True)
class FollowUp:
    """A question that stands alone in one line, and the ids of the papers it points at.

    It `leans` where it needs the conversation. Where it is `certain`, it is about these papers and
    no others; else they are read beside what is found. `asks` is what it asks of them, without
    their names, None where that is not known. It is about other papers than those `without`.
    """

    question: str
    papers: tuple[str, ...] = ()
    leans: bool = False
    is_certain: bool = False
    asks: str | None = None
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wording:
    """A question as it was asked, after a conversation."""

    question: str
    talk: Conversation

    @cached_property
    def stem(self) -> str:
        """The question without the mark at its end."""
        return self.question.strip().rstrip("?!. ")

    @cached_property
    def rest(self) -> str:
        """The question without the words that join it to the one before, and its mark."""
        return OPENING.sub("", self.stem)

    @property
    def put_after(self) -> str:
        """The rest so that its first word is not taken for the first of a sentence."""
        return self.rest if self.rest == self.stem else f", {self.rest}"

    @property
    def is_bare(self) -> bool:
        """True for "And X?": a thing is put, and nothing said of it."""
        rest = self.rest
        says = VERB.search(rest) or ASKING.match(rest) or MODIFIES.match(rest)
        stands_for = PRONOUN.search(rest) and terms(rest)
        return bool(rest and not says and not stands_for) and (
            rest != self.stem or len(terms(rest)) <= _SHORT
        )

    @property
    def is_of_place(self) -> bool:
        """True for "And on phones?": where or how is put, and nothing else."""
        rest = self.rest
        return bool(MODIFIES.match(rest)) and rest != self.stem and not VERB.search(rest)

    def put(
        self,
        found: Mapping[re.Match[str], Sequence[Spoken]],
        *,
        is_certain: bool = False,
        group: str | int = 0,
    ) -> FollowUp:
        """The question with names in the places of what stands for them."""
        every = tuple(dict.fromkeys(one for papers in found.values() for one in papers))
        instead = "" if every else self._named_before()
        if not (every or instead) or (len(every) > MOST_NAMED and not is_certain):
            return self.beside(every)
        text = asks = self.question
        later = ""
        for match, papers in sorted(found.items(), key=lambda one: -one[0].start()):
            start, end = match.span(group)
            said = together(papers) if papers else instead
            if match.groupdict().get("thing"):
                later, said = f", for {said}?", match.group()
            text = plural(text[:start], len(papers)) + _in_place(match, said) + text[end:]
            asks = f"{asks[:start]} {asks[end:]}"
        if every and not re.search(r"\w", OPENING.sub("", asks)):
            return self.about(every, is_certain=is_certain)
        text = JOINER.sub("", f"{text.rstrip('?!. ')}{later}" if later else text)
        return FollowUp(
            text[0].upper() + text[1:],
            ids_of(every),
            leans=True,
            is_certain=is_certain,
            asks=JOINER.sub("", " ".join(asks.split())).lstrip(",:;- "),
        )

    def about(self, papers: Sequence[Spoken], *, is_certain: bool = True) -> FollowUp:
        """The question before, of these papers; what about them, where it names no other."""
        said = papers[0].title if len(papers) == 1 else together(papers)
        text, asks = self.again(together(papers)) or (f"What about {said}?", "")
        return FollowUp(text, ids_of(papers), leans=True, is_certain=is_certain, asks=asks)

    def of_new(self, name: str) -> FollowUp:
        """The question before about another thing: its old names make room for the new one."""
        before = self.talk.before
        again, named = self.again(name), named_words(before)
        frame = "?" if named else f": {before[0].lower()}{before[1:]}"
        return FollowUp(again[0] if again else f"What about {name}{frame}", leans=True)

    def of_subject(self) -> FollowUp:
        """The question, asked of the subject; of many papers, beside the question before."""
        papers = self.talk.subject
        if not papers or len(papers) > MOST_NAMED:
            return self.beside(papers)
        joined = " than " if COMPARING.match(self.rest) else ", for "
        about = "what about " if self.is_bare and self.rest != self.stem else ""
        said = f"{about}{self.rest}{joined}{together(papers)}?"
        return FollowUp(said[0].upper() + said[1:], ids_of(papers), leans=True)

    def going_on(self) -> FollowUp:
        """The question before with this place or manner, in place of one told in the same way."""
        before, by = self.talk.before.rstrip("?!. "), re.escape(self.rest.split()[0])
        before = re.sub(rf" {by}\b(?!.*\b{by}\b).*", "", before, flags=re.IGNORECASE)
        place = self.rest[0].lower() + self.rest[1:]
        return FollowUp(f"{before} {place}?", ids_of(self.talk.subject), leans=True)

    def more(self) -> FollowUp:
        """Tell me more about the subject."""
        papers = self.talk.subject
        text = f"Tell me more about {together(papers)}"
        return FollowUp(text, ids_of(papers), leans=True, is_certain=True, asks="")

    def beside(self, papers: Sequence[Spoken]) -> FollowUp:
        """The question with the one before it, where nothing of that can be put into it."""
        rest = self.rest or self.stem
        text = f"{rest[:1].upper()}{rest[1:]}{BESIDE}{self.talk.before}"
        return FollowUp(text, ids_of(papers), leans=True)

    def again(self, name: str) -> tuple[str, str] | None:
        """The question before with one name in place of its own, and with none.

        None where it names nothing, or things in several places.
        """
        before = self.talk.before
        forms = {form for one in self.talk.papers for form in one.forms}
        forms |= set() if any(form in before for form in forms) else {self._named_before()}
        own = "|".join(map(re.escape, sorted(filter(None, forms), key=len, reverse=True)))
        row = rf"(?<![\w-])(?:{own or '(?!)'})(?:(?:, | and |, and )(?:{own}))*(?![\w-])"
        found = list(re.finditer(row, before))
        if len(found) != 1:
            return None
        start, end = found[0].span()
        return before[:start] + name + before[end:], before[:start] + before[end:]

    def _named_before(self) -> str:
        """The name that the question before asks about: the first one after its verb."""
        before, verb = self.talk.before, VERB.search(self.talk.before)
        after = f"x {before[verb.end() :]}" if verb else before
        named = [word for word in named_words(after) if not word[0].isdigit()]
        return min(named, key=after.find, default="")


def _in_place(match: re.Match[str], said: str) -> str:
    """The names as they stand in the place of what was matched."""
    parts = match.groupdict()
    if parts.get("owner"):
        return f"{said}'s"
    if match.group().lower().startswith("of "):
        return f"of {said}"
    one = parts.get("one")
    return said if one is None or "kind" in parts else f"of {said}{'' if one else ' '}"
